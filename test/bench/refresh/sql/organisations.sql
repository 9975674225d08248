-- 20 organisations in each of the ten programmes.
SELECT
    concat('p', leftPad(toString(intDiv(number, 20) + 1), 2, '0')) AS program_id,
    concat('org-', leftPad(toString(number % 20 + 1), 2, '0'))     AS org_id,
    concat('Organisation ', toString(number + 1))                  AS name,
    CAST(toDate32(toTimeZone({from:DateTime64(6, 'UTC')}, {zone:String})) AS Nullable(Date32)) AS joined_on,
    CAST(NULL AS Nullable(Date32))                                 AS left_on,
    toUInt64(1)                                                    AS version,
    toUInt8(0)                                                     AS is_deleted,
    number + 1                                                     AS source_row
FROM numbers(200)
