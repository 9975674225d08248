-- Who was awarded, redeemed and used the portal: scope segment.
CREATE OR REPLACE VIEW kpi.segment_engagement_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, org_id)
FROM kpi.engagement_monthly
WHERE scope = 'segment'
COMMENT 'Who was awarded, redeemed and used the portal: scope segment';
