-- How many rows and figures are not what the facts give: those that the comparison of this validation recorded.
-- Which member it is about, only the rows say.
WITH
    (SELECT count() FROM etl.touched_months FINAL WHERE settled = 0) AS pending
SELECT
    toString(ifNull((SELECT sum(d.among) FROM (SELECT DISTINCT table, month, among FROM etl.differing_rows FINAL WHERE check_id = {id:String}) AS d), 0)) AS figure,
    figure AS beyond,
    if(count() = 0,
        'all figures, and the tables that they are made of, are what the facts give, to the cent',
        concat('rows and figures that are not what the facts give: ', figure, ', such as ',
            argMin(
                concat(table, if(month IS NULL, '', concat(' of ', formatDateTime(assumeNotNull(month), '%Y-%m'))), if(key LIKE '%member_id %', '', concat(', ', key)), ': ', multiIf(
                    empty(found), 'missing',
                    empty(expected), 'there should be no such row',
                    arrayStringConcat(arrayMap(name -> concat(name, ' is ', found[name], ' instead of ', if(has(mapKeys(expected), name), expected[name], '1')), arraySort(mapKeys(found))), ', '))),
                (table != 'kpi.metric_monthly', table != 'metric_month', month, table, key)),
            if(pending > 0, '; partnerplus run computes again what a load left undone', '; partnerplus repair computes them again from the facts'))) AS message
FROM etl.differing_rows FINAL
WHERE check_id = {id:String};
