-- Fingerprints of rows of a dimension whose key is delivered again: as redelivered_event.sql, without a time.
INSERT INTO etl.redelivered (entity, key_1, key_2, version, content, source, unit, source_row, delivered_at, happened_at, run_at)
WITH
    delivered AS
    (
        SELECT *
        FROM warehouse.{facts:Identifier}
        WHERE ({key_1:Identifier}, {key_2:Identifier}) IN (SELECT {key_1:Identifier}, {key_2:Identifier} FROM etl.{stage:Identifier})
        UNION ALL
        SELECT *
        FROM etl.{stage:Identifier}
    ),
    fingerprint AS
    (
        SELECT
            toString({key_1:Identifier}) AS key_1,
            toString({key_2:Identifier}) AS key_2,
            version,
            -- By value: in a Decimal, 50 and 50.0000 are the same.
            sipHash128(tuple(* EXCEPT ({key_1:Identifier}, {key_2:Identifier}, version, source, unit, run_id, delivered_at, source_row))) AS content,
            source,
            unit,
            source_row,
            delivered_at,
            NULL AS happened_at,
            UUIDv7ToDateTime(toUUIDOrZero(run_id)) AS run_at,
            sipHash64(version, content, source, unit, source_row) AS delivery
        FROM delivered
    ),
    by_key AS
    (
        SELECT *, min(delivery) OVER one_key != max(delivery) OVER one_key AS differs
        FROM fingerprint
        WINDOW one_key AS (PARTITION BY key_1, key_2)
    )
SELECT {entity:String}, key_1, key_2, version, content, source, unit, source_row, delivered_at, happened_at, run_at
FROM by_key
WHERE differs;
