-- How many rows are rejected; measured is how many sources are beyond their own limit. Rejects have no month.
SELECT
    toString(sum(rows_rejected)) AS figure,
    toString(countIf(is_beyond)) AS beyond,
    if(count() = 0,
        'no row is rejected',
        concat('rejected rows: ', figure, '; sources beyond their limit: ', beyond,
            if(beyond = '0', '', concat(' (', arrayStringConcat(arraySort(groupArrayIf(5)(
                concat(source, ': ', toString(rows_rejected), ' of ', toString(rows_read), if(failed_units > 0, concat(', units that failed whole: ', toString(failed_units)), '')), is_beyond)), '; '), ')')))) AS message
FROM kpi.rejecting_sources;
