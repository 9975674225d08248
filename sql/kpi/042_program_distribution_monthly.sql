-- How dollars spread over members: scope program.
CREATE OR REPLACE VIEW kpi.program_distribution_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, org_id, segment)
FROM kpi.distribution_monthly
WHERE scope = 'program'
COMMENT 'How dollars spread over members: scope program';
