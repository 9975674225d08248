-- The members with the largest balances in the chosen month, and their part of the programme's liability.
SELECT
    m.month AS month, m.program_id AS program_id, m.member_id AS member_id, m.org_id AS org_id, m.segment AS segment,
    m.unspent_dollars AS unspent_dollars,
    CAST(round(CAST(m.unspent_dollars AS Decimal(76, 20)) / nullIf(CAST(f.unspent_dollars AS Decimal(76, 20)), 0), 12) AS Nullable(Decimal(38, 12))) AS share,
    m.oldest_unspent_on AS oldest_unspent_on,
    m.awarded_to_date AS awarded_to_date,
    m.redeemed_to_date AS redeemed_to_date
FROM kpi.member_monthly AS m
INNER JOIN
(
    SELECT program_id, unspent_dollars
    FROM kpi.program_financial_monthly
    WHERE month = toDate32OrNull(${month:singlequote})
) AS f ON m.program_id = f.program_id
WHERE m.month = toDate32OrNull(${month:singlequote}) AND m.unspent_dollars > 0
    AND $__conditionalAll(m.program_id IN (${program:singlequote}), $program)
ORDER BY m.unspent_dollars DESC, program_id, member_id
LIMIT 50
