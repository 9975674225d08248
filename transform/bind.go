package transform

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// bind finds what the mapping reads in a batch of raw rows.
func (m *Mapping) bind(rows arrow.Record, at Place) (*batch, error) {
	b := &batch{Mapping: m, rows: rows, at: at, raw: make([]texts, rows.NumCols())}
	var errs []error
	for _, name := range m.sources {
		if _, err := b.source(name); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	delivered := int64(-1)
	if !at.Delivered.IsZero() {
		delivered = at.Delivered.UnixMicro()
	}
	bySpec := make(map[*column]*bound, len(m.columns))
	for _, c := range m.columns {
		w, err := b.bindColumn(c)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if w.delivered = delivered; c.Type == Version && c.origin == fromNothing && delivered < 0 {
			errs = append(errs, fmt.Errorf("mapping %s: column %s: it is not mapped, and the delivery time of unit %s, which would stand in, is not known",
				m.entity.Name, c.Name, at.Unit))
		}
		bySpec[c] = w
		b.bound = append(b.bound, w)
	}
	for _, c := range b.bound {
		if c.column.sign != nil {
			c.sign = bySpec[c.column.sign]
		}
	}
	for i := range m.where {
		var t tester
		var err error
		if expr := m.where[i].expr; expr != nil {
			t.evaluation, err = b.evaluation(expr)
		} else {
			t.source, err = b.source(m.where[i].column)
		}
		if err != nil {
			errs = append(errs, err)
		}
		t.condition = &m.where[i]
		b.tests = append(b.tests, t)
	}
	for i := range m.require {
		v, err := b.evaluation(m.require[i].expression)
		if err != nil {
			errs = append(errs, err)
		}
		b.required = append(b.required, v)
	}
	return b, errors.Join(errs...)
}

func (b *batch) bindColumn(c *column) (*bound, error) {
	w := newBound(c)
	if c.spec.Lookup != "" {
		if w.table = b.lookups[c.spec.Lookup]; w.table == nil {
			return nil, fmt.Errorf("mapping %s: column %s: lookup %s has not been filled", b.entity.Name, c.Name, c.spec.Lookup)
		}
	}
	if c.spec.Reference != "" {
		if w.reference = b.lookups[c.spec.Reference]; w.reference == nil {
			return nil, fmt.Errorf("mapping %s: column %s: lookup %s has not been filled", b.entity.Name, c.Name, c.spec.Reference)
		}
	}
	var err error
	switch c.origin {
	case fromNothing:
		w.steady = true
	case fromValue:
		w.source, w.steady = constant(*c.spec.Value), true
	case fromColumn:
		w.source, err = b.source(c.spec.From)
		w.steady = isSteady(w.source)
		if i := b.rows.Schema().FieldIndices(c.spec.From); len(i) > 0 {
			// After a map, a lookup or the like, the text is no longer the column's own.
			w.iso = isTime(b.rows.Schema().Field(i[0])) && c.spec.Map == nil && c.spec.Lookup == "" && c.prepare == nil
		}
	case fromJoin:
		w.source, err = b.joined(c)
	case fromDate:
		w.iso = true
		w.source, err = b.dated(c)
	case fromExpr:
		w.source, err = b.evaluation(c.expr)
		w.steady = len(c.expr.columns) == 0
	}
	return w, err
}

// source gives the values of a raw or pseudo column.
func (b *batch) source(name string) (source, error) {
	switch name {
	case pseudoRow:
		return &rowNumbers{positions: b.at.Positions}, nil
	case pseudoUnit:
		return constant(b.at.Unit), nil
	case pseudoDelivered:
		if b.at.Delivered.IsZero() {
			return nil, fmt.Errorf("mapping %s: it uses %s, but the delivery time of unit %s is not known", b.entity.Name, name, b.at.Unit)
		}
		return constant(b.at.Delivered.UTC().Format(time.RFC3339Nano)), nil
	}
	found := b.rows.Schema().FieldIndices(name)
	switch {
	case len(found) > 1:
		return nil, fmt.Errorf("mapping %s: the source has %d columns %q; it has to name them apart", b.entity.Name, len(found), name)
	case len(found) == 0 && (b.at.Sparse || slices.Contains(b.at.Optional, name)):
		return values{noTexts{}}, nil
	case len(found) == 0:
		names := make([]string, b.rows.NumCols())
		for i, f := range b.rows.Schema().Fields() {
			names[i] = f.Name
		}
		return nil, &MissingColumnError{Entity: b.entity.Name, Column: name, Columns: names}
	}
	i := found[0]
	if b.raw[i] == nil {
		read, err := readColumn(b.rows.Column(i))
		if err != nil {
			return nil, fmt.Errorf("mapping %s: source column %q: %w", b.entity.Name, name, err)
		}
		b.raw[i] = read
	}
	return values{b.raw[i]}, nil
}

// source gives a column's raw value of each row, as text.
type source interface {
	// read gives a text that is valid until the next call; ok is false for none. Why says what makes the
	// row a reject, if anything.
	read(row int) (text []byte, ok bool, why *breach)
}

type values struct{ texts }

func (v values) read(row int) ([]byte, bool, *breach) {
	text, ok := v.at(row)
	return text, ok, nil
}

type constant []byte

func (c constant) read(int) ([]byte, bool, *breach) { return c, true, nil }

// isSteady tells whether a source gives all rows the same value.
func isSteady(s source) bool {
	switch s := s.(type) {
	case constant:
		return true
	case values:
		return s.texts == noTexts{}
	}
	return false
}

type rowNumbers struct {
	positions []uint64
	buffer    []byte
}

func (r *rowNumbers) read(row int) ([]byte, bool, *breach) {
	r.buffer = strconv.AppendUint(r.buffer[:0], r.positions[row], 10)
	return r.buffer, true, nil
}

// joined composes a value of several. It is none where all raw columns among them are empty.
type joined struct {
	parts     []source
	pseudo    []bool
	onlyFixed bool // there are pseudo columns only
	separator []byte
	buffer    []byte
}

func (b *batch) joined(c *column) (source, error) {
	j := &joined{separator: c.separate}
	var errs []error
	for _, name := range c.spec.Join {
		part, err := b.source(name)
		errs = append(errs, err)
		j.parts = append(j.parts, part)
		j.pseudo = append(j.pseudo, isPseudo(name))
	}
	j.onlyFixed = !slices.Contains(j.pseudo, false)
	return j, errors.Join(errs...)
}

func (j *joined) read(row int) ([]byte, bool, *breach) {
	j.buffer = j.buffer[:0]
	filled := j.onlyFixed
	for i, part := range j.parts {
		if i > 0 {
			j.buffer = append(j.buffer, j.separator...)
		}
		text, _, _ := part.read(row)
		filled = filled || !j.pseudo[i] && len(text) > 0
		j.buffer = append(j.buffer, text...)
	}
	return j.buffer, filled, nil
}

// dated composes an ISO date of a year, a month and a day. It is none where all columns among them are empty.
type dated struct {
	parts  [3]datePart
	spec   *ColumnSpec
	buffer []byte
}

type datePart struct {
	name   string
	number int    // the literal, where source is nil
	source source // the column
}

var datePartNames = [3]string{"year", "month", "day"}

func (b *batch) dated(c *column) (source, error) {
	d := &dated{spec: &c.spec}
	var errs []error
	for i, name := range [3]string{c.spec.DateFrom.Year, c.spec.DateFrom.Month, c.spec.DateFrom.Day} {
		part := datePart{name: datePartNames[i]}
		var literal bool
		if part.number, literal = dateLiteral(name); !literal {
			var err error
			part.source, err = b.source(name)
			errs = append(errs, err)
		}
		d.parts[i] = part
	}
	return d, errors.Join(errs...)
}

func (d *dated) read(row int) ([]byte, bool, *breach) {
	var numbers [3]int
	columns, blanks, blank := 0, 0, ""
	for i, part := range d.parts {
		if part.source == nil {
			numbers[i] = part.number
			continue
		}
		columns++
		text, ok, _ := part.source.read(row)
		if ok && d.spec.Trim {
			text = bytes.TrimSpace(text)
		}
		if !ok || len(text) == 0 || contains(d.spec.Nulls, text) {
			blanks, blank = blanks+1, part.name
			continue
		}
		if numbers[i] = number(text); numbers[i] < 0 || len(text) > 4 {
			return nil, false, &breach{RuleType, fmt.Sprintf("the %s %s is not a number of up to four digits", part.name, quote(text))}
		}
	}
	switch {
	case columns > 0 && blanks == columns:
		return nil, false, nil
	case blanks > 0:
		return nil, false, &breach{RuleRequired, "the " + blank + " is empty"}
	}
	d.buffer = appendNumber(d.buffer[:0], numbers[0], 4)
	d.buffer = appendNumber(append(d.buffer, '-'), numbers[1], 2)
	d.buffer = appendNumber(append(d.buffer, '-'), numbers[2], 2)
	if !validDate(numbers[0], numbers[1], numbers[2]) {
		return nil, false, &breach{RuleType, string(d.buffer) + " is not a date"}
	}
	return d.buffer, true, nil
}

// appendNumber writes a number with leading zeros.
func appendNumber(dst []byte, n, width int) []byte {
	for limit := int(pow10[width-1]); n < limit && limit > 1; limit /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(n), 10)
}
