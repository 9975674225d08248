package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

// unitRows is how many rows of a unit are held in memory until its fate is known. A unit with more, or with larger ones, is a
// load of its own: it is staged while it is read.
const unitRows = 32 << 10

// attempt is one attempt to read a unit.
type attempt struct {
	*run
	source  *source
	unit    fresh
	reader  extract.Reader
	record  load.UnitRecord
	tallies []load.Tally
	columns unitColumns
	changes []load.ColumnChange
	left    uint64 // rows that no mapping took
	started time.Time

	begun  bool        // its first batch was read
	held   []heldRows  // until it is staged, or known to be good
	rows   int64       // of these
	size   int64       // of these, in bytes
	atMost int64       // bytes that may be held
	grown  func()      // called once more would be held, before the unit is staged while it is read
	stage  *load.Stage // of such a unit; nil while all of it is held
}

// heldRows are what one mapping made of a batch: canonical rows, and rejects.
type heldRows struct {
	mapping int // from 1; 0 where no mapping was concerned
	rows    arrow.Record
	rejects []transform.Reject
}

func (r *run) newAttempt(s *source, unit fresh, atMost int64, grown func()) *attempt {
	a := &attempt{run: r, source: s, unit: unit, started: time.Now(), atMost: atMost, grown: grown}
	a.record = load.UnitRecord{
		Unit:     load.Unit{Source: s.declared.Name, Name: unit.Name, RunID: r.id, Delivered: unit.Delivered},
		WindowTo: unit.To, Mapping: s.fingerprint,
	}
	for i, m := range s.mappings {
		a.tallies = append(a.tallies, load.Tally{Mapping: i + 1, Entity: m.Entity().Name})
	}
	return a
}

// do reads the unit and decides what becomes of it. A good one that is held joins a lot; all others are loaded or recorded
// by then.
func (a *attempt) do(ctx context.Context) (brought SourceReport, joins bool, err error) {
	err = a.read(ctx)
	unchanged := false
	if err == nil {
		unchanged, err = a.judge()
	}
	if err == nil && unchanged && a.unit.failed {
		err = a.Warehouse.RecordUnchanged(ctx, a.record.Source, a.record.Name)
	}
	if err == nil && !unchanged && a.stage == nil {
		return brought, true, nil
	}
	if err == nil && !unchanged {
		err = a.recordColumns(ctx, a.source, a)
	}
	if err == nil && !unchanged {
		var loaded load.Loaded
		if loaded, err = a.stage.Commit(ctx, a.record, a.tallies); err == nil {
			a.stage = nil
			return a.loaded(loaded), false, nil
		}
	}
	if err != nil {
		brought, err = a.fail(ctx, err)
		return brought, false, err
	}
	return SourceReport{Unchanged: 1, Bytes: int64(a.record.Bytes), seen: a.record.Rows}, false, nil
}

// read reads the unit from its first row to its last, and standardises it.
func (a *attempt) read(ctx context.Context) error {
	reader, err := a.source.Open(ctx, a.unit.Unit)
	if err != nil {
		return err
	}
	a.reader = reader
	err = a.batches(ctx)
	if closed := reader.Close(); err == nil {
		err = closed
	}
	failpoint.Here(failpoint.UnitRead, a.unit.Name)
	return err
}

