-- How dollars spread over members: scope portfolio.
CREATE OR REPLACE VIEW kpi.portfolio_distribution_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, program_id, org_id, segment)
FROM kpi.distribution_monthly
WHERE scope = 'portfolio'
COMMENT 'How dollars spread over members: scope portfolio';
