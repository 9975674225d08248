-- Organisations in force: known ones as delivered, others from the day of the first event that names them.
INSERT INTO kpi_core.organisation (edition, program_id, org_id, joined_on, left_on, segments, inferred)
WITH members AS
(
    SELECT program_id, org_id, arraySort(groupUniqArrayIf(segment, segment != '')) AS segments
    FROM kpi_core.known_member(edition = {edition:UInt64})
    GROUP BY program_id, org_id
)
SELECT {edition:UInt64}, o.program_id, o.org_id, o.joined_on, o.left_on, m.segments, o.inferred
FROM
(
    SELECT program_id, org_id, joined_on, left_on, 0 AS inferred
    FROM warehouse.organisations FINAL
    UNION ALL
    SELECT program_id, org_id, CAST(min(first_event_on) AS Nullable(Date32)) AS joined_on, NULL AS left_on, 1 AS inferred
    FROM kpi_core.mention_in(edition = {edition:UInt64})
    WHERE org_id != '' AND (program_id, org_id) NOT IN (SELECT program_id, org_id FROM warehouse.organisations FINAL)
    GROUP BY program_id, org_id
) AS o
LEFT JOIN members AS m ON o.program_id = m.program_id AND o.org_id = m.org_id;
