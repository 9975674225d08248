-- The programmes that there are figures of in the chosen month, by id, and under which name each is offered.
SELECT
    f.program_id AS program_id,
    if(p.name IN ('', f.program_id), f.program_id, concat(p.name, ' (', f.program_id, ')')) AS name
FROM
(
    SELECT DISTINCT program_id
    FROM {database:Identifier}.program_engagement_monthly
    WHERE month = toDate32OrNull(${month:singlequote})
) AS f
LEFT JOIN {database:Identifier}.programs AS p ON f.program_id = p.program_id
ORDER BY name, program_id
