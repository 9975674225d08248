package pipeline

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

// strays are the rows, of those that their mapping leaves out now, that no other mapping takes either; none where the config
// lets such rows go.
func (p *replay) strays(rows arrow.Record, at transform.Place, leftOut []int) ([]int, error) {
	if p.source.declared.Unrouted != config.UnroutedReject || len(leftOut) == 0 {
		return nil, nil
	}
	nobodys := unrouted{rows: append([]int(nil), leftOut...), begun: true}
	for _, m := range p.source.mappings {
		result, err := m.Apply(rows, at)
		if err != nil {
			return nil, fmt.Errorf("source %s, unit %s: %w", p.unit.Source, p.unit.Unit, err)
		}
		result.Record.Release()
		nobodys.meet(result.LeftOut)
	}
	return nobodys.rows, nil
}

// route gives rows that no mapping took to all mappings as they are now.
func (p *replay) route(ctx context.Context, before []load.StandingReject, rows arrow.Record, at transform.Place) error {
	var nobodys unrouted
	results := make([]transform.Result, 0, len(p.source.mappings))
	defer func() {
		for _, result := range results {
			result.Record.Release()
		}
	}()
	for _, m := range p.source.mappings {
		result, err := m.Apply(rows, at)
		if err != nil {
			return p.keep(ctx, before, err.Error())
		}
		results = append(results, result)
		nobodys.meet(result.LeftOut)
	}
	for i, m := range p.source.mappings {
		if err := p.routeTo(ctx, i+1, m, at, results[i]); err != nil {
			return err
		}
	}
	stay := uint64(len(nobodys.rows))
	p.changed = p.changed || stay < uint64(len(before))
	if p.source.declared.Unrouted != config.UnroutedReject { // the config lets them go now
		p.changed = true
		p.done.Filtered += stay
		return nil
	}
	p.done.Rejected += stay
	p.left += stay
	if p.stage == nil {
		return nil
	}
	var nowhere []transform.Reject
	for _, row := range nobodys.rows {
		nowhere = append(nowhere, unroutedReject(before[row].Position, before[row].Raw))
	}
	return p.stage.Keep(ctx, 0, at.Sparse, nowhere)
}

// routeTo keeps what one mapping made of them. In the unit's account they were left out by it.
func (p *replay) routeTo(ctx context.Context, mapping int, m *transform.Mapping, at transform.Place, result transform.Result) error {
	taken := len(at.Positions) - result.Filtered
	if taken == 0 {
		return nil
	}
	tally := p.tally(mapping, m.Entity().Name)
	tally.Routed += uint64(taken)
	tally.Rejected += uint64(len(result.Rejects))
	tally.Amount = tally.Amount.Add(result.Amount)
	p.done.Loaded += uint64(result.Record.NumRows())
	p.done.Rejected += uint64(len(result.Rejects))
	if p.stage == nil {
		return nil
	}
	if err := p.stage.Append(ctx, mapping, m.Entity(), result.Record); err != nil {
		return err
	}
	return p.stage.Keep(ctx, mapping, at.Sparse, result.Rejects)
}
