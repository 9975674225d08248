-- What one mapping's stage of replayed rows holds: rows, and keys that the unit has not loaded already. The facts keep the
-- winner of each key only; the unit's own rows that were replaced are noted in etl.redelivered. A staged row that is in the
-- facts already, from a replay that was cut short, is no other row.
WITH toDecimal64(0, 4) AS no_amount -- of entities without amount
SELECT
    {unit:String}                                        AS unit,
    sum(rows)                                            AS rows_in,
    countIf(NOT is_known)                                AS rows_loaded,
    toString(sum(amounts))                               AS amount_in,
    toString(sumIf(winner, NOT is_known))                AS amount_loaded,
    toString(sum(amounts) - sumIf(winner, NOT is_known)) AS amount_superseded,
    toBool(rows_in > rows_loaded)                        AS repeats
FROM
(
    SELECT
        count() AS rows,
        sum({amount:Identifier}) AS amounts,
        argMax({amount:Identifier}, precedence) AS winner,
        (toString({key_1:Identifier}), toString({key_2:Identifier})) IN
        (
            SELECT toString({key_1:Identifier}), toString({key_2:Identifier})
            FROM warehouse.{facts:Identifier}
            WHERE source = {source:String} AND unit = {unit:String} AND delivered_at = {delivered:DateTime64(6, 'UTC')}
                AND ({key_1:Identifier}, {key_2:Identifier}) IN (SELECT {key_1:Identifier}, {key_2:Identifier} FROM etl.{stage:Identifier})
                AND source_row NOT IN (SELECT source_row FROM etl.{stage:Identifier})
            UNION ALL
            SELECT key_1, key_2
            FROM etl.redelivered FINAL
            WHERE entity = {entity:String} AND source = {source:String} AND unit = {unit:String} AND delivered_at = {delivered:DateTime64(6, 'UTC')}
                AND (key_1, key_2) IN (SELECT toString({key_1:Identifier}), toString({key_2:Identifier}) FROM etl.{stage:Identifier})
                AND source_row NOT IN (SELECT source_row FROM etl.{stage:Identifier})
        ) AS is_known
    FROM etl.{stage:Identifier}
    GROUP BY {key_1:Identifier}, {key_2:Identifier}
);
