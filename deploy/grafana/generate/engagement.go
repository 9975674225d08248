package main

import "slices"

// engagement reads kpi_engagement alone, which says nothing about money: who may read no more can use it too.
func engagement(l *library) dashboard {
	const scope, database = "chosen", "kpi_engagement"
	d := dashboard{
		name: "engagement", uid: uidEngagement, title: "Partner Plus: engagement", database: database,
		description: "How alive the portfolio or one programme is: who was awarded, who redeems and how soon, who comes to the portal and what they do there. Nothing about money.",
		variables:   []object{l.month(database), orPortfolio(l.program(database))},
	}
	toEngagement := &link{"Show this programme", uidEngagement, []string{"program", "program_id"}}
	programs := l.engagementTable(database, "Programmes: engagement", "programs", "program_id")
	programs.overrides[2] = override("program_id", l.cell(column{name: "program_id", link: toEngagement})...)
	d.panels = slices.Concat(
		l.tiles(database, scope, "active_users", "sessions", "sessions_per_active_user", "page_views_per_session", "avg_session_seconds", "portal_active_rate"),
		[]panel{
			l.sessionsTrend(database, scope),
			l.trend("depth", "Depth of engagement", "Sessions of each active user, page views of each session, and its seconds.",
				l.statement("engagement/depth", scope), nil, "sessions_per_active_user", "page_views_per_session", "avg_session_seconds"),
			row("activation", "Activation: from award to redemption"),
		},
		l.tiles(database, scope, "users_awarded", "users_redeeming", "activation_rate", "program_activation_rate", "total_users", "total_organisations"),
		l.engagementTrends(database, scope),
		[]panel{
			row("conversion", "Conversion cohorts: of those awarded in a month, who redeemed within 30, 60 and 90 days"),
			l.table("cohorts", "Conversion by month of award", "Members awarded in each month, and the share of them that redeemed within so many days of their first award of it; n/a until all of them had that long.",
				l.statement("engagement/conversion", scope), slices.Concat(figures("month"), hidden("scope", "program_id"), figures("users_awarded"), []column{
					cohort("conversion_30d"), cohort("conversion_60d"), cohort("conversion_90d"),
				})...).sized(12, 11),
			l.trend("conversion", "Conversion by month of award", "The share of the members awarded in the month that redeemed within 30, 60 and 90 days; a month has no point until all of them had that long.",
				l.statement("engagement/conversion_trend", scope), nil, "conversion_30d", "conversion_60d", "conversion_90d").sized(12, 11),
			row("programs", "Programmes compared"),
			programs,
		})
	return d
}
