-- What each member did in each month, without amounts.
CREATE OR REPLACE VIEW kpi_engagement.member_monthly
(
    month           Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id      String COMMENT 'Programme',
    member_id       String COMMENT 'Member, within the programme',
    org_id          String COMMENT 'Organisation in force now; empty: none',
    segment         String COMMENT 'Segment in force now; empty: none',
    inferred        UInt8 COMMENT '1 where only events mention the member',
    awarded         UInt8 COMMENT '1 where net awarded in the month is above 0',
    redeemed        UInt8 COMMENT '1 where net redeemed in the month is above 0',
    sessions        UInt64 COMMENT 'Portal sessions that start in the month',
    page_views      UInt64 COMMENT 'Their page views',
    session_seconds Decimal(38, 6) COMMENT 'Their duration',
    first_event_on  Date32 COMMENT 'Day of the member''s first event of all time'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    month, program_id, member_id, org_id, segment, inferred,
    toUInt8(dollars_awarded > 0) AS awarded, toUInt8(dollars_redeemed > 0) AS redeemed,
    sessions, page_views, session_seconds, first_event_on
FROM kpi.member_monthly
COMMENT 'What each member did in each month, without amounts';
