-- What one mapping's stage holds where keys repeat, by unit: rows, and those that win their key within the unit.
WITH toDecimal64(0, 4) AS no_amount -- of entities without amount
SELECT
    toString(unit)                       AS unit,
    sum(rows)                            AS rows_in,
    count()                              AS rows_loaded,
    toString(sum(amounts))               AS amount_in,
    toString(sum(winner))                AS amount_loaded,
    toString(sum(amounts) - sum(winner)) AS amount_superseded,
    toBool(1)                            AS repeats
FROM
(
    SELECT unit, count() AS rows, sum({amount:Identifier}) AS amounts, argMax({amount:Identifier}, precedence) AS winner
    FROM etl.{stage:Identifier}
    GROUP BY unit, {key_1:Identifier}, {key_2:Identifier}
)
GROUP BY unit;
