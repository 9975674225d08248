-- Exceptions {program}
SELECT
    toUnixTimestamp(m.month) AS time,
    countIf(e.severity = 'critical') AS critical,
    countIf(e.severity = 'warning') AS warning
FROM kpi.financial_monthly AS m
LEFT JOIN kpi.exceptions AS e ON e.month = m.month AND e.scope = m.scope AND e.program_id = m.program_id
WHERE m.scope = if({program:String} = '', 'portfolio', 'program') AND m.program_id = {program:String}
    AND m.month > addMonths((SELECT newest_month FROM kpi.as_of), -{months:UInt16})
GROUP BY m.month
ORDER BY m.month
