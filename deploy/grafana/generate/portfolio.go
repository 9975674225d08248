package main

import "slices"

// headline is the first line of a dashboard: what a reader looks for in the first minute.
var headline = []string{"total_users", "dollars_awarded", "dollars_redeemed", "unspent_dollars", "activation_rate", "active_users"}

func portfolio(l *library) dashboard {
	const scope = "portfolio"
	d := dashboard{
		name: "portfolio", uid: uidPortfolio, title: "Partner Plus: portfolio", database: "kpi",
		description: "How the business as a whole is doing: the lens of six indicators, headline figures, exceptions, and each programme beside the others.",
		variables:   []object{l.month("kpi")},
	}
	for _, column := range headline {
		d.panels = append(d.panels, l.tile(column, "kpi", scope, 4, 5))
	}
	d.panels = append(d.panels,
		row("lens", "Lens: the portfolio by six indicators"),
		l.table("lens", "Portfolio lens", "Six indicators of the portfolio, with their status by the thresholds of kpi.thresholds, and the programmes that stand worst in each. KPI.md section 6.",
			l.statement("portfolio/lens", scope), slices.Concat(hidden("month", "value"), []column{
				{name: "indicator"}, {name: "status", mappings: statuses}, {name: "shown", title: "Value"},
				{name: "mom_pct"}, {name: "yoy_pct"},
				{name: "worst_1", title: "Worst programme", link: toProgram("worst_1")},
				{name: "worst_2", title: "Second", link: toProgram("worst_2")},
				{name: "worst_3", title: "Third", link: toProgram("worst_3")},
			})...).sized(16, 9),
		l.exceptionCounts("summary"),
		row("exceptions", "Exceptions of the month"),
		l.exceptions("summary", 11),
	)
	d.panels = slices.Concat(d.panels,
		[]panel{row("financial", "Financial")},
		l.tiles("kpi", scope, "total_organisations", "unspent_change", "awarded_to_redeemed", "funding_utilisation", "awarded_gini", "awarded_top10_share"),
		l.financialTrends(scope),
		[]panel{l.financialTable("Programmes: financial", "programs", "program_id").sized(24, 7)},
		[]panel{row("engagement", "Engagement")},
		l.tiles("kpi", scope, "users_awarded", "users_redeeming", "sessions", "program_activation_rate", "sessions_per_active_user", "portal_active_rate"),
		l.engagementTrends("kpi", scope),
		[]panel{
			l.engagementTable("kpi", "Programmes: engagement", "programs", "program_id").sized(24, 7),
			row("reviews", "Monthly reviews"),
			l.reviews(),
		})
	return d
}

func toProgram(column string) *link {
	return &link{"Open programme", uidProgram, []string{"program", column}}
}

func (l *library) reviews() panel {
	return l.table("reviews", "Monthly reviews", "How far the review of each month is (kpi.reviews): partnerplus review list.",
		l.statement("shared/reviews", ""), slices.Concat(figures("month"), []column{
			{name: "state", mappings: reviews}, {name: "verdict", title: "Validation", mappings: verdicts},
			{name: "failed", title: "Failed checks"}, {name: "incomplete_sources"}, {name: "opened_at"}, {name: "opened_by"}, {name: "closed_at"}, {name: "closed_by"},
		})...).sized(24, 6)
}
