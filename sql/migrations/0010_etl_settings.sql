-- The reporting zone and currency in force: the newest row. kpi_core.settings reads it.
CREATE TABLE IF NOT EXISTS etl.settings
(
    changed_at         DateTime64(6, 'UTC') COMMENT 'When the setting came into force',
    timezone           String COMMENT 'IANA zone that decides days and months',
    reporting_currency String COMMENT 'Currency of every KPI'
)
ENGINE = MergeTree
ORDER BY changed_at
COMMENT 'Reporting zone and currency, every value they ever had';
