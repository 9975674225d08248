-- Figures were once swapped in table by table. They are pure functions of the facts: they are computed anew, by edition.
DROP TABLE IF EXISTS kpi_core.metric_month_refresh SYNC;
DROP TABLE IF EXISTS kpi_core.distribution_month_refresh SYNC;
DROP TABLE IF EXISTS kpi_core.scope_month_refresh SYNC;
DROP TABLE IF EXISTS kpi_core.scope_flow_refresh SYNC;
DROP TABLE IF EXISTS kpi_core.organisation_refresh SYNC;
DROP TABLE IF EXISTS kpi_core.member_refresh SYNC;
DROP TABLE IF EXISTS kpi_core.entry SYNC;
DROP TABLE IF EXISTS kpi_core.activity SYNC;
DROP TABLE IF EXISTS kpi_core.metric_month SYNC;
DROP TABLE IF EXISTS kpi_core.distribution_month SYNC;
DROP TABLE IF EXISTS kpi_core.scope_month SYNC;
DROP TABLE IF EXISTS kpi_core.scope_flow SYNC;
DROP TABLE IF EXISTS kpi_core.organisation SYNC;
DROP TABLE IF EXISTS kpi_core.member SYNC;
DROP TABLE IF EXISTS kpi_core.member_month SYNC;
