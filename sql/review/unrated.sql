-- Ledger entries in force that count nowhere, because their currency has no rate at or before their day.
SELECT
    u.entity AS entity,
    u.program_id AS program_id,
    u.currency AS currency,
    count() AS entries,
    countIf(u.day >= {month:Date32} AND u.day < addMonths({month:Date32}, 1)) AS of_the_month,
    toString(sum(u.amount)) AS amount,
    toString(min(u.day)) AS first_day,
    toString(max(u.day)) AS last_day
FROM kpi_core.unrated AS u
GROUP BY u.entity, u.program_id, u.currency
ORDER BY u.entity, u.program_id, u.currency;
