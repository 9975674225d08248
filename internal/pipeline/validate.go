package pipeline

import (
	"context"
	"time"

	"github.com/partnerplus/warehouse/load"
)

// Validate checks the data as KPI.md section 7 asks: all that there is, or what belongs to one month (its first day; zero
// for all), by the checks of those names, or all of them where there are none. It reads no source.
func (p *Pipeline) Validate(ctx context.Context, month time.Time, checks ...string) ([]load.CheckResult, error) {
	if err := p.declareSources(ctx); err != nil {
		return nil, err
	}
	return p.Warehouse.Check(ctx, month, checks...)
}

// declareSources tells the warehouse which sources the config has and what they are measured against. One that never
// delivered is known by nothing else.
func (p *Pipeline) declareSources(ctx context.Context) error {
	declared := make([]load.SourceLimits, len(p.Config.Sources))
	for i, s := range p.Config.Sources {
		declared[i] = load.SourceLimits{Name: s.Name, FreshWithin: s.FreshWithin, MaxShare: s.Rejects.MaxShare, MaxRows: s.Rejects.MaxRows}
	}
	return p.Warehouse.DeclareSources(ctx, declared)
}
