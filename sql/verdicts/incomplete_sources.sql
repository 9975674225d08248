-- Sources of the config that have not delivered all of a month yet, and what each lacks, in words. A source has all of it once
--
--   1. it has delivered a row at all, as the check of freshness asks too;
--   2. it was heard after the month's end, and by so much as its config says (month_end.after). An API or a database was heard when
--      it was asked for all that is new, and answered. A folder or a bucket was heard when a file came; for that is waited only
--      where fresh_within says that more has to come: a list may stay as it is for years;
--   3. where it is asked for spans of time, they reach the month's end;
--   4. the last day of the month on which it usually has events has some; what is usual is what kpi.missing_days knows as such. A
--      source without any event since the month before has ended, or has none.
--
-- Sources whose config says month_end.ignore are left out.
WITH
    assumeNotNull((SELECT timezone FROM kpi_core.settings)) AS zone,
    assumeNotNull((SELECT value FROM kpi_core.threshold WHERE rule = 'completeness' AND threshold = 'usual_share')) AS usual_from,
    assumeNotNull((SELECT value FROM kpi_core.threshold WHERE rule = 'completeness' AND threshold = 'usual_after')) AS usual_after,
    toDateTime64(addMonths({month:Date32}, 1), 6, zone) AS month_end,
    addDays(addMonths({month:Date32}, 1), -1) AS last_of_month,
    awaited AS
    (
        SELECT
            toString(source) AS source, is_asked,
            is_asked OR fresh_within IS NOT NULL AS must_be_heard,
            month_end + toIntervalSecond(month_after) AS heard_from
        FROM etl.sources FINAL
        WHERE configured AND is_awaited AND (empty({sources:Array(String)}) OR has({sources:Array(String)}, source))
    ),
    delivered AS
    (
        SELECT
            toString(source) AS source,
            countIf(rows_read > rows_malformed) AS units_with_rows,
            maxIf(delivered_at, rows_read > rows_malformed) AS newest,
            -- An old span that is asked for again says nothing of the month's end.
            maxIf(delivered_at, ifNull(window_to >= month_end, 1)) AS answered,
            max(window_to) AS reaches
        FROM etl.units FINAL
        WHERE status = 'loaded'
        GROUP BY source
    ),
    asked AS
    (
        SELECT toString(s.source) AS source, max(r.started_at) AS newest
        FROM etl.source_runs AS s FINAL
        INNER JOIN etl.runs AS r FINAL ON s.run_id = r.run_id
        WHERE s.is_usual
        GROUP BY source
    ),
    filled AS
    (
        SELECT toString(source) AS source, groupUniqArray(day) AS days, min(day) AS first_day, max(day) AS last_day
        FROM kpi_core.check_event
        WHERE source IN (SELECT source FROM awaited)
        GROUP BY source
        HAVING last_day >= addMonths({month:Date32}, -1)
    ),
    -- Each weekday is once among the last seven days of the month.
    last_days AS
    (
        SELECT
            source, first_day,
            arrayMax(arrayFilter(d -> d <= last_of_month, days)) AS newest_day,
            arrayJoin(arrayMap(n -> addDays(last_of_month, -n), range(7))) AS day,
            has(days, day) AS is_filled,
            arrayFilter(d -> toDayOfWeek(d) = toDayOfWeek(day), arrayMap(n -> addDays(first_day, n), range(toUInt64(dateDiff('day', first_day, last_day)) + 1))) AS passed,
            length(arrayIntersect(passed, days)) AS filled_days
        FROM filled
    ),
    missing AS
    (
        SELECT source, max(day) AS last_usual, argMax(is_filled, day) AS is_there, any(newest_day) AS newest_day
        FROM last_days
        WHERE day >= first_day AND length(passed) >= usual_after AND filled_days >= usual_from * length(passed)
        GROUP BY source
        HAVING NOT is_there
    )
SELECT
    a.source AS source,
    multiIf(
        d.units_with_rows = 0,
            'never delivered a row',
        a.must_be_heard AND a.is_asked AND greatest(d.answered, q.newest) < a.heard_from,
            concat('was not asked since ', formatDateTime(a.heard_from, '%Y-%m-%d %H:%i', zone)),
        a.must_be_heard AND NOT a.is_asked AND d.newest < a.heard_from,
            concat('delivered nothing since ', formatDateTime(a.heard_from, '%Y-%m-%d %H:%i', zone), ': the last on ', formatDateTime(d.newest, '%Y-%m-%d %H:%i', zone)),
        a.must_be_heard AND ifNull(d.reaches < month_end, 0),
            concat('was asked only up to ', formatDateTime(assumeNotNull(d.reaches), '%Y-%m-%d %H:%i', zone)),
        m.last_usual > '1970-01-01',
            concat('has no event of ', toString(m.last_usual), ', though it usually has some on a ',
                ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][toDayOfWeek(m.last_usual)],
                if(m.newest_day > '1970-01-01', concat('; the last before are of ', toString(m.newest_day)), '')),
        '') AS lacks
FROM awaited AS a
LEFT JOIN delivered AS d ON a.source = d.source
LEFT JOIN asked AS q ON a.source = q.source
LEFT JOIN missing AS m ON a.source = m.source
WHERE lacks != ''
ORDER BY source;
