-- Each member at each month's end, for drilling down to users.
CREATE OR REPLACE VIEW kpi.member_monthly
(
    month             Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id        String COMMENT 'Programme',
    member_id         String COMMENT 'Member, within the programme',
    org_id            String COMMENT 'Organisation in force now; empty: none',
    segment           String COMMENT 'Segment in force now; empty: none',
    inferred          UInt8 COMMENT '1 where only events mention the member',
    dollars_awarded   Decimal(38, 4) COMMENT 'Net awarded in the month, in the reporting currency',
    dollars_redeemed  Decimal(38, 4) COMMENT 'Net redeemed in the month',
    dollars_expired   Decimal(38, 4) COMMENT 'Expired in the month',
    unspent_dollars   Decimal(38, 4) COMMENT 'Balance at the month''s end; negative where more was drawn than awarded',
    awarded_to_date   Decimal(38, 4) COMMENT 'Net awarded of all time to the month''s end',
    redeemed_to_date  Decimal(38, 4) COMMENT 'Net redeemed of all time to the month''s end',
    sessions          UInt64 COMMENT 'Portal sessions that start in the month',
    page_views        UInt64 COMMENT 'Their page views',
    session_seconds   Decimal(38, 6) COMMENT 'Their duration',
    first_event_on    Date32 COMMENT 'Day of the member''s first event of all time',
    oldest_unspent_on Nullable(Date32) COMMENT 'Day of the oldest dollars unspent (FIFO); NULL where nothing is unspent'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    m.month AS month,
    m.program_id AS program_id,
    m.member_id AS member_id,
    n.org_id AS org_id,
    n.segment AS segment,
    n.inferred AS inferred,
    m.awarded AS dollars_awarded,
    m.redeemed AS dollars_redeemed,
    m.expired AS dollars_expired,
    m.awarded_to_date - m.redeemed_to_date - m.expired_to_date AS unspent_dollars,
    m.awarded_to_date AS awarded_to_date,
    m.redeemed_to_date AS redeemed_to_date,
    m.sessions AS sessions,
    m.page_views AS page_views,
    m.session_seconds AS session_seconds,
    m.first_event_on AS first_event_on,
    if(empty(m.lots), NULL, m.lots[1].1) AS oldest_unspent_on
FROM kpi_core.member_month_now AS m
LEFT ANY JOIN kpi_core.member_now AS n ON m.program_id = n.program_id AND m.member_id = n.member_id
WHERE NOT m.is_part AND m.member_id != ''
COMMENT 'Each member at each month''s end, from its first event on';
