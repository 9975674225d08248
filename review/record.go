package review

import (
	"context"
	"slices"
)

// Record is how far the review of a month is, and how it came there.
type Record struct {
	State        string   `ch:"state"`     // open or closed
	Round        uint32   `ch:"round"`     // 1, and one more with each reopening
	NextStep     string   `ch:"next_step"` // open, waive, assess, risks, action or close; empty: it is closed
	OpenedOn     string   `ch:"opened_on"` // empty, as other times: not in this round
	OpenedBy     string   `ch:"opened_by"`
	Note         string   `ch:"note"`
	Verdict      string   `ch:"verdict"` // of the validation that it was opened on
	FailedChecks []string `ch:"failed_checks"`
	WaivedChecks []string `ch:"waived_checks"`
	OpenChecks   []string `ch:"open_checks"` // failed and not waived
	Sources      []string `ch:"sources"`     // that had not delivered all of the month
	Lacks        []string `ch:"lacks"`       // what each lacked, in words that go on from its name
	ClosedOn     string   `ch:"closed_on"`
	ClosedBy     string   `ch:"closed_by"`
	Closings     uint32   `ch:"closings"`
	ReopenedOn   string   `ch:"reopened_on"`
	ReopenedBy   string   `ch:"reopened_by"`
	Reason       string   `ch:"reopened_reason"`
	DecidedOn    string   `ch:"decided_on"` // that no action is needed
	DecidedBy    string   `ch:"decided_by"`
	Decision     string   `ch:"decision"`
	Steps        []Step   // the oldest first
}

// Step is something that was done in a review.
type Step struct {
	Round   uint32   `ch:"round"`
	Kind    string   `ch:"step"` // open, waive, assess, risks, decide, close or reopen
	DoneOn  string   `ch:"done_on"`
	By      string   `ch:"by"`
	Note    string   `ch:"note"`
	Verdict string   `ch:"verdict"`
	Checks  []string `ch:"checks"` // that were waived
}

// stepWords are what steps are called.
var stepWords = map[string]string{
	"open":   "Opened: data validated",
	"waive":  "Failed checks waived",
	"assess": "Figures assessed",
	"risks":  "Risks and opportunities looked at",
	"decide": "Decided that no action is needed",
	"close":  "Closed",
	"reopen": "Reopened",
}

// Title is what the step is called.
func (s Step) Title() string {
	if words, ok := stepWords[s.Kind]; ok {
		return words
	}
	return s.Kind
}

// nextWords say what has to be done next.
var nextWords = map[string]string{
	"open":   "open the review",
	"waive":  "waive the checks that fail, or have the data mended",
	"assess": "assess the figures",
	"risks":  "look at risks and opportunities",
	"action": "agree on actions, or decide that none is needed",
	"close":  "close the month",
}

// Next says what has to be done next; empty where the month is closed.
func (r *Record) Next() string {
	if words, ok := nextWords[r.NextStep]; ok {
		return words
	}
	return r.NextStep
}

// WaiverOf is the newest step that waives a check of the month's validation; nil where the check is not waived.
func (p *Pack) WaiverOf(check string) (waiver *Step) {
	if p.Review == nil || !slices.Contains(p.Review.WaivedChecks, check) {
		return nil
	}
	for i, step := range p.Review.Steps {
		if slices.Contains(step.Checks, check) {
			waiver = &p.Review.Steps[i]
		}
	}
	return waiver
}

// readRecord gives nil where nothing of the month's review was done.
func readRecord(ctx context.Context, from Reader, params map[string]string) (*Record, error) {
	var rows []Record
	if err := from.Select(ctx, "review/record.sql", params, &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	record := &rows[0]
	return record, from.Select(ctx, "review/steps.sql", params, &record.Steps)
}
