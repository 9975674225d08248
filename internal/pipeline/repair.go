package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/partnerplus/warehouse/load"
)

// RepairReport is what a repair did, or found.
type RepairReport struct {
	RunID   string  `json:"run_id"`
	Check   bool    `json:"check"` // it only compared
	Seconds float64 `json:"seconds"`
	Months  int     `json:"months_refreshed"`
	// Rows is how many rows of the computed tables differ from what the facts give, and Differences are some of each table and
	// month.
	Rows        uint64            `json:"rows_that_differ"`
	Differences []load.Difference `json:"differences"`
	Warnings    []string          `json:"warnings,omitempty"`
}

// Repair computes the figures anew from the facts: all of them, or those of a month (its first day; zero for all) and the
// later ones. It reads no source. The ledger has it as a run.
func (p *Pipeline) Repair(ctx context.Context, from time.Time) (report RepairReport, err error) {
	r, err := p.newRun(Request{Job: "repair"})
	if err != nil {
		return report, err
	}
	if err := p.Warehouse.RecordRun(ctx, r.row()); err != nil {
		return report, err
	}
	ctx = r.trace(ctx)
	r.Progress.Begin("repair", 0, 0)
	repaired, err := p.Warehouse.Repair(ctx, r.id, from)
	switch {
	case errors.Is(err, load.ErrOvertaken):
		r.report.Warnings = append(r.report.Warnings, "other runs are loading: the one that ends last repairs the figures with what it loads")
	case err != nil:
		r.fail(err)
	case repaired.Differences == nil:
		r.report.Warnings = append(r.report.Warnings, "so many editions were published meanwhile that what was repaired cannot be told")
	}
	r.report.Months = repaired.Months
	ended, err := r.end(ctx)
	return RepairReport{
		RunID: r.id, Seconds: ended.Seconds, Months: ended.Months, Warnings: ended.Warnings,
		Rows: load.RowsThatDiffer(repaired.Differences), Differences: repaired.Differences,
	}, err
}

// CheckRepair tells what a repair would change; it changes nothing.
func (p *Pipeline) CheckRepair(ctx context.Context, month time.Time) (RepairReport, error) {
	r, err := p.newRun(Request{Job: "repair"})
	if err != nil {
		return RepairReport{}, err
	}
	r.Progress.Begin("compare", 0, 0)
	if err := p.Warehouse.Reconcile(ctx, r.id, month); err != nil {
		return RepairReport{}, err
	}
	differences, err := p.Warehouse.Differences(ctx, r.id)
	return RepairReport{
		RunID: r.id, Check: true, Seconds: time.Since(r.started).Seconds(),
		Rows: load.RowsThatDiffer(differences), Differences: differences,
	}, err
}
