-- Ledger entries that count nowhere, because their currency has no rate at or before their day.
SELECT toString(currency) AS currency, count() AS entries, min(day) AS first_day, max(day) AS last_day
FROM kpi_core.unrated
GROUP BY currency
ORDER BY entries DESC, currency
LIMIT 20;
