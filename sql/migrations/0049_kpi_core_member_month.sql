-- The one heavy table: each member at each month's end, from its first event on, with its unspent lots (KPI.md section 3,
-- FIFO). A month is computed from the month before and its own entries, so that a change costs the months since, never
-- the history before. Of a member that only events know there is one row more for each organisation that they name.
CREATE TABLE IF NOT EXISTS kpi_core.member_month
(
    edition          UInt64 COMMENT 'Edition that computed the row',
    month            Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id       String COMMENT 'Programme',
    member_id        String COMMENT 'Member, within the programme; empty: anonymous sessions',
    org_id           String COMMENT 'Of a row for one organisation (is_part): that organisation; else empty',
    is_part          UInt8 COMMENT '1: only what the events of org_id are about; 0: all of the member',
    awarded          Decimal(38, 4) COMMENT 'Net awarded in the month: awards less reversals',
    redeemed         Decimal(38, 4) COMMENT 'Net redeemed in the month: redemptions less refunds',
    expired          Decimal(38, 4) COMMENT 'Expired in the month',
    sessions         UInt64 COMMENT 'Sessions that start in the month',
    page_views       UInt64 COMMENT 'Their page views',
    session_seconds  Decimal(38, 6) COMMENT 'Their duration',
    awarded_to_date  Decimal(38, 4) COMMENT 'Net awarded of all time to the month''s end',
    redeemed_to_date Decimal(38, 4) COMMENT 'Net redeemed of all time to the month''s end',
    expired_to_date  Decimal(38, 4) COMMENT 'Expired of all time to the month''s end',
    first_event_on   Date32 COMMENT 'Day of the first event of all time',
    lots             Array(Tuple(day Date32, dollars Decimal(38, 4))) COMMENT 'Unspent lots at the month''s end by their day, oldest first'
)
ENGINE = MergeTree
PARTITION BY (month, edition)
ORDER BY (program_id, member_id, is_part, org_id)
COMMENT 'Each member at each month''s end, with its unspent lots';
