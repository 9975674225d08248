-- Checks that failed in a validation of a month and were not waived with the figure that they have.
SELECT check
FROM etl.checks
WHERE check_id = {id:String} AND verdict = 'fail'
    AND (check, figure) NOT IN
    (
        SELECT waived.1, toDecimal128OrZero(waived.2, 4)
        FROM (SELECT arrayJoin(CAST(details AS Array(Tuple(String, String)))) AS waived FROM etl.review_steps WHERE month = {month:Date32} AND step = 'waive')
    )
ORDER BY check;
