-- Member x month in each scope that it counts for. A known member counts for the organisation and segment in force now,
-- an inferred one and an anonymous session for the organisation that the events name. KPI.md sections 1 and 2.
CREATE OR REPLACE VIEW kpi_core.scope_member_month AS
WITH known AS
(
    SELECT program_id, member_id, org_id, segment, 1 AS is_known
    FROM kpi_core.member
    WHERE NOT inferred
)
SELECT
    month,
    key.1 AS scope,
    key.2 AS program_id,
    key.3 AS org_id,
    key.4 AS segment,
    member_program_id,
    member_id,
    sum(net_awarded)  AS awarded,
    sum(net_redeemed) AS redeemed,
    sum(net_expired)  AS expired,
    sum(own_sessions) AS sessions
FROM
(
    SELECT
        m.month               AS month,
        m.program_id          AS member_program_id,
        m.member_id           AS member_id,
        m.awarded - m.reversed  AS net_awarded,
        m.redeemed - m.refunded AS net_redeemed,
        m.expired             AS net_expired,
        m.sessions            AS own_sessions,
        if(k.is_known = 1, k.org_id, m.org_id) AS home,
        arrayJoin(arrayConcat(
            [('portfolio', '', '', ''), ('program', m.program_id, '', '')],
            if(home = '', [], [('organisation', m.program_id, home, '')]),
            if(k.segment = '', [], [('segment', m.program_id, '', k.segment)]))) AS key
    FROM kpi_core.member_month AS m
    LEFT JOIN known AS k ON m.program_id = k.program_id AND m.member_id = k.member_id
)
GROUP BY month, key, member_program_id, member_id;
