-- How far the review of each month is: of each step, the newest of the month's round counts. Actions, and waivers of a check that finds
-- the same, outlast a round.
CREATE OR REPLACE VIEW kpi.reviews
(
    month         Date32 COMMENT 'First day of the month under review, in the reporting zone',
    state         String COMMENT 'open or closed',
    opened_at     Nullable(DateTime64(6, 'UTC')) COMMENT 'When its data were validated last in this round; NULL: not yet, or it was closed without',
    opened_by     String COMMENT 'Who opened it',
    note          String COMMENT 'What they had to say',
    check_id      String COMMENT 'Validation that it stands on, in etl.checks: that of its opening, or, once it is closed, of its closing',
    verdict       String COMMENT 'Worst verdict of that validation: pass, warn or fail',
    failed_checks Array(String) COMMENT 'Checks that failed in it',
    incomplete    Map(String, String) COMMENT 'Sources that had not delivered all of the month then, and what each lacked',
    closed_at     Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was closed last; NULL: never',
    closed_by     String COMMENT 'Who closed it',
    round         UInt32 COMMENT '1, and one more with each reopening',
    next_step     String COMMENT 'What has to be done next: open, waive, assess, risks, action or close; empty: it is closed',
    waived_checks Array(String) COMMENT 'Of failed_checks, those that were waived with what they found',
    open_checks   Array(String) COMMENT 'Of failed_checks, the others',
    assessed_at   Nullable(DateTime64(6, 'UTC')) COMMENT 'When the figures were assessed in this round; NULL: not yet',
    assessed_by   String COMMENT 'Who did that',
    risks_at      Nullable(DateTime64(6, 'UTC')) COMMENT 'When risks and opportunities were looked at in this round; NULL: not yet',
    risks_by      String COMMENT 'Who did that',
    actions       UInt64 COMMENT 'Actions in the month''s plan, without those that were dropped',
    decided_at    Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was decided in this round that no action is needed; NULL: it was not, or an action was added since',
    decided_by    String COMMENT 'Who decided that',
    decision      String COMMENT 'For which reason',
    closings      UInt32 COMMENT 'How often it was closed',
    reopened_at   Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was reopened last; NULL: never',
    reopened_by   String COMMENT 'Who reopened it',
    reopened_reason String COMMENT 'For which reason',
    figures       String COMMENT 'State of the figures that were assessed in this round; empty: not yet',
    last_at       DateTime64(6, 'UTC') COMMENT 'When the newest step was done'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    steps AS
    (
        SELECT *, max(round) OVER (PARTITION BY month) AS last_round, round = last_round AS counts
        FROM kpi.review_steps
    ),
    reviews AS
    (
        SELECT
            month,
            toUInt32(any(last_round)) AS round,
            if(argMaxIf(s.step, s.at, s.step IN ('open', 'close', 'reopen')) = 'close', 'closed', 'open') AS state,
            maxOrNullIf(s.at, s.step = 'open' AND s.counts) AS opened_at,
            argMaxIf(s.by, s.at, s.step = 'open' AND s.counts) AS opened_by,
            argMaxIf(s.note, s.at, s.step = 'open' AND s.counts) AS note,
            argMaxIf(s.check_id, s.at, s.step IN ('open', 'close') AND s.check_id != '' AND s.counts) AS check_id,
            argMaxIf(s.verdict, s.at, s.step IN ('open', 'close') AND s.check_id != '' AND s.counts) AS verdict,
            argMaxIf(s.details, s.at, s.step = 'open' AND s.counts) AS incomplete,
            maxOrNullIf(s.at, s.step = 'close') AS closed_at,
            argMaxIf(s.by, s.at, s.step = 'close') AS closed_by,
            maxOrNullIf(s.at, s.step = 'assess' AND s.counts) AS assessed_at,
            argMaxIf(s.by, s.at, s.step = 'assess' AND s.counts) AS assessed_by,
            argMaxIf(s.details['figures'], s.at, s.step = 'assess' AND s.counts) AS assessed,
            maxOrNullIf(s.at, s.step = 'risks' AND s.counts) AS risks_at,
            argMaxIf(s.by, s.at, s.step = 'risks' AND s.counts) AS risks_by,
            argMaxIf(s.details['figures'], s.at, s.step = 'risks' AND s.counts) AS risked,
            maxOrNullIf(s.at, s.step = 'decide' AND s.counts) AS decided_at,
            argMaxIf(s.by, s.at, s.step = 'decide' AND s.counts) AS decided_by,
            argMaxIf(s.note, s.at, s.step = 'decide' AND s.counts) AS decision,
            toUInt32(countIf(s.step = 'close')) AS closings,
            maxOrNullIf(s.at, s.step = 'reopen') AS reopened_at,
            argMaxIf(s.by, s.at, s.step = 'reopen') AS reopened_by,
            argMaxIf(s.note, s.at, s.step = 'reopen') AS reopened_reason,
            max(s.at) AS last_at
        FROM steps AS s
        GROUP BY month
    ),
    failed AS
    (
        SELECT check_id, arraySort(groupUniqArray((toString(check), figure, message))) AS checks
        FROM etl.checks
        WHERE verdict = 'fail' AND check_id IN (SELECT check_id FROM steps)
        GROUP BY check_id
    ),
    -- A waiver is of what a check found in the validation that it names.
    waivers AS
    (
        SELECT w.month AS month, groupUniqArray((toString(c.check), c.figure, c.message)) AS checks
        FROM etl.checks AS c
        INNER JOIN (SELECT month, check_id, arrayJoin(mapKeys(details)) AS check FROM steps WHERE step = 'waive') AS w ON c.check_id = w.check_id AND c.check = w.check
        GROUP BY w.month
    ),
    plans AS
    (
        SELECT month, countIf(status != 'dropped') AS actions
        FROM (SELECT month, action_id, argMax(status, at) AS status FROM etl.review_actions FINAL GROUP BY month, action_id)
        GROUP BY month
    )
SELECT
    r.month AS month, r.state AS state, r.opened_at AS opened_at, r.opened_by AS opened_by, r.note AS note, r.check_id AS check_id,
    r.verdict AS verdict, arrayMap(c -> c.1, f.checks) AS failed_checks, r.incomplete AS incomplete, r.closed_at AS closed_at, r.closed_by AS closed_by,
    r.round AS round,
    multiIf(
        r.state = 'closed', '',
        r.opened_at IS NULL, 'open',
        notEmpty(open_checks), 'waive',
        r.assessed_at IS NULL, 'assess',
        r.risks_at IS NULL OR r.risked != r.assessed, 'risks',
        p.actions = 0 AND r.decided_at IS NULL, 'action',
        'close') AS next_step,
    arrayMap(c -> c.1, arrayFilter(c -> has(w.checks, c), f.checks)) AS waived_checks,
    arrayMap(c -> c.1, arrayFilter(c -> NOT has(w.checks, c), f.checks)) AS open_checks,
    r.assessed_at AS assessed_at, r.assessed_by AS assessed_by, r.risks_at AS risks_at, r.risks_by AS risks_by,
    p.actions AS actions,
    -- An action that was added since takes the decision's place.
    if(p.actions = 0, r.decided_at, NULL) AS decided_at, if(p.actions = 0, r.decided_by, '') AS decided_by, if(p.actions = 0, r.decision, '') AS decision,
    r.closings AS closings, r.reopened_at AS reopened_at, r.reopened_by AS reopened_by, r.reopened_reason AS reopened_reason, r.assessed AS figures, r.last_at AS last_at
FROM reviews AS r
LEFT JOIN failed AS f ON r.check_id = f.check_id
LEFT JOIN waivers AS w ON r.month = w.month
LEFT JOIN plans AS p ON r.month = p.month
ORDER BY month
COMMENT 'How far the review of each month is';
