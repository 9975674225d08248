-- How many rows of the facts have a key that the stage delivers again. Of most loads it is none.
SELECT count() AS rows
FROM warehouse.{facts:Identifier}
WHERE ({key_1:Identifier}, {key_2:Identifier}) IN (SELECT {key_1:Identifier}, {key_2:Identifier} FROM etl.{stage:Identifier});
