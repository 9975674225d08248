-- How dollars spread over members: of an empty population, users is 0 and the rest NULL. KPI.md section 3, dimension
-- distribution.
CREATE OR REPLACE VIEW kpi_core.metric_of_distribution AS
SELECT edition, month, scope, program_id, org_id, segment, population, figure.1 AS metric, figure.2 AS value
FROM
(
    SELECT
        m.edition AS edition, m.month AS month, m.scope AS scope, m.program_id AS program_id, m.org_id AS org_id, m.segment AS segment,
        m.population AS population,
        d.users = 0 AS is_empty,
        arrayConcat(
            [
                ('users', CAST(d.users AS Nullable(Decimal(76, 20)))),
                ('mean', if(is_empty, NULL, d.mean)),
                ('p10', if(is_empty, NULL, d.p10)),
                ('p25', if(is_empty, NULL, d.p25)),
                ('p50', if(is_empty, NULL, d.p50)),
                ('p75', if(is_empty, NULL, d.p75)),
                ('p90', if(is_empty, NULL, d.p90)),
                ('p99', if(is_empty, NULL, d.p99)),
                ('max', if(is_empty, NULL, d.max)),
                ('gini', if(is_empty, NULL, d.gini)),
                ('top1_share', if(is_empty, NULL, d.top1_share)),
                ('top10_share', if(is_empty, NULL, d.top10_share)),
                ('top20_share', if(is_empty, NULL, d.top20_share)),
                ('hhi', if(is_empty, NULL, d.hhi))
            ],
            arrayMap(k -> (concat('lorenz_', toString(k)), if(is_empty, NULL, d.lorenz[k])), range(1, 11))) AS figures
    FROM
    (
        SELECT edition, month, scope, program_id, org_id, segment, arrayJoin(['awarded', 'unspent']) AS population
        FROM kpi_core.scope_month
    ) AS m
    LEFT JOIN kpi_core.distribution_month AS d
        ON m.edition = d.edition AND m.month = d.month AND m.scope = d.scope AND m.program_id = d.program_id AND m.org_id = d.org_id
        AND m.segment = d.segment AND m.population = d.population
)
ARRAY JOIN figures AS figure;
