package review

import (
	"slices"
	"strings"
)

// listed is what stands between things in one cell.
const listed = "; "

// reviewSheet says what the pack is of, in one row. The workbook's first sheet says it too.
func (p *Pack) reviewSheet() sheet {
	s := sheet{file: "review", columns: []field{
		{id: "month"}, {id: "complete"}, {id: "data_as_of"}, {id: "computed_at"}, {id: "timezone"}, {id: "currency"},
		{id: "state"}, {id: "round"}, {id: "next_step"}, {id: "opened_on"}, {id: "opened_by"}, {id: "note"}, {id: "verdict"},
		{id: "failed_checks"}, {id: "waived_checks"}, {id: "open_checks"}, {id: "incomplete_sources"},
		{id: "decision"}, {id: "decided_on"}, {id: "decided_by"}, {id: "closings"}, {id: "closed_on"}, {id: "closed_by"},
		{id: "reopened_on"}, {id: "reopened_by"}, {id: "reopened_reason"},
		{id: "exceptions_of_organisations"}, {id: "exceptions_of_segments"}, {id: "restated_of_the_month"}, {id: "restated_of_all"},
	}}
	r := Record{NextStep: "open"} // nothing was done
	if p.Review != nil {
		r = *p.Review
	}
	s.rows = [][]datum{{
		txt(p.Month.String()), yes(p.Complete()), txt(p.Data.NewestEvent), txt(p.Data.ComputedAt), txt(p.Data.Zone), txt(p.Data.Currency),
		txt(r.State), num(counted(uint64(r.Round)), formatCount), txt(r.NextStep), txt(r.OpenedOn), txt(r.OpenedBy), txt(r.Note), txt(r.Verdict),
		txt(strings.Join(r.FailedChecks, listed)), txt(strings.Join(r.WaivedChecks, listed)), txt(strings.Join(r.OpenChecks, listed)), txt(strings.Join(r.incomplete(), listed)),
		txt(r.Decision), txt(r.DecidedOn), txt(r.DecidedBy), num(counted(uint64(r.Closings)), formatCount), txt(r.ClosedOn), txt(r.ClosedBy),
		txt(r.ReopenedOn), txt(r.ReopenedBy), txt(r.Reason),
		num(counted(p.Elsewhere.Organisations), formatCount), num(counted(p.Elsewhere.Segments), formatCount),
		num(counted(p.Restated.OfTheMonth), formatCount), num(counted(p.Restated.OfAll), formatCount),
	}}
	return s
}

// incomplete says of each source that had not delivered all of the month what it lacked.
func (r *Record) incomplete() []string {
	all := make([]string, len(r.Sources))
	for i, source := range r.Sources {
		all[i] = source + " " + r.Lacks[i]
	}
	return all
}

func (p *Pack) lensSheet() sheet {
	s := sheet{file: "lens", columns: []field{
		{id: "month"}, {id: "indicator"}, {id: "metric"}, {id: "name"}, {id: "value"}, {id: "previous"}, {id: "mom_abs"}, {id: "mom_pct"},
		{id: "year_before"}, {id: "yoy_abs"}, {id: "yoy_pct"}, {id: "beside_metric"}, {id: "beside"}, {id: "status"}, {id: "worst_programs"},
	}}
	for _, i := range p.Lens {
		f := i.Figure
		s.rows = append(s.rows, []datum{
			txt(p.Month.String()), txt(i.ID), txt(f.Metric.ID), txt(f.Metric.Name), f.Metric.of(f.Value), f.Metric.of(f.Previous), f.Metric.apart(f.MoM), num(f.MoMPct, formatSignedPercent),
			f.Metric.of(f.YearBefore), f.Metric.apart(f.YoY), num(f.YoYPct, formatSignedPercent), txt(i.Beside.Metric.ID), i.Beside.Metric.of(i.Beside.Value),
			txt(i.Status), txt(strings.Join(i.Worst, listed)),
		})
	}
	return s
}

func (p *Pack) exceptionSheet() sheet {
	s := sheet{name: "Exceptions", file: "exceptions", columns: columns(scoped,
		field{"severity", "Severity", narrow}, field{"rule", "Rule", medium}, field{"metric", "Metric id", broad},
		field{"observed", "Observed", medium}, field{"expected", "Held against", medium}, field{"sentence", "In words", sentences})}
	for _, e := range p.Exceptions {
		s.rows = append(s.rows, cells(p.ofProgram(e.Program), txt(e.Severity), txt(e.Rule), txt(e.Metric),
			num(e.Observed, formatNumber), num(e.Expected, formatNumber), txt(e.Sentence)))
	}
	return s
}

