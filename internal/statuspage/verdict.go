package statuspage

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/schedules"
)

// problem is something that is not well, with what to do about it.
type problem struct {
	Wrong bool   // else it is only to be looked at
	Text  string // what is not well
	Do    string // what to do, in words
	Run   string // ... and the command for it, without the program's name; empty where none helps
	Link  string // where there is more; empty where there is not
	Where string // ... in words
}

// jobView is a planned job with what became of it before.
type jobView struct {
	schedules.Planned
	Last *jobRow // nil: never run
}

// Note says why the job waits, was skipped or failed, and what it makes up for.
func (j jobView) Note() string {
	if j.Last == nil {
		return ""
	}
	var notes []string
	if j.Last.Reason != "" {
		notes = append(notes, j.Last.Reason)
	}
	if j.Last.Attempt > 1 {
		notes = append(notes, fmt.Sprintf("attempt %d", j.Last.Attempt))
	}
	if j.Last.Missed > 0 {
		notes = append(notes, "makes up for "+counting(uint64(j.Last.Missed), "missed due time", "missed due times"))
	}
	if j.Last.ByHand {
		notes = append(notes, "by hand")
	}
	return strings.Join(notes, "; ")
}

// StaleGood tells whether the job's last good run is another than its newest.
func (j jobView) StaleGood() bool {
	return j.Last != nil && j.Last.Good != nil && (j.Last.Finished == nil || j.Last.Good.Before(*j.Last.Finished))
}

// Link is the page of its newest run, from /.
func (j jobView) Link() string { return runLink(j.Last.RunID) }

// overviewPage is the page at /.
type overviewPage struct {
	frame
	Verdict    string
	Level      string // wrong, look, well or empty
	Problems   []problem
	More       int // problems that are not listed
	Figures    *figures
	Month      string
	Jobs       []jobView
	Sources    []sourceRow
	Runs       []runRow
	Rejects    []rejectRow
	Rejected   uint64
	Unrated    []unratedRow
	Checks     []checkRow
	Exceptions []exceptionGroup

	removed []string      // jobs that only the ledger knows
	deaf    []receiverRow // receivers that did not accept a message
	refused string        // why the newest config is not in force
}

// mostProblems are listed; more are counted.
const mostProblems = 15

func (p *Page) overviewOf(s state) *overviewPage {
	v := &overviewPage{
		frame: p.frame("", "./"), Sources: s.sources, Runs: s.runs, Rejects: s.rejects, Unrated: s.unrated, Checks: s.checks,
	}
	for i := range v.Runs {
		v.Runs[i].Error = p.redact(v.Runs[i].Error)
	}
	for i := range s.jobs {
		s.jobs[i].Reason = p.redact(s.jobs[i].Reason)
	}
	v.Jobs = p.planned(v.now, s.jobs)
	if p.Jobs != nil {
		v.removed = removed(v.Jobs, s.jobs)
	}
	v.deaf = s.deaf
	for i := range v.deaf {
		v.deaf[i].Error = p.redact(v.deaf[i].Error)
	}
	if p.Refused != nil {
		v.refused = p.redact(p.Refused())
	}
	if len(s.figures) > 0 {
		v.Figures, v.Month = &s.figures[0], s.month.Title()
	}
	for _, r := range s.sources {
		v.Rejected += r.Rejected
	}
	v.Exceptions = grouped(s.exceptions)
	v.judge()
	return v
}

// exceptionGroup is the exceptions of one severity.
type exceptionGroup struct {
	Severity string
	Count    uint64
	Rows     []exceptionRow // the first of them
}

// Open tells whether they are shown before somebody asks.
func (g exceptionGroup) Open() bool { return g.Severity == "critical" }

// Unlisted is how many are not shown.
func (g exceptionGroup) Unlisted() uint64 { return g.Count - uint64(len(g.Rows)) }

// grouped takes exceptions apart that are in the order of their severities.
func grouped(rows []exceptionRow) (groups []exceptionGroup) {
	for _, row := range rows {
		if n := len(groups); n == 0 || groups[n-1].Severity != row.Severity {
			groups = append(groups, exceptionGroup{Severity: row.Severity, Count: row.OfSeverity})
		}
		last := &groups[len(groups)-1]
		last.Rows = append(last.Rows, row)
	}
	return groups
}

