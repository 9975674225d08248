-- The figures of closed months as they were at each closing. A closing that was cut short has no row in etl.closed_months.
CREATE OR REPLACE VIEW kpi.reported_monthly
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    closing    UInt32 COMMENT '1: the month''s first closing, 2: that after its first reopening, …',
    is_latest  UInt8 COMMENT '1 for the month''s newest closing',
    closed_at  DateTime64(6, 'UTC') COMMENT 'When the month was closed',
    closed_by  String COMMENT 'Who closed it',
    scope      LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Programme; empty for the portfolio',
    org_id     String COMMENT 'Organisation, of scope organisation; else empty',
    segment    String COMMENT 'Segment, of scope segment; else empty',
    population LowCardinality(String) COMMENT 'Of dimension distribution: awarded or unspent; else empty',
    metric     LowCardinality(String) COMMENT 'Metric: kpi.metrics says what it means',
    value      Nullable(Decimal(38, 12)) COMMENT 'The figure as it was reported; NULL for a ratio without a denominator'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    closing AS
    (
        SELECT
            month, closed_at, closed_by,
            row_number() OVER (PARTITION BY month ORDER BY closed_at) AS nth,
            count() OVER (PARTITION BY month) AS closings
        FROM etl.closed_months FINAL
    )
SELECT
    f.month AS month, toUInt32(c.nth) AS closing, toUInt8(c.nth = c.closings) AS is_latest, f.closed_at AS closed_at, c.closed_by AS closed_by,
    f.scope AS scope, f.program_id AS program_id, f.org_id AS org_id, f.segment AS segment, f.population AS population, f.metric AS metric, f.value AS value
FROM etl.closed_figures AS f FINAL
INNER JOIN closing AS c ON f.month = c.month AND f.closed_at = c.closed_at
COMMENT 'The figures of each month as they were reported, at every closing of its review';
