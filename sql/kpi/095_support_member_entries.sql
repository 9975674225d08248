-- One member's awards and redemptions: SELECT * FROM kpi_support.member_entries(program_id = 'acme', member_id = '17') ORDER BY at.
CREATE OR REPLACE VIEW kpi_support.member_entries
(
    program_id String COMMENT 'Programme',
    member_id  String COMMENT 'Member, within the programme',
    at         DateTime64(6, 'UTC') COMMENT 'When it happened',
    kind       LowCardinality(String) COMMENT 'award, reversal, expiry, redemption or refund',
    event_id   String COMMENT 'Award or redemption',
    amount     Decimal(38, 4) COMMENT 'What it gave or, below 0, took, in the reporting currency',
    balance    Decimal(38, 4) COMMENT 'What the member had after it'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    program_id, member_id, at, kind, event_id,
    if(kind IN ('award', 'refund'), amount_reporting, -amount_reporting) AS amount,
    sum(amount) OVER
    (
        ORDER BY at, transform(kind, ['award', 'refund', 'reversal', 'expiry', 'redemption'], [0, 1, 2, 3, 4], 5), event_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS balance
FROM kpi_core.entry_now
WHERE program_id = {program_id:String} AND member_id = {member_id:String}
COMMENT 'Awards and redemptions of the one member that the question names, by program_id and member_id';
