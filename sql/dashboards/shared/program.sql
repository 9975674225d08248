-- The programmes that there are figures of in the chosen month.
SELECT DISTINCT program_id
FROM {database:Identifier}.program_engagement_monthly
WHERE month = toDate32(${month:singlequote})
ORDER BY program_id
