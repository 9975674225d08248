-- What one mapping's stage holds, by unit, and how many different keys it has: mostly each row has its own.
WITH toDecimal64(0, 4) AS no_amount -- of entities without amount
SELECT
    toString(unit)                        AS unit,
    count()                               AS rows_in,
    count()                               AS rows_loaded,
    toString(sum({amount:Identifier}))    AS amount_in,
    toString(sum({amount:Identifier}))    AS amount_loaded,
    '0'                                   AS amount_superseded,
    toBool((SELECT count() > uniqExact({key_1:Identifier}, {key_2:Identifier}) FROM etl.{stage:Identifier})) AS repeats
FROM etl.{stage:Identifier}
GROUP BY unit;
