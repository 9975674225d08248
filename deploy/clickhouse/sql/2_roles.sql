-- What users may do: a role is a short list of grants. The same as users.d/partnerplus-roles.xml, which says why; safe to run again.

CREATE ROLE IF NOT EXISTS partnerplus_writer;

GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON warehouse.* TO partnerplus_writer;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON etl.* TO partnerplus_writer;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON kpi_core.* TO partnerplus_writer;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON kpi.* TO partnerplus_writer;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON kpi_engagement.* TO partnerplus_writer;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON kpi_support.* TO partnerplus_writer;
GRANT TABLE ENGINE ON MergeTree TO partnerplus_writer;
GRANT TABLE ENGINE ON ReplacingMergeTree TO partnerplus_writer;
GRANT SYSTEM MERGES ON etl.* TO partnerplus_writer;
GRANT SELECT ON system.parts TO partnerplus_writer;
GRANT SELECT ON system.processes TO partnerplus_writer;

CREATE ROLE IF NOT EXISTS partnerplus_executive;

GRANT SELECT ON kpi.* TO partnerplus_executive;
GRANT SELECT ON kpi_engagement.* TO partnerplus_executive;
GRANT SELECT ON information_schema.* TO partnerplus_executive;
GRANT SELECT ON system.parts TO partnerplus_executive;

CREATE ROLE IF NOT EXISTS partnerplus_bi_service;

GRANT SELECT ON kpi.* TO partnerplus_bi_service;
GRANT SELECT ON kpi_engagement.* TO partnerplus_bi_service;
GRANT SELECT ON information_schema.* TO partnerplus_bi_service;
GRANT SELECT ON system.parts TO partnerplus_bi_service;

CREATE ROLE IF NOT EXISTS partnerplus_analyst;

GRANT SELECT ON kpi.* TO partnerplus_analyst;
GRANT SELECT ON kpi_engagement.* TO partnerplus_analyst;
GRANT SELECT ON warehouse.* TO partnerplus_analyst;
GRANT SELECT ON information_schema.* TO partnerplus_analyst;
GRANT SELECT ON system.parts TO partnerplus_analyst;

CREATE ROLE IF NOT EXISTS partnerplus_partner_manager;

GRANT SELECT ON kpi_engagement.* TO partnerplus_partner_manager;
GRANT SELECT ON kpi.own_programs TO partnerplus_partner_manager;
GRANT SELECT ON kpi.as_of TO partnerplus_partner_manager;
GRANT SELECT ON information_schema.* TO partnerplus_partner_manager;
GRANT SELECT ON system.parts TO partnerplus_partner_manager;

-- Of every view of the database, those to come too: one without a programme cannot be read by this role at all.
CREATE ROW POLICY OR REPLACE partnerplus_partner_manager ON kpi_engagement.*
    USING program_id IN (SELECT program_id FROM kpi.own_programs)
    TO partnerplus_partner_manager;

CREATE ROLE IF NOT EXISTS partnerplus_support;

GRANT SELECT ON kpi_support.* TO partnerplus_support;
GRANT SELECT ON kpi.as_of TO partnerplus_support;
GRANT SELECT ON information_schema.* TO partnerplus_support;
GRANT SELECT ON system.parts TO partnerplus_support;

CREATE ROLE IF NOT EXISTS partnerplus_marketing;

GRANT SELECT ON kpi_engagement.portfolio_engagement_monthly TO partnerplus_marketing;
GRANT SELECT ON kpi_engagement.program_engagement_monthly TO partnerplus_marketing;
GRANT SELECT ON kpi_engagement.segment_engagement_monthly TO partnerplus_marketing;
GRANT SELECT ON kpi.awarded_never_returned TO partnerplus_marketing;
GRANT SELECT ON kpi.as_of TO partnerplus_marketing;
GRANT SELECT ON information_schema.* TO partnerplus_marketing;
GRANT SELECT ON system.parts TO partnerplus_marketing;

CREATE ROLE IF NOT EXISTS partnerplus_monitor;

GRANT SELECT ON etl.runs TO partnerplus_monitor;
GRANT SELECT ON etl.units TO partnerplus_monitor;
GRANT SELECT ON etl.unit_entities TO partnerplus_monitor;
GRANT SELECT ON etl.job_runs TO partnerplus_monitor;
GRANT SELECT ON etl.source_runs TO partnerplus_monitor;
GRANT SELECT ON etl.sources TO partnerplus_monitor;
GRANT SELECT ON etl.checks TO partnerplus_monitor;
GRANT SELECT ON etl.schema_migrations TO partnerplus_monitor;
GRANT SELECT ON kpi.as_of TO partnerplus_monitor;
GRANT SELECT ON kpi.stale_sources TO partnerplus_monitor;
GRANT SELECT ON system.asynchronous_metrics TO partnerplus_monitor;
GRANT SELECT ON system.disks TO partnerplus_monitor;
GRANT SELECT(name, code, value, last_error_time, remote) ON system.errors TO partnerplus_monitor;
GRANT SELECT ON system.events TO partnerplus_monitor;
GRANT SELECT ON system.merges TO partnerplus_monitor;
GRANT SELECT ON system.metrics TO partnerplus_monitor;
GRANT SELECT ON system.mutations TO partnerplus_monitor;
GRANT SELECT ON system.parts TO partnerplus_monitor;
GRANT SELECT ON system.replicas TO partnerplus_monitor;
