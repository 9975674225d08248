-- What one mapping's stage holds, by unit, and whether a key may be in it more than once: mostly each row has its own. Equal
-- keys have equal hashes; two keys that share one cost the exact count (count_winners.sql), and change nothing else.
WITH
    toDecimal64(0, 4) AS no_amount, -- of entities without amount
    (SELECT count() > uniqExact(cityHash64({key_1:Identifier}, {key_2:Identifier})) FROM etl.{stage:Identifier}) AS any_repeats
SELECT
    toString(unit)                     AS unit,
    count()                            AS rows_in,
    count()                            AS rows_loaded,
    toString(sum({amount:Identifier})) AS amount_in,
    toString(sum({amount:Identifier})) AS amount_loaded,
    '0'                                AS amount_superseded,
    toBool(any_repeats)                AS repeats
FROM etl.{stage:Identifier}
GROUP BY unit;
