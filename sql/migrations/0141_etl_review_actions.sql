-- Actions of the reviews' plans. Nothing is rewritten: each change is a row with the whole action as it is from then on, and
-- the newest counts.
CREATE TABLE IF NOT EXISTS etl.review_actions
(
    action_id  String COMMENT 'Id, the same for as long as the action lives',
    at         DateTime64(6, 'UTC') COMMENT 'When it became so',
    by         String COMMENT 'Who changed it',
    change     LowCardinality(String) COMMENT 'add, assign, update or carry (into the plan of a later review)',
    month      Date32 COMMENT 'First day of the month in whose review''s plan it stands',
    program_id String COMMENT 'Programme that it is about; empty: the portfolio',
    owner      String COMMENT 'Who sees to it',
    action     String COMMENT 'What is to be done',
    due        Date32 COMMENT 'By when',
    status     LowCardinality(String) COMMENT 'open, started, done or dropped',
    finding    String COMMENT 'What it answers: topic of kpi.findings; empty: nothing of these',
    note       String COMMENT 'What there is to say of the change'
)
ENGINE = ReplacingMergeTree
ORDER BY (action_id, at)
COMMENT 'Actions of the monthly reviews, every state of each';
