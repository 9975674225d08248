-- Who was awarded, redeemed and used the portal: scope organisation.
CREATE OR REPLACE VIEW kpi.organisation_engagement_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT * EXCEPT (scope, segment)
FROM kpi.engagement_monthly
WHERE scope = 'organisation'
COMMENT 'Who was awarded, redeemed and used the portal: scope organisation';
