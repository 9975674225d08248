-- Whether two editions differ in any row of one table: by the hashes of their rows.
SELECT count() > 0 AS differs
FROM
(
    SELECT hash
    FROM
    (
        SELECT sipHash128(formatRowNoNewline('RowBinary', *)) AS hash, 1 AS side
        FROM kpi_core.{in:Identifier}(edition = {found:UInt64})
        UNION ALL
        SELECT sipHash128(formatRowNoNewline('RowBinary', *)) AS hash, -1 AS side
        FROM kpi_core.{in:Identifier}(edition = {expected:UInt64})
    )
    GROUP BY hash
    HAVING sum(side) != 0
    LIMIT 1
);
