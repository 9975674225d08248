package load

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// ErrNotReviewable says that a month can be neither opened for review nor closed, whatever the checks say: it has no
// figures, or is not over.
var ErrNotReviewable = errors.New("the month cannot be reviewed")

// reviewable looks whether the month (its first day) is over and has figures.
func (w *Warehouse) reviewable(ctx context.Context, month time.Time) error {
	name := month.Format("2006-01")
	row, err := one[struct {
		Figures uint64 `ch:"figures"`
		IsOver  uint8  `ch:"is_over"`
	}](ctx, w, "verdicts/month.sql", Params{"month": month.Format(time.DateOnly)})
	switch {
	case err != nil:
		return err
	case row.Figures == 0:
		return fmt.Errorf("%w: %s has no figures", ErrNotReviewable, name)
	case row.IsOver == 0:
		return fmt.Errorf("%w: %s is not over", ErrNotReviewable, name)
	}
	return nil
}

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

// States of a month whose review was to be opened.
const (
	ReviewOpened = "opened" // by this step
	ReviewOpen   = "open"   // by an earlier one that still holds
	ReviewClosed = "closed"
)

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
	stands, err := w.openingStands(ctx, asked.Month, incomplete, &opening)
	if err != nil || stands {
		return opening, err
	}
	if asked.CheckID != "" {
		opening.Checks, err = w.checkResults(ctx, asked.CheckID)
	} else {
		opening.Checks, err = w.Check(ctx, asked.Month)
	}
	if err != nil {
		return opening, err
	}
	if len(opening.Checks) == 0 {
		return opening, fmt.Errorf("open the review of %s: there is no validation %q", opening.Month, asked.CheckID)
	}
	opening.CheckID, opening.Verdict = opening.Checks[0].CheckID, worst(opening.Checks)
	opening.State, opening.At, opening.By, opening.Note, opening.Incomplete = ReviewOpened, time.Now().UTC(), asked.By, asked.Note, incomplete
	return opening, w.exec(ctx, "open the review of "+opening.Month, sql.Text("verdicts/open_review.sql"), Params{
		"month": asked.Month.Format(time.DateOnly), "at": instant(opening.At), "by": opening.By, "note": opening.Note,
		"check_id": opening.CheckID, "verdict": opening.Verdict, "incomplete": incompleteMap(incomplete),
	})
}

// openingStands tells whether nothing is left to be opened: the month is closed, or open on the data as they are. It fills
// the opening in that there is.
func (w *Warehouse) openingStands(ctx context.Context, month time.Time, incomplete []IncompleteSource, opening *Opening) (bool, error) {
	found, err := one[struct {
		State      string            `ch:"state"`
		At         time.Time         `ch:"opened_at"`
		By         string            `ch:"opened_by"`
		Note       string            `ch:"note"`
		CheckID    string            `ch:"check_id"`
		Verdict    string            `ch:"verdict"`
		Incomplete map[string]string `ch:"incomplete"`
		Data       string            `ch:"data"`
	}](ctx, w, "verdicts/review.sql", Params{"month": month.Format(time.DateOnly)})
	if err != nil || found.State == "" {
		return false, err
	}
	then, now := slices.Sorted(maps.Keys(found.Incomplete)), make([]string, len(incomplete)) // both in the order of names
	for i, s := range incomplete {
		now[i] = s.Source
	}
	if found.State == ReviewOpen {
		data, err := w.dataState(ctx)
		if err != nil || data != found.Data || !slices.Equal(then, now) {
			return false, err
		}
	}
	opening.State, opening.By, opening.Note, opening.CheckID, opening.Verdict = found.State, found.By, found.Note, found.CheckID, found.Verdict
	if found.At.Unix() > 0 {
		opening.At = found.At
	}
	for _, source := range then {
		opening.Incomplete = append(opening.Incomplete, IncompleteSource{Source: source, Lacks: found.Incomplete[source]})
	}
	opening.Checks, err = w.checkResults(ctx, found.CheckID)
	return true, err
}

// incompleteMap writes the sources as ClickHouse reads a Map(String, String) parameter.
func incompleteMap(sources []IncompleteSource) string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	entries := make([]string, len(sources))
	for i, s := range sources {
		entries[i] = fmt.Sprintf("'%s':'%s'", quote.Replace(s.Source), quote.Replace(s.Lacks))
	}
	return "{" + strings.Join(entries, ",") + "}"
}
