package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/transform"
)

// Stage holds the canonical rows of one unit, invisible until Commit. It is used by one goroutine.
type Stage struct {
	warehouse *Warehouse
	unit      Unit
	parts     []*part // in the order in which they came up
	rejects   []reject
	replay    *Standing // the load whose rejects are replayed; nil where the unit is loaded
}

// part is what one mapping of the unit has staged.
type part struct {
	mapping int
	entity  transform.Entity
	table   string
	columns *provenance
	writer  *ipc.Writer
	pipe    *io.PipeWriter
	done    chan error // the end of the INSERT
	sent    uint64     // rows
	repeats bool       // a key is staged more than once
}

// reject is a reject of one mapping, from 1; 0 where the format could not read the row.
type reject struct {
	mapping int
	transform.Reject
}

// rejectsAtOnce bounds the rejects that wait in memory.
const rejectsAtOnce = 2000

// Stage begins to stage a unit. The caller ends it with Commit or Discard.
func (w *Warehouse) Stage(unit Unit) *Stage {
	unit.Delivered = afterEpoch(unit.Delivered)
	return &Stage{warehouse: w, unit: unit}
}

// Append streams a canonical batch of one mapping (from 1) into the stage. An error that IsBroken means that the unit
// may be loaded again from its start, in a new stage.
func (s *Stage) Append(ctx context.Context, mapping int, entity transform.Entity, rows arrow.Record) error {
	if rows.NumRows() == 0 {
		return nil
	}
	p, err := s.part(ctx, mapping, entity)
	if err != nil {
		return err
	}
	batch := p.columns.add(rows)
	defer batch.Release()
	if p.writer == nil {
		p.writer = ipc.NewWriter(p.pipe, ipc.WithSchema(batch.Schema()))
	}
	if err := p.writer.Write(batch); err != nil {
		return wrap("stage "+entity.Name, p.cause(err))
	}
	p.sent += uint64(rows.NumRows())
	failpoint.Here(failpoint.BatchSent, s.unit.Name, entity.Name)
	return nil
}

// cause prefers the server's reason for ending the stream to the broken pipe that follows from it.
func (p *part) cause(err error) error {
	_ = p.pipe.CloseWithError(err)
	if ended := <-p.done; ended != nil {
		return ended
	}
	return err
}

func (s *Stage) part(ctx context.Context, mapping int, entity transform.Entity) (*part, error) {
	for _, p := range s.parts {
		if p.mapping == mapping {
			return p, nil
		}
	}
	p := &part{
		mapping: mapping, entity: entity,
		table:   fmt.Sprintf("stage_%s_%s_%d", entity.Name, strings.ReplaceAll(s.unit.LoadID, "-", ""), mapping),
		columns: newProvenance(s.unit),
		done:    make(chan error, 1),
	}
	for _, statement := range []string{sql.Text("load/create_stage.sql"), sql.Text("load/stop_merges.sql")} {
		if err := s.warehouse.exec(ctx, "stage "+entity.Name, sql.With(statement, "stage", p.table, "facts", entity.Name), nil); err != nil {
			return nil, err
		}
	}
	failpoint.Here(failpoint.StageMade, s.unit.Name, entity.Name)
	var reader *io.PipeReader
	reader, p.pipe = io.Pipe()
	insert := fmt.Sprintf("INSERT INTO etl.%s (%s)", p.table, strings.Join(columnNames(entity), ", "))
	go func() {
		err := s.warehouse.conn.InsertFormat(ctx, "ArrowStream", insert, reader)
		_ = reader.CloseWithError(errors.Join(err, io.ErrClosedPipe)) // the writer must not wait for a reader that is gone
		p.done <- err
		close(p.done)
	}()
	s.parts = append(s.parts, p)
	return p, nil
}

func columnNames(entity transform.Entity) []string {
	fields := entity.Schema().Fields()
	names := make([]string, 0, len(fields)+len(provenanceFields))
	for _, field := range append(fields, provenanceFields...) {
		names = append(names, field.Name)
	}
	return names
}

// Reject keeps rows that one mapping (from 1) rejects, or that the format could not read (0). They show once the ledger
// names this load.
func (s *Stage) Reject(ctx context.Context, mapping int, rejects []transform.Reject) error {
	for _, r := range rejects {
		s.rejects = append(s.rejects, reject{mapping, r})
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
			if err := batch.Append(s.unit.Source, s.unit.Name, s.unit.RunID, s.unit.LoadID, r.Entity, uint16(r.mapping), r.Position, r.Column, r.Rule, r.Reason, r.Raw, s.unit.Sparse, s.unit.Delivered); err != nil {
				return err
			}
		}
		return batch.Send()
	})
	if err == nil {
		failpoint.Here(failpoint.RejectsWritten, s.unit.Name)
		s.rejects = s.rejects[:0]
	}
	return err
}

