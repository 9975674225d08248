package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// IncompleteSource is a source that has not delivered all of a month.
type IncompleteSource struct {
	Source string `ch:"source" json:"source"`
	Lacks  string `ch:"lacks" json:"lacks"` // in words that go on from its name, such as: never delivered a row
}

// IncompleteSources lists the sources that have not delivered all of a month (its first day) yet, of those named, or of all
// where none is: sql/verdicts/incomplete_sources.sql says what that means.
func (w *Warehouse) IncompleteSources(ctx context.Context, month time.Time, sources ...string) ([]IncompleteSource, error) {
	var incomplete []IncompleteSource
	err := w.selectInto(ctx, "look for incomplete sources", sql.Text("verdicts/incomplete_sources.sql"),
		Params{"month": month.Format(time.DateOnly), "sources": texts(sources)}, &incomplete)
	return incomplete, err
}

// ReviewOpening asks for the first step of a month's review.
type ReviewOpening struct {
	Month   time.Time // its first day
	By      string    // who opens it
	Note    string    // what they have to say
	CheckID string    // validation of the month by all checks, of just now; empty: OpenReview validates
}

// Opening is the step that opened the review of a month.
type Opening struct {
	Month      string             `json:"month"` // such as 2026-09
	State      string             `json:"state"` // ReviewOpened, ReviewOpen or ReviewClosed
	At         time.Time          `json:"at"`    // zero for a month that was closed without
	By         string             `json:"by"`
	Note       string             `json:"note,omitempty"`
	CheckID    string             `json:"check_id"`
	Verdict    string             `json:"verdict"` // worst of its checks
	Checks     []CheckResult      `json:"checks,omitempty"`
	Incomplete []IncompleteSource `json:"incomplete,omitempty"` // sources that had not delivered all of the month
}

// OpenReview is the first step of a month's review: it validates the month's data and records that, with the verdict and the
// sources that have not delivered all of the month. Neither keeps the review from being open: they are what it begins
// with. A month that is open already stays as it is, unless the data are not those that its validation looked at, or other
// sources are incomplete: then it is validated anew, a step more. One that is closed stays closed.
func (w *Warehouse) OpenReview(ctx context.Context, asked ReviewOpening) (Opening, error) {
	opening := Opening{Month: asked.Month.Format("2006-01")}
	if err := w.reviewable(ctx, asked.Month); err != nil {
		return opening, err
	}
	incomplete, err := w.IncompleteSources(ctx, asked.Month)
	if err != nil {
		return opening, err
	}
	r, err := w.Review(ctx, asked.Month)
	if err != nil {
		return opening, err
	}
	stands, err := w.openingStands(ctx, r, incomplete)
	if err != nil {
		return opening, err
	}
	if stands {
		return w.standing(ctx, r)
	}
	if opening.Checks, err = w.validation(ctx, asked.Month, asked.CheckID); err != nil {
		return opening, err
	}
	opening.CheckID, opening.Verdict = opening.Checks[0].CheckID, worst(opening.Checks)
	opening.State, opening.By, opening.Note, opening.Incomplete = ReviewOpened, asked.By, asked.Note, incomplete
	opening.At, err = w.recordOpening(ctx, r, asked, opening.Checks, incomplete)
	return opening, err
}

// validation is that of a month by all checks: one of just now, or, where no id is given, one of its own.
func (w *Warehouse) validation(ctx context.Context, month time.Time, checkID string) (checks []CheckResult, err error) {
	if checkID == "" {
		return w.Check(ctx, month)
	}
	if checks, err = w.checkResults(ctx, checkID); err == nil && len(checks) == 0 {
		err = fmt.Errorf("review %s: there is no validation %q", month.Format("2006-01"), checkID)
	}
	return checks, err
}

// recordOpening writes down that a month's data were validated, and which sources had not delivered all of it.
func (w *Warehouse) recordOpening(ctx context.Context, r Review, asked ReviewOpening, checks []CheckResult, incomplete []IncompleteSource) (time.Time, error) {
	step := ReviewStep{
		Month: asked.Month, Step: StepOpen, By: asked.By, Note: asked.Note, CheckID: checks[0].CheckID, Verdict: worst(checks), Details: map[string]string{},
	}
	for _, s := range incomplete {
		step.Details[s.Source] = s.Lacks
	}
	return w.record(ctx, r, step)
}

// openingStands tells whether nothing is left to be opened: the month is closed, or open on the data as they are.
func (w *Warehouse) openingStands(ctx context.Context, r Review, incomplete []IncompleteSource) (bool, error) {
	if r.State == ReviewClosed || r.OpenedAt == nil {
		return r.State == ReviewClosed, nil
	}
	data, err := w.dataState(ctx)
	if err != nil {
		return false, err
	}
	then, err := one[struct {
		Data string `ch:"data"`
	}](ctx, w, "verdicts/validated.sql", Params{"id": r.CheckID})
	now := make([]string, len(incomplete))
	for i, s := range incomplete {
		now[i] = s.Source
	}
	return data == then.Data && slices.Equal(slices.Sorted(maps.Keys(r.Incomplete)), now), err // both in the order of names
}

// standing gives the opening that a review has.
func (w *Warehouse) standing(ctx context.Context, r Review) (opening Opening, err error) {
	opening = Opening{Month: r.Month, State: r.State, At: orZero(r.OpenedAt), By: r.OpenedBy, Note: r.Note, CheckID: r.CheckID, Verdict: r.Verdict}
	for _, source := range slices.Sorted(maps.Keys(r.Incomplete)) {
		opening.Incomplete = append(opening.Incomplete, IncompleteSource{Source: source, Lacks: r.Incomplete[source]})
	}
	opening.Checks, err = w.checkResults(ctx, r.CheckID)
	return opening, err
}
