-- The segments of the chosen programme that there are figures of in the chosen month.
SELECT DISTINCT segment
FROM kpi.segment_engagement_monthly
WHERE month = toDate32OrNull(${month:singlequote}) AND program_id = ${program:singlequote}
ORDER BY segment
