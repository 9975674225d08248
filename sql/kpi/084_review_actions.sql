-- The newest state of each action of the reviews' plans.
CREATE OR REPLACE VIEW kpi.review_actions
(
    action_id   String COMMENT 'Id, the same for as long as the action lives',
    month       Date32 COMMENT 'First day of the month in whose review''s plan it stands',
    first_month Date32 COMMENT 'The same of the plan that it was added to first',
    program_id  String COMMENT 'Programme that it is about; empty: the portfolio',
    owner       String COMMENT 'Who sees to it',
    action      String COMMENT 'What is to be done',
    due         Date32 COMMENT 'By when',
    status      String COMMENT 'open, started, done or dropped',
    finding     String COMMENT 'What it answers: topic of kpi.findings; empty: nothing of these',
    note        String COMMENT 'What was said of it last',
    added_at    DateTime64(6, 'UTC') COMMENT 'When it was added',
    added_by    String COMMENT 'Who added it',
    changed_at  DateTime64(6, 'UTC') COMMENT 'When it was changed last',
    changed_by  String COMMENT 'Who changed it last',
    is_open     UInt8 COMMENT 'Whether it is open or started',
    is_overdue  UInt8 COMMENT 'Whether it is open or started, and was due before today, in the reporting zone',
    carried     UInt8 COMMENT 'Whether it was carried over from the plan of an earlier review'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    action_id,
    argMax(a.month, at) AS month,
    argMin(a.month, at) AS first_month,
    argMax(a.program_id, at) AS program_id,
    argMax(a.owner, at) AS owner,
    argMax(a.action, at) AS action,
    argMax(a.due, at) AS due,
    toString(argMax(a.status, at)) AS status,
    argMax(a.finding, at) AS finding,
    argMax(a.note, at) AS note,
    min(at) AS added_at,
    argMin(a.by, at) AS added_by,
    max(at) AS changed_at,
    argMax(a.by, at) AS changed_by,
    status IN ('open', 'started') AS is_open,
    is_open AND due < toDate32(toTimeZone(now64(6, 'UTC'), (SELECT timezone FROM kpi_core.settings))) AS is_overdue,
    month > first_month AS carried
FROM etl.review_actions AS a FINAL
GROUP BY action_id
COMMENT 'Actions of the monthly reviews as they are now';