// Commit makes all staged rows visible, entity by entity, and writes the ledger last. See the package comment for what a
// crash after each step leaves. Commit may be repeated after an error that IsBroken only by loading the unit again.
func (s *Stage) Commit(ctx context.Context, record UnitRecord, tallies []Tally) (Loaded, error) {
	s.unit.Version, record.Unit = record.Version, s.unit
	record.Version = s.unit.Version
	if err := s.finish(); err != nil {
		return Loaded{}, err
	}
	failpoint.Here(failpoint.Staged, s.unit.Name)
	if err := s.flushRejects(ctx); err != nil {
		return Loaded{}, err
	}
	total, err := s.account(ctx, tallies)
	if err != nil {
		return total, err
	}
	failpoint.Here(failpoint.Accounted, s.unit.Name)
	for _, p := range s.parts {
		if err := s.touch(ctx, p); err != nil {
			return total, err
		}
		failpoint.Here(failpoint.Touched, s.unit.Name, p.entity.Name)
	}
	for _, p := range s.parts {
		if err := s.reveal(ctx, p); err != nil {
			return total, err
		}
		failpoint.Here(failpoint.Attached, s.unit.Name, p.entity.Name)
	}
	if len(s.parts) > 0 {
		if err := s.warehouse.exec(ctx, "touch months again", sql.Text("load/retouch.sql"), s.unitParams()); err != nil {
			return total, err
		}
		failpoint.Here(failpoint.Retouched, s.unit.Name)
	}
	if s.replay != nil {
		err = s.recordReplay(ctx, record)
	} else {
		err = s.warehouse.Record(ctx, record)
	}
	if err != nil {
		return total, err
	}
	failpoint.Here(failpoint.Recorded, s.unit.Name)
	s.drop(ctx)
	failpoint.Here(failpoint.StageDropped, s.unit.Name)
	return total, nil
}

// Fail drops what was staged and records the unit as failed, with the rejects that made it fail.
func (s *Stage) Fail(ctx context.Context, record UnitRecord) error {
	s.unit.Version, record.Unit = record.Version, s.unit
	record.Version, record.Failed = s.unit.Version, true
	s.abandon(errors.New("the unit failed"))
	err := errors.Join(s.flushRejects(ctx), s.warehouse.Record(ctx, record))
	failpoint.Here(failpoint.FailRecorded, s.unit.Name)
	s.drop(ctx)
	return err
}

// Discard drops what was staged and leaves no trace.
func (s *Stage) Discard(ctx context.Context) {
	s.abandon(errors.New("the stage is discarded"))
	s.drop(ctx)
	failpoint.Here(failpoint.StageDiscarded, s.unit.Name)
}

// finish ends the streams and waits until the server has all rows.
func (s *Stage) finish() error {
	var errs []error
	for _, p := range s.parts {
		errs = append(errs, p.writer.Close(), p.pipe.Close(), <-p.done)
	}
	return wrap("stage rows", errors.Join(errs...))
}

func (s *Stage) abandon(why error) {
	for _, p := range s.parts {
		_ = p.pipe.CloseWithError(why)
		<-p.done
	}
}

func (s *Stage) drop(ctx context.Context) {
	for _, p := range s.parts {
		// A stage that stays behind is invisible, and dropped a day later.
		_ = s.warehouse.conn.Exec(ctx, sql.With(sql.Text("load/drop.sql"), "stage", p.table))
	}
}

func (s *Stage) unitParams() Params {
	return Params{"source": s.unit.Source, "unit": s.unit.Name, "version": s.unit.Version}
}

// touchedBy names the statement that finds the months which an entity's rows touch.
func touchedBy(entity transform.Entity) string {
	if entity.Time != "" || entity.Name == "fx_rates" {
		return "load/touched_" + entity.Name + ".sql"
	}
	return "load/touched_dimension.sql"
}

func (s *Stage) touch(ctx context.Context, p *part) error {
	return s.warehouse.exec(ctx, "find the months that "+p.entity.Name+" touch", sql.With(sql.Text(touchedBy(p.entity)), "stage", p.table), s.unitParams())
}
