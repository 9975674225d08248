-- The steps of each month's review, as they were done. Nothing is rewritten: a step that is done again is a row more, and the
-- newest counts.
CREATE TABLE IF NOT EXISTS etl.review_steps
(
    month    Date32 COMMENT 'First day of the month under review, in the reporting zone',
    step     LowCardinality(String) COMMENT 'open: the data were validated, and the review has begun',
    at       DateTime64(6, 'UTC') COMMENT 'When it was done',
    by       String COMMENT 'Who did it; job and its name where the schedules did',
    note     String COMMENT 'What they had to say',
    check_id String COMMENT 'Validation that it stands on, in etl.checks',
    verdict  LowCardinality(String) COMMENT 'Worst verdict of that validation: pass, warn or fail',
    details  Map(String, String) COMMENT 'What else there is to say. Of open: the sources that had not delivered all of the month, and what each lacked'
)
ENGINE = ReplacingMergeTree
ORDER BY (month, at, step)
COMMENT 'Steps of the monthly reviews';
