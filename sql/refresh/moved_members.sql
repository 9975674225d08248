-- The first month whose figures a change of members or organisations may reach. No changes: `changes` is 0.
WITH
    member AS
    (
        SELECT
            program_id,
            member_id,
            uniqExact((org_id, segment, joined_on, inferred)) = 1 AND countIf(side > 0) > 0 AND countIf(side < 0) > 0 AS only_left,
            -- Any other organisation, segment or standing moves all that the member ever did.
            if(only_left, NULL, min(joined_on)) AS joined,
            if(only_left, min(left_on), NULL)   AS gone,
            NOT only_left                       AS is_moved
        FROM
        (
            SELECT program_id, member_id, org_id, segment, joined_on, left_on, inferred, sum(if(edition = {edition:UInt64}, 1, -1)) AS side
            FROM kpi_core.member
            WHERE edition IN ({edition:UInt64}, {base:UInt64})
            GROUP BY program_id, member_id, org_id, segment, joined_on, left_on, inferred
            HAVING side != 0
        )
        GROUP BY program_id, member_id
    ),
    organisation AS
    (
        SELECT min(o.joined_on) AS joined
        FROM
        (
            SELECT joined_on, sum(if(edition = {edition:UInt64}, 1, -1)) AS side
            FROM kpi_core.organisation
            WHERE edition IN ({edition:UInt64}, {base:UInt64})
            GROUP BY program_id, org_id, joined_on, left_on, segments, inferred
            HAVING side != 0
        ) AS o
    ),
    acted AS
    (
        SELECT min(first_event_on) AS first_on
        FROM kpi_core.member_month_in(edition = {edition:UInt64})
        WHERE month = {newest:Date32} AND NOT is_part AND (program_id, member_id) IN (SELECT program_id, member_id FROM member WHERE is_moved)
        HAVING count() > 0
    )
SELECT count(day) AS changes, makeDate32(toYear(min(assumeNotNull(day))), toMonth(min(assumeNotNull(day))), 1) AS since
FROM
(
    SELECT arrayJoin([joined, gone]) AS day FROM member
    UNION ALL
    SELECT joined FROM organisation
    UNION ALL
    SELECT CAST(first_on AS Nullable(Date32)) FROM acted
)
WHERE day IS NOT NULL;
