-- Members to win back: awarded once, never redeemed, and not seen on the portal for six months. Who, and whether there is
-- something to come back for, but no amounts: marketing reads it.
CREATE OR REPLACE VIEW kpi.awarded_never_returned
(
    program_id      String COMMENT 'Programme',
    member_id       String COMMENT 'Member, within the programme',
    org_id          String COMMENT 'Organisation in force now; empty: none',
    segment         String COMMENT 'Segment in force now; empty: none',
    last_awarded_in Nullable(Date32) COMMENT 'Month of the newest award of the last six months; NULL: longer ago',
    has_unspent     UInt8 COMMENT '1 where there is something left to redeem'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    program_id,
    member_id,
    any(m.org_id) AS org_id,
    any(m.segment) AS segment,
    maxOrNullIf(month, m.dollars_awarded > 0) AS last_awarded_in,
    toUInt8(argMax(m.unspent_dollars, month) > 0) AS has_unspent
FROM kpi.member_monthly AS m
WHERE month > addMonths((SELECT newest_month FROM kpi.as_of), -6)
GROUP BY program_id, member_id
HAVING max(m.awarded_to_date) > 0 AND max(m.redeemed_to_date) = 0 AND sum(m.sessions) = 0
COMMENT 'Members that were awarded, but never redeemed and were not on the portal in the last six months';
