-- Each programme's liability in the chosen month, how old it is, how long it lasts and what it will be; the largest first.
SELECT
    f.month AS month, f.program_id AS program_id,
    f.unspent_dollars AS unspent_dollars,
    f.unspent_dollars_mom_pct AS unspent_dollars_mom_pct,
    a.over_180_days AS over_180_days,
    f.redemption_velocity AS redemption_velocity,
    f.funding_utilisation AS funding_utilisation,
    f.days_to_redeem_p50 AS days_to_redeem_p50,
    r.months_until_run_off AS months_until_run_off,
    r.in_six_months AS in_six_months
FROM
(
    SELECT *
    FROM kpi.program_financial_monthly
    WHERE month = toDate32OrNull(${month:singlequote})
) AS f
LEFT JOIN
(
    SELECT program_id, sumOrNullIf(share, from_days > 180) AS over_180_days
    FROM kpi.liability_ageing_monthly
    WHERE scope = 'program' AND month = toDate32OrNull(${month:singlequote})
    GROUP BY program_id
) AS a ON f.program_id = a.program_id
LEFT JOIN
(
    SELECT program_id, any(months_until_run_off) AS months_until_run_off, anyIf(toNullable(projected_dollars), months_ahead = 6) AS in_six_months
    FROM kpi.liability_forecast
    WHERE scope = 'program' AND month = toDate32OrNull(${month:singlequote})
    GROUP BY program_id
) AS r ON f.program_id = r.program_id
ORDER BY unspent_dollars DESC, program_id
