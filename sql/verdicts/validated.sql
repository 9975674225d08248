-- The state of the data that a validation looked at.
SELECT any(data) AS data
FROM etl.checks
WHERE check_id = {id:String};
