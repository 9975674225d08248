-- Members, organisations and dollars, and the liability: scope organisation.
CREATE OR REPLACE VIEW kpi.organisation_financial_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, segment)
FROM kpi.financial_monthly
WHERE scope = 'organisation'
COMMENT 'Members, organisations and dollars, and the liability: scope organisation';
