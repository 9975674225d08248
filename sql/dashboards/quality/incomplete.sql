-- Sources that had not delivered all of a month when its review was opened, and what each lacked.
SELECT month, state, missing.1 AS source, missing.2 AS lacked, opened_at
FROM kpi.reviews
ARRAY JOIN CAST(incomplete AS Array(Tuple(String, String))) AS missing
ORDER BY month DESC, source
LIMIT 200
