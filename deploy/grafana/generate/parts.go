package main

import "slices"

// Parts that dashboards of different scopes share, so that they look the same: the same fields, every month.

func (l *library) financialTrends(scope string) []panel {
	return []panel{
		l.trend("money", "Awarded, redeemed and unspent", "Bars: dollars awarded and redeemed in the month. Line: the liability at its end, on the axis to the right. A liability that rises while redemptions do not is the first thing to look at.",
			l.statement("shared/money", scope), []string{"dollars_awarded", "dollars_redeemed"}, "dollars_awarded", "dollars_redeemed", "unspent_dollars"),
		l.trend("redemption_rates", "Redemption rates", "Redeemed / awarded of the month; redeemed / what there was to spend; redeemed / awarded of all time.",
			l.statement("shared/redemption_rates", scope), nil, "awarded_to_redeemed", "redemption_velocity", "funding_utilisation"),
	}
}

func (l *library) engagementTrends(database, scope string) []panel {
	return []panel{
		l.trend("members", "Members: in all, awarded, redeeming, active", "Members at the month's end, and those of them who were awarded, redeemed or came to the portal in the month.",
			l.statement("shared/members_trend", scope, "database", database), nil, "total_users", "users_awarded", "users_redeeming", "active_users"),
		l.trend("activation", "Activation", "Members redeeming / members awarded, of the month and of all time; active users / all users.",
			l.statement("shared/activation", scope, "database", database), nil, "activation_rate", "program_activation_rate", "portal_active_rate"),
	}
}

func (l *library) exceptionCounts(scope string) panel {
	p := panel{
		key: "exception_counts", kind: "stat", title: "Exceptions of the month", description: "How many exceptions fire in the month, by severity: the portfolio's and each programme's, or those of the programme and all in it. KPI.md section 5.",
		width: 8, height: 9,
		targets: []object{target(l.statement("shared/exception_counts", scope), asTable)},
		options: stat("none", "horizontal"),
	}
	p.options["colorMode"] = "background"
	for _, s := range []struct{ column, name, colour string }{{"critical", "✖ Critical", act}, {"warning", "▲ Warning", watch}, {"info", "● Info", awarded}} {
		p.overrides = append(p.overrides, override(s.column, property{"displayName", s.name}, property{"decimals", 0}, property{"color", object{"mode": "thresholds"}}, property{"thresholds", steps("#6e7681", step{1, s.colour})}))
	}
	return p
}

// exceptions list what is out of the ordinary; each leads to what it is about.
func (l *library) exceptions(scope string, height int) panel {
	return l.table("exceptions", "Exceptions of the month", "What is out of the ordinary, the gravest first (kpi.exceptions, KPI.md section 5); every threshold is in kpi.thresholds.",
		l.statement("shared/exceptions", scope), slices.Concat(hidden("month"), []column{
			{name: "severity", mappings: severities, width: 110},
			{name: "sentence", title: "What happened", wrapped: true},
			{name: "scope", width: 110},
			{name: "program_id", link: toProgram("program_id"), width: 120},
			{name: "org_id", link: toOrganisation, width: 120},
			{name: "segment", link: toSegment, width: 120},
			{name: "rule", width: 160}, {name: "metric", width: 160},
		}, hidden("observed", "expected"))...).sized(24, height)
}

var (
	toOrganisation = &link{"Open organisation", uidOrganisation, []string{"program", "program_id", "org", "org_id"}}
	toSegment      = &link{"Open segment", uidSegment, []string{"program", "program_id", "segment", "segment"}}
)

// drill are the key columns of a table of scopes: the one that tells them apart leads to them.
func drill(key string) []column {
	to := map[string]*link{"program_id": toProgram("program_id"), "org_id": toOrganisation, "segment": toSegment}
	var keys []column
	for _, name := range []string{"month", "scope", "program_id", "org_id", "segment"} {
		keys = append(keys, column{name: name, hidden: name != key, link: to[name]})
	}
	return keys
}

func (l *library) financialTable(title, scope, key string) panel {
	return l.table("financial_"+scope, title, "Members, dollars, liability and how evenly dollars are awarded, of the month shown, against the month before. The largest liability first.",
		l.statement("shared/financial_table", scope), append(drill(key), figures(
			"total_users", "total_users_mom_pct", "dollars_awarded", "dollars_awarded_mom_pct", "dollars_redeemed", "dollars_redeemed_mom_pct",
			"unspent_dollars", "unspent_dollars_mom_pct", "funding_utilisation", "redemption_velocity", "awarded_gini", "awarded_top10_share")...)...)
}

func (l *library) engagementTable(database, title, scope, key string) panel {
	return l.table("engagement_"+scope, title, "Who was awarded, redeemed and came to the portal, of the month shown, against the month before. The lowest activation first.",
		l.statement("shared/engagement_table", scope, "database", database), append(drill(key), figures(
			"users_awarded", "users_awarded_mom_pct", "users_redeeming", "users_redeeming_mom_pct", "activation_rate", "program_activation_rate", "conversion_30d",
			"active_users", "active_users_mom_pct", "sessions", "sessions_mom_pct", "sessions_per_active_user", "portal_active_rate")...)...)
}

// tiles lays tiles out in lines that are as even as can be, six in a line at the most.
func (l *library) tiles(database, scope string, columns ...string) []panel {
	var all []panel
	lines := (len(columns) + 5) / 6
	for line := range lines {
		from, to := line*len(columns)/lines, (line+1)*len(columns)/lines
		for i := range to - from {
			width := 24*(i+1)/(to-from) - 24*i/(to-from)
			all = append(all, l.tile(columns[from+i], database, scope, width, 5))
		}
	}
	return all
}

// every lists the columns of a dimension's metrics.
func (l *library) every(dimension string) []string {
	var columns []string
	for _, m := range l.dimension(dimension) {
		columns = append(columns, m.ID)
	}
	return columns
}

func (l *library) ageingTrend(scope string) panel {
	return l.trend("ageing", "Liability by age", "Unspent dollars at each month's end by the age of the award, oldest spent first (KPI.md section 3, FIFO). What is over 180 days old is unlikely to be spent without help.",
		l.statement("shared/ageing", scope), nil, "liability_0_30", "liability_31_60", "liability_61_90", "liability_91_180", "liability_181_365", "liability_365_plus").stacked()
}
