-- The action plan of each review: the actions that stand in it, or stood there until they were carried into a later one, and those
-- of earlier reviews that were open and overdue, as they are now, or, of a closed review, as they were at its closing. What a closed
-- review decided stays beside what became of it.
CREATE OR REPLACE VIEW kpi.review_plan
(
    month            Date32 COMMENT 'First day of the month under review, in the reporting zone',
    kind             String COMMENT 'plan: of this review''s plan; earlier: overdue, of the plan of an earlier one',
    action_id        String COMMENT 'Id, as in kpi.review_actions',
    program_id       String COMMENT 'Programme that it is about; empty: the portfolio',
    owner            String COMMENT 'Who sees to it; this and all up to note as it was last in this plan, or is where it still stands in it',
    action           String COMMENT 'What is to be done',
    due              Date32 COMMENT 'By when',
    status           String COMMENT 'open, started, done or dropped',
    finding          String COMMENT 'What it answers: topic of kpi.findings; empty: nothing of these',
    note             String COMMENT 'What was said of it last',
    is_overdue       UInt8 COMMENT 'Whether it is open or started now, and was due before today, in the reporting zone',
    first_month      Date32 COMMENT 'First day of the month to whose plan it was added first',
    carried_to       Nullable(Date32) COMMENT 'Month into whose plan it was carried from here; NULL: it was not',
    owner_at_close   Nullable(String) COMMENT 'Owner when the review was closed last; NULL: never closed, or it was not in this plan then',
    action_at_close  Nullable(String) COMMENT 'The same: what was to be done',
    due_at_close     Nullable(Date32) COMMENT 'The same: by when',
    status_at_close  Nullable(String) COMMENT 'The same: status',
    overdue_at_close Nullable(UInt8) COMMENT 'The same: whether it was overdue on that day',
    status_now       String COMMENT 'Status now, in whatever plan it stands'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    assumeNotNull((SELECT timezone FROM kpi_core.settings)) AS zone,
    toDate32(toTimeZone(now64(6, 'UTC'), zone)) AS today,
    reviews AS
    (
        SELECT month, closed_at, if(state = 'closed', assumeNotNull(closed_at), now64(6, 'UTC')) AS until
        FROM kpi.reviews
    ),
    states AS
    (
        SELECT
            action_id, at, a.month AS month, program_id,
            CAST((a.month, owner, action, due, status, finding, note),
                'Tuple(month Date32, owner String, action String, due Date32, status String, finding String, note String)') AS state
        FROM etl.review_actions AS a FINAL
    ),
    -- Each review beside each action: as it was last in its plan, when the review ended (now where it has not), and now.
    beside AS
    (
        SELECT
            r.month AS month, r.closed_at AS closed_at, toDate32(toTimeZone(r.until, zone)) AS ended_on,
            s.action_id AS action_id,
            any(s.program_id) AS program_id,
            argMin(s.month, s.at) AS first_month,
            minIf(s.month, s.month > r.month) AS later_month,
            countIf(s.month = r.month) > 0 AS was_here,
            countIf(s.at <= r.until) > 0 AS was_then,
            argMaxIf(s.state, s.at, s.month = r.month) AS here,
            argMaxIf(s.state, s.at, s.at <= r.until) AS then,
            argMaxIf(s.state, s.at, s.at <= r.closed_at) AS at_close,
            argMax(s.state, s.at) AS latest
        FROM reviews AS r
        CROSS JOIN states AS s
        GROUP BY r.month, r.closed_at, r.until, s.action_id
    ),
    if(was_here, here, then) AS shown,
    -- Of a review that was never closed, at_close has no month.
    was_here AND at_close.month = b.month AS stood_at_close
SELECT
    b.month AS month,
    if(was_here, 'plan', 'earlier') AS kind,
    action_id,
    program_id,
    shown.owner AS owner,
    shown.action AS action,
    shown.due AS due,
    shown.status AS status,
    shown.finding AS finding,
    shown.note AS note,
    latest.status IN ('open', 'started') AND latest.due < today AS is_overdue,
    first_month,
    if(later_month > b.month, toNullable(later_month), NULL) AS carried_to,
    if(stood_at_close, toNullable(at_close.owner), NULL) AS owner_at_close,
    if(stood_at_close, toNullable(at_close.action), NULL) AS action_at_close,
    if(stood_at_close, toNullable(at_close.due), NULL) AS due_at_close,
    if(stood_at_close, toNullable(at_close.status), NULL) AS status_at_close,
    if(stood_at_close, toNullable(at_close.status IN ('open', 'started') AND at_close.due < toDate32(toTimeZone(assumeNotNull(closed_at), zone))), NULL) AS overdue_at_close,
    latest.status AS status_now
FROM beside AS b
WHERE was_here OR was_then AND then.month < b.month AND then.status IN ('open', 'started') AND then.due < ended_on
COMMENT 'Action plans of the monthly reviews, with the overdue actions of earlier ones';
