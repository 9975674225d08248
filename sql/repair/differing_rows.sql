-- Rows in which two editions differ, of one table, with the columns that do. Rows are compared as texts, by their hashes:
-- only those that differ are held as they are. Of a month, a hundred are kept.
INSERT INTO etl.differing_rows (check_id, table, month, key, found, expected, among)
WITH
    {keys:Array(String)} AS keys,
    line AS
    (
        SELECT formatRowNoNewline('JSONEachRow', *) AS cells, 1 AS side
        FROM kpi_core.{in:Identifier}(edition = {found:UInt64})
        UNION ALL
        SELECT formatRowNoNewline('JSONEachRow', *) AS cells, -1 AS side
        FROM kpi_core.{in:Identifier}(edition = {expected:UInt64})
    ),
    differing AS
    (
        SELECT sipHash128(cells) AS hash
        FROM line
        GROUP BY hash
        HAVING sum(side) != 0
    ),
    cell AS
    (
        SELECT
            mapFromArrays(pairs.1, arrayMap(raw -> trim(BOTH '"' FROM raw), pairs.2)) AS cells,
            toDate32OrNull(cells['month']) AS month,
            arrayMap(name -> cells[name], keys) AS key,
            side
        FROM (SELECT JSONExtractKeysAndValuesRaw(l.cells) AS pairs, side FROM line AS l WHERE sipHash128(l.cells) IN (SELECT hash FROM differing))
    ),
    paired AS
    (
        SELECT month, key, groupArrayIf(2)(c.cells, side = 1) AS was, groupArrayIf(2)(c.cells, side = -1) AS is, countIf(side = 1) AS times
        FROM cell AS c
        GROUP BY month, key
    )
SELECT
    {id:String},
    {table:String},
    month,
    arrayStringConcat(arrayFilter((text, value) -> value != '', arrayMap((name, value) -> concat(name, ' ', value), keys, paired.key), paired.key), ', ') AS written,
    -- A row that is there twice differs in nothing else.
    mapUpdate(
        mapFilter((name, value) -> name != 'month' AND NOT has(keys, name) AND (empty(is) OR is[1][name] != value), was[1]),
        if(times > 1, map('rows', toString(times)), map())),
    mapFilter((name, value) -> name != 'month' AND NOT has(keys, name) AND (empty(was) OR was[1][name] != value), is[1]),
    count() OVER (PARTITION BY month)
FROM paired
WHERE {month:Nullable(Date32)} IS NULL OR month IS NULL OR month = {month:Nullable(Date32)}
ORDER BY month, paired.key
LIMIT 100 BY month
SETTINGS output_format_json_quote_decimals = 1;
