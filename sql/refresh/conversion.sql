-- Of the members awarded in the months, how many redeemed soon after their first award of that month: less than N x 24 h.
-- KPI.md section 3.
INSERT INTO kpi_core.conversion (edition, month, scope, program_id, org_id, segment, cohort, converted_30d, converted_60d, converted_90d)
WITH
    posted AS
    (
        SELECT month, program_id, member_id, part.1 AS org_id, part.2 AS is_part, kind, at
        FROM kpi_core.entry_in(edition = {edition:UInt64}) AS entry
        ARRAY JOIN if((program_id, member_id) IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {edition:UInt64})), [('', 0)], [('', 0), (entry.org_id, 1)]) AS part
        WHERE month >= {months:Array(Date32)}[1] AND month <= addMonths({months:Array(Date32)}[-1], 4)
    ),
    awarded AS
    (
        SELECT month, program_id, member_id, org_id, is_part, min(at) AS first_at
        FROM posted
        WHERE kind = 'award' AND month IN {months:Array(Date32)}
        GROUP BY month, program_id, member_id, org_id, is_part
    ),
    followed AS
    (
        SELECT a.month AS month, a.program_id AS program_id, a.member_id AS member_id, a.org_id AS org_id, a.is_part AS is_part, a.first_at AS first_at, r.found AS found, r.at AS redeemed_at
        FROM awarded AS a
        ASOF LEFT JOIN
        (
            SELECT program_id, member_id, org_id, is_part, at, 1 AS found
            FROM posted
            WHERE kind = 'redemption'
        ) AS r ON a.program_id = r.program_id AND a.member_id = r.member_id AND a.org_id = r.org_id AND a.is_part = r.is_part AND a.first_at <= r.at
    )
SELECT
    {edition:UInt64},
    month, key.1, key.2, key.3, key.4,
    count(),
    countIf(found AND redeemed_at < first_at + toIntervalHour(30 * 24)),
    countIf(found AND redeemed_at < first_at + toIntervalHour(60 * 24)),
    countIf(found AND redeemed_at < first_at + toIntervalHour(90 * 24))
FROM
(
    SELECT
        f.month AS month, f.first_at AS first_at, f.found AS found, f.redeemed_at AS redeemed_at,
        arrayJoin(multiIf(
            f.is_part AND (k.is_known = 1 OR f.org_id = ''), [],
            f.is_part, [('organisation', f.program_id, f.org_id, '')],
            arrayConcat(
                [('portfolio', '', '', ''), ('program', f.program_id, '', '')],
                if(k.org_id = '', [], [('organisation', f.program_id, k.org_id, '')]),
                if(k.segment = '', [], [('segment', f.program_id, '', k.segment)])))) AS key
    FROM followed AS f
    LEFT JOIN kpi_core.known_member(edition = {edition:UInt64}) AS k ON f.program_id = k.program_id AND f.member_id = k.member_id
)
GROUP BY month, key
SETTINGS max_partitions_per_insert_block = 0;
