// Package jobledger keeps the ledger of the schedules in the warehouse: what became of each due time of each job, and who
// runs one.
//
// It brings package schedules, which knows no warehouse, and package load, which knows no schedules, together, and must not
// know when a job is due or what its runs do.
package jobledger

import (
	"context"
	"errors"
	"strings"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
)

// Ledger is a schedules.Ledger in a warehouse.
type Ledger struct {
	warehouse *load.Warehouse
	redact    func(string) string
}

var _ schedules.Ledger = (*Ledger)(nil)

// New gives the ledger of a warehouse. Reasons reach it as redact leaves them.
func New(warehouse *load.Warehouse, redact func(string) string) *Ledger {
	return &Ledger{warehouse, redact}
}

// leased names the lease of a job among those of other things.
const leased = "job "

// Histories implements schedules.Ledger.
func (l *Ledger) Histories(ctx context.Context) (map[string]schedules.History, error) {
	// Who held a job before its row was read is not taken for one that was killed.
	holders, err := l.warehouse.LeaseHolders(ctx)
	if err != nil {
		return nil, err
	}
	found, err := l.warehouse.JobHistories(ctx)
	if err != nil {
		return nil, err
	}
	histories := make(map[string]schedules.History, len(found))
	for _, h := range found {
		histories[h.Job] = schedules.History{
			Last: record(h.Last), Newest: record(h.Newest), Settled: h.Settled, Good: h.Good, Failures: h.Failures,
		}
	}
	for _, holder := range holders {
		if job, ok := strings.CutPrefix(holder.Name, leased); ok {
			h := histories[job]
			h.Holder, h.HeldSince = holder.Holder, holder.Since
			histories[job] = h
		}
	}
	return histories, nil
}

func record(r *load.JobRun) *schedules.Record {
	if r == nil {
		return nil
	}
	return &schedules.Record{
		Job:        r.Job,
		Occurrence: schedules.Occurrence{Due: r.Due, Attempt: r.Attempt, Missed: r.Missed, ByHand: r.ByHand},
		Result:     schedules.Result{Status: r.Status, RunID: r.RunID, Reason: r.Reason},
		Since:      r.Since, Started: r.Started, Finished: r.Finished, Holder: r.Holder,
	}
}

// Record implements schedules.Ledger.
func (l *Ledger) Record(ctx context.Context, r schedules.Record) error {
	return l.warehouse.RecordJobRun(ctx, load.JobRun{
		Job: r.Job, Due: r.Due, Attempt: r.Attempt, Missed: r.Missed, ByHand: r.ByHand,
		Status: r.Status, RunID: r.RunID, Reason: l.redact(r.Reason),
		Since: r.Since, Started: r.Started, Finished: r.Finished, Holder: r.Holder,
	})
}

// Acquire implements schedules.Ledger.
func (l *Ledger) Acquire(ctx context.Context, job, holder string) (schedules.Lease, error) {
	held, err := l.warehouse.Lease(ctx, leased+job, holder, schedules.LeaseTime)
	if other := new(load.LeaseHeldError); errors.As(err, &other) {
		return nil, &schedules.HeldError{Job: job, Holder: other.Holder, Since: other.Since}
	}
	if err != nil {
		return nil, err
	}
	return &lease{held, job}, nil
}

type lease struct {
	*load.Lease
	job string
}

// Renew implements schedules.Lease.
func (l *lease) Renew(ctx context.Context) error {
	err := l.Lease.Renew(ctx)
	if errors.Is(err, load.ErrLeaseExpired) {
		return &schedules.LeaseLostError{Job: l.job}
	}
	return err
}
