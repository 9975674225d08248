-- Lists are texts.
SELECT month, state, verdict, opened_at, opened_by, closed_at, closed_by,
    arrayStringConcat(r.failed_checks, ', ') AS failed,
    arrayStringConcat(arraySort(arrayMap(x -> x.1, CAST(r.incomplete AS Array(Tuple(String, String))))), ', ') AS incomplete_sources
FROM kpi.reviews AS r
