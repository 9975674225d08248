-- Events of programmes or organisations that the dimensions do not know, or know as deleted. They count all the same. GLOBAL:
-- the shards of a cluster, where events are read, do not have the dimensions.
CREATE OR REPLACE VIEW kpi.orphans
(
    month      Date32 COMMENT 'Month of the event, in the reporting zone',
    entity     String COMMENT 'awards, redemptions, portal_sessions or portal_events',
    program_id String COMMENT 'Programme of the event',
    event_id   String COMMENT 'Key of the event within the programme',
    org_id     String COMMENT 'Organisation of the event; empty: none',
    unknown    Array(String) COMMENT 'What is unknown: program, organisation, or both',
    source     String COMMENT 'Source of the event',
    unit       String COMMENT 'File, object or window',
    source_row UInt64 COMMENT 'Place of the row in its unit, from 1'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    month,
    entity,
    program_id,
    event_id,
    org_id,
    arrayConcat(
        if(program_id GLOBAL NOT IN (SELECT program_id FROM warehouse.programs FINAL), ['program'], []),
        if(org_id != '' AND (program_id, org_id) GLOBAL NOT IN (SELECT program_id, org_id FROM warehouse.organisations FINAL), ['organisation'], [])) AS unknown,
    source,
    unit,
    source_row
FROM kpi_core.check_event
WHERE rated AND notEmpty(unknown)
ORDER BY month, entity, program_id, event_id
COMMENT 'Check orphans: events of programmes or organisations that the dimensions do not know';
