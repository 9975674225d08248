-- Every figure of a month as it is now, for the day when somebody asks what has changed since.
INSERT INTO etl.closed_figures (month, closed_at, scope, program_id, org_id, segment, population, metric, value)
SELECT month, {at:DateTime64(6, 'UTC')}, scope, program_id, org_id, segment, population, metric, value
FROM kpi.metric_monthly
WHERE month = {month:Date32};
