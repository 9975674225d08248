package main

import "slices"

// Dashboards of one programme, organisation or segment: the same panels in the same order, so that what is seen in one is found
// in another.

func program(l *library) dashboard {
	d := l.scopeDashboard("program", uidProgram, "Partner Plus: programme", "within_program",
		"One programme: exceptions first, then every financial and every engagement figure with its movements, how dollars are spread, and its organisations and segments.",
		l.program("kpi"))
	d.panels = append(d.panels,
		row("organisations", "Organisations: financial, then engagement"),
		l.financialTable("Organisations: financial", "organisations", "org_id"),
		l.engagementTable("kpi", "Organisations: engagement", "organisations", "org_id"),
		row("segments", "Segments: financial, then engagement"),
		l.financialTable("Segments: financial", "segments", "segment").sized(24, 7),
		l.engagementTable("kpi", "Segments: engagement", "segments", "segment").sized(24, 7),
	)
	return d
}

func organisation(l *library) dashboard {
	return l.scopeDashboard("organisation", uidOrganisation, "Partner Plus: organisation", "organisation",
		"One organisation of a programme, in the form of the programme's dashboard.",
		l.program("kpi"), l.choice("org", "Organisation"))
}

func segment(l *library) dashboard {
	return l.scopeDashboard("segment", uidSegment, "Partner Plus: segment", "segment",
		"One segment of a programme, in the form of the programme's dashboard.",
		l.program("kpi"), l.choice("segment", "Segment"))
}

func (l *library) choice(name, label string) object {
	return variable(name, label, l.statement("shared/"+name, ""))
}

// scopeDashboard makes the dashboard of one scope; exceptions are those within it.
func (l *library) scopeDashboard(scope, uid, title, exceptions, description string, variables ...object) dashboard {
	d := dashboard{
		name: scope, uid: uid, title: title, description: description, database: "kpi",
		variables: append([]object{l.month("kpi")}, variables...),
	}
	d.panels = slices.Concat(
		[]panel{row("exceptions", "Exceptions of the month"), l.exceptionCounts(exceptions).sized(4, 8), l.exceptions(exceptions, 8).sized(20, 8)},
		[]panel{row("financial", "Financial")},
		l.tiles("kpi", scope, l.every("financial")...),
		l.financialTrends(scope),
		[]panel{l.ageingTrend(scope).sized(24, 9)},
		[]panel{row("engagement", "Engagement")},
		l.tiles("kpi", scope, l.every("engagement")...),
		l.engagementTrends("kpi", scope),
		[]panel{l.sessionsTrend("kpi", scope).sized(24, 9)},
		[]panel{row("distribution", "Distribution: how evenly dollars are spread over members")},
		l.tiles("kpi", scope, "awarded_gini", "awarded_top10_share", "awarded_p50", "unspent_gini", "unspent_top10_share", "unspent_p50"),
	)
	return d
}

func (l *library) sessionsTrend(database, scope string) panel {
	return l.trend("sessions", "Portal: sessions and active users", "All sessions of the month, anonymous ones too, and the members who had one of their own.",
		l.statement("shared/sessions", scope, "database", database), []string{"sessions"}, "sessions", "active_users")
}
