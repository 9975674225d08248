-- How many rows the last runs of a job brought of a source: their median, the lower one of two.
SELECT toUInt64(if(count() = 0, 0, arraySort(groupArray(rows_read))[intDiv(count() + 1, 2)])) AS usual, count() AS runs
FROM
(
    SELECT rows_read
    FROM etl.source_runs FINAL
    WHERE source = {source:String} AND job = {job:String} AND run_id != {run:String} AND is_usual = 1 AND units_loaded > 0
    ORDER BY run_id DESC
    LIMIT 20
);