func (p *Pack) findingSheet() sheet {
	s := sheet{name: "Findings", file: "findings", columns: columns(scoped,
		field{"kind", "Kind", narrow}, field{"topic", "Topic", broad}, field{"severity", "Severity", narrow}, field{"rule", "Rule", medium}, field{"metric", "Metric id", broad},
		field{"observed", "Observed", medium}, field{"expected", "Held against", medium}, field{"at_stake", "Unspent dollars at stake", medium},
		field{"evidence", "Evidence", sentences}, field{"interventions", "Suggested interventions", sentences})}
	for _, findings := range [][]Finding{p.Findings.Risks, p.Findings.Opportunities} {
		for _, f := range findings {
			s.rows = append(s.rows, cells(p.scoped(f.Scope, f.Program, p.Named(f.Program).Name), txt(f.Kind), txt(f.Topic), txt(f.Severity), txt(f.Rule), txt(f.Metric),
				num(f.Observed, formatNumber), num(f.Expected, formatNumber), num(f.AtStake, formatMoney), txt(f.Evidence), txt(strings.Join(f.Interventions, listed))))
		}
	}
	return s
}

func (p *Pack) checkSheet() sheet {
	s := sheet{name: "Checks", file: "checks", columns: []field{
		{"month", "Month", narrow}, {"check", "Check", medium}, {"verdict", "Verdict", narrow}, {"figure", "Figure", medium}, {"unit", "Unit", medium},
		{"message", "Found", sentences}, {"checked", "Checked", medium}, {"waived_on", "Waived", medium}, {"waived_by", "Waived by", broad}, {"reason", "For the reason", sentences},
	}}
	for _, c := range p.Checks {
		var waiver Step
		if found := p.WaiverOf(c.Name); found != nil {
			waiver = *found
		}
		s.rows = append(s.rows, []datum{
			txt(p.Month.String()), txt(c.Name), txt(c.Verdict), num(c.Figure, formatNumber), txt(c.Unit), txt(c.Message), txt(c.Checked),
			txt(waiver.DoneOn), txt(waiver.By), txt(waiver.Note),
		})
	}
	return s
}

func (p *Pack) rejectSheet() sheet {
	s := sheet{name: "Rejected rows", file: "rejects", columns: []field{
		{"source", "Source", broad}, {"entity", "Entity", medium}, {"column", "Column", medium}, {"rows", "Rows", narrow}, {"example", "One of the reasons", sentences},
	}}
	for _, r := range p.Rejects {
		s.rows = append(s.rows, []datum{txt(r.Source), txt(r.Entity), txt(r.Column), num(counted(r.Rows), formatCount), txt(r.Example)})
	}
	return s
}

func (p *Pack) unratedSheet() sheet {
	s := sheet{name: "Without a rate", file: "unrated", columns: []field{
		{"program_id", "Programme id", medium}, {"entity", "Entity", medium}, {"currency", "Currency", narrow}, {"entries", "Entries", narrow},
		{"of_the_month", "Of the month", narrow}, {"amount", "Amounts, unsigned, in that currency", medium}, {"first_day", "First day", narrow}, {"last_day", "Last day", narrow},
	}}
	for _, u := range p.Unrated {
		s.rows = append(s.rows, []datum{
			txt(u.Program), txt(u.Entity), txt(u.Currency), num(counted(u.Entries), formatCount), num(counted(u.OfTheMonth), formatCount),
			num(u.Amount, formatMoney), day(u.FirstDay), day(u.LastDay),
		})
	}
	return s
}

// data are the figures and their difference; in no format where theirs would hide that.
func (r Restatement) data() []datum {
	if hidden, err := r.hidden(); hidden && err == nil { // what is no number is told by who writes the sheet
		return []datum{num(r.Closed, formatNumber), num(r.Now, formatNumber), num(r.Difference, formatNumber)}
	}
	return []datum{r.Metric.of(r.Closed), r.Metric.of(r.Now), r.Metric.apart(r.Difference)}
}

// correctedSheet gives the figures of an earlier closing that are others now.
func (p *Pack) correctedSheet() sheet {
	s := sheet{name: "Reported earlier", file: "reported_earlier", columns: columns(scoped,
		field{"population", "Population", narrow}, field{"metric", "Metric id", broad}, field{"name", "Metric", broad}, field{"closing", "Closing", narrow},
		field{"reported", "As reported then", medium}, field{"now", "Now", medium}, field{"difference", "Difference", medium})}
	for _, r := range p.Corrected.Figures {
		s.rows = append(s.rows, cells(cells(p.ofProgram(r.Program), txt(r.Metric.Population), txt(r.Metric.ID), txt(r.Metric.Name),
			num(counted(uint64(p.Corrected.Closing)), formatCount)), r.data()...))
	}
	return s
}

