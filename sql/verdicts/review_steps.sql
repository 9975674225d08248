-- What was done in the review of a month, the oldest step first.
SELECT formatDateTime(s.month, '%Y-%m') AS month, s.round AS round, s.step AS step, s.at AS at, s.by AS by, s.note AS note, s.check_id AS check_id, s.verdict AS verdict, s.details AS details
FROM kpi.review_steps AS s
WHERE s.month = {month:Date32}
ORDER BY at;