// planned joins what is planned with what the ledger says of it.
func (p *Page) planned(now time.Time, ledger []jobRow) []jobView {
	if p.Jobs == nil {
		return nil
	}
	var views []jobView
	for _, planned := range p.Jobs(now) {
		view := jobView{Planned: planned}
		for i := range ledger {
			if ledger[i].Job == planned.Job.Name {
				view.Last = &ledger[i]
			}
		}
		views = append(views, view)
	}
	return views
}

// removed gives the jobs of the ledger that are planned no more.
func removed(planned []jobView, ledger []jobRow) (names []string) {
	for _, row := range ledger {
		if !slices.ContainsFunc(planned, func(job jobView) bool { return job.Job.Name == row.Job }) {
			names = append(names, row.Job)
		}
	}
	return names
}

// judge finds what is not well, the worst first, and says so in a line.
func (v *overviewPage) judge() {
	var wrong, look []problem
	for _, found := range [][]problem{v.ofJobs(), v.ofRuns(), v.ofReceivers(), v.ofConfig(), v.ofSources(), v.ofChecks(), v.ofRows(), v.ofExceptions()} {
		for _, one := range found {
			if one.Wrong {
				wrong = append(wrong, one)
			} else {
				look = append(look, one)
			}
		}
	}
	switch {
	case len(wrong) > 0:
		v.Level, v.Verdict = "wrong", counting(uint64(len(wrong)), "thing is wrong", "things are wrong")
	case len(v.Runs) == 0:
		v.Verdict = "Nothing is loaded yet"
		look = append(look, problem{Text: "No run was ever made.", Do: "Wait for the first job that loads, or run it now:", Run: "run", Link: "#jobs", Where: "Jobs"})
	case len(look) > 0:
		v.Level, v.Verdict = "look", counting(uint64(len(look)), "thing to look at", "things to look at")+"; all runs go well"
	default:
		v.Level, v.Verdict = "well", "All well"
	}
	v.Title = v.Verdict
	v.Problems = slices.Concat(wrong, look)
	if len(v.Problems) > mostProblems {
		v.More = len(v.Problems) - mostProblems
		v.Problems = v.Problems[:mostProblems]
	}
}

// ended tells whether a status is one of something that went wrong, and in which words.
func ended(status string) (words string, wrong bool) {
	switch status {
	case schedules.StatusFailed:
		return "failed", true
	case schedules.StatusChecks:
		return "found that checks fail", true
	case schedules.StatusInterrupted:
		return "was interrupted", false
	}
	return "", false
}

func (v *overviewPage) ofJobs() (found []problem) {
	for _, job := range v.Jobs {
		if job.Last == nil {
			continue
		}
		words, wrong := ended(job.Last.Status)
		if words == "" {
			continue
		}
		one := problem{Wrong: wrong, Text: "Job " + job.Job.Name + " " + words + because(job.Last.Reason), Link: "#jobs", Where: "Jobs",
			Do: "Mend what it names; the next run does what this one did not. To run it now:", Run: "run " + job.Job.Name}
		if job.Last.RunID != "" {
			one.Link, one.Where = runLink(job.Last.RunID), "Its run"
		}
		found = append(found, one)
	}
	return found
}

// ofRuns judges the newest run of each job, unless the job's ledger has said it, or the job is none any more.
func (v *overviewPage) ofRuns() (found []problem) {
	judged := map[string]bool{}
	for _, job := range v.Jobs {
		judged[job.Job.Name] = job.Last != nil
	}
	for _, name := range v.removed {
		judged[name] = true
	}
	for _, run := range v.Runs {
		if judged[run.Job] {
			continue
		}
		judged[run.Job] = true
		if words, wrong := ended(run.Status); words != "" {
			found = append(found, problem{Wrong: wrong, Text: "The newest run of " + run.Job + " " + words + because(run.Error), Link: runLink(run.ID), Where: "The run",
				Do: "Mend what it names; the next run does what this one did not."})
		}
	}
	return found
}

func (v *overviewPage) ofReceivers() (found []problem) {
	for _, r := range v.deaf {
		found = append(found, problem{Wrong: true, Text: counting(r.Waiting, "message waits", "messages wait") + " for receiver " + r.Receiver + ", " +
			counting(uint64(r.Failures), "try", "tries") + " failed" + because(r.Error),
			Do: "Mend what it names; they are sent again by themselves. To try the receiver:", Run: "notify test " + r.Receiver})
	}
	return found
}

