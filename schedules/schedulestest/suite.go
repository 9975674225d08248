package schedulestest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/schedules"
)

// Ledger checks that an empty ledger does what package schedules asks of one.
func Ledger(t *testing.T, ledger schedules.Ledger) {
	t.Helper()
	at := time.Date(2024, 3, 10, 7, 0, 0, 123456000, time.UTC)
	record := func(job string, due time.Time, attempt int, status string) schedules.Record {
		return schedules.Record{
			Job:        job,
			Occurrence: schedules.Occurrence{Due: due, Attempt: attempt},
			Result:     schedules.Result{Status: status},
			Holder:     "here (process 1)",
		}
	}
	full := record("full", at, 2, schedules.StatusRejects)
	full.Missed, full.RunID, full.Reason = 3, "0198c0de", "a line\n\tand 'another' \\N"
	full.Since, full.Started, full.Finished = at.Add(time.Second), at.Add(time.Minute), at.Add(time.Hour)
	hand := func(r schedules.Record) schedules.Record { r.ByHand = true; return r }
	old := time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name    string // of the job
		records []schedules.Record
		want    schedules.History // Last and Newest are those records
		last    int               // from 1; 0 for none
		newest  int
	}{
		{"full", []schedules.Record{full}, schedules.History{Settled: at, Good: at}, 1, 1},
		{"rewritten", []schedules.Record{
			record("rewritten", at, 1, schedules.StatusRunning), record("rewritten", at, 1, schedules.StatusDone),
		}, schedules.History{Settled: at, Good: at}, 2, 2},
		{"waiting", []schedules.Record{
			record("waiting", at.Add(-time.Hour), 1, schedules.StatusChecks), record("waiting", at, 1, schedules.StatusWaiting),
		}, schedules.History{Settled: at.Add(-time.Hour), Good: at.Add(-time.Hour)}, 2, 2},
		{"only-waiting", []schedules.Record{record("only-waiting", at, 1, schedules.StatusWaiting)}, schedules.History{}, 1, 1},
		{"failing", []schedules.Record{
			record("failing", at.Add(-2*time.Hour), 1, schedules.StatusDone),
			record("failing", at.Add(-time.Hour), 1, schedules.StatusFailed), // of another due time
			record("failing", at, 1, schedules.StatusFailed), record("failing", at, 2, schedules.StatusInterrupted),
			record("failing", at, 3, schedules.StatusFailed),
		}, schedules.History{Settled: at, Good: at.Add(-2 * time.Hour), Failures: 2}, 5, 5},
		{"out-of-order", []schedules.Record{
			record("out-of-order", at, 10, schedules.StatusRunning), record("out-of-order", at, 9, schedules.StatusFailed), record("out-of-order", old, 1, schedules.StatusDone),
		}, schedules.History{Settled: at, Good: old, Failures: 1}, 1, 1},
		{"by-hand", []schedules.Record{
			record("by-hand", at.Add(-time.Hour), 1, schedules.StatusSkipped),
			hand(record("by-hand", at, 1, schedules.StatusDone)), hand(record("by-hand", at.Add(time.Hour), 1, schedules.StatusFailed)),
		}, schedules.History{Settled: at.Add(-time.Hour), Good: at}, 1, 3},
		{"only-by-hand", []schedules.Record{hand(record("only-by-hand", at, 1, schedules.StatusRunning))}, schedules.History{}, 0, 1},
	}
	for i := range tests { // one read serves all
		for _, r := range tests[i].records {
			if err := ledger.Record(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	histories, err := ledger.Histories(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		for _, place := range []struct {
			at *schedules.Record
			of int
		}{{histories[tt.name].Last, tt.last}, {histories[tt.name].Newest, tt.newest}} {
			var want *schedules.Record
			if place.of > 0 {
				want = &tt.records[place.of-1]
			}
			if diff := cmp.Diff(want, place.at); diff != "" {
				t.Errorf("%s: %s", tt.name, diff)
			}
		}
		tt.want.Last, tt.want.Newest = histories[tt.name].Last, histories[tt.name].Newest
		if diff := cmp.Diff(tt.want, histories[tt.name]); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	leases(t, ledger)
}

func leases(t *testing.T, ledger schedules.Ledger) {
	t.Helper()
	ctx := t.Context()
	held, err := ledger.Acquire(ctx, "leased", "first")
	if err != nil {
		t.Fatal(err)
	}
	refusal := new(schedules.HeldError)
	if _, err := ledger.Acquire(ctx, "leased", "second"); !errors.As(err, &refusal) || refusal.Job != "leased" || refusal.Holder != "first" || refusal.Since.IsZero() {
		t.Errorf("a lease that is held: want a HeldError of the first, not: %v", err)
	}
	other, err := ledger.Acquire(ctx, "other", "second")
	if err != nil {
		t.Errorf("the lease of another job: %v", err)
	} else if err := other.Release(ctx); err != nil {
		t.Error(err)
	}
	if err := held.Renew(ctx); err != nil {
		t.Errorf("renew: %v", err)
	}
	histories, err := ledger.Histories(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if h := histories["leased"]; h.Holder != "first" || !h.HeldSince.Equal(refusal.Since) || histories["other"].Holder != "" {
		t.Errorf("held by %q since %s; the other by %q", h.Holder, h.HeldSince, histories["other"].Holder)
	}
	if err := held.Release(ctx); err != nil {
		t.Fatal(err)
	}
	lost := new(schedules.LeaseLostError)
	if err := held.Renew(ctx); !errors.As(err, &lost) || lost.Job != "leased" {
		t.Errorf("renew what was released: want a LeaseLostError, not: %v", err)
	}
	next, err := ledger.Acquire(ctx, "leased", "second")
	if err != nil {
		t.Fatalf("a lease that was released: %v", err)
	}
	if err := next.Release(ctx); err != nil {
		t.Error(err)
	}
}
