package pipeline

import (
	"context"
	"fmt"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/load"
)

// conclude does what is left once all units of a source were tried: it warns of its columns, records what it brought, holds
// that against the limits on rows, and moves the source's cursor.
func (r *run) conclude(ctx context.Context, s *source) {
	for _, step := range []func(context.Context, *source) error{r.warnColumns, r.checkRows, r.moveCursor} {
		if err := step(ctx, s); err != nil {
			r.fail(err)
		}
		failpoint.Here(failpoint.SourceConcluding, s.declared.Name)
	}
}

// checkRows looks whether a source brought suspiciously few rows. Nothing new to read is nothing odd, and where units failed
// that is said already.
func (r *run) checkRows(ctx context.Context, s *source) error {
	read := s.report.seen
	if s.report.Loaded+s.report.Unchanged == 0 || s.report.Failed > 0 || s.report.PutOff > 0 {
		return nil
	}
	this := load.SourceRun{
		Source: s.declared.Name, Job: r.request.Job, RunID: r.id, Units: uint64(s.report.Loaded), Rows: read,
		Usual: !r.request.Full && r.request.Within == (extract.Range{}),
	}
	var usual, runs uint64
	if this.Usual && s.report.Loaded > 0 {
		var err error
		if usual, runs, err = r.Warehouse.UsualRows(ctx, this); err != nil {
			return err
		}
	}
	limits := s.declared.Rows
	if err := limits.Check(read, usual, runs); err != nil {
		r.report.Checks = append(r.report.Checks, fmt.Sprintf("source %s: %v; it is loaded as it is: ask the source, or change the limit", s.declared.Name, err))
	} else if read == 0 && limits.Min == nil {
		r.report.Warnings = append(r.report.Warnings, fmt.Sprintf("source %s: its %d units have no row at all; set rows.min to 0 where that may be",
			s.declared.Name, s.report.Loaded+s.report.Unchanged))
	}
	return r.Warehouse.RecordSourceRun(ctx, this)
}

// moveCursor lets the source's next listing go on after this one, if all that it listed is loaded.
func (r *run) moveCursor(ctx context.Context, s *source) error {
	if s.cursor == nil || s.report.Failed > 0 || s.report.PutOff > 0 || s.report.Loaded+s.report.Unchanged < s.report.New {
		return nil
	}
	return r.Warehouse.RecordCursor(ctx, s.declared.Name, s.place, *s.cursor, r.id)
}
