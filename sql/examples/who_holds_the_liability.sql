-- Who holds the unspent dollars, and how old are they?
-- The twenty members with the highest balances now, with the day of their oldest unspent dollar and their part of the
-- programme's liability.
SELECT
    m.program_id AS program_id,
    m.member_id AS member_id,
    m.org_id AS org_id,
    m.segment AS segment,
    m.unspent_dollars AS unspent_dollars,
    m.oldest_unspent_on AS oldest_unspent_on,
    dateDiff('day', m.oldest_unspent_on, addDays(addMonths(m.month, 1), -1)) AS oldest_days,
    round(m.unspent_dollars / nullIf(f.unspent_dollars, 0), 4) AS part_of_programme
FROM kpi.member_monthly AS m
INNER JOIN kpi.program_financial_monthly AS f ON m.program_id = f.program_id AND m.month = f.month
WHERE m.month = (SELECT month FROM kpi.months WHERE is_newest) AND m.unspent_dollars > 0
ORDER BY m.unspent_dollars DESC, program_id, member_id
LIMIT 20;
