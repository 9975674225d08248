package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

const (
	unitAttempts = 4 // of loading a unit while the warehouse breaks under it
	giveUpAfter  = 3 // units of a source that fail before any works: the others would fail too
)

// load loads units, several at once. What each brought goes into the source's report.
func (r *run) load(ctx context.Context, s *source, units []fresh) {
	var bytes int64
	for _, unit := range units {
		bytes += max(unit.Size, 0)
	}
	r.Progress.Begin(s.declared.Name, len(units), bytes)
	if err := r.knowColumns(ctx, s); err != nil {
		r.fail(err)
		return
	}
	var mu sync.Mutex
	group := new(errgroup.Group)
	group.SetLimit(max(s.declared.Parallel, 1)) // while one waits for its place or the warehouse, another works
	for i, unit := range units {
		mu.Lock()
		stop := r.stopped(ctx)
		hopeless := s.report.Failed >= giveUpAfter && s.report.Failed == s.report.tried()
		mu.Unlock()
		if stop {
			break
		}
		if hopeless {
			_ = group.Wait()
			r.fail(fmt.Errorf("source %s: its first %d units failed; %d more were not tried", s.declared.Name, s.report.Failed, len(units)-i))
			return
		}
		group.Go(func() error {
			brought, err := r.loadUnit(ctx, s, unit)
			mu.Lock()
			defer mu.Unlock()
			s.report.add(brought)
			if err != nil && ctx.Err() == nil {
				r.fail(err)
			}
			r.Progress.Done()
			return nil
		})
	}
	_ = group.Wait() // errors are collected above: one unit does not stop the others
	if !r.stopped(ctx) {
		r.conclude(ctx, s)
	}
}

// loadUnit loads a unit, from its start again whenever the warehouse broke under it.
func (r *run) loadUnit(ctx context.Context, s *source, unit fresh) (SourceReport, error) {
	for attempt := 1; ; attempt++ {
		brought, err := r.tryUnit(ctx, s, unit)
		if err == nil || !load.IsBroken(err) || ctx.Err() != nil {
			return brought, err
		}
		if attempt == unitAttempts {
			return brought, &lostError{err}
		}
		r.Log.Warn("the warehouse broke; the unit is loaded again", zap.String("source", s.declared.Name), zap.String("unit", unit.Name), zap.Error(err))
		if err := r.Warehouse.Revive(ctx); err != nil {
			return brought, &lostError{err}
		}
	}
}

// attempt is one attempt to load a unit.
type attempt struct {
	*run
	source  *source
	unit    fresh
	reader  extract.Reader
	stage   *load.Stage
	record  load.UnitRecord
	tallies []load.Tally
	columns unitColumns
	left    uint64 // rows that no mapping took
	started time.Time
}

// tryUnit reads a unit from its first row to its last, standardises and stages it, and makes it visible as a whole.
func (r *run) tryUnit(ctx context.Context, s *source, unit fresh) (SourceReport, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return SourceReport{}, fmt.Errorf("make a load id: %w", err)
	}
	a := &attempt{run: r, source: s, unit: unit, started: time.Now()}
	a.record = load.UnitRecord{
		Unit:     load.Unit{Source: s.declared.Name, Name: unit.Name, RunID: r.id, LoadID: id.String(), Delivered: unit.Delivered},
		WindowTo: unit.To, Mapping: s.fingerprint,
	}
	reader, err := s.Open(ctx, unit.Unit)
	if err != nil {
		return a.abandon(ctx, err)
	}
	a.reader = reader
	for i, m := range s.mappings {
		a.tallies = append(a.tallies, load.Tally{Mapping: i + 1, Entity: m.Entity().Name})
	}
	err = a.read(ctx)
	if closed := reader.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return a.abandon(ctx, err)
	}
	failpoint.Here(failpoint.UnitRead, unit.Name)
	return a.settle(ctx)
}

