-- What a comparison found.
SELECT table, ifNull(formatDateTime(month, '%Y-%m'), '') AS month, key, found, expected, among
FROM etl.differing_rows FINAL
WHERE check_id = {id:String}
ORDER BY month, table, key;