func (v *overviewPage) ofConfig() []problem {
	if v.refused == "" {
		return nil
	}
	return []problem{{Text: "The config that was read anew cannot be used; the one before is in force" + because(v.refused),
		Do: "Mend it and send SIGHUP again; a restart with it would fail. To see all that is wrong with it:", Run: "validate"}}
}

func (v *overviewPage) ofSources() (found []problem) {
	for _, s := range v.Sources {
		if !s.Configured {
			continue
		}
		link := sourceLink(s.Name)
		if s.Late {
			text := "Source " + s.Name + " has never delivered a row."
			if s.Delivered != nil {
				text = "Source " + s.Name + " is late: its last delivery was " + v.Moment(s.Delivered).Ago + ", and its limit is " + s.Within() + "."
			}
			found = append(found, problem{Wrong: true, Text: text, Link: link, Where: "The source",
				Do: "Ask who delivers it; if it was loaded under another name or comes less often now, change its config (fresh_within)."})
		}
		if s.Failed > 0 {
			found = append(found, problem{Wrong: true, Text: counting(s.Failed, "unit", "units") + " of source " + s.Name + " failed, not loaded since.", Link: link, Where: "The source",
				Do: "Its page says why. Once that is mended, the next run loads them, or now:", Run: "run --source " + s.Name})
		}
	}
	return found
}

func (v *overviewPage) ofChecks() (found []problem) {
	for _, c := range v.Checks {
		if c.Verdict == "pass" || c.Check == "freshness" { // what is late now, the sources tell
			continue
		}
		name := c.Name()
		if c.Month != "" {
			name += " of " + c.Month
		}
		found = append(found, problem{Wrong: c.Verdict == "fail", Text: "Check " + name + ": " + c.Message + ".", Link: "#checks", Where: "Checks",
			Do: "See the rows that it is about:", Run: `query "` + c.Query + `"`})
	}
	return found
}

func (v *overviewPage) ofRows() (found []problem) {
	if v.Rejected > 0 {
		found = append(found, problem{Text: counting(v.Rejected, "row is rejected and counts", "rows are rejected and count") + " nowhere.", Link: "#rejects", Where: "Rejects",
			Do: "Mend the mapping and replay them, or send them to who delivered them:", Run: "rejects list --by reason"})
	}
	for _, u := range v.Unrated {
		found = append(found, problem{Text: counting(u.Entries, "entry in "+u.Currency+" counts", "entries in "+u.Currency+" count") + " nowhere: there is no exchange rate on or before the day.", Link: "#rejects", Where: "Rejects",
			Do: fmt.Sprintf("Load rates of %s from %s on; they mend it by themselves.", u.Currency, u.First.Format(time.DateOnly))})
	}
	return found
}

func (v *overviewPage) ofExceptions() []problem {
	for _, g := range v.Exceptions {
		if g.Severity == "critical" {
			return []problem{{Text: counting(g.Count, "critical exception", "critical exceptions") + " in " + v.Month + ".", Link: "#exceptions", Where: "Exceptions",
				Do: "They are for the review of the month, not for whoever runs the loads."}}
		}
	}
	return nil
}

func because(reason string) string {
	if reason == "" {
		return "."
	}
	return ": " + short(reason)
}

// short cuts a text for where a whole one is a click away.
func short(text string) string {
	const most = 240
	letters := []rune(strings.TrimSpace(text))
	if len(letters) <= most {
		return string(letters)
	}
	return strings.TrimSpace(string(letters[:most])) + " …"
}

// Name is the check's name as people write it.
func (c checkRow) Name() string { return strings.ReplaceAll(c.Check, "_", " ") }

// Short is what a table shows of the run's error.
func (r runRow) Short() string { return short(r.Error) }

// Links to the pages of runs and sources, from /.

func (r runRow) Link() string           { return runLink(r.ID) }
func (r sourceRun) Link() string        { return runLink(r.ID) }
func (u failedUnit) RunLink() string    { return runLink(u.RunID) }
func (s sourceRow) Link() string        { return sourceLink(s.Name) }
func (s runSource) Link() string        { return sourceLink(s.Source) }
func (u failedUnit) SourceLink() string { return sourceLink(u.Source) }

func runLink(id string) string      { return "runs/" + url.PathEscape(id) }
func sourceLink(name string) string { return "sources/" + url.PathEscape(name) }
