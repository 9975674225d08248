-- Loads that came to nothing, and their rejects: neither the ledger nor an account names them, so they are shown nowhere.
SELECT load_id
FROM etl.rejects
WHERE UUIDv7ToDateTime(toUUIDOrZero(load_id)) < {before:DateTime64(6, 'UTC')}
    AND load_id NOT IN (SELECT load_id FROM etl.units FINAL)
    AND load_id NOT IN (SELECT load_id FROM etl.unit_entities FINAL)
    AND load_id NOT IN (SELECT load_id FROM etl.replayed FINAL);
