-- How many ledger entries count nowhere, because their currency has no rate at or before their day.
SELECT count() AS entries
FROM kpi_core.unrated;
