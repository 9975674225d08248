package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

// ReplayRequest says which rejects are replayed.
type ReplayRequest struct {
	Sources []string // all of the config, where empty
	Unit    string   // only of units with that name, where not empty
	DryRun  bool     // apply the mappings, write nothing
}

// ReplayReport is what a replay did.
type ReplayReport struct {
	RunID   string         `json:"run_id"`
	DryRun  bool           `json:"dry_run"`
	Seconds float64        `json:"seconds"`
	Months  int            `json:"months_refreshed"`
	Sources []ReplaySource `json:"sources"`
	// Kept are rejects that could not be replayed, with why and what to do.
	Kept []ReplayKept `json:"kept,omitempty"`
	// Unrated are ledger entries that count nowhere still, for want of an exchange rate.
	Unrated  uint64   `json:"entries_without_rate"`
	Warnings []string `json:"warnings,omitempty"`
}

// ReplaySource is what became of the rejects of one source: all of them are loaded, filtered, rejected again or kept.
type ReplaySource struct {
	Name     string `json:"source"`
	Units    int    `json:"units"`
	Rejects  uint64 `json:"rejects"`
	Loaded   uint64 `json:"rows_loaded"`   // went into the facts, or are of a key that their unit delivers twice
	Filtered uint64 `json:"rows_filtered"` // left out by the mapping now
	Rejected uint64 `json:"rows_rejected"` // again, for whatever reason
	Kept     uint64 `json:"rows_kept"`     // not replayed
}

// ReplayKept are rejects of a unit that could not be replayed for the same reason.
type ReplayKept struct {
	Source string `json:"source"`
	Unit   string `json:"unit"`
	Rows   uint64 `json:"rows"`
	Why    string `json:"why"`
}

// Left counts the rejects that stand after the replay.
func (r ReplayReport) Left() uint64 {
	left := r.Unrated
	for _, s := range r.Sources {
		left += s.Rejected + s.Kept
	}
	return left
}

// replayRows is how many rejects are held at once; their raw rows have 64 KiB each at most.
const replayRows = 1000

// Replay applies the mappings as they are now to the raw rows of rejects that stand. What passes is loaded as the load of
// its unit would have loaded it, and leaves the list; the rest stays, with its new reason. The figures are refreshed after.
func (p *Pipeline) Replay(ctx context.Context, request ReplayRequest) (report ReplayReport, err error) {
	r, err := p.begin(ctx, Request{Job: "replay", Sources: request.Sources, DryRun: request.DryRun})
	if err != nil {
		return report, err
	}
	ctx = r.trace(ctx)
	report = ReplayReport{RunID: r.id, DryRun: request.DryRun, Sources: []ReplaySource{}}
	for _, s := range r.sources {
		if r.stopped(ctx) {
			break
		}
		if err := r.replaySource(ctx, s, request, &report); err != nil {
			r.fail(err)
		}
	}
	if !request.DryRun && !r.stopped(ctx) {
		r.refresh(ctx)
	}
	if !r.stopped(ctx) {
		if report.Unrated, err = p.Warehouse.Unrated(ctx, ""); err != nil {
			r.fail(err)
		}
	}
	r.replayed = true
	ended, err := r.end(ctx)
	report.Seconds, report.Months, report.Warnings = ended.Seconds, ended.Months, ended.Warnings
	return report, err
}

func (r *run) replaySource(ctx context.Context, s *source, request ReplayRequest, report *ReplayReport) error {
	units, err := r.Warehouse.Standing(ctx, s.declared.Name, request.Unit)
	if err != nil {
		return err
	}
	r.Progress.Begin(s.declared.Name, len(units), 0)
	sum := ReplaySource{Name: s.declared.Name}
	var errs []error
	for _, unit := range units {
		if r.stopped(ctx) {
			break
		}
		done, kept, err := r.replayUnit(ctx, s, unit, request.DryRun)
		switch {
		case errors.Is(err, load.ErrOvertakenReplay):
			r.report.Warnings = append(r.report.Warnings, err.Error())
		case errors.Is(err, load.ErrNoAccount):
			done, kept = ReplaySource{Kept: unit.Rejects}, map[string]uint64{err.Error(): unit.Rejects}
		case err != nil:
			errs = append(errs, err)
		}
		sum.Units++
		sum.Rejects += unit.Rejects
		sum.Loaded += done.Loaded
		sum.Filtered += done.Filtered
		sum.Rejected += done.Rejected
		sum.Kept += done.Kept
		for why, rows := range kept {
			report.Kept = append(report.Kept, ReplayKept{Source: unit.Source, Unit: unit.Unit, Rows: rows, Why: why})
		}
		r.Progress.Done()
	}
	if sum.Units > 0 {
		report.Sources = append(report.Sources, sum)
	}
	s.report.Loaded, s.report.Canonical, s.report.Rejected = sum.Units, sum.Loaded, sum.Rejected+sum.Kept
	slices.SortFunc(report.Kept, func(a, b ReplayKept) int {
		return slices.Compare([]string{a.Source, a.Unit, a.Why}, []string{b.Source, b.Unit, b.Why})
	})
	return errors.Join(errs...)
}

