-- What joining and leaving adds to each scope's members and organisations, by month. `begins` says that the month counts
-- for the scope's first one. KPI.md sections 2 and 3.
CREATE OR REPLACE VIEW kpi_core.scope_stock AS
WITH
    member_in_scope AS
    (
        SELECT
            arrayJoin(arrayConcat(
                [('portfolio', '', '', ''), ('program', program_id, '', '')],
                if(org_id = '', [], [('organisation', program_id, org_id, '')]),
                if(segment = '', [], [('segment', program_id, '', segment)]))) AS key,
            program_id AS member_program_id,
            member_id,
            -- An inferred member of several organisations counts once above them, from its first day.
            min(joined_on) AS joined,
            any(left_on)   AS gone
        FROM kpi_core.member
        WHERE joined_on IS NOT NULL
        GROUP BY key, member_program_id, member_id
    ),
    organisation_in_scope AS
    (
        SELECT
            arrayJoin(arrayConcat(
                [('portfolio', '', '', ''), ('program', program_id, '', ''), ('organisation', program_id, org_id, '')],
                arrayMap(s -> ('segment', program_id, '', s), segments))) AS key,
            joined_on AS joined,
            left_on   AS gone
        FROM kpi_core.organisation
        WHERE joined_on IS NOT NULL
    )
SELECT
    makeDate32(toYear(change.1), toMonth(change.1), 1) AS month,
    key.1 AS scope,
    key.2 AS program_id,
    key.3 AS org_id,
    key.4 AS segment,
    sum(is_member * change.2)       AS users,
    sum((1 - is_member) * change.2) AS organisations,
    max(change.3)                   AS begins
FROM
(
    SELECT
        key,
        is_member,
        -- Who left on or before the day of joining is never counted, but has joined.
        arrayJoin(multiIf(
            gone IS NULL,             [(assumeNotNull(joined), toInt64(1), begins)],
            gone > joined,            [(assumeNotNull(joined), toInt64(1), begins), (assumeNotNull(gone), toInt64(-1), 0)],
                                      [(assumeNotNull(joined), toInt64(0), begins)])) AS change
    FROM
    (
        SELECT key, joined, gone, toInt64(1) AS is_member, 1 AS begins FROM member_in_scope
        UNION ALL
        -- The join of an organisation does not make a segment begin.
        SELECT key, joined, gone, toInt64(0) AS is_member, key.1 != 'segment' AS begins FROM organisation_in_scope
    )
)
GROUP BY month, key;
