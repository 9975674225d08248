-- The organisations of the chosen programme that there are figures of in the chosen month.
SELECT DISTINCT org_id
FROM kpi.organisation_engagement_monthly
WHERE month = toDate32OrNull(${month:singlequote}) AND program_id = ${program:singlequote}
ORDER BY org_id
