package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// NotWaivableError says that a check did not fail in the newest validation of a month, so that there is nothing to waive.
type NotWaivableError struct {
	Month  string
	Check  string
	Failed []string // checks that did fail
}

func (e *NotWaivableError) Error() string {
	failed := "no check did"
	if len(e.Failed) > 0 {
		failed = "failed have: " + strings.Join(e.Failed, ", ")
	}
	return fmt.Sprintf("check %q cannot be waived: it did not fail in the newest validation of %s (%s)", e.Check, e.Month, failed)
}

// WaiveChecks records that an owner lets a month's review go on although those checks failed in its newest validation, and for
// which reason. A waiver holds for what the check found, its figure and its message: if it finds something else, it has to be waived anew. The
// error is a *NotWaivableError where a check did not fail.
func (w *Warehouse) WaiveChecks(ctx context.Context, month time.Time, by, reason string, checks ...string) (Review, error) {
	r, err := w.Review(ctx, month)
	if err != nil {
		return r, err
	}
	if err := r.Allows(StepWaive); err != nil {
		return r, err
	}
	results, err := w.checkResults(ctx, r.CheckID)
	if err != nil {
		return r, err
	}
	step := ReviewStep{Month: month, Step: StepWaive, By: by, Note: reason, CheckID: r.CheckID, Verdict: r.Verdict, Details: map[string]string{}}
	for _, check := range checks {
		i := slices.IndexFunc(results, func(c CheckResult) bool { return c.Check == check && c.Verdict == VerdictFail })
		if i < 0 {
			return r, &NotWaivableError{Month: r.Month, Check: check, Failed: r.FailedChecks}
		}
		step.Details[check] = results[i].Figure
	}
	return w.RecordStep(ctx, step)
}
