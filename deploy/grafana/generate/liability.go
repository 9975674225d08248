package main

import "slices"

func liabilityDashboard(l *library) dashboard {
	const scope = "chosen"
	d := dashboard{
		name: "liability", uid: uidLiability, title: "Partner Plus: liability", database: "kpi",
		description: "The unspent dollars of the portfolio or one programme: how old they are, how fast they are spent, and what becomes of them at the current rate.",
		variables:   []object{l.month("kpi"), orPortfolio(l.program("kpi"))},
	}
	d.panels = slices.Concat(
		l.tiles("kpi", scope, "unspent_dollars", "unspent_change", "redemption_velocity", "funding_utilisation", "days_to_redeem_p50", "dollars_expired"),
		l.financialTrends(scope),
		[]panel{
			row("ageing", "Ageing"),
			l.ageingTrend(scope).sized(14, 10),
			l.table("ageing_now", "Liability by age in the month", "Unspent dollars by the age of the award at the month's last day, against the month before. The buckets sum to the positive balances of members.",
				l.statement("liability/ageing", scope), slices.Concat(hidden("month", "scope", "program_id"), []column{
					{name: "bucket", title: "Age in days"}, {name: "dollars"}, {name: "share"}, {name: "month_before"}, {name: "change"},
				})...).sized(10, 10),
			row("forecast", "Run-off at the current rate: the average of three months"),
			l.runOff(l.statement("liability/run_off", scope)),
			l.forecast(l.statement("liability/forecast", scope)),
			row("programs", "Programmes"),
			l.table("programs", "Liability by programme", "Each programme's liability in the month shown, what part of it is over 180 days old, and what becomes of it at the rate of three months.",
				l.statement("liability/programs", scope), slices.Concat(hidden("month"), []column{{name: "program_id", link: &link{"Show this programme", uidLiability, []string{"program", "program_id"}}}},
					figures("unspent_dollars", "unspent_dollars_mom_pct"), []column{{name: "over_180_days", title: "Over 180 days old"}},
					figures("redemption_velocity", "funding_utilisation", "days_to_redeem_p50", "months_until_run_off"), []column{{name: "in_six_months", title: "Projected in six months"}})...),
		})
	return d
}

// runOff says how long the liability lasts.
func (l *library) runOff(statement string) panel {
	p := l.numbers("run_off", "Run-off", "How many months the liability lasts if nothing more is awarded: unspent dollars / the average redeemed and expired of three months; n/a where nothing is redeemed. Below it is the rate that the forecast goes by. How it is computed: sql/kpi/072_liability_forecast.sql.",
		statement, "months_until_run_off", "avg_awarded", "avg_redeemed", "avg_expired").sized(8, 10)
	p.options = stat("area", "horizontal")
	p.overrides = append(p.overrides, override("month", property{"displayName", "Month"}))
	return p
}

// forecast shows months that have yet to come, so it has no time axis: that ends where the time range does.
func (l *library) forecast(statement string) panel {
	p := panel{
		key: "forecast", kind: "barchart", title: "Liability, and projected for six months", width: 16, height: 10,
		description: "The liability of thirteen months up to the month shown, and of the six to come if each adds the average of awarded - redeemed - expired of the last three. From an open month it is too low.",
		targets:     []object{target(statement, asTable)},
		options: object{
			"xField": "forecast_month", "orientation": "auto", "stacking": "normal", "showValue": "never", "barWidth": 0.9, "groupWidth": 0.8, "barRadius": 0,
			"xTickLabelRotation": 0, "xTickLabelSpacing": 0, "xTickLabelMaxLength": 0, "fullHighlight": false, "legend": legend, "tooltip": object{"mode": "multi", "sort": "none"},
		},
		defaults:  object{"custom": object{"fillOpacity": 85, "lineWidth": 1, "gradientMode": "none"}},
		overrides: []object{override("forecast_month", property{"displayName", "Month"})},
	}
	for _, column := range []string{"actual_dollars", "projected_dollars"} {
		p.overrides = append(p.overrides, override(column, append(l.shown(column), property{"color", object{"mode": "fixed", "fixedColor": series[column]}})...))
	}
	return p
}
