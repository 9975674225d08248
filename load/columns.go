package load

import (
	"context"
	"encoding/json"

	"github.com/partnerplus/warehouse/sql"
)

// SourceColumn is a raw column of a source, as its loads had it.
type SourceColumn struct {
	Name   string `ch:"column"`
	Kind   string `ch:"kind"`
	Typed  bool   `ch:"is_typed"`  // the format says the kind; else it was found in values
	Always bool   `ch:"is_always"` // every load had it
	Unit   string // that said so
}

// ColumnChange is a change of a source's raw columns.
type ColumnChange struct {
	Column string
	Event  string // new, missing or retyped
	Was    string // kinds
	Now    string
	Unit   string // the first that showed it
}

// SourceColumns reads the raw columns that a source is known to have; none before its first load.
func (w *Warehouse) SourceColumns(ctx context.Context, source string) ([]SourceColumn, error) {
	var columns []SourceColumn
	err := w.selectInto(ctx, "read the columns of "+source, sql.Text("load/source_columns.sql"), Params{"source": source}, &columns)
	return columns, err
}

// RecordColumns records columns that are not as they were known, and what changed.
func (w *Warehouse) RecordColumns(ctx context.Context, source, run string, columns []SourceColumn, changes []ColumnChange) error {
	flags := map[bool]int{true: 1}
	var known, changed [][]any
	for _, c := range columns {
		known = append(known, []any{c.Name, c.Kind, flags[c.Typed], flags[c.Always], c.Unit})
	}
	for _, c := range changes {
		changed = append(changed, []any{c.Column, c.Event, c.Was, c.Now, c.Unit})
	}
	// The changes come first: a crash in between tells of them twice rather than never.
	for _, step := range []struct {
		file, param string
		rows        [][]any
	}{{"load/record_column_changes.sql", "changes", changed}, {"load/record_columns.sql", "columns", known}} {
		if len(step.rows) == 0 {
			continue
		}
		text, _ := json.Marshal(step.rows) // of texts and numbers, which cannot fail
		if err := w.exec(ctx, "record the columns of "+source, sql.Text(step.file), Params{"source": source, "run": run, step.param: string(text)}); err != nil {
			return err
		}
	}
	return nil
}
