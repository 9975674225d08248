-- What became of a unit's rows in one mapping.
INSERT INTO etl.unit_entities
SELECT {source:String}, {unit:String}, {version:String}, {run:String}, {mapping:UInt16}, {entity:String},
    {rows_in:UInt64}, {rows_filtered:UInt64}, {rows_loaded:UInt64}, {rows_superseded:UInt64}, {rows_rejected:UInt64},
    {amount_in:Decimal(38, 4)}, {amount_loaded:Decimal(38, 4)}, {amount_superseded:Decimal(38, 4)}, now64(6);
