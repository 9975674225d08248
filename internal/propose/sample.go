package propose

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/source"
	"github.com/partnerplus/warehouse/transform"
)

const (
	sampledUnits = 3
	maxCell      = 400      // bytes of a value that are looked at
	maxCells     = 64 << 20 // bytes of a sample that are looked at
	maxColumns   = 500
)

// sample is the rows of a few units of a group.
type sample struct {
	columns   []string // in the order in which they appeared
	typed     map[string]bool
	batches   []sampledBatch
	rows      int
	malformed int
	fault     string // of the first malformed row
	stray     int    // malformed rows that have a quote where there should be none
}

type sampledBatch struct {
	record arrow.Record
	place  transform.Place
}

func (s *sample) release() {
	for _, b := range s.batches {
		b.record.Release()
	}
}

// spread chooses the first, the last and the middle of a listing.
func spread(units []extract.Unit) []extract.Unit {
	if len(units) <= sampledUnits {
		return units
	}
	return []extract.Unit{units[0], units[len(units)/2], units[len(units)-1]}
}

// take reads rows of some units as the spec says, up to a number of rows in all.
func take(ctx context.Context, spec extract.Spec, units []extract.Unit, rows int) (_ *sample, err error) {
	place, err := source.Open(ctx, "sample", spec)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	s := &sample{typed: map[string]bool{}}
	for i, unit := range units {
		if err := s.read(ctx, place, unit, s.rows+(rows-s.rows)/(len(units)-i)); err != nil {
			s.release()
			return nil, err
		}
	}
	return s, nil
}

// read takes a unit's rows until there are enough in all.
func (s *sample) read(ctx context.Context, place extract.Source, unit extract.Unit, enough int) error {
	reader, err := place.Open(ctx, unit)
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }() // only its beginning was wanted
	for s.rows+s.malformed < enough {
		batch, err := reader.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		s.malformed += len(batch.Malformed)
		for _, m := range batch.Malformed {
			if strings.Contains(m.Reason, "quote") {
				s.stray++
			}
		}
		if s.fault == "" && len(batch.Malformed) > 0 {
			s.fault = batch.Malformed[0].Reason
		}
		n := min(batch.Record.NumRows(), int64(max(enough-s.rows, 0)))
		s.batches = append(s.batches, sampledBatch{
			record: batch.Record.NewSlice(0, n),
			place:  transform.Place{Positions: batch.Positions[:n], Unit: unit.Name, Delivered: reader.Delivered(), Sparse: batch.Sparse},
		})
		s.rows += int(n)
		s.noteColumns(batch.Record.Schema())
		batch.Record.Release()
	}
	return nil
}

func (s *sample) noteColumns(schema *arrow.Schema) {
	for _, f := range schema.Fields() {
		if _, known := s.typed[f.Name]; !known && len(s.columns) < maxColumns {
			s.columns = append(s.columns, f.Name)
			s.typed[f.Name] = f.Type.ID() == arrow.TIMESTAMP || f.Type.ID() == arrow.DATE32 || f.Type.ID() == arrow.DATE64
		}
	}
}

// profiles looks at every column.
func (s *sample) profiles() []*profile {
	room := maxCells / max(1, len(s.columns))
	profiles := make([]*profile, len(s.columns))
	for i, name := range s.columns {
		profiles[i] = profileOf(name, s.values(name, room), s.typed[name])
	}
	return profiles
}

// values gives a column's values, shortened, up to so many bytes.
func (s *sample) values(name string, room int) []value {
	values := make([]value, 0, s.rows)
	for _, b := range s.batches {
		found := b.record.Schema().FieldIndices(name)
		var text func(int) (string, bool)
		if len(found) > 0 {
			text = transform.Texts(b.record.Column(found[0]))
		}
		for row := range int(b.record.NumRows()) {
			v := value{null: true}
			if text != nil {
				var ok bool
				v.text, ok = text(row)
				v.null = !ok
				v.text = cut(v.text, maxCell)
			}
			if room -= len(v.text) + 16; room < 0 {
				return values
			}
			values = append(values, v)
		}
	}
	return values
}

// cut shortens a text to so many bytes, at the end of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
