package main

import "slices"

func distribution(l *library) dashboard {
	const scope = "chosen"
	toMember := &link{"Show this member", uidMembers, []string{"program", "program_id", "member", "member_id"}}
	d := dashboard{
		name: "distribution", uid: uidDistribution, title: "Partner Plus: distribution", database: "kpi",
		description: "How dollars are spread over members, of the portfolio or one programme: those awarded in the month, and those unspent at its end.",
		variables:   []object{l.month("kpi"), orPortfolio(l.program("kpi"))},
	}
	d.panels = slices.Concat(
		[]panel{row("awarded", "Dollars awarded in the month, over the members awarded")},
		l.tiles("kpi", scope, "awarded_users", "awarded_gini", "awarded_hhi", "awarded_top1_share", "awarded_top10_share", "awarded_top20_share"),
		[]panel{row("unspent", "Unspent dollars at the month's end, over the members who have some")},
		l.tiles("kpi", scope, "unspent_users", "unspent_gini", "unspent_hhi", "unspent_top1_share", "unspent_top10_share", "unspent_top20_share"),
		[]panel{
			row("curves", "Curves and deciles"),
			l.lorenz(l.statement("distribution/lorenz", scope)),
			l.table("deciles", "Deciles", "What each tenth of the members has of the dollars, from the least to the most, and it with all tenths below it.",
				l.statement("distribution/deciles", scope), slices.Concat(hidden("month", "scope", "program_id"), figures("population", "decile"), []column{
					{name: "member_share", hidden: true}, {name: "share", title: "Share of this tenth"}, {name: "dollar_share", title: "Share up to it"},
				})...).sized(12, 12),
			row("trends", "Concentration over the months"),
			l.trend("gini", "Gini coefficient", "0 where all have the same, 1 where one has all. Up is bad. Awarded is watched from 0.6 (kpi.thresholds, uneven_distribution).",
				l.statement("distribution/concentration", scope), nil, "awarded_gini", "unspent_gini"),
			l.trend("hhi", "Herfindahl index", "Sum of the squares of each member's part: 1 where one has all. Up is bad.",
				l.statement("distribution/hhi", scope), nil, "awarded_hhi", "unspent_hhi"),
			l.trend("top_awarded", "Top shares: awarded", "What the largest 1 %, 10 % and 20 % of the members awarded got of the dollars. Up is bad.",
				l.statement("distribution/top_shares_awarded", scope), nil, "awarded_top1_share", "awarded_top10_share", "awarded_top20_share"),
			l.trend("top_unspent", "Top shares: unspent", "What the largest 1 %, 10 % and 20 % of the members with a balance hold. Up is bad.",
				l.statement("distribution/top_shares_unspent", scope), nil, "unspent_top1_share", "unspent_top10_share", "unspent_top20_share"),
			row("percentiles", "Mean and percentiles"),
			l.table("percentiles", "Mean and percentiles", "Dollars of the average member, and of the members at each percentile, of both populations. Neither up nor down is good.",
				l.statement("distribution/percentiles", scope), slices.Concat(hidden("month", "scope", "program_id"), figures("population"), hidden("metric"), []column{
					{name: "name", title: "Figure"}, {name: "value", title: "Dollars"}, {name: "mom_pct"}, {name: "yoy_pct"}, {name: "definition"},
				})...).sized(24, 14),
			row("compared", "Programmes compared"),
			l.table("compared", "Concentration by programme", "The programmes in the month shown, the most uneven first.",
				l.statement("distribution/compared", scope), slices.Concat(hidden("month"), []column{{name: "program_id", link: toProgram("program_id")}},
					figures("awarded_users", "awarded_gini", "awarded_gini_mom_pct", "awarded_top10_share", "awarded_top10_share_mom_pct", "awarded_hhi",
						"unspent_users", "unspent_gini", "unspent_top10_share", "unspent_hhi"))...),
			row("holders", "Top holders"),
			l.table("holders", "Members with the largest balances", "The fifty members with the most unspent dollars in the month shown, and their part of their programme's liability.",
				l.statement("distribution/holders", scope), slices.Concat(hidden("month"), []column{
					{name: "program_id", link: toProgram("program_id")}, {name: "member_id", link: toMember}, {name: "org_id", link: toOrganisation}, {name: "segment", link: toSegment},
				}, figures("unspent_dollars"), []column{{name: "share", title: "Part of the programme's liability"}}, figures("oldest_unspent_on", "awarded_to_date", "redeemed_to_date"))...).sized(24, 12),
		})
	return d
}

// lorenz draws curves over a share of the members instead of time.
func (l *library) lorenz(statement string) panel {
	p := panel{
		key: "lorenz", kind: "trend", title: "Lorenz curves", width: 12, height: 12,
		description: "Which share of the dollars the lowest 10 %, 20 %, … of the members have. The farther below the line of equality, the more uneven.",
		targets:     []object{target(statement, asTable)},
		options:     object{"xField": "member_share", "legend": legend, "tooltip": object{"mode": "multi", "sort": "none"}},
		defaults: object{"unit": "percentunit", "decimals": 0, "min": 0, "max": 1, "custom": object{
			"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 2, "fillOpacity": 0, "showPoints": "auto", "pointSize": 5,
		}},
		overrides: []object{override("member_share", property{"displayName", "Share of the members"})},
	}
	for _, curve := range [][2]string{{"awarded_share", "Awarded"}, {"unspent_share", "Unspent"}, {"equality", "Line of equality"}} {
		properties := []property{{"displayName", curve[1]}, {"color", object{"mode": "fixed", "fixedColor": series[curve[0]]}}}
		if curve[0] == "equality" {
			properties = append(properties, property{"custom.lineStyle", object{"fill": "dash", "dash": []int{8, 8}}}, property{"custom.showPoints", "never"})
		}
		p.overrides = append(p.overrides, override(curve[0], properties...))
	}
	return p
}
