-- Both curves by the members' share, from nothing on.
SELECT a.member_share AS member_share, a.member_share AS equality, u.dollar_share AS unspent_share, a.dollar_share AS awarded_share
FROM
(
    SELECT 0 AS decile, toDecimal32(0, 1) AS member_share, toNullable(toDecimal128(0, 12)) AS dollar_share
    UNION ALL
    SELECT number + 1, toDecimal32(number + 1, 1) / 10, (
        SELECT groupArray(dollar_share)
        FROM (SELECT * FROM kpi.lorenz_monthly WHERE month = {month:Date32} AND scope = {scope:String} AND program_id = {program:String} AND population = 'awarded' ORDER BY decile)
    )[number + 1]
    FROM numbers(10)
) AS a
LEFT JOIN
(
    SELECT toUInt64(decile) AS decile, toNullable(dollar_share) AS dollar_share
    FROM kpi.lorenz_monthly
    WHERE month = {month:Date32} AND scope = {scope:String} AND program_id = {program:String} AND population = 'unspent'
    UNION ALL
    SELECT 0, toDecimal128(0, 12)
) AS u ON toUInt64(a.decile) = u.decile
