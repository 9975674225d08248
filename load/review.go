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

// Steps of a month's review. Each comes after the ones before it; StepWaive only where checks fail, and StepDecide in the
// place of actions. StepReopen comes after StepClose, and all steps are done again.
const (
	StepOpen   = "open"
	StepWaive  = "waive"
	StepAssess = "assess"
	StepRisks  = "risks"
	StepAction = "action"
	StepDecide = "decide"
	StepClose  = "close"
	StepReopen = "reopen"
)

// sequence gives each step its place. Actions and the decision that none is needed have the same.
var sequence = map[string]int{StepOpen: 1, StepWaive: 2, StepAssess: 3, StepRisks: 4, StepAction: 5, StepDecide: 5, StepClose: 6}

// States of a month's review. ReviewOpened is that of an Opening alone: by this very step.
const (
	ReviewNone   = "none"
	ReviewOpened = "opened"
	ReviewOpen   = "open"
	ReviewClosed = "closed"
)

// Review is how far the review of a month is: kpi.reviews says what each field holds.
type Review struct {
	Month          string            `ch:"month" json:"month"` // such as 2026-09
	State          string            `ch:"state" json:"state"` // ReviewNone, ReviewOpen or ReviewClosed
	Round          uint32            `ch:"round" json:"round"` // 0: none was begun
	NextStep       string            `ch:"next_step" json:"next_step"`
	OpenedAt       *time.Time        `ch:"opened_at" json:"opened_at"`
	OpenedBy       string            `ch:"opened_by" json:"opened_by"`
	Note           string            `ch:"note" json:"note"`
	CheckID        string            `ch:"check_id" json:"check_id"`
	Verdict        string            `ch:"verdict" json:"verdict"`
	FailedChecks   []string          `ch:"failed_checks" json:"failed_checks"`
	WaivedChecks   []string          `ch:"waived_checks" json:"waived_checks"`
	OpenChecks     []string          `ch:"open_checks" json:"open_checks"`
	Incomplete     map[string]string `ch:"incomplete" json:"incomplete"`
	AssessedAt     *time.Time        `ch:"assessed_at" json:"assessed_at"`
	AssessedBy     string            `ch:"assessed_by" json:"assessed_by"`
	RisksAt        *time.Time        `ch:"risks_at" json:"risks_at"`
	RisksBy        string            `ch:"risks_by" json:"risks_by"`
	Actions        uint64            `ch:"actions" json:"actions"`
	DecidedAt      *time.Time        `ch:"decided_at" json:"decided_at"`
	DecidedBy      string            `ch:"decided_by" json:"decided_by"`
	Decision       string            `ch:"decision" json:"decision"`
	ClosedAt       *time.Time        `ch:"closed_at" json:"closed_at"`
	ClosedBy       string            `ch:"closed_by" json:"closed_by"`
	Closings       uint32            `ch:"closings" json:"closings"`
	ReopenedAt     *time.Time        `ch:"reopened_at" json:"reopened_at"`
	ReopenedBy     string            `ch:"reopened_by" json:"reopened_by"`
	ReopenedReason string            `ch:"reopened_reason" json:"reopened_reason"`
	Restated       uint64            `ch:"restated" json:"restated"` // figures that changed since the newest closing; Reviews alone counts them

	Figures string    `ch:"figures" json:"-"` // state of those that were assessed
	LastAt  time.Time `ch:"last_at" json:"-"` // the newest step
}

// ErrNotReviewable says that a month can be neither opened for review nor closed, whatever the checks say: it has no
// figures, or is not over.
var ErrNotReviewable = errors.New("the month cannot be reviewed")

// OutOfSequenceError says that another step of a month's review comes first.
type OutOfSequenceError struct {
	Month  string
	Step   string   // that was to be done
	Next   string   // that has to be done first; empty: the review is not closed, and cannot be reopened
	Failed []string // of StepWaive: the checks
}

func (e *OutOfSequenceError) Error() string {
	do := "partnerplus review " + e.Next + " --month " + e.Month
	switch e.Next {
	case "":
		return fmt.Sprintf("the review of %s is not closed: there is nothing to reopen", e.Month)
	case StepReopen:
		return fmt.Sprintf("the review of %s is closed: %s --by NAME --reason TEXT begins it anew", e.Month, do)
	case StepOpen:
		return fmt.Sprintf("the review of %s is not open: %s is the first step", e.Month, do)
	case StepWaive:
		return fmt.Sprintf("checks of %s fail: %s; mend the data and open the review again, or have an owner waive them: partnerplus review waive %s --month %s --by NAME --reason TEXT",
			e.Month, strings.Join(e.Failed, ", "), strings.Join(e.Failed, " "), e.Month)
	case StepAction:
		return fmt.Sprintf("the plan of %s has no action: partnerplus review action add --month %s, or partnerplus review action none --month %s --by NAME --reason TEXT", e.Month, e.Month, e.Month)
	}
	return fmt.Sprintf("%s comes too early in the review of %s: next is %s", e.Step, e.Month, do)
}

// Allows says whether a step may be done now; if not, the error is an *OutOfSequenceError. What was done already may be done again,
// until the review is closed.
func (r Review) Allows(step string) error {
	refused := &OutOfSequenceError{Month: r.Month, Step: step, Next: r.NextStep}
	switch {
	case step == StepReopen && r.State == ReviewClosed:
		return nil
	case step == StepReopen:
		refused.Next = ""
	case r.State == ReviewClosed:
		refused.Next = StepReopen
	case sequence[step] <= sequence[r.NextStep]:
		return nil
	}
	if refused.Next == StepWaive {
		refused.Failed = r.OpenChecks
	}
	return refused
}