// replay is the replay of one unit's rejects.
type replay struct {
	*run
	source  *source
	unit    load.Standing
	stage   *load.Stage // nil in a dry run
	tallies []load.Tally
	done    ReplaySource
	kept    map[string]uint64 // rows, by why
	changed bool              // a row has left, or has another reason
	left    uint64            // unrouted rows that stay
}

func (r *run) replayUnit(ctx context.Context, s *source, unit load.Standing, dry bool) (ReplaySource, map[string]uint64, error) {
	p := &replay{run: r, source: s, unit: unit, kept: map[string]uint64{}}
	if unit.Status != load.StatusLoaded {
		p.kept["the unit failed whole: nothing of it is loaded; mend what it failed for, and run"] = unit.Rejects
		p.done.Kept = unit.Rejects
		return p.done, p.kept, nil
	}
	if !dry {
		id, err := uuid.NewV7()
		if err != nil {
			return p.done, nil, fmt.Errorf("make a load id: %w", err)
		}
		if p.stage, err = r.Warehouse.Replay(ctx, unit, id.String()); err != nil {
			return p.done, nil, err
		}
	}
	err := p.read(ctx)
	if dry {
		return p.done, p.kept, err
	}
	if err != nil || !p.changed {
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		p.stage.Discard(cleanup)
		return p.done, p.kept, err
	}
	_, err = p.stage.Commit(ctx, load.UnitRecord{Unit: load.Unit{Version: unit.Version}, Unrouted: p.left}, p.tallies)
	return p.done, p.kept, err
}

// read takes all rejects of the unit, those of one mapping after those of another.
func (p *replay) read(ctx context.Context) error {
	var last load.StandingReject
	for {
		rejects, err := p.Warehouse.StandingRejects(ctx, p.unit, last, replayRows)
		if err != nil {
			return err
		}
		if len(rejects) == 0 {
			return nil
		}
		last = rejects[len(rejects)-1]
		for len(rejects) > 0 {
			n := 1
			for n < len(rejects) && sameWay(rejects[0], rejects[n]) {
				n++
			}
			if err := p.take(ctx, rejects[:n]); err != nil {
				return err
			}
			rejects = rejects[n:]
		}
	}
}

// sameWay tells whether two rejects may be replayed in one batch.
func sameWay(a, b load.StandingReject) bool {
	return a.Mapping == b.Mapping && a.Entity == b.Entity && a.Sparse == b.Sparse && (a.Rule == transform.RuleUnrouted) == (b.Rule == transform.RuleUnrouted)
}

// take replays rejects of one mapping.
func (p *replay) take(ctx context.Context, rejects []load.StandingReject) error {
	first := rejects[0]
	unrouted := first.Rule == transform.RuleUnrouted
	var mapping *transform.Mapping
	if !unrouted {
		if first.Mapping > 0 {
			p.tally(int(first.Mapping), first.Entity).Read += uint64(len(rejects))
		}
		var why string
		if mapping, why = p.mappingOf(first); mapping == nil {
			return p.keep(ctx, rejects, why)
		}
	}
	raws := make([]string, len(rejects))
	for i, r := range rejects {
		raws[i] = r.Raw
	}
	rows, unreadable, err := transform.ReadRaw(raws)
	if err != nil {
		return fmt.Errorf("source %s, unit %s: %w", p.unit.Source, p.unit.Unit, err)
	}
	defer rows.Release()
	readable := rejects[:0:0]
	at := transform.Place{Unit: p.unit.Unit, Delivered: p.delivered(), Sparse: first.Sparse == 1, Optional: p.source.optional}
	for i, r := range rejects {
		if unreadable[i] != nil {
			why := unreadable[i].Error()
			if r.Raw == "" {
				why = "its raw row was dropped, being older than retention.raw_rows"
			}
			if err := p.keep(ctx, rejects[i:i+1], why+": load its unit again with run --full"); err != nil {
				return err
			}
			continue
		}
		readable = append(readable, r)
		at.Positions = append(at.Positions, r.Position)
	}
	if len(readable) == 0 {
		return nil
	}
	if unrouted {
		return p.route(ctx, readable, rows, at)
	}
	result, err := mapping.Apply(rows, at)
	if err != nil {
		return p.keep(ctx, readable, err.Error())
	}
	defer result.Record.Release()
	return p.settle(ctx, readable, rows, at, result)
}

