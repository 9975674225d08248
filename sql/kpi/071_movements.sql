-- Every figure with its movements in words, for readers who should not have to tell better from worse by a colour.
CREATE OR REPLACE VIEW kpi.movements
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    scope      LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Programme; empty for the portfolio',
    org_id     String COMMENT 'Organisation, of scope organisation; else empty',
    segment    String COMMENT 'Segment, of scope segment; else empty',
    dimension  LowCardinality(String) COMMENT 'financial, engagement or distribution',
    population LowCardinality(String) COMMENT 'Of dimension distribution: awarded or unspent; else empty',
    metric     LowCardinality(String) COMMENT 'Metric',
    value      Nullable(Decimal(38, 12)) COMMENT 'The month''s figure; NULL for a ratio without a denominator',
    mom_pct    Nullable(Decimal(38, 12)) COMMENT 'Month on month, 0.1 is 10 %; NULL where the figure of the month before is NULL or 0',
    yoy_pct    Nullable(Decimal(38, 12)) COMMENT 'Year on year, the same',
    mom        String COMMENT 'Month on month in words, such as ▲ 5.3 % better; n/a where it cannot be said',
    yoy        String COMMENT 'Year on year in words',
    trend      LowCardinality(Nullable(String)) COMMENT 'Trend stability: stable, watch or volatile'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    -- An arrow, the share in per cent, and whether that is good; from 0, the arrow alone says what can be said.
    (moved_by, share, up_is) -> multiIf(
        moved_by IS NULL, 'n/a',
        moved_by = 0, '▬ 0.0 %',
        concat(
            if(moved_by > 0, '▲ ', '▼ '),
            ifNull(concat(toDecimalString(round(abs(share) * 100, 1), 1), ' %'), 'from 0'),
            multiIf(up_is NOT IN ('good', 'bad'), '', (moved_by > 0) = (up_is = 'good'), ' better', ' worse'))) AS in_words
SELECT
    month, scope, program_id, org_id, segment, dimension, population, metric, value, mom_pct, yoy_pct,
    assumeNotNull(in_words(mom_abs, mom_pct, polarity)) AS mom,
    assumeNotNull(in_words(yoy_abs, yoy_pct, polarity)) AS yoy,
    trend
FROM kpi_core.metric_now
COMMENT 'Every figure of every scope and month, with its movements in words';
