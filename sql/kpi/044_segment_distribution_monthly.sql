-- How dollars spread over members: scope segment.
CREATE OR REPLACE VIEW kpi.segment_distribution_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, org_id)
FROM kpi.distribution_monthly
WHERE scope = 'segment'
COMMENT 'How dollars spread over members: scope segment';
