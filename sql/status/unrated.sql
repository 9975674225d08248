-- How many ledger entries count nowhere, because their currency has no rate at or before their day: of one run where it is
-- named.
SELECT count() AS entries
FROM kpi_core.unrated
WHERE {run:String} = '' OR run_id = {run:String};
