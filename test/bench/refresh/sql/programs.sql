-- Ten programmes.
SELECT
    concat('p', leftPad(toString(number + 1), 2, '0')) AS program_id,
    concat('Programme ', toString(number + 1))         AS name,
    concat('Client ', toString(number % 4 + 1))        AS client_name,
    'USD'                                              AS currency,
    CAST(toDate32(toTimeZone({from:DateTime64(6, 'UTC')}, {zone:String})) AS Nullable(Date32)) AS launched_on,
    'active'                                           AS status,
    toUInt64(1)                                        AS version,
    toUInt8(0)                                         AS is_deleted,
    number + 1                                         AS source_row
FROM numbers(10)
