package main

import "slices"

func quality(l *library) dashboard {
	return dashboard{
		name: "quality", uid: uidQuality, title: "Partner Plus: data quality and runs", database: "kpi",
		description: "Whether the figures can be believed: checks, sources, rejects, restated months and reviews; and what the pipeline did.",
		variables:   []object{l.month("kpi")},
		panels: []panel{
			l.alarms(),
			row("checks", "Checks"),
			l.table("checks", "Checks by verdict", "The newest result of each check of KPI.md section 7, over everything and of months by themselves. The query lists the rows.",
				l.statement("quality/checks", ""), slices.Concat([]column{{name: "check"}, {name: "month"}, {name: "verdict", mappings: verdicts, width: 110}, {name: "figure"}, {name: "unit"},
					{name: "message", title: "What was found", wrapped: true}, {name: "query"}, {name: "checked_at"}})...).sized(24, 10),
			row("sources", "Sources and rejects"),
			l.table("sources", "Sources", "Whether each source of the config is late by its own limit, failing or rejecting, and what it delivered.",
				l.statement("quality/sources", ""), slices.Concat([]column{{name: "source"}, {name: "state", mappings: sources}}, figures("newest_delivery", "hours_ago", "limit_hours", "units", "failed_units", "rows_read", "rows_rejected"))...).sized(14, 10),
			l.table("rejects", "Rejects by source and rule", "Rows that count nowhere until they are mended: partnerplus rejects list shows them, with their reasons.",
				l.statement("quality/rejects", ""), figures("source", "entity", "column", "rule", "rows", "since")...).sized(10, 10),
			l.table("rejecting", "Shares of rejected rows", "Rejected rows of each source against the limit of its config; a unit beyond it fails whole.",
				l.statement("quality/rejecting", ""), slices.Concat([]column{{name: "source"}, {name: "state", mappings: mapped(word{"within", "✔ within its limit", good}, word{"beyond", "✖ beyond its limit", act})}},
					figures("rows_read", "rows_rejected", "share", "max_share", "failed_units"))...).sized(24, 7),
			row("reviews", "Reviews, restatements and late sources"),
			l.reviews(),
			l.table("incomplete", "Sources that were not complete when a review was opened", "What each source lacked of the month under review.",
				l.statement("quality/incomplete", ""), column{name: "month"}, column{name: "state", mappings: reviews}, column{name: "source"}, column{name: "lacked"}, column{name: "opened_at"}).sized(10, 7),
			l.table("restatements", "Restated figures of closed months", "Figures that are no longer what they were when the month was closed.",
				l.statement("quality/restatements", ""), figures("month", "scope", "program_id", "population", "metric", "closed", "now", "difference", "closed_at", "closed_by")...).sized(14, 7),
			row("runs", "Runs and jobs"),
			l.table("jobs", "Jobs: the newest due time of each", "What became of it: partnerplus schedule list says when each is due again.",
				l.statement("quality/jobs", ""), slices.Concat([]column{{name: "job"}, {name: "status", mappings: outcomes}}, figures("due_at", "attempt", "started_at", "finished_at", "seconds", "missed"), hidden("by_hand", "run_id"))...).sized(24, 6),
			l.runTrend("run_seconds", "How long runs take", "Seconds of each run, by job.", "points", "s"),
			l.runTrend("run_rows", "Rows of runs", "Rows that went into the facts, and rows that were rejected, of each run.", "bars", "locale"),
			l.table("runs", "Runs", "The newest runs; partnerplus status RUN shows the errors of one.",
				l.statement("quality/runs", ""), slices.Concat(hidden("run_id"), []column{{name: "job"}, {name: "started_at"}, {name: "status", mappings: outcomes}},
					figures("seconds", "units_listed", "units_loaded", "units_failed", "rows_read", "rows_loaded", "rows_rejected", "bytes_read"))...).sized(24, 10),
		},
	}
}

// alarms are the first figures: none is good news but 0.
func (l *library) alarms() panel {
	p := l.numbers("summary", "What needs a look", "Checks whose newest result is a failure or a warning, late sources, rejects that stand, restated figures, and critical exceptions of the month shown. 0 is good.",
		l.statement("quality/summary", ""), "failed_checks", "checks_with_warnings", "late_sources", "rejected_rows", "restated_figures", "critical_exceptions").sized(24, 5)
	p.options["colorMode"] = "background"
	for i, colour := range []string{act, watch, act, watch, watch, act} {
		properties := p.overrides[i]["properties"].([]object)
		p.overrides[i]["properties"] = append(properties, object{"id": "color", "value": object{"mode": "thresholds"}}, object{"id": "thresholds", "value": steps(good, step{1, colour})})
	}
	return p
}

// runTrend draws runs at their own times.
func (l *library) runTrend(name, title, description, style, unit string) panel {
	p := l.trend(name, title, description, l.statement("quality/"+name, ""), nil)
	custom := p.defaults["custom"].(object)
	custom["drawStyle"], custom["fillOpacity"], p.defaults["unit"] = style, 70, unit
	for _, column := range []string{"rows_loaded", "rows_rejected"} {
		if name == "run_rows" {
			p.overrides = append(p.overrides, override(column, property{"displayName", nameOf(column)}, property{"color", object{"mode": "fixed", "fixedColor": series[column]}}))
		}
	}
	return p
}
