package pipeline

import (
	"context"

	"github.com/partnerplus/warehouse/load"
)

// Restore puts a backup into the warehouse, and computes the figures from its facts. It reads no source; the ledger has it as
// a run. The error of a backup that cannot be restored is that of load.Warehouse.Restore.
func (p *Pipeline) Restore(ctx context.Context, place load.BackupPlace, name string, force bool) (Report, error) {
	reporting := load.Reporting{Timezone: p.Config.Reporting.Timezone, Currency: p.Config.Reporting.Currency}
	if err := p.Warehouse.Restore(ctx, place, name, force, reporting); err != nil {
		return Report{Status: StatusFailed}, err
	}
	r, err := p.newRun(Request{Job: "restore"})
	if err != nil {
		return Report{Status: StatusFailed}, err
	}
	if err := p.Warehouse.RecordRun(ctx, r.row()); err != nil {
		return Report{Status: StatusFailed}, err
	}
	r.refresh(ctx)
	return r.end(ctx)
}
