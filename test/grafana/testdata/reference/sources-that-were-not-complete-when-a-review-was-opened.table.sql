-- One row a source.
SELECT month, state, source, incomplete[source] AS lacked, opened_at
FROM kpi.reviews
ARRAY JOIN mapKeys(incomplete) AS source
