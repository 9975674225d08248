-- The first and newest month of events, the newest event, and the members of the busiest month, of an edition under way. No
-- row where there are no events.
SELECT
    min(month)         AS first_month,
    max(month)         AS newest_month,
    max(last_event_at) AS newest_event,
    (SELECT max(members) FROM (SELECT month, count() AS members FROM kpi_core.activity_in(edition = {edition:UInt64}) GROUP BY month)) AS most_members
FROM kpi_core.mention_in(edition = {edition:UInt64})
HAVING count() > 0;