func (p *Pack) restatementSheet() sheet {
	s := sheet{name: "Restatements", file: "restatements", columns: columns(scoped,
		field{"population", "Population", narrow}, field{"metric", "Metric id", broad}, field{"name", "Metric", broad},
		field{"closed", "As reported", medium}, field{"now", "Now", medium}, field{"difference", "Difference", medium},
		field{"closed_on", "Closed", medium}, field{"closed_by", "Closed by", broad})}
	for _, r := range p.Restated.Figures {
		line := slices.Concat(p.ofProgram(r.Program), []datum{txt(r.Metric.Population), txt(r.Metric.ID), txt(r.Metric.Name)}, r.data(), []datum{txt(r.ClosedOn), txt(r.ClosedBy)})
		line[0] = txt(r.Month.String())
		s.rows = append(s.rows, line)
	}
	return s
}

func (p *Pack) planSheet() sheet {
	s := sheet{name: "Action plan", file: "plan", columns: []field{
		{"month", "Month", narrow}, {"kind", "Kind", narrow}, {"action_id", "Action id", medium}, {"program_id", "Programme id", medium}, {"program", "Programme", broad},
		{"owner", "Owner", broad}, {"action", "Action", sentences}, {"due", "Due", narrow}, {"status", "Status", narrow}, {"is_overdue", "Overdue", narrow},
		{"finding", "Answers", broad}, {"note", "Note", sentences}, {"first_month", "First planned", narrow}, {"carried_to", "Carried to", narrow}, {"status_now", "Status now", narrow},
		{"owner_at_close", "Owner when closed", broad}, {"action_at_close", "Action when closed", sentences}, {"due_at_close", "Due when closed", narrow},
		{"status_at_close", "Status when closed", narrow}, {"overdue_at_close", "Overdue when closed", narrow},
	}}
	for _, actions := range [][]PlannedAction{p.Plan.Actions, p.Plan.Earlier} {
		for _, a := range actions {
			line := []datum{
				txt(p.Month.String()), txt(a.Kind), txt(a.ID), txt(a.Program), txt(p.Named(a.Program).Name), txt(a.Owner), txt(a.Action), day(a.Due), txt(a.Status), yes(a.IsOverdue),
				txt(a.Finding), txt(a.Note), txt(a.FirstMonth), txt(a.CarriedTo), txt(a.StatusNow),
			}
			if was := a.AtClose; was != nil {
				line = append(line, txt(was.Owner), txt(was.Action), day(was.Due), txt(was.Status), yes(was.Overdue))
			} else {
				line = append(line, make([]datum, 5)...)
			}
			s.rows = append(s.rows, line)
		}
	}
	return s
}

// decisionSheet gives the steps of the review, with what was decided.
func (p *Pack) decisionSheet() sheet {
	s := sheet{name: "Decisions", file: "decisions", columns: []field{
		{"month", "Month", narrow}, {"round", "Round", narrow}, {"step", "Step id", narrow}, {"title", "Step", broad}, {"done_on", "Done", medium}, {"done_by", "By", broad},
		{"note", "Reason or note", sentences}, {"verdict", "Verdict", narrow}, {"waived_checks", "Checks that were waived", broad},
	}}
	if p.Review == nil {
		return s
	}
	for _, x := range p.Review.Steps {
		s.rows = append(s.rows, []datum{
			txt(p.Month.String()), num(counted(uint64(x.Round)), formatCount), txt(x.Kind), txt(x.Title()), txt(x.DoneOn), txt(x.By),
			txt(x.Note), txt(x.Verdict), txt(strings.Join(x.Checks, listed)),
		})
	}
	return s
}

func (p *Pack) metricSheet() sheet {
	s := sheet{name: "Definitions", file: "metrics", columns: []field{
		{"dimension", "Dimension", narrow}, {"population", "Population", narrow}, {"metric", "Metric id", broad}, {"name", "Metric", broad}, {"unit", "Unit", narrow},
		{"higher_is", "Higher is", narrow}, {"headline", "Headline", narrow}, {"owner", "Owner", broad}, {"target", "Target", medium}, {"definition", "Definition", sentences},
	}}
	for _, m := range p.Metrics {
		s.rows = append(s.rows, []datum{
			txt(m.Dimension), txt(m.Population), txt(m.ID), txt(m.Name), txt(m.Unit), txt(m.Polarity), yes(m.Headline), txt(m.Owner), m.of(m.Target), txt(m.Definition),
		})
	}
	return s
}
