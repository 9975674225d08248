-- How far the review of a month is, and what its opening looked at.
SELECT
    r.state AS state,
    ifNull(r.opened_at, toDateTime64(0, 6, 'UTC')) AS opened_at,
    r.opened_by AS opened_by,
    r.note AS note,
    r.check_id AS check_id,
    r.verdict AS verdict,
    r.incomplete AS incomplete,
    (SELECT any(data) FROM etl.checks WHERE check_id = (SELECT check_id FROM kpi.reviews WHERE month = {month:Date32})) AS data
FROM kpi.reviews AS r
WHERE r.month = {month:Date32};
