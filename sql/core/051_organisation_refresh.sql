-- Organisations in force: the known ones as delivered, and those that only events name. Refreshed by a load.
DROP VIEW IF EXISTS kpi_core.organisation_refresh SYNC;

CREATE MATERIALIZED VIEW kpi_core.organisation_refresh
REFRESH EVERY 100 YEAR
TO kpi_core.organisation
EMPTY
AS
WITH members AS
(
    SELECT program_id, org_id, groupUniqArrayIf(segment, segment != '') AS segments
    FROM kpi_core.member
    WHERE NOT inferred
    GROUP BY program_id, org_id
)
SELECT o.program_id AS program_id, o.org_id AS org_id, o.joined_on AS joined_on, o.left_on AS left_on, m.segments AS segments, o.inferred AS inferred
FROM
(
    SELECT program_id, org_id, joined_on, left_on, 0 AS inferred
    FROM warehouse.organisations FINAL
    UNION ALL
    SELECT program_id, org_id, CAST(min(first_event_on) AS Nullable(Date32)) AS joined_on, NULL AS left_on, 1 AS inferred
    FROM kpi_core.member_month
    WHERE org_id != '' AND (program_id, org_id) NOT IN (SELECT program_id, org_id FROM warehouse.organisations FINAL)
    GROUP BY program_id, org_id
) AS o
LEFT JOIN members AS m ON o.program_id = m.program_id AND o.org_id = m.org_id;
