-- Every figure of a month as it is now, for the day when somebody asks what has changed since. All are of one edition, which is
-- that with the state that was assessed; of another one, nothing is kept.
INSERT INTO etl.closed_figures (month, closed_at, scope, program_id, org_id, segment, population, metric, value)
SELECT month, {at:DateTime64(6, 'UTC')}, scope, program_id, org_id, segment, population, metric, value
FROM kpi.metric_monthly
WHERE month = {month:Date32} AND (SELECT hex(sum(state)) FROM kpi_core.figure_state(month = {month:Date32})) = {figures:String};
