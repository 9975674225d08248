-- Units whose rows or amounts do not add up. The parts come from different hands: what was read and filtered is counted
-- by the pipeline, what was loaded and superseded by the warehouse, rejects are those that lie in etl.rejects.
CREATE OR REPLACE VIEW kpi.unconserved_units
(
    source            String COMMENT 'Source of the unit',
    unit              String COMMENT 'File, object or window',
    version           String COMMENT 'Version of the unit''s content',
    mapping           UInt16 COMMENT 'Place of the mapping in the source''s list, from 1; 0: the unit as a whole',
    entity            String COMMENT 'Entity that the mapping makes',
    problems          Array(String) COMMENT 'What does not add up, in words',
    rows_read         UInt64 COMMENT 'Rows of the unit',
    rows_malformed    UInt64 COMMENT 'Of these: not readable in the format',
    rows_unrouted     UInt64 COMMENT 'Of these: taken by no mapping, and rejected for that',
    rows_in           UInt64 COMMENT 'Rows that the mapping was given',
    rows_filtered     UInt64 COMMENT 'Left out by the mapping''s filter',
    rows_loaded       UInt64 COMMENT 'Went into the facts',
    rows_superseded   UInt64 COMMENT 'Of a key that a later row of the same unit delivers again',
    rows_rejected     UInt64 COMMENT 'Rejected by the mapping',
    rejects_kept      UInt64 COMMENT 'Rejects that lie in etl.rejects',
    amount_in         Decimal(38, 4) COMMENT 'Sum of amount over the standardised rows, in their own currencies',
    amount_loaded     Decimal(38, 4) COMMENT 'Of these: loaded',
    amount_superseded Decimal(38, 4) COMMENT 'Of these: superseded within the unit'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    -- The newest replay of a unit's rejects, if the ledger names it.
    replay AS
    (
        SELECT source, unit, version, load_id, mapping, entity, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded
        FROM etl.replayed FINAL
        WHERE (source, unit, version, load_id) IN (SELECT source, unit, version, load_id FROM etl.units FINAL)
    ),
    -- A mapping that has left the config leaves a row of an earlier load behind.
    account AS
    (
        SELECT source, unit, version, load_id, mapping, entity, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded
        FROM etl.unit_entities FINAL
        WHERE (source, unit, version, load_id) IN
        (
            SELECT source, unit, version, argMax(load_id, updated_at)
            FROM etl.unit_entities FINAL
            GROUP BY source, unit, version
        )
        AND (source, unit, version) NOT IN (SELECT source, unit, version FROM replay)
        UNION ALL
        SELECT *
        FROM replay
    ),
    kept AS
    (
        SELECT source, unit, load_id, mapping, count() AS rejects
        FROM etl.rejects FINAL
        GROUP BY source, unit, load_id, mapping
    ),
    accounted AS
    (
        SELECT
            u.source AS source, u.unit AS unit, u.version AS version, a.mapping AS mapping, a.entity AS entity,
            u.rows_read AS rows_read, u.rows_malformed AS rows_malformed, u.rows_unrouted AS rows_unrouted,
            a.rows_in AS rows_in, a.rows_filtered AS rows_filtered, a.rows_loaded AS rows_loaded, a.rows_superseded AS rows_superseded, a.rows_rejected AS rows_rejected,
            k.rejects AS rejects_kept,
            a.amount_in AS amount_in, a.amount_loaded AS amount_loaded, a.amount_superseded AS amount_superseded,
            arrayFilter(problem -> problem != '',
            [
                if(a.mapping = 0, 'there is no account of its rows', ''),
                if(a.mapping > 0 AND rows_in != rows_read - rows_malformed, 'the mapping was not given the rows that were read', ''),
                if(rows_in != rows_filtered + rows_loaded + rows_superseded + rows_rejected, 'the rows given are not those filtered, loaded, superseded and rejected', ''),
                if(amount_in != amount_loaded + amount_superseded, 'the amount sent is not that loaded and superseded', ''),
                if(a.load_id != '' AND rejects_kept != rows_rejected, 'the rejects kept are not those counted', '')
            ]) AS problems
        FROM etl.units AS u FINAL
        LEFT JOIN account AS a ON u.source = a.source AND u.unit = a.unit AND u.version = a.version
        LEFT JOIN kept AS k ON a.source = k.source AND a.unit = k.unit AND a.load_id = k.load_id AND a.mapping = k.mapping
        WHERE u.status = 'loaded'
        UNION ALL
        -- Rows that the format could not read, and those that no mapping takes, belong to no mapping.
        SELECT
            u.source, u.unit, u.version, 0, '',
            u.rows_read, u.rows_malformed, u.rows_unrouted, 0, 0, 0, 0, 0, k.rejects, 0, 0, 0,
            if(k.rejects != u.rows_malformed + u.rows_unrouted, ['the unreadable and unrouted rows kept are not those counted'], [])
        FROM etl.units AS u FINAL
        LEFT JOIN kept AS k ON u.source = k.source AND u.unit = k.unit AND u.load_id = k.load_id AND k.mapping = 0
        WHERE u.status = 'loaded'
    )
SELECT
    source, unit, version, mapping, entity, problems, rows_read, rows_malformed, rows_unrouted, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, rejects_kept,
    amount_in, amount_loaded, amount_superseded
FROM accounted
WHERE notEmpty(problems)
ORDER BY source, unit, version, mapping
COMMENT 'Check conservation: units whose rows or amounts do not add up';
