package warehousetest

import (
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
)

// CloseMonth goes through all steps of the review of a month (its first day), after reopening it where it is closed; what fails is
// waived. So that it is quick, it has only one check validate the data: of those that read no facts.
func CloseMonth(t testing.TB, w *load.Warehouse, month time.Time, by, note string) {
	t.Helper()
	ctx := t.Context()
	must := func(step string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s in the review of %s: %v", step, month.Format("2006-01"), err)
		}
	}
	review, err := w.Review(ctx, month)
	must("look", err)
	done := func(step string) {
		t.Helper()
		_, err := w.RecordStep(ctx, load.ReviewStep{Month: month, Step: step, By: by, Note: "for a test"})
		must(step, err)
	}
	if review.State == load.ReviewClosed {
		done(load.StepReopen)
	}
	checks, err := w.Check(ctx, month, "restatement")
	must("check", err)
	opening, err := w.OpenReview(ctx, load.ReviewOpening{Month: month, By: by, CheckID: checks[0].CheckID})
	must(load.StepOpen, err)
	for _, failed := range load.Failed(opening.Checks) {
		_, err = w.WaiveChecks(ctx, month, by, "for a test", failed.Check)
		must(load.StepWaive, err)
	}
	done(load.StepAssess)
	done(load.StepRisks)
	done(load.StepDecide)
	_, err = w.CloseReview(ctx, load.ReviewClosing{Month: month, By: by, Note: note, CheckID: checks[0].CheckID})
	must(load.StepClose, err)
}
