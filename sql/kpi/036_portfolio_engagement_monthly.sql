-- Who was awarded, redeemed and used the portal: scope portfolio.
CREATE OR REPLACE VIEW kpi.portfolio_engagement_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, program_id, org_id, segment)
FROM kpi.engagement_monthly
WHERE scope = 'portfolio'
COMMENT 'Who was awarded, redeemed and used the portal: scope portfolio';
