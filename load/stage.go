package load

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/transform"
)

// Stage holds the canonical rows of one load, invisible until it is committed: of one unit, or of several units of one
// source that are loaded together. It is used by one goroutine.
type Stage struct {
	warehouse *Warehouse
	units     []Unit  // the last one is the one that rows are staged of
	parts     []*part // in the order in which they came up
	rejects   []reject
	replay    *Standing // the load whose rejects are replayed; nil where units are loaded
}

// reject is a reject of one mapping, from 1; 0 where the format could not read the row.
type reject struct {
	unit    int // its place in the load
	mapping int
	sparse  bool
	transform.Reject
}

// rejectsAtOnce bounds the rejects that wait in memory.
const rejectsAtOnce = 2000

// Stage begins a load with its first unit. The caller ends it with Commit or Discard.
func (w *Warehouse) Stage(unit Unit) *Stage {
	s := &Stage{warehouse: w}
	s.Next(unit)
	return s
}

// Next begins the next unit of the load: what is appended and rejected from here on is its. It is another unit of the same
// source, loaded by the same run under the same load id.
func (s *Stage) Next(unit Unit) {
	unit.Delivered = afterEpoch(unit.Delivered)
	s.units = append(s.units, unit)
}

func (s *Stage) unit() Unit { return s.units[len(s.units)-1] }

// Append streams a canonical batch of one mapping (from 1) into the stage. An error that IsBroken means that the load may
// be repeated from its start, in a new stage.
func (s *Stage) Append(ctx context.Context, mapping int, entity transform.Entity, rows arrow.Record) error {
	if rows.NumRows() == 0 {
		return nil
	}
	p, err := s.part(ctx, mapping, entity)
	if err != nil {
		return err
	}
	return p.add(ctx, s.unit(), rows)
}

// Reject keeps rows that one mapping (from 1) rejects, or that the format could not read (0). They show once the ledger
// names this load.
func (s *Stage) Reject(ctx context.Context, mapping int, rejects []transform.Reject) error {
	return s.Keep(ctx, mapping, s.unit().Sparse, rejects)
}

// Keep keeps rejects as Reject does, each with its own word on sparse rows.
func (s *Stage) Keep(ctx context.Context, mapping int, sparse bool, rejects []transform.Reject) error {
	for _, r := range rejects {
		s.rejects = append(s.rejects, reject{len(s.units) - 1, mapping, sparse, r})
	}
	if len(s.rejects) < rejectsAtOnce {
		return nil
	}
	return s.flushRejects(ctx)
}

func (s *Stage) flushRejects(ctx context.Context) error {
	if len(s.rejects) == 0 {
		return nil
	}
	err := s.warehouse.do(ctx, "record rejects", func(ctx context.Context) error {
		batch, err := s.warehouse.conn.PrepareBatch(ctx,
			"INSERT INTO etl.rejects (source, unit, run_id, load_id, entity, mapping, position, column, rule, reason, raw, sparse, recorded_at)")
		if err != nil {
			return err
		}
		defer func() { _ = batch.Abort() }() // nothing to abort once it is sent
		for _, r := range s.rejects {
			unit := s.units[r.unit]
			if err := batch.Append(unit.Source, unit.Name, unit.RunID, unit.LoadID, r.Entity, uint16(r.mapping), r.Position, r.Column, r.Rule, r.Reason, r.Raw, r.sparse, unit.Delivered); err != nil {
				return err
			}
		}
		return batch.Send()
	})
	if err == nil {
		failpoint.Here(failpoint.RejectsWritten, s.unit().Source)
		s.rejects = s.rejects[:0]
	}
	return err
}

// Brought is what a unit of a load brought, as whoever read it counted.
type Brought struct {
	Record  UnitRecord
	Tallies []Tally
}

// Commit commits a load of one unit.
func (s *Stage) Commit(ctx context.Context, record UnitRecord, tallies []Tally) (Loaded, error) {
	loaded, err := s.CommitAll(ctx, []Brought{{record, tallies}})
	if err != nil {
		return Loaded{}, err
	}
	return loaded[0], nil
}

// CommitAll makes all staged rows visible, entity by entity, and writes all units into the ledger last, at once. What they
// brought is given, and returned, in the order of the units. See the package comment for what a crash after each step
// leaves. After an error that IsBroken, the load may be repeated from its start.
func (s *Stage) CommitAll(ctx context.Context, brought []Brought) ([]Loaded, error) {
	if len(brought) != len(s.units) {
		return nil, fmt.Errorf("warehouse: a load of %d units is committed with what %d brought", len(s.units), len(brought))
	}
	records := make([]UnitRecord, len(brought))
	for i, b := range brought {
		s.units[i].Version = b.Record.Version
		records[i] = b.Record
		records[i].Unit = s.units[i]
	}
	if err := s.finish(ctx); err != nil {
		return nil, err
	}
	failpoint.Here(failpoint.Staged, s.unit().Source)
	if err := s.flushRejects(ctx); err != nil {
		return nil, err
	}
	loaded, err := s.account(ctx, brought)
	if err != nil {
		return nil, err
	}
	failpoint.Here(failpoint.Accounted, s.unit().Source)
	for _, p := range s.parts {
		if err := s.reveal(ctx, p); err != nil {
			return nil, err
		}
		failpoint.Here(failpoint.Revealed, s.unit().Source, p.entity.Name)
	}
	if s.replay != nil {
		err = s.recordReplay(ctx, records[0])
	} else {
		err = s.warehouse.Record(ctx, records...)
	}
	if err != nil {
		return nil, err
	}
	failpoint.Here(failpoint.Recorded, s.unit().Source)
	s.drop(ctx)
	failpoint.Here(failpoint.StageDropped, s.unit().Source)
	return loaded, nil
}

// Fail drops what was staged of a load of one unit, and records the unit as failed, with the rejects that made it fail.
func (s *Stage) Fail(ctx context.Context, record UnitRecord) error {
	s.units[0].Version = record.Version
	record.Unit, record.Failed = s.units[0], true
	s.abandon(errors.New("the unit failed"))
	err := errors.Join(s.flushRejects(ctx), s.warehouse.Record(ctx, record))
	failpoint.Here(failpoint.FailRecorded, s.unit().Source)
	s.drop(ctx)
	return err
}

// Discard drops what was staged and leaves no trace.
func (s *Stage) Discard(ctx context.Context) {
	s.abandon(errors.New("the stage is discarded"))
	s.drop(ctx)
	failpoint.Here(failpoint.StageDiscarded, s.unit().Source)
}

func (s *Stage) finish(ctx context.Context) error {
	var errs []error
	for _, p := range s.parts {
		errs = append(errs, p.finish(ctx))
	}
	return wrap("stage rows", errors.Join(errs...))
}

func (s *Stage) abandon(why error) {
	for _, p := range s.parts {
		p.abandon(why)
	}
}

func (s *Stage) drop(ctx context.Context) {
	for _, p := range s.parts {
		if p.isHalfIn {
			continue
		}
		// A stage that stays behind is invisible, and dropped a day later.
		_ = s.warehouse.conn.Exec(ctx, sql.With(sql.Text("load/drop.sql"), "stage", p.table))
	}
}

// loadParams are the values that all units of the load share.
func (s *Stage) loadParams() Params {
	return Params{"source": s.unit().Source, "run": s.unit().RunID, "load": s.unit().LoadID}
}
