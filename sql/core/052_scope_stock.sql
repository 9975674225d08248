-- What joining and leaving adds to each scope's members and organisations, by month. `begins` says that the month counts
-- for the scope's first one. KPI.md sections 2 and 3.
CREATE OR REPLACE VIEW kpi_core.scope_stock AS
WITH
    -- Members by where they count and the months of joining and leaving, before they are multiplied by scopes. Who left on or
    -- before the day of joining is never counted, but has joined.
    member AS
    (
        SELECT
            scopes,
            makeDate32(toYear(joined), toMonth(joined), 1) AS joined_in,
            if(gone > joined, makeDate32(toYear(gone), toMonth(gone), 1), NULL) AS left_in,
            ifNull(gone <= joined, 0) AS is_never_counted,
            count() AS members
        FROM
        (
            SELECT
                arrayConcat(
                    [('portfolio', '', '', ''), ('program', program_id, '', '')],
                    if(org_id = '', [], [('organisation', program_id, org_id, '')]),
                    if(segment = '', [], [('segment', program_id, '', segment)])) AS scopes,
                assumeNotNull(joined_on) AS joined,
                left_on AS gone
            FROM kpi_core.member
            WHERE edition = {edition:UInt64} AND NOT inferred AND joined_on IS NOT NULL
            UNION ALL
            -- An inferred member of several organisations counts once above them, from its first day.
            SELECT [('portfolio', '', '', ''), ('program', program_id, '', '')] AS scopes, min(assumeNotNull(joined_on)) AS joined, NULL AS gone
            FROM kpi_core.member
            WHERE edition = {edition:UInt64} AND inferred
            GROUP BY program_id, member_id
            UNION ALL
            SELECT [('organisation', program_id, org_id, '')] AS scopes, assumeNotNull(joined_on) AS joined, NULL AS gone
            FROM kpi_core.member
            WHERE edition = {edition:UInt64} AND inferred AND org_id != ''
        )
        GROUP BY scopes, joined_in, left_in, is_never_counted
    ),
    organisation AS
    (
        SELECT
            arrayConcat(
                [('portfolio', '', '', ''), ('program', program_id, '', ''), ('organisation', program_id, org_id, '')],
                arrayMap(s -> ('segment', program_id, '', s), segments)) AS scopes,
            makeDate32(toYear(joined), toMonth(joined), 1) AS joined_in,
            if(left_on > joined, makeDate32(toYear(left_on), toMonth(left_on), 1), NULL) AS left_in,
            ifNull(left_on <= joined, 0) AS is_never_counted,
            assumeNotNull(joined_on) AS joined
        FROM kpi_core.organisation
        WHERE edition = {edition:UInt64} AND joined_on IS NOT NULL
    )
SELECT
    change.1 AS month,
    key.1 AS scope,
    key.2 AS program_id,
    key.3 AS org_id,
    key.4 AS segment,
    sum(is_member * change.2)       AS users,
    sum((1 - is_member) * change.2) AS organisations,
    sum(is_member * change.3)       AS joins,
    max(change.4)                   AS begins
FROM
(
    SELECT
        arrayJoin(scopes) AS key,
        is_member,
        -- (month, change of the stock, joins, whether the scope begins). The join of an organisation does not make a segment
        -- begin.
        arrayJoin(arrayConcat(
            [(joined_in, if(is_never_counted, toInt64(0), toInt64(n)), toInt64(n), is_member = 1 OR key.1 != 'segment')],
            if(left_in IS NULL, [], [(assumeNotNull(left_in), -toInt64(n), toInt64(0), false)]))) AS change
    FROM
    (
        SELECT scopes, joined_in, left_in, is_never_counted, members AS n, toInt64(1) AS is_member FROM member
        UNION ALL
        SELECT scopes, joined_in, left_in, is_never_counted, 1 AS n, toInt64(0) AS is_member FROM organisation
    )
)
GROUP BY month, key;
