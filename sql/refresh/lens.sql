-- The portfolio's six indicators of the months, with movements, status and the three worst programmes. KPI.md section 6.
INSERT INTO kpi_core.lens (edition, month, indicator, value, beside, mom_abs, mom_pct, yoy_abs, yoy_pct, status, worst)
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    indicated AS
    (
        SELECT
            month, indicator,
            anyIf(v.value, program_id = '')  AS value,
            anyIf(v.beside, program_id = '') AS beside,
            -- The lowest rank first, ties by programme; programmes without a figure are left out.
            arraySlice(arraySort(groupArrayIf((assumeNotNull(v.rank), program_id), program_id != '' AND v.rank IS NOT NULL)).2, 1, 3) AS worst
        FROM kpi_core.lens_value(edition = {edition:UInt64}, since = {since:Date32}) AS v
        GROUP BY month, indicator
    ),
    moved AS
    (
        SELECT
            month, indicator, value, beside, worst,
            lagInFrame(value, 1) OVER months    AS previous,
            lagInFrame(value, 12) OVER months   AS year_before,
            lagInFrame(beside, 1) OVER months   AS beside_previous,
            value - previous                    AS mom_abs,
            round((value - previous) / nullIf(abs(previous), 0), 18)            AS mom_pct,
            round((value - year_before) / nullIf(abs(year_before), 0), 18)      AS yoy_pct,
            round((beside - beside_previous) / nullIf(abs(beside_previous), 0), 18) AS beside_mom_pct
        FROM indicated
        WINDOW months AS (PARTITION BY indicator ORDER BY month ROWS BETWEEN 12 PRECEDING AND CURRENT ROW)
    ),
    rising AS
    (
        SELECT month, any(severity) AS severity
        FROM kpi_core.exception_in(edition = {edition:UInt64})
        WHERE scope = 'portfolio' AND rule = 'rising_unspent'
        GROUP BY month
    )
SELECT
    {edition:UInt64},
    m.month,
    m.indicator,
    CAST(round(m.value, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(m.beside, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(m.mom_abs, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(m.mom_pct, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(m.value - m.year_before, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(m.yoy_pct, 12) AS Nullable(Decimal(38, 12))),
    multiIf(
        m.indicator = 'growth' AND (m.mom_abs IS NULL OR m.beside - m.beside_previous IS NULL), NULL,
        m.indicator = 'growth' AND (ifNull(m.mom_pct <= limits['growth.act_pct'], 0) OR ifNull(m.beside_mom_pct <= limits['growth.act_pct'], 0)), 'act',
        m.indicator = 'growth' AND m.mom_abs >= 0 AND m.beside - m.beside_previous >= 0, 'good',
        m.indicator = 'growth', 'watch',
        m.indicator = 'liability' AND m.mom_pct IS NULL, NULL,
        m.indicator = 'liability', multiIf(r.severity = 'critical', 'act', r.severity = 'warning', 'watch', 'good'),
        m.indicator = 'engagement', multiIf(m.mom_pct IS NULL, NULL, m.mom_pct >= limits['engagement.good_pct'], 'good', m.mom_pct >= limits['engagement.watch_pct'], 'watch', 'act'),
        m.value IS NULL, NULL,
        round(m.value, 18) >= limits[concat(m.indicator, '.good')], 'good',
        round(m.value, 18) >= limits[concat(m.indicator, '.watch')], 'watch',
        'act'),
    m.worst
FROM moved AS m
LEFT JOIN rising AS r ON m.month = r.month
WHERE m.month >= {from:Date32}
SETTINGS max_partitions_per_insert_block = 0;
