-- Members, organisations and dollars, and the liability: scope segment.
CREATE OR REPLACE VIEW kpi.segment_financial_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, org_id)
FROM kpi.financial_monthly
WHERE scope = 'segment'
COMMENT 'Members, organisations and dollars, and the liability: scope segment';
