-- Lorenz curves: which share of the dollars the lowest 10 %, 20 %, … of the members have.
CREATE OR REPLACE VIEW kpi.lorenz_monthly
(
    month        Date32 COMMENT 'First day of the month, in the reporting zone',
    scope        LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id   String COMMENT 'Programme; empty for the portfolio',
    org_id       String COMMENT 'Organisation, of scope organisation; else empty',
    segment      String COMMENT 'Segment, of scope segment; else empty',
    population   LowCardinality(String) COMMENT 'awarded: by dollars awarded in the month; unspent: by balance at its end',
    decile       UInt8 COMMENT '1 to 10: the lowest decile x 10 % of the members',
    member_share Decimal(3, 1) COMMENT 'Share of the members, 0.1 to 1.0: what an even distribution would give',
    dollar_share Decimal(38, 12) COMMENT 'Cumulative share of the dollars that these members have'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    month, scope, program_id, org_id, segment, population,
    toUInt8(substring(metric, 8)) AS decile,
    toDecimal32(decile, 1) / 10 AS member_share,
    assumeNotNull(value) AS dollar_share
FROM kpi_core.metric_now
WHERE dimension = 'distribution' AND startsWith(metric, 'lorenz_') AND value IS NOT NULL
COMMENT 'Lorenz curves of the populations that have somebody in them: KPI.md section 3';
