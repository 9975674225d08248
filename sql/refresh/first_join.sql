-- The first month in which a member or an organisation joined. No row where none did.
SELECT makeDate32(toYear(min(assumeNotNull(joined_on))), toMonth(min(assumeNotNull(joined_on))), 1) AS first_month
FROM
(
    SELECT joined_on FROM kpi_core.member WHERE edition = {edition:UInt64}
    UNION ALL
    SELECT joined_on FROM kpi_core.organisation WHERE edition = {edition:UInt64}
)
WHERE joined_on IS NOT NULL
HAVING count() > 0;
