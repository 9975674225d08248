-- Members, organisations and dollars, and the liability: scope portfolio.
CREATE OR REPLACE VIEW kpi.portfolio_financial_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, program_id, org_id, segment)
FROM kpi.financial_monthly
WHERE scope = 'portfolio'
COMMENT 'Members, organisations and dollars, and the liability: scope portfolio';
