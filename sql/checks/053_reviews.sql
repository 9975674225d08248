-- How far the review of each month is: of each step, the newest counts.
CREATE OR REPLACE VIEW kpi.reviews
(
    month         Date32 COMMENT 'First day of the month under review, in the reporting zone',
    state         String COMMENT 'open or closed',
    opened_at     Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was opened; NULL: it was closed without',
    opened_by     String COMMENT 'Who opened it',
    note          String COMMENT 'What they had to say',
    check_id      String COMMENT 'Validation that it was opened on, in etl.checks',
    verdict       String COMMENT 'Worst verdict of that validation: pass, warn or fail',
    failed_checks Array(String) COMMENT 'Checks that failed in it',
    incomplete    Map(String, String) COMMENT 'Sources that had not delivered all of the month then, and what each lacked',
    closed_at     Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was closed last; NULL: never',
    closed_by     String COMMENT 'Who closed it'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    steps AS
    (
        SELECT month, toString(step) AS step, at, by, note, check_id, toString(verdict) AS verdict, details
        FROM etl.review_steps FINAL
        UNION ALL
        SELECT month, 'close', closed_at, closed_by, note, '', '', map()
        FROM etl.closed_months FINAL
    ),
    reviews AS
    (
        SELECT
            month,
            if(maxIf(at, step = 'close') > maxIf(at, step = 'open'), 'closed', 'open') AS state,
            if(countIf(step = 'open') > 0, toNullable(maxIf(at, step = 'open')), NULL) AS opened_at,
            argMaxIf(by, at, step = 'open') AS opened_by,
            argMaxIf(note, at, step = 'open') AS note,
            argMaxIf(check_id, at, step = 'open') AS check_id,
            argMaxIf(verdict, at, step = 'open') AS verdict,
            argMaxIf(details, at, step = 'open') AS incomplete,
            if(countIf(step = 'close') > 0, toNullable(maxIf(at, step = 'close')), NULL) AS closed_at,
            argMaxIf(by, at, step = 'close') AS closed_by
        FROM steps
        GROUP BY month
    ),
    failed AS
    (
        SELECT check_id, arraySort(groupUniqArray(toString(check))) AS checks
        FROM etl.checks
        WHERE verdict = 'fail' AND check_id IN (SELECT check_id FROM etl.review_steps)
        GROUP BY check_id
    )
SELECT
    r.month AS month, r.state AS state, r.opened_at AS opened_at, r.opened_by AS opened_by, r.note AS note, r.check_id AS check_id,
    r.verdict AS verdict, f.checks AS failed_checks, r.incomplete AS incomplete, r.closed_at AS closed_at, r.closed_by AS closed_by
FROM reviews AS r
LEFT JOIN failed AS f ON r.check_id = f.check_id
ORDER BY month
COMMENT 'How far the review of each month is';
