package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/transform"
)

// Preview is the beginning of a source: raw, standardised and rejected.
type Preview struct {
	Source    string           `json:"source"`
	Unit      string           `json:"unit"`
	Raw       Table            `json:"raw"`
	Malformed []PreviewReject  `json:"malformed"`
	Mappings  []PreviewMapping `json:"mappings"`
}

// PreviewMapping is what a mapping makes of the raw rows.
type PreviewMapping struct {
	Entity   string          `json:"entity"`
	Table    Table           `json:"rows"`
	Filtered int             `json:"filtered"`
	Rejects  []PreviewReject `json:"rejects"`
}

// PreviewReject is a row that is rejected.
type PreviewReject struct {
	Position uint64 `json:"position"`
	Column   string `json:"column,omitempty"`
	Reason   string `json:"reason"`
	Raw      string `json:"raw"`
}

// Table is rows as text; NULL is shown as such.
type Table struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Preview reads the first rows of a source's first unit that has any, and standardises them. It writes nothing, and
// needs no warehouse.
func (p *Pipeline) Preview(ctx context.Context, name string, rows int) (Preview, error) {
	sources, err := p.open(ctx, []string{name})
	if err != nil {
		return Preview{}, err
	}
	s := sources[0]
	preview, err := s.preview(ctx, rows)
	return preview, errors.Join(err, s.Close())
}

func (s *source) preview(ctx context.Context, rows int) (Preview, error) {
	units, err := s.Units(ctx, extract.Range{})
	if err != nil {
		return Preview{}, err
	}
	for _, unit := range units {
		preview, found, err := s.previewUnit(ctx, unit, rows)
		if err != nil || found {
			return preview, err
		}
	}
	return Preview{}, fmt.Errorf("source %s: none of its %d units has a row: mend its path, glob or window", s.declared.Name, len(units))
}

func (s *source) previewUnit(ctx context.Context, unit extract.Unit, rows int) (Preview, bool, error) {
	reader, err := s.Open(ctx, unit)
	if err != nil {
		return Preview{}, false, err
	}
	defer func() { _ = reader.Close() }() // only its beginning was wanted
	batch, err := reader.Next(ctx)
	if err == io.EOF {
		return Preview{}, false, nil
	}
	if err != nil {
		return Preview{}, false, err
	}
	defer batch.Record.Release()
	n := min(int64(rows), batch.Record.NumRows())
	raw := batch.Record.NewSlice(0, n)
	defer raw.Release()
	preview := Preview{Source: s.declared.Name, Unit: unit.Name, Raw: tableOf(raw)}
	for _, m := range batch.Malformed[:min(rows, len(batch.Malformed))] {
		preview.Malformed = append(preview.Malformed, PreviewReject{Position: m.Position, Reason: m.Reason, Raw: m.Raw})
	}
	place := transform.Place{Positions: batch.Positions[:n], Unit: unit.Name, Delivered: reader.Delivered(), Sparse: batch.Sparse}
	for _, mapping := range s.mappings {
		result, err := mapping.Apply(raw, place)
		if err != nil {
			return Preview{}, false, fmt.Errorf("source %s, unit %s: %w", s.declared.Name, unit.Name, err)
		}
		shown := PreviewMapping{Entity: mapping.Entity().Name, Table: tableOf(result.Record), Filtered: result.Filtered}
		result.Record.Release()
		for _, r := range result.Rejects {
			shown.Rejects = append(shown.Rejects, PreviewReject{Position: r.Position, Column: r.Column, Reason: r.Reason, Raw: r.Raw})
		}
		preview.Mappings = append(preview.Mappings, shown)
	}
	return preview, true, nil
}

func tableOf(rows arrow.Record) Table {
	var t Table
	for _, field := range rows.Schema().Fields() {
		t.Columns = append(t.Columns, field.Name)
	}
	for i := range int(rows.NumRows()) {
		line := make([]string, rows.NumCols())
		for j, column := range rows.Columns() {
			line[j] = "NULL"
			if !column.IsNull(i) {
				line[j] = column.ValueStr(i)
			}
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}
