-- Days on which a source has no events, though it usually has some on such a weekday. What is usual is the source's own:
-- a weekday on which it had events on most of the days between its first and its last.
CREATE OR REPLACE VIEW kpi.missing_days
(
    month       Date32 COMMENT 'First day of the month, in the reporting zone',
    source      String COMMENT 'Source of the config',
    day         Date32 COMMENT 'The day without events, in the reporting zone',
    weekday     String COMMENT 'Its weekday',
    usual_share Decimal(9, 4) COMMENT 'Share of such weekdays on which the source has events',
    first_day   Date32 COMMENT 'First day of the source with events',
    last_day    Date32 COMMENT 'Last day of the source with events'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    assumeNotNull((SELECT value FROM kpi_core.threshold WHERE rule = 'completeness' AND threshold = 'usual_share')) AS usual_from,
    assumeNotNull((SELECT value FROM kpi_core.threshold WHERE rule = 'completeness' AND threshold = 'usual_after')) AS usual_after,
    filled AS
    (
        SELECT source, groupUniqArray(day) AS days, min(day) AS first_day, max(day) AS last_day
        FROM kpi_core.check_event
        -- The shards of a cluster, where events are read, do not have the sources.
        WHERE source GLOBAL IN (SELECT source FROM etl.sources FINAL WHERE configured)
        GROUP BY source
    ),
    calendar AS
    (
        SELECT
            source, first_day, last_day,
            arrayJoin(arrayMap(n -> addDays(first_day, n), range(toUInt64(dateDiff('day', first_day, last_day)) + 1))) AS day,
            toDayOfWeek(day) AS weekday,
            has(days, day) AS is_filled
        FROM filled
    ),
    usual AS
    (
        SELECT *, count() OVER weekdays AS passed, sum(is_filled) OVER weekdays AS filled_days
        FROM calendar
        WINDOW weekdays AS (PARTITION BY source, weekday)
    )
SELECT
    makeDate32(toYear(u.day), toMonth(u.day), 1) AS month,
    u.source AS source,
    u.day AS day,
    ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][u.weekday] AS weekday,
    toDecimal32(toDecimal128(u.filled_days, 12) / u.passed, 4) AS usual_share,
    u.first_day AS first_day,
    u.last_day AS last_day
FROM usual AS u
WHERE NOT u.is_filled AND u.passed >= usual_after AND u.filled_days >= usual_from * u.passed
ORDER BY source, day
COMMENT 'Check completeness: days without events, though the source usually has some';
