-- The opposites of exceptions: unspent dollars that fall, conversion that is high, engagement that grows, an even distribution.
-- They ask for as much as the exceptions do; those that need a level have thresholds of their own. NULL never fires. Quotients are
-- rounded as in kpi_core.movement; the difference of two rates has the 12 places that are published.
CREATE OR REPLACE VIEW kpi_core.opposite_finding AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    -- As people read it.
    figure -> toDecimalString(round(figure, 2), 2) AS cents,
    figure -> concat(toDecimalString(round(figure * 100, 1), 1), ' %') AS percent,
    multiIf(
        scope = 'portfolio', 'the portfolio',
        scope = 'program', concat('programme ', program_id),
        scope = 'organisation', concat('organisation ', org_id, ' of programme ', program_id),
        concat('segment ', segment, ' of programme ', program_id)) AS whose,
    figures AS
    (
        SELECT
            month, scope, program_id, org_id, segment,
            anyIf(m.value, metric = 'unspent_dollars')                     AS unspent,
            anyIf(m.previous, metric = 'unspent_dollars')                  AS unspent_before,
            anyIf(m.mom_abs, metric = 'unspent_dollars')                   AS unspent_by,
            anyIf(round(m.exact_mom_pct, 18), metric = 'unspent_dollars')  AS unspent_pct,
            anyIf(m.mom_abs, metric = 'dollars_redeemed')                  AS redeemed_by,
            anyIf(round(m.exact_value, 18), metric = 'activation_rate')    AS activation,
            anyIf(m.previous, metric = 'activation_rate')                  AS activation_before,
            anyIf(m.mom_abs, metric = 'activation_rate')                   AS activation_by,
            anyIf(m.value, metric = 'active_users')                        AS users,
            anyIf(m.previous, metric = 'active_users')                     AS users_before,
            anyIf(m.mom_abs, metric = 'active_users')                      AS users_by,
            anyIf(round(m.exact_mom_pct, 18), metric = 'active_users')     AS users_pct,
            anyIf(m.value, metric = 'sessions')                            AS sessions,
            anyIf(m.previous, metric = 'sessions')                         AS sessions_before,
            anyIf(m.mom_abs, metric = 'sessions')                          AS sessions_by,
            anyIf(round(m.exact_mom_pct, 18), metric = 'sessions')         AS sessions_pct,
            anyIf(m.value, metric = 'users')                               AS awarded,
            anyIf(round(m.exact_value, 18), metric = 'gini')               AS gini,
            anyIf(round(m.exact_value, 18), metric = 'top10_share')        AS top10_share
        FROM kpi_core.metric_now AS m
        WHERE population = '' AND metric IN ('unspent_dollars', 'dollars_redeemed', 'activation_rate', 'active_users', 'sessions')
            OR population = 'awarded' AND metric IN ('users', 'gini', 'top10_share')
        GROUP BY month, scope, program_id, org_id, segment
    ),
    if(f.metric = 'sessions', sessions_pct, users_pct) AS engagement_pct
SELECT
    month, scope, program_id, org_id, segment,
    f.rule AS topic,
    f.rule AS rule,
    f.metric AS metric,
    'info' AS severity,
    assumeNotNull(f.observed) AS observed,
    assumeNotNull(f.expected) AS expected,
    assumeNotNull(multiIf(
        f.rule = 'falling_unspent',
            concat('Unspent dollars of ', whose, ' fell by ', percent(-unspent_pct), ' to ', cents(unspent), ' while redemptions did not fall.'),
        f.rule = 'high_conversion' AND activation >= limits['high_conversion.min_rate'],
            concat(percent(activation), ' as many members of ', whose, ' redeemed as were awarded: ', percent(limits['high_conversion.min_rate']), ' or more is high.'),
        f.rule = 'high_conversion',
            concat(percent(activation), ' as many members of ', whose, ' redeemed as were awarded, up from ', percent(activation_before), ' the month before.'),
        f.rule = 'growing_engagement',
            concat(if(f.metric = 'sessions', 'Sessions', 'Active users'), ' of ', whose, ' rose by ', percent(engagement_pct), ' to ', toString(toDecimal128(f.observed, 0)), '.'),
        concat('Dollars awarded in ', whose, ' are evenly spread: the Gini coefficient is ', cents(gini), ', and a tenth of the members got ', percent(top10_share), '.'))) AS evidence
FROM figures
-- Rule and metric, the figure and what it is held against, and whether it fires.
ARRAY JOIN CAST(
[
    (
        'falling_unspent', 'unspent_dollars', unspent, unspent_before,
        unspent_pct <= -limits['rising_unspent.min_pct'] AND unspent_by <= -limits['rising_unspent.min_amount'] AND redeemed_by >= 0
    ),
    (
        'high_conversion', 'activation_rate', activation,
        if(activation >= limits['high_conversion.min_rate'], limits['high_conversion.min_rate'], activation_before),
        (activation >= limits['high_conversion.min_rate'] OR activation_by >= limits['low_conversion.max_drop'])
            -- Not where low_conversion fires: the same figure is no risk and opportunity at once.
            AND activation >= limits['low_conversion.min_rate'] AND ifNull(activation_by > -limits['low_conversion.max_drop'], 1)
    ),
    (
        'growing_engagement', 'active_users', users, users_before,
        users_pct >= limits['declining_engagement.min_drop_pct'] AND users_by >= limits['declining_engagement.min_drop_users']
    ),
    (
        'growing_engagement', 'sessions', sessions, sessions_before,
        sessions_pct >= limits['declining_engagement.min_drop_pct'] AND sessions_by >= limits['declining_engagement.min_drop_users']
    ),
    (
        'even_distribution', 'gini', gini, limits['even_distribution.max_gini'],
        gini <= limits['even_distribution.max_gini'] AND top10_share <= limits['even_distribution.max_top10_share']
            AND awarded >= limits['uneven_distribution.min_population']
    )
], 'Array(Tuple(rule String, metric String, observed Nullable(Decimal(38, 12)), expected Nullable(Decimal(38, 12)), fires Nullable(UInt8)))') AS f
WHERE ifNull(f.fires, 0);
