package pipeline

import (
	"context"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// Kept is the config's retention, as the warehouse takes it.
func Kept(r config.Retention) load.Retention {
	return load.Retention{RawRows: r.RawRows, Runs: r.Runs, Checks: r.Checks}
}

// retain drops what is old, at most daily, in the runs of jobs: a run that somebody waits for has nothing to do with it.
func (r *run) retain(ctx context.Context) {
	if r.request.Job == jobManual || r.stopped(ctx) {
		return
	}
	if err := r.Warehouse.DropDaily(ctx, Kept(r.Config.Retention)); err != nil {
		r.fail(err)
	}
}