func (a *attempt) batches(ctx context.Context) error {
	for {
		batch, err := a.reader.Next(ctx)
		if !a.begun && (err == nil || err == io.EOF) {
			// An API says when it delivers only with its first page.
			a.record.Delivered, a.record.Sparse, a.begun = a.reader.Delivered(), batch.Sparse, true
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
		if err := a.keep(ctx, heldRows{rejects: rejects}); err != nil {
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
		if err := a.keep(ctx, heldRows{mapping: i + 1, rows: result.Record, rejects: result.Rejects}); err != nil {
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
	return a.keep(ctx, heldRows{rejects: rejects})
}

// keep holds what was made of a batch, or stages it where the unit is too large to be held. It releases the rows.
func (a *attempt) keep(ctx context.Context, h heldRows) error {
	if a.stage != nil {
		defer h.release()
		return a.put(ctx, a.stage, h)
	}
	if a.hold(h) {
		return nil
	}
	a.grown()
	if err := a.nameLoad(); err != nil {
		return err
	}
	a.stage = a.Warehouse.Stage(a.record.Unit)
	defer a.release()
	return a.putAll(ctx, a.stage)
}

// hold holds what was made of a batch, and tells whether the unit may be held still.
func (a *attempt) hold(h heldRows) bool {
	if h.rows != nil && h.rows.NumRows() == 0 {
		h.rows.Release()
		h.rows = nil
	}
	a.held = append(a.held, h)
	a.size += h.bytes()
	if h.rows != nil {
		a.rows += h.rows.NumRows()
	}
	return a.rows <= unitRows && a.size <= a.atMost
}

// nameLoad makes the unit a load of its own.
func (a *attempt) nameLoad() error {
	id, err := newLoadID()
	a.record.LoadID = id
	return err
}

func newLoadID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make a load id: %w", err)
	}
	return id.String(), nil
}

// putAll stages what is held; it stays held.
func (a *attempt) putAll(ctx context.Context, stage *load.Stage) error {
	for _, h := range a.held {
		if err := a.put(ctx, stage, h); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) put(ctx context.Context, stage *load.Stage, h heldRows) error {
	if h.rows != nil {
		if err := stage.Append(ctx, h.mapping, a.source.mappings[h.mapping-1].Entity(), h.rows); err != nil {
			return err
		}
	}
	return stage.Reject(ctx, h.mapping, h.rejects)
}

// release lets go of what is held.
func (a *attempt) release() {
	for _, h := range a.held {
		h.release()
	}
	a.held, a.size, a.rows = nil, 0, 0
}

func (h heldRows) release() {
	if h.rows != nil {
		h.rows.Release()
	}
}

// bytes is about how much memory it takes.
func (h heldRows) bytes() int64 {
	var n int64
	if h.rows != nil {
		for _, column := range h.rows.Columns() {
			n += columnBytes
			for _, buffer := range column.Data().Buffers() {
				if buffer != nil {
					n += int64(buffer.Cap())
				}
			}
		}
	}
	for _, r := range h.rejects {
		n += int64(len(r.Raw)+len(r.Reason)) + rejectBytes
	}
	return n
}

// What a column and a reject take besides their values.
const (
	columnBytes = 512
	rejectBytes = 128
)

func (a *attempt) brought() SourceReport {
	b := SourceReport{Rows: a.record.Rows, Rejected: a.record.Malformed + a.record.Unrouted, Unrouted: a.left, Bytes: int64(a.record.Bytes)}
	for _, tally := range a.tallies {
		b.Filtered += tally.Filtered
		b.Rejected += tally.Rejected
	}
	return b
}

// judge decides what becomes of a unit that was read to its end: it is as before, or an error says what is wrong with it,
// or it is good.
func (a *attempt) judge() (unchanged bool, err error) {
	a.record.Version, a.record.Bytes = a.reader.Version(), uint64(a.reader.BytesRead())
	a.record.Seconds = time.Since(a.started).Seconds()
	if a.unit.known != "" && a.unit.known == a.record.Version {
		return true, nil
	}
	if a.changes, err = a.source.columns.judge(a.unit.Name, &a.columns); err != nil {
		return false, fmt.Errorf("source %s, unit %s: %w", a.record.Source, a.unit.Name, err)
	}
	if err := a.source.declared.Rejects.Check(a.brought().Rejected, a.record.Rows); err != nil {
		return false, fmt.Errorf("source %s, unit %s: %w; nothing of it is loaded: look at `partnerplus rejects list --source %s`, mend the mapping or the source, or raise the limit",
			a.record.Source, a.unit.Name, err, a.record.Source)
	}
	return false, nil
}

// loaded is the report of a unit that is in.
func (a *attempt) loaded(l load.Loaded) SourceReport {
	failpoint.Here(failpoint.UnitLoaded, a.record.Name)
	b := a.brought()
	b.Loaded, b.Canonical, b.Superseded, b.seen = 1, l.Rows, l.Superseded, b.Rows
	return b
}

func (a *attempt) log() *zap.Logger { return a.source.log.With(zap.String(keyUnit, a.record.Name)) }

// discard drops what was staged.
func (a *attempt) discard(ctx context.Context) {
	if a.stage == nil {
		return
	}
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	a.stage.Discard(cleanup)
	a.stage = nil
}

// fail records why the unit failed, with the rejects that made it fail. Where it changed while it was read, the warehouse
// broke, or the run is at its end, that is no failure of the unit's, and nothing is recorded.
func (a *attempt) fail(ctx context.Context, why error) (SourceReport, error) {
	switch {
	case errors.Is(why, extract.ErrChanged):
		a.log().Warn("a unit is put off", zap.String("why", a.Config.Redact(why.Error())))
		return SourceReport{PutOff: 1}, nil
	case load.IsBroken(why) || ctx.Err() != nil:
		return SourceReport{Failed: 1}, why
	}
	if a.record.Version == "" {
		a.record.Version = a.unit.Version
	}
	a.record.Error = a.Config.Redact(why.Error())
	a.log().Warn("a unit failed", zap.String("why", a.record.Error))
	brought := SourceReport{Failed: 1, Rows: a.record.Rows, Rejected: a.brought().Rejected, Bytes: int64(a.record.Bytes)}
	if a.stage == nil {
		if err := a.nameLoad(); err != nil {
			return brought, errors.Join(why, err)
		}
		a.stage = a.Warehouse.Stage(a.record.Unit)
		for _, h := range a.held {
			if err := a.stage.Reject(ctx, h.mapping, h.rejects); err != nil {
				return brought, errors.Join(why, err)
			}
		}
	}
	err := a.stage.Fail(ctx, a.record)
	a.stage = nil
	return brought, errors.Join(why, err)
}