// read streams the unit's rows into the stage.
func (a *attempt) read(ctx context.Context) error {
	for {
		batch, err := a.reader.Next(ctx)
		if a.stage == nil && (err == nil || err == io.EOF) {
			// An API says when it delivers only with its first page.
			a.record.Delivered, a.record.Sparse = a.reader.Delivered(), batch.Sparse
			a.stage = a.Warehouse.Stage(a.record.Unit)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		err = a.take(ctx, batch)
		batch.Record.Release()
		if err != nil {
			return err
		}
	}
}

// take standardises one batch.
func (a *attempt) take(ctx context.Context, batch extract.Batch) error {
	rows := uint64(batch.Record.NumRows())
	malformed := uint64(len(batch.Malformed))
	a.record.Rows += rows + malformed
	a.record.Malformed += malformed
	a.Progress.Add(rows+malformed, a.reader.BytesRead()-int64(a.record.Bytes))
	a.record.Bytes = uint64(a.reader.BytesRead())
	if malformed > 0 {
		rejects := make([]transform.Reject, malformed)
		for i, m := range batch.Malformed {
			rejects[i] = transform.Reject{Position: m.Position, Rule: transform.RuleFormat, Reason: m.Reason, Raw: m.Raw}
		}
		if err := a.stage.Reject(ctx, 0, rejects); err != nil {
			return err
		}
	}
	a.columns.see(batch.Record, batch.Sparse)
	if rows == 0 {
		return nil
	}
	var nobodys unrouted
	place := transform.Place{Positions: batch.Positions, Unit: a.unit.Name, Delivered: a.record.Delivered, Sparse: batch.Sparse, Optional: a.source.optional}
	for i, mapping := range a.source.mappings {
		result, err := mapping.Apply(batch.Record, place)
		if err != nil {
			return fmt.Errorf("source %s, unit %s: %w", a.record.Source, a.unit.Name, err)
		}
		tally := &a.tallies[i]
		tally.Read += rows
		tally.Filtered += uint64(result.Filtered)
		tally.Rejected += uint64(len(result.Rejects))
		tally.Amount = tally.Amount.Add(result.Amount)
		nobodys.meet(result.LeftOut)
		err = a.stage.Append(ctx, i+1, mapping.Entity(), result.Record)
		result.Record.Release()
		if err == nil {
			err = a.stage.Reject(ctx, i+1, result.Rejects)
		}
		if err != nil {
			return err
		}
	}
	a.left += uint64(len(nobodys.rows))
	if len(nobodys.rows) == 0 || a.source.declared.Unrouted != config.UnroutedReject {
		return nil
	}
	a.record.Unrouted += uint64(len(nobodys.rows))
	rejects, err := nobodys.rejects(batch.Record, place)
	if err != nil {
		return err
	}
	return a.stage.Reject(ctx, 0, rejects)
}

func (a *attempt) brought() SourceReport {
	b := SourceReport{Rows: a.record.Rows, Rejected: a.record.Malformed + a.record.Unrouted, Unrouted: a.left, Bytes: int64(a.record.Bytes)}
	for _, tally := range a.tallies {
		b.Filtered += tally.Filtered
		b.Rejected += tally.Rejected
	}
	return b
}

// settle decides what becomes of a unit that was read to its end.
func (a *attempt) settle(ctx context.Context) (SourceReport, error) {
	brought := a.brought()
	a.record.Version, a.record.Bytes = a.reader.Version(), uint64(a.reader.BytesRead())
	a.record.Seconds = time.Since(a.started).Seconds()
	if a.unit.known != "" && a.unit.known == a.record.Version {
		a.stage.Discard(ctx)
		return SourceReport{Unchanged: 1, Bytes: brought.Bytes, seen: brought.Rows}, nil
	}
	changes, err := a.source.columns.judge(a.unit.Name, &a.columns)
	if err != nil {
		return a.abandon(ctx, fmt.Errorf("source %s, unit %s: %w", a.record.Source, a.unit.Name, err))
	}
	if err := a.source.declared.Rejects.Check(brought.Rejected, a.record.Rows); err != nil {
		return a.abandon(ctx, fmt.Errorf("source %s, unit %s: %w; nothing of it is loaded: look at `partnerplus rejects list --source %s`, mend the mapping or the source, or raise the limit",
			a.record.Source, a.unit.Name, err, a.record.Source))
	}
	loaded, err := a.stage.Commit(ctx, a.record, a.tallies)
	if err != nil {
		return a.abandon(ctx, err)
	}
	failpoint.Here(failpoint.UnitLoaded, a.record.Name)
	a.source.columns.take(a.unit.Name, &a.columns, changes)
	brought.Loaded, brought.Canonical, brought.Superseded, brought.seen = 1, loaded.Rows, loaded.Superseded, brought.Rows
	return brought, nil
}

// abandon drops what was staged, and records why the unit failed unless it is to be tried again.
func (a *attempt) abandon(ctx context.Context, err error) (SourceReport, error) {
	if load.IsBroken(err) || ctx.Err() != nil || errors.Is(err, extract.ErrChanged) {
		if a.stage != nil {
			cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
			defer cancel()
			a.stage.Discard(cleanup)
		}
		if errors.Is(err, extract.ErrChanged) {
			a.Log.Warn("a unit is put off", zap.String("why", a.Config.Redact(err.Error())))
			return SourceReport{PutOff: 1}, nil
		}
		return SourceReport{Failed: 1}, err
	}
	if a.record.Version == "" {
		a.record.Version = a.unit.Version
	}
	a.record.Error = a.Config.Redact(err.Error())
	if a.stage == nil { // its beginning could not be read
		a.record.Failed = true
		return SourceReport{Failed: 1}, errors.Join(err, a.Warehouse.Record(ctx, a.record))
	}
	brought := SourceReport{Failed: 1, Rows: a.record.Rows, Rejected: a.brought().Rejected, Bytes: int64(a.record.Bytes)}
	return brought, errors.Join(err, a.stage.Fail(ctx, a.record))
}
