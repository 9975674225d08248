-- The fifty with the largest balances, and their part of the programme's.
SELECT m.*, CAST(round(CAST(m.unspent_dollars AS Decimal(76, 20)) / p.value, 12) AS Decimal(38, 12)) AS share
FROM kpi.member_monthly AS m, (SELECT program_id, CAST(value AS Decimal(76, 20)) AS value FROM kpi.metric_monthly WHERE month = {month:Date32} AND scope = 'program' AND metric = 'unspent_dollars') AS p
WHERE m.program_id = p.program_id AND m.month = {month:Date32} AND m.unspent_dollars > 0 AND {program:String} IN ('', m.program_id)
ORDER BY m.unspent_dollars DESC, m.program_id, m.member_id
LIMIT 50
