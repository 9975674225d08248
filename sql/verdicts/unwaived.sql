-- Checks that failed in a validation of a month and were not waived: a waiver is of what a check found, its figure and its message, in
-- the validation that it names. The same number of other things is not waived.
SELECT check
FROM etl.checks
WHERE check_id = {id:String} AND verdict = 'fail'
    AND (check, figure, message) NOT IN
    (
        SELECT c.check, c.figure, c.message
        FROM etl.checks AS c
        INNER JOIN
        (
            SELECT check_id, arrayJoin(mapKeys(details)) AS check
            FROM etl.review_steps
            WHERE month = {month:Date32} AND step = 'waive'
        ) AS w ON c.check_id = w.check_id AND c.check = w.check
    )
ORDER BY check;
