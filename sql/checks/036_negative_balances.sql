-- Members whose balance (awarded less redeemed and expired) is below zero at a month's end, in one currency: every month
-- in which it is, up to the newest one there is.
CREATE OR REPLACE VIEW kpi.negative_balances
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id String COMMENT 'Programme',
    member_id  String COMMENT 'Member, within the programme',
    currency   String COMMENT 'Currency of the events, which the balance is in',
    balance    Decimal(38, 4) COMMENT 'Balance at the month''s end'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    assumeNotNull((SELECT max(month) FROM kpi_core.check_event WHERE rated)) AS newest,
    -- Of each member and currency: its months with entries, the balance at the end of each, and the month of the next.
    balances AS
    (
        SELECT
            program_id,
            member_id,
            currency,
            arraySort(groupArray((e.month, change))) AS changes,
            arrayMap(c -> c.1, changes) AS months,
            arrayPushBack(arrayPopFront(months), addMonths(newest, 1)) AS until,
            arrayCumSum(c -> c.2, changes) AS balance
        FROM
        (
            SELECT program_id, member_id, currency, month, sum(CAST(if(kind IN ('award', 'refund'), amount, -amount) AS Decimal(38, 4))) AS change
            FROM kpi_core.check_entry
            WHERE rated
            GROUP BY program_id, member_id, currency, month
        ) AS e
        GROUP BY program_id, member_id, currency
        HAVING arrayExists(b -> b < 0, balance)
    )
SELECT
    arrayJoin(arrayMap(n -> addMonths(span.1, n), range(toUInt64(dateDiff('month', span.1, span.2))))) AS month,
    program_id,
    member_id,
    currency,
    span.3 AS balance
FROM
(
    SELECT program_id, member_id, currency, arrayJoin(arrayZip(months, until, balance)) AS span
    FROM balances
)
WHERE span.3 < 0
ORDER BY month, program_id, member_id, currency
COMMENT 'Check negative_balance: members whose balance is below zero at a month''s end';
