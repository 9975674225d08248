-- Who was awarded, redeemed and used the portal: scope program.
CREATE OR REPLACE VIEW kpi.program_engagement_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, org_id, segment)
FROM kpi.engagement_monthly
WHERE scope = 'program'
COMMENT 'Who was awarded, redeemed and used the portal: scope program';