// Review reads how far the review of a month (its first day) is.
func (w *Warehouse) Review(ctx context.Context, month time.Time) (Review, error) {
	r, err := one[Review](ctx, w, "verdicts/review.sql", Params{"month": month.Format(time.DateOnly)})
	if r.State == "" {
		r = Review{Month: month.Format("2006-01"), State: ReviewNone, NextStep: StepOpen}
	}
	return r, err
}

// Reviews reads how far the review of every month is that has one, or is over and has figures; the newest month first.
func (w *Warehouse) Reviews(ctx context.Context) ([]Review, error) {
	var reviews []Review
	err := w.Select(ctx, "verdicts/reviews.sql", nil, &reviews)
	return reviews, err
}

// DoneStep is a step that was done in the review of a month: kpi.review_steps says what each field holds.
type DoneStep struct {
	Month   string            `ch:"month" json:"month"` // such as 2026-09
	Round   uint32            `ch:"round" json:"round"`
	Step    string            `ch:"step" json:"step"`
	At      time.Time         `ch:"at" json:"at"`
	By      string            `ch:"by" json:"by"`
	Note    string            `ch:"note" json:"note"`
	CheckID string            `ch:"check_id" json:"check_id"`
	Verdict string            `ch:"verdict" json:"verdict"`
	Details map[string]string `ch:"details" json:"details"`
}

// ReviewSteps reads what was done in the review of a month (its first day), the oldest step first.
func (w *Warehouse) ReviewSteps(ctx context.Context, month time.Time) ([]DoneStep, error) {
	var steps []DoneStep
	err := w.Select(ctx, "verdicts/review_steps.sql", Params{"month": month.Format(time.DateOnly)}, &steps)
	return steps, err
}

// ReviewStep is a step of a month's review to be recorded.
type ReviewStep struct {
	Month   time.Time // its first day
	Step    string
	By      string            // who does it
	Note    string            // what they have to say; of StepWaive, StepDecide and StepReopen the reason, which has to be there
	CheckID string            // validation that it stands on
	Verdict string            // worst of its checks
	Details map[string]string // what etl.review_steps says of the step
	// Figures is of StepAssess and StepRisks: the state of the figures that were looked at, as review/figure_state.sql has it. Where
	// they are others now, the error is a *FiguresChangedError. Empty: as they are now.
	Figures string
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// stepLease is how long a step that was killed keeps others of the same review from being done.
const stepLease = time.Minute

// RecordStep writes down that a step of a month's review was done, where its turn has come, and gives how far the review is
// then. The error is ErrNotReviewable, an *OutOfSequenceError or a *FiguresChangedError where it has not. One step of a review is
// recorded at a time; StepOpen and StepClose have functions of their own.
func (w *Warehouse) RecordStep(ctx context.Context, step ReviewStep) (Review, error) {
	name := step.Month.Format("2006-01")
	if isBlank(step.By) || isBlank(step.Note) && slices.Contains([]string{StepWaive, StepDecide, StepReopen}, step.Step) {
		return Review{}, fmt.Errorf("record %s in the review of %s: it needs who did it, and for which reason", step.Step, name)
	}
	if err := w.reviewable(ctx, step.Month); err != nil {
		return Review{}, err
	}
	err := w.alone(ctx, step.Month, step.By, func() error {
		r, err := w.Review(ctx, step.Month)
		if err != nil {
			return err
		}
		if err := r.Allows(step.Step); err != nil {
			return err
		}
		if step.Step == StepAssess || step.Step == StepRisks {
			if step.Details, err = w.lookedAt(ctx, r, step); err != nil {
				return err
			}
		}
		_, err = w.record(ctx, r, step)
		return err
	})
	if err != nil {
		return Review{}, err
	}
	return w.Review(ctx, step.Month)
}

// alone does something while no other step of the month's review is recorded.
func (w *Warehouse) alone(ctx context.Context, month time.Time, by string, do func() error) error {
	lease, err := w.Lease(ctx, "the review of "+month.Format("2006-01"), by, stepLease)
	if err != nil {
		return err
	}
	return errors.Join(do(), lease.Release(context.WithoutCancel(ctx)))
}

// record writes a step down, and says as of when.
func (w *Warehouse) record(ctx context.Context, r Review, step ReviewStep) (time.Time, error) {
	at := r.later()
	return at, w.exec(ctx, "record "+step.Step+" in the review of "+r.Month, sql.Text("verdicts/review_step.sql"), Params{
		"month": step.Month.Format(time.DateOnly), "step": step.Step, "at": instant(at), "by": step.By, "note": step.Note,
		"check_id": step.CheckID, "verdict": step.Verdict, "details": mapText(step.Details),
	})
}

// later is now, or just after the newest step where another machine's clock is ahead: steps have the order in which they were done.
func (r Review) later() time.Time {
	now, next := time.Now().UTC(), r.LastAt.Add(time.Microsecond)
	if now.Before(next) {
		return next
	}
	return now
}

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
	case row.IsOver == 0:
		return fmt.Errorf("%w: %s is not over", ErrNotReviewable, name)
	case row.Figures == 0:
		return fmt.Errorf("%w: %s has no figures", ErrNotReviewable, name)
	}
	return nil
}

// mapText writes a map as ClickHouse reads a Map(String, String) parameter.
func mapText(m map[string]string) string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	entries := make([]string, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		entries = append(entries, fmt.Sprintf("'%s':'%s'", quote.Replace(key), quote.Replace(m[key])))
	}
	return "{" + strings.Join(entries, ",") + "}"
}
