-- How dollars spread over the members of each scope and month. KPI.md section 3, dimension distribution. Only populations
-- with somebody in them.
CREATE TABLE IF NOT EXISTS kpi_core.distribution_month
(
    edition     UInt64 COMMENT 'Edition that computed the row',
    month       Date32 COMMENT 'First day of the month, in the reporting zone',
    scope       LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id  String COMMENT 'Empty for the portfolio',
    org_id      String COMMENT 'Of scope organisation, else empty',
    segment     String COMMENT 'Of scope segment, else empty',
    population  LowCardinality(String) COMMENT 'awarded: members with net awarded above 0 in the month; unspent: members whose balance is above 0 at its end',
    users       UInt64 COMMENT 'Size of the population',
    mean        Decimal(76, 20) COMMENT 'Average dollars',
    p10         Decimal(76, 20) COMMENT '10th percentile, linear between closest ranks',
    p25         Decimal(76, 20) COMMENT '25th percentile',
    p50         Decimal(76, 20) COMMENT 'Median',
    p75         Decimal(76, 20) COMMENT '75th percentile',
    p90         Decimal(76, 20) COMMENT '90th percentile',
    p99         Decimal(76, 20) COMMENT '99th percentile',
    max         Decimal(76, 20) COMMENT 'The largest member''s dollars',
    gini        Decimal(76, 20) COMMENT 'Gini coefficient',
    top1_share  Decimal(76, 20) COMMENT 'Part of the total that the largest 1 % of the members have (rounded up)',
    top10_share Decimal(76, 20) COMMENT 'Part of the total that the largest 10 % have',
    top20_share Decimal(76, 20) COMMENT 'Part of the total that the largest 20 % have',
    hhi         Decimal(76, 20) COMMENT 'Herfindahl-Hirschman index: sum of squared shares',
    lorenz      Array(Decimal(76, 20)) COMMENT 'Cumulative share of the lowest 10 %, 20 %, … 100 % of the members (rounded down)'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (month, scope, program_id, org_id, segment, population)
COMMENT 'How dollars spread over the members of each scope and month';
