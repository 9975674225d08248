-- Versions of a key that were delivered with different content, superseded ones too. The same row of the same delivery,
-- loaded again under a mended mapping, is what it is now: that is no second content.
CREATE OR REPLACE VIEW kpi.duplicates
(
    entity     String COMMENT 'Entity',
    key        Array(String) COMMENT 'Business key, in the order of its columns',
    version    UInt64 COMMENT 'The version that was delivered with different content',
    rows       UInt64 COMMENT 'Rows that delivered it',
    contents   UInt64 COMMENT 'Different contents among these',
    months     Array(Date32) COMMENT 'Months that the event is in by one content or the other; empty for dimensions',
    deliveries Array(String) COMMENT 'Where the rows came from: source, unit and row; at most ten'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    assumeNotNull((SELECT timezone FROM kpi_core.settings)) AS zone,
    -- A row stands unless the same place was loaded again since: in the same delivery, or in one that the ledger has in its
    -- stead (an API's answers are delivered anew each time they are asked for).
    delivered AS
    (
        SELECT
            *,
            run_at = max(run_at) OVER (PARTITION BY entity, key_1, key_2, source, unit, source_row, delivered_at) AS is_newest_of_delivery,
            run_at = max(run_at) OVER (PARTITION BY entity, key_1, key_2, source, unit, source_row) AS is_newest
        FROM etl.redelivered FINAL
    )
SELECT
    d.entity AS entity,
    if(d.entity = 'programs', [d.key_1], [d.key_1, d.key_2]) AS key,
    d.version AS version,
    count() AS rows,
    uniqExact(d.content) AS contents,
    arraySort(groupUniqArray(makeDate32(toYear(toTimeZone(d.happened_at, zone)), toMonth(toTimeZone(d.happened_at, zone)), 1))) AS months,
    arraySort(groupArray(10)(concat(d.source, ', ', d.unit, ', row ', toString(d.source_row)))) AS deliveries
FROM delivered AS d
WHERE d.is_newest OR (d.is_newest_of_delivery AND (d.source, d.unit, d.delivered_at) IN (SELECT source, unit, delivered_at FROM etl.units FINAL))
GROUP BY d.entity, d.key_1, d.key_2, d.version
HAVING contents > 1
ORDER BY entity, key, version
COMMENT 'Check duplicates: versions of a key that were delivered with different content';
