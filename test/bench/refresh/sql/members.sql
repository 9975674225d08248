-- Half of the members are there when the history begins, the others join over its length. A quarter of those who become
-- inactive leave. {from} and {to} are the whole history.
SELECT
    program_of(m)  AS program_id,
    member_name(m) AS member_id,
    org_of(m)      AS org_id,
    segment_of(m)  AS segment,
    CAST(first_day + toUInt32(days * greatest(2 * m / {members:UInt64} - 1, 0)) AS Nullable(Date32)) AS joined_on,
    if(2 * m < {members:UInt64} AND share(m, 'leaves') < 0.25, first_day + 1 + toUInt32(days * 2 * m / {members:UInt64}), NULL) AS left_on,
    toUInt64(1)    AS version,
    toUInt8(0)     AS is_deleted,
    m + 1          AS source_row
FROM
(
    SELECT
        number AS m,
        toDate32(toTimeZone({from:DateTime64(6, 'UTC')}, {zone:String})) AS first_day,
        dateDiff('day', {from:DateTime64(6, 'UTC')}, {to:DateTime64(6, 'UTC')}) AS days
    FROM numbers({members:UInt64})
)
