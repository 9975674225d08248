-- When a job last ran to its end.
SELECT started_at
FROM etl.runs FINAL
WHERE job = {job:String} AND status IN ('done', 'rejects', 'checks')
ORDER BY started_at DESC
LIMIT 1;
