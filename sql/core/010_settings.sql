-- The reporting zone and currency in force.
CREATE OR REPLACE VIEW kpi_core.settings AS
SELECT
    argMax(timezone, changed_at)           AS timezone,
    argMax(reporting_currency, changed_at) AS reporting_currency
FROM etl.settings;