// delivered is the unit's delivery as its load had it; the ledger has 1970 for a place without a clock.
func (p *replay) delivered() time.Time {
	if p.unit.Delivered.UnixMicro() == 0 {
		return time.Time{}
	}
	return p.unit.Delivered.UTC()
}

// mappingOf finds the mapping that rejected a row: the one in its place, if it makes the same entity still, else the only one
// that does.
func (p *replay) mappingOf(r load.StandingReject) (*transform.Mapping, string) {
	if r.Mapping == 0 {
		return nil, "the format could not read it, so there are no columns to map: mend the source, or format, and load its unit again with run --full"
	}
	mappings := p.source.mappings
	if i := int(r.Mapping) - 1; i < len(mappings) && mappings[i].Entity().Name == r.Entity {
		return mappings[i], ""
	}
	var found []*transform.Mapping
	for _, m := range mappings {
		if m.Entity().Name == r.Entity {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Sprintf("mapping %d made %s when it rejected the row, and the source has %d mappings that do now: load its unit again with run --full",
			r.Mapping, r.Entity, len(found))
	}
	return found[0], ""
}

// settle keeps what became of rejects of one mapping.
func (p *replay) settle(ctx context.Context, before []load.StandingReject, rows arrow.Record, at transform.Place, result transform.Result) error {
	first := before[0]
	tally := p.tally(int(first.Mapping), first.Entity)
	tally.Filtered += uint64(result.Filtered)
	tally.Rejected += uint64(len(result.Rejects))
	tally.Amount = tally.Amount.Add(result.Amount)
	loaded := uint64(result.Record.NumRows())
	p.done.Loaded += loaded
	p.done.Rejected += uint64(len(result.Rejects))
	p.changed = p.changed || loaded > 0 || result.Filtered > 0
	old := map[uint64]load.StandingReject{}
	for _, r := range before {
		old[r.Position] = r
	}
	for i := range result.Rejects {
		r := &result.Rejects[i]
		was := old[r.Position]
		p.changed = p.changed || was.Reason != r.Reason || was.Rule != r.Rule || was.Column != r.Column
		r.Raw = was.Raw
	}
	strays, err := p.strays(rows, at, result.LeftOut)
	if err != nil {
		return err
	}
	p.done.Filtered += uint64(result.Filtered - len(strays))
	p.done.Rejected += uint64(len(strays))
	var nowhere []transform.Reject
	for _, row := range strays {
		nowhere = append(nowhere, unroutedReject(at.Positions[row], before[row].Raw))
	}
	p.left += uint64(len(nowhere))
	if p.stage == nil {
		return nil
	}
	entity, _ := transform.EntityByName(first.Entity) // there is a mapping that makes it
	if err := p.stage.Append(ctx, int(first.Mapping), entity, result.Record); err != nil {
		return err
	}
	if err := p.stage.Keep(ctx, int(first.Mapping), at.Sparse, result.Rejects); err != nil {
		return err
	}
	return p.stage.Keep(ctx, 0, at.Sparse, nowhere)
}

// keep leaves rejects as they stand.
func (p *replay) keep(ctx context.Context, rejects []load.StandingReject, why string) error {
	p.kept[why] += uint64(len(rejects))
	p.done.Kept += uint64(len(rejects))
	kept := make([]transform.Reject, len(rejects))
	for i, r := range rejects {
		kept[i] = transform.Reject{Entity: r.Entity, Position: r.Position, Column: r.Column, Rule: r.Rule, Reason: r.Reason, Raw: r.Raw}
	}
	first := rejects[0]
	switch {
	case first.Rule == transform.RuleUnrouted:
		p.left += uint64(len(rejects))
	case first.Mapping > 0:
		p.tally(int(first.Mapping), first.Entity).Rejected += uint64(len(rejects))
	}
	if p.stage == nil {
		return nil
	}
	return p.stage.Keep(ctx, int(first.Mapping), first.Sparse == 1, kept)
}

func (p *replay) tally(mapping int, entity string) *load.Tally {
	for i := range p.tallies {
		if p.tallies[i].Mapping == mapping {
			return &p.tallies[i]
		}
	}
	p.tallies = append(p.tallies, load.Tally{Mapping: mapping, Entity: entity})
	return &p.tallies[len(p.tallies)-1]
}
