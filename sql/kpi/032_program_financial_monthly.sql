-- Members, organisations and dollars, and the liability: scope program.
CREATE OR REPLACE VIEW kpi.program_financial_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, org_id, segment)
FROM kpi.financial_monthly
WHERE scope = 'program'
COMMENT 'Members, organisations and dollars, and the liability: scope program';
