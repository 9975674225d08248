package pipeline

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/partnerplus/warehouse/load"
)

// Validate checks the data as KPI.md section 7 asks: all that there is, or what belongs to one month (its first day; zero
// for all), by the checks of those names, or all of them where there are none. It reads no source.
func (p *Pipeline) Validate(ctx context.Context, month time.Time, checks ...string) ([]load.CheckResult, error) {
	ctx, span := p.span(ctx, "check")
	if !month.IsZero() {
		span.SetAttributes(attribute.String("month", month.Format("2006-01")))
	}
	err := p.declareSources(ctx)
	var results []load.CheckResult
	if err == nil {
		results, err = p.Warehouse.Check(ctx, month, checks...)
	}
	var failed []string
	for _, r := range results {
		if r.Verdict == load.VerdictFail {
			failed = append(failed, r.Check)
		}
	}
	span.end(err, attribute.Int("checks", len(results)), attribute.StringSlice("failed", failed))
	return results, err
}

// IncompleteSources lists the sources that have not delivered all of a month (its first day) yet, of those named, or of all
// where none is. It reads no source.
func (p *Pipeline) IncompleteSources(ctx context.Context, month time.Time, sources ...string) ([]load.IncompleteSource, error) {
	if err := p.declareSources(ctx); err != nil {
		return nil, err
	}
	return p.Warehouse.IncompleteSources(ctx, month, sources...)
}

// OpenReview is the first step of a month's review. It reads no source.
func (p *Pipeline) OpenReview(ctx context.Context, asked load.ReviewOpening) (load.Opening, error) {
	if err := p.declareSources(ctx); err != nil {
		return load.Opening{}, err
	}
	return p.Warehouse.OpenReview(ctx, asked)
}

// CloseReview is the last step of a month's review. It reads no source.
func (p *Pipeline) CloseReview(ctx context.Context, asked load.ReviewClosing) ([]load.CheckResult, error) {
	if err := p.declareSources(ctx); err != nil {
		return nil, err
	}
	return p.Warehouse.CloseReview(ctx, asked)
}

// declareSources tells the warehouse which sources the config has and what they are measured against. One that never
// delivered is known by nothing else.
func (p *Pipeline) declareSources(ctx context.Context) error {
	declared := make([]load.SourceLimits, len(p.Config.Sources))
	for i, s := range p.Config.Sources {
		declared[i] = load.SourceLimits{
			Name: s.Name, FreshWithin: s.FreshWithin, MaxShare: s.Rejects.MaxShare, MaxRows: s.Rejects.MaxRows,
			Asked: s.HTTP != nil || s.Postgres != nil, Unawaited: s.MonthEnd.Ignore, MonthAfter: s.MonthEnd.After,
		}
	}
	return p.Warehouse.DeclareSources(ctx, declared)
}
