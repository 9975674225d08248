-- How dollars spread over members: scope organisation.
CREATE OR REPLACE VIEW kpi.organisation_distribution_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, segment)
FROM kpi.distribution_monthly
WHERE scope = 'organisation'
COMMENT 'How dollars spread over members: scope organisation';
