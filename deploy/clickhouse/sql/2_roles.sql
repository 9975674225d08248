-- What users may do: a role is a grant on databases. The same as users.d/partnerplus-roles.xml, which says why; safe to run again.

CREATE ROLE IF NOT EXISTS partnerplus_pipeline;

GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON warehouse.* TO partnerplus_pipeline;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON etl.* TO partnerplus_pipeline;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON kpi_core.* TO partnerplus_pipeline;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON kpi.* TO partnerplus_pipeline;
GRANT SELECT, INSERT, ALTER TABLE, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON kpi_engagement.* TO partnerplus_pipeline;
GRANT TABLE ENGINE ON MergeTree TO partnerplus_pipeline;
GRANT TABLE ENGINE ON ReplacingMergeTree TO partnerplus_pipeline;
GRANT SYSTEM MERGES ON etl.* TO partnerplus_pipeline;
GRANT SELECT ON system.parts TO partnerplus_pipeline;
GRANT SELECT ON system.processes TO partnerplus_pipeline;

CREATE ROLE IF NOT EXISTS partnerplus_reader;

GRANT SELECT ON kpi.* TO partnerplus_reader;
GRANT SELECT ON kpi_engagement.* TO partnerplus_reader;
GRANT SELECT ON information_schema.* TO partnerplus_reader;
GRANT SELECT ON system.parts TO partnerplus_reader;

CREATE ROLE IF NOT EXISTS partnerplus_engagement_reader;

GRANT SELECT ON kpi_engagement.* TO partnerplus_engagement_reader;
GRANT SELECT ON information_schema.* TO partnerplus_engagement_reader;
GRANT SELECT ON system.parts TO partnerplus_engagement_reader;

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
GRANT SELECT ON system.errors TO partnerplus_monitor;
GRANT SELECT ON system.events TO partnerplus_monitor;
GRANT SELECT ON system.merges TO partnerplus_monitor;
GRANT SELECT ON system.metrics TO partnerplus_monitor;
GRANT SELECT ON system.mutations TO partnerplus_monitor;
GRANT SELECT ON system.parts TO partnerplus_monitor;
GRANT SELECT ON system.replicas TO partnerplus_monitor;
