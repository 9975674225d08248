package load

import (
	"context"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// ReviewClosing asks for the last step of a month's review.
type ReviewClosing struct {
	Month   time.Time // its first day
	By      string    // who closes it
	Note    string    // what they have to say
	CheckID string    // validation of the month by all checks, of just now; empty: CloseReview validates
}

// CloseReview ends the review of a month: its figures are kept as they were assessed (kpi.reported_monthly), so that the check of
// restatement shows what changes later. It gives the checks of the validation that the closing stands on.
//
// The error is an *OutOfSequenceError where a step has not been done in this round, or a check fails that was not waived, of
// which the newest validation then tells; and a *FiguresChangedError where the figures are not those that were assessed. The figures
// are written before the row that says that the month is closed: a closing that is cut short counts for nothing. Of two
// at once, one closes the month, and the other finds it closed.
func (w *Warehouse) CloseReview(ctx context.Context, asked ReviewClosing) ([]CheckResult, error) {
	if err := w.reviewable(ctx, asked.Month); err != nil {
		return nil, err
	}
	r, err := w.Review(ctx, asked.Month)
	if err != nil {
		return nil, err
	}
	if err := r.Allows(StepClose); err != nil {
		return nil, err
	}
	checks, err := w.validation(ctx, asked.Month, asked.CheckID)
	if err != nil {
		return nil, err
	}
	if err := w.waived(ctx, r, asked, checks); err != nil {
		return checks, err
	}
	return checks, w.alone(ctx, asked.Month, asked.By, func() error { return w.close(ctx, asked, checks) })
}

// waived looks whether all checks that failed just now were waived. If not, the review stands on this validation from now on, so that
// they can be.
func (w *Warehouse) waived(ctx context.Context, r Review, asked ReviewClosing, checks []CheckResult) error {
	var failed []struct {
		Check string `ch:"check"`
	}
	params := Params{"month": asked.Month.Format(time.DateOnly), "id": checks[0].CheckID}
	if err := w.selectInto(ctx, "look for failed checks", sql.Text("verdicts/unwaived.sql"), params, &failed); err != nil || len(failed) == 0 {
		return err
	}
	incomplete, err := w.IncompleteSources(ctx, asked.Month)
	if err != nil {
		return err
	}
	opening := ReviewOpening{Month: asked.Month, By: asked.By, Note: "validated anew when it was to be closed"}
	if _, err := w.recordOpening(ctx, r, opening, checks, incomplete); err != nil {
		return err
	}
	refused := &OutOfSequenceError{Month: r.Month, Step: StepClose, Next: StepWaive}
	for _, f := range failed {
		refused.Failed = append(refused.Failed, f.Check)
	}
	return refused
}

// close keeps the figures and closes the month, while no other does.
func (w *Warehouse) close(ctx context.Context, asked ReviewClosing, checks []CheckResult) error {
	r, err := w.Review(ctx, asked.Month)
	if err != nil {
		return err
	}
	if err := r.Allows(StepClose); err != nil {
		return err
	}
	states, figures, err := w.figureStates(ctx, asked.Month)
	if err != nil {
		return err
	}
	if err := w.stillAssessed(ctx, r, asked.Month, StepClose, states); err != nil {
		return err
	}
	params := Params{
		"month": asked.Month.Format(time.DateOnly), "at": instant(r.later()), "by": asked.By, "note": asked.Note,
		"check_id": checks[0].CheckID, "verdict": worst(checks), "figures": r.Figures,
	}
	if err := w.exec(ctx, "keep the figures of "+r.Month, sql.Text("verdicts/close_figures.sql"), params); err != nil {
		return err
	}
	kept, err := one[struct {
		Figures uint64 `ch:"figures"`
	}](ctx, w, "verdicts/closed_figures.sql", params)
	if err != nil {
		return err
	}
	if kept.Figures != figures { // an edition was published in between
		return &FiguresChangedError{Month: r.Month, Step: StepClose}
	}
	return w.exec(ctx, "close "+r.Month, sql.Text("verdicts/close_month.sql"), params)
}
