-- Unspent dollars by programme
SELECT
    toUnixTimestamp(month) AS time,
    program_id AS programme,
    unspent_dollars AS unspent
FROM kpi.program_financial_monthly
WHERE month > addMonths((SELECT newest_month FROM kpi.as_of), -{months:UInt16})
ORDER BY month, programme
