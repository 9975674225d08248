package main

import "slices"

func memberDashboard(l *library) dashboard {
	member := object{"type": "textbox", "name": "member", "label": "Member", "query": "", "current": object{"text": "", "value": ""}, "options": []object{}, "hide": 0, "skipUrlSync": false}
	toMember := &link{"Show this member", uidMembers, []string{"program", "program_id", "member", "member_id"}}
	columns := slices.Concat(hidden("month", "program_id"), []column{
		{name: "member_id", link: toMember}, {name: "org_id", link: toOrganisation}, {name: "segment", link: toSegment},
	}, figures("dollars_awarded", "dollars_redeemed", "dollars_expired", "unspent_dollars", "oldest_unspent_on", "awarded_to_date", "redeemed_to_date", "sessions", "page_views", "first_event_on"))
	return dashboard{
		name: "members", uid: uidMembers, title: "Partner Plus: members", database: "kpi",
		description: "The members of a programme, of one of its organisations or segments, and one of them over the months.",
		variables: []object{
			l.month("kpi"), l.program("kpi"), withAll(l.choice("org", "Organisation"), ""), withAll(l.choice("segment", "Segment"), ""), member,
		},
		panels: []panel{
			l.numbers("summary", "Members in the choice", "Members of the programme from their first event on, within the organisation and segment chosen.",
				l.statement("members/summary", ""), "members", "were_awarded", "redeemed", "were_active", "with_unspent_dollars", "unspent_of_all"),
			row("member", "One member: the one that Member names, else the one with the largest balance"),
			l.table("member_now", "The member in the month", "The member's balance, its oldest unspent dollar, and what was awarded and redeemed to date.",
				l.statement("members/member_now", ""), slices.Concat(hidden("month", "program_id"), []column{{name: "member_id"}, {name: "org_id", link: toOrganisation}, {name: "segment", link: toSegment}},
					figures("unspent_dollars", "oldest_unspent_on", "awarded_to_date", "redeemed_to_date", "sessions", "first_event_on"))...).sized(24, 4),
			l.trend("member_money", "Awarded, redeemed, expired and unspent", "Bars: the month's dollars. Line: the balance at its end.",
				l.statement("members/member", ""), []string{"dollars_awarded", "dollars_redeemed", "dollars_expired"}, "dollars_awarded", "dollars_redeemed", "dollars_expired", "unspent_dollars"),
			l.trend("member_portal", "Portal", "Sessions of the month and their page views.",
				l.statement("members/member_portal", ""), nil, "sessions", "page_views"),
			row("members", "Members"),
			l.table("members", "Members by unspent dollars", "The members of the choice in the month shown, the largest balance first, five hundred at the most.",
				l.statement("members/members", ""), columns...).sized(24, 14),
		},
	}
}

// numbers shows the columns of one row side by side.
func (l *library) numbers(key, title, description, statement string, columns ...string) panel {
	p := panel{
		key: key, kind: "stat", title: title, description: description, width: 24, height: 4,
		targets: []object{target(statement, asTable)}, options: stat("none", "vertical"),
	}
	for _, column := range columns {
		properties := l.shown(column)
		if len(properties) == 1 { // no format of its own: a count
			properties = append(properties, property{"unit", "locale"}, property{"decimals", 0})
		}
		p.overrides = append(p.overrides, override(column, properties...))
	}
	return p
}
