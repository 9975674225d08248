-- Figures of closed months that are no longer what they were at the closing, of the portfolio and of programmes. Metrics
-- that did not exist then are left out; so are conversions that had not come to maturity.
CREATE OR REPLACE VIEW kpi.restatements
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    scope      String COMMENT 'portfolio or program',
    program_id String COMMENT 'Empty for the portfolio',
    population String COMMENT 'Of dimension distribution: awarded or unspent; else empty',
    metric     String COMMENT 'Id in the metric catalogue',
    closed     Nullable(Decimal(38, 12)) COMMENT 'The figure at the closing; NULL: there was none',
    now        Nullable(Decimal(38, 12)) COMMENT 'The figure now; NULL: there is none',
    difference Nullable(Decimal(38, 12)) COMMENT 'now less closed; NULL where either is',
    closed_at  DateTime64(6, 'UTC') COMMENT 'When the month was closed',
    closed_by  String COMMENT 'Who closed it'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    closing AS
    (
        SELECT month, max(closed_at) AS at, argMax(closed_by, closed_at) AS by
        FROM etl.closed_months FINAL
        GROUP BY month
    ),
    then AS
    (
        SELECT month, scope, program_id, population, metric, value
        FROM etl.closed_figures FINAL
        WHERE (month, closed_at) IN (SELECT month, at FROM closing) AND scope IN ('portfolio', 'program')
    ),
    figure AS
    (
        SELECT month, scope, program_id, population, metric, value, 'closed' AS origin
        FROM then
        UNION ALL
        SELECT month, scope, program_id, population, metric, CAST(value AS Nullable(Decimal(38, 12))), 'now' AS origin
        FROM kpi.metric_monthly
        WHERE scope IN ('portfolio', 'program') AND (month, population, metric) IN (SELECT month, population, metric FROM then)
    ),
    pair AS
    (
        SELECT
            month, scope, program_id, population, metric,
            anyIf(f.value, f.origin = 'closed') AS closed,
            anyIf(f.value, f.origin = 'now') AS now
        FROM figure AS f
        GROUP BY month, scope, program_id, population, metric
    )
SELECT
    p.month AS month,
    p.scope AS scope,
    p.program_id AS program_id,
    p.population AS population,
    p.metric AS metric,
    p.closed AS closed,
    p.now AS now,
    p.now - p.closed AS difference,
    c.at AS closed_at,
    c.by AS closed_by
FROM pair AS p
INNER JOIN closing AS c ON p.month = c.month
WHERE p.closed IS DISTINCT FROM p.now AND NOT (p.closed IS NULL AND startsWith(p.metric, 'conversion_'))
ORDER BY month, scope, program_id, population, metric
COMMENT 'Check restatement: figures of closed months that have changed since';
