-- A tenth has what the curve rises by from the tenth below it.
SELECT a.*, a.dollar_share - ifNull(b.dollar_share, 0) AS share
FROM kpi.lorenz_monthly AS a
LEFT JOIN kpi.lorenz_monthly AS b
    ON a.month = b.month AND a.scope = b.scope AND a.program_id = b.program_id AND a.org_id = b.org_id AND a.segment = b.segment
    AND a.population = b.population AND a.decile = b.decile + 1
WHERE a.month = {month:Date32} AND a.scope = {scope:String} AND a.program_id = {program:String}
