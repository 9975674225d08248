-- Every step of every review, with the round that it belongs to: reopening a month begins a round.
CREATE OR REPLACE VIEW kpi.review_steps
(
    month    Date32 COMMENT 'First day of the month under review, in the reporting zone',
    round    UInt32 COMMENT '1, and one more with each reopening',
    step     String COMMENT 'open: the data were validated; waive: failed checks were waived; assess; risks; decide: no action is needed; close; reopen',
    at       DateTime64(6, 'UTC') COMMENT 'When it was done',
    by       String COMMENT 'Who did it; job and its name where the schedules did',
    note     String COMMENT 'What they had to say; of waive, decide and reopen the reason',
    check_id String COMMENT 'Validation that it stands on, in etl.checks',
    verdict  String COMMENT 'Worst verdict of that validation: pass, warn or fail',
    details  Map(String, String) COMMENT 'Of open: sources that had not delivered all of the month, and what each lacked; of waive: each waived check with its figure; of assess, risks and close: figures, the state of the month''s figures'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    steps AS
    (
        SELECT month, toString(step) AS step, at, by, note, check_id, toString(verdict) AS verdict,
            -- An assessment keeps the state of each metric too, to tell which changed.
            if(step = 'assess', mapFilter((name, state) -> name = 'figures', details), details) AS details
        FROM etl.review_steps FINAL
        UNION ALL
        SELECT month, 'close', closed_at, closed_by, note, check_id, toString(verdict), if(figures = '', map(), map('figures', figures))
        FROM etl.closed_months FINAL
    )
SELECT
    month,
    toUInt32(1 + countIf(step = 'reopen') OVER (PARTITION BY month ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS round,
    step, at, by, note, check_id, verdict, details
FROM steps
ORDER BY month, at
COMMENT 'Every step of every monthly review: who did what, when and why';
