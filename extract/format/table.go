package format

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerplus/warehouse/extract"
)

// table collects the rows of a csv or a sheet into batches. A field that is nil is null.
type table struct {
	columns   []*column
	ragged    bool
	totals    *totals // nil for none
	positions []uint64
	malformed []extract.Malformed
	size      int
	rows      uint64
}

// totals is what is known of the row of totals.
type totals struct {
	spec         extract.TotalsSpec
	column, rows int // their places; rows is -1 where it is not asked for

	found *extract.Malformed // the last row that looked like it, as long as none follows
	says  string             // what it holds in rows
}

// newTable settles the columns by the format and the header, which is nil where there is none.
func newTable(f Format, header [][]byte) (*table, error) {
	names := f.spec.Columns
	if header != nil {
		var err error
		if names, err = named(header, f.spec.Columns); err != nil {
			return nil, err
		}
	}
	t := &table{ragged: f.spec.Ragged}
	for _, name := range names {
		t.columns = append(t.columns, newColumn(name))
	}
	if spec := f.spec.Totals; spec != nil {
		t.totals = &totals{spec: *spec, column: slices.Index(names, spec.Column), rows: -1}
		if spec.Rows != "" {
			t.totals.rows = slices.Index(names, spec.Rows)
		}
		if t.totals.column < 0 || spec.Rows != "" && t.totals.rows < 0 {
			return nil, fmt.Errorf("format.totals names a column that is none of %s", strings.Join(names, ", "))
		}
	}
	return t, nil
}

// named gives the columns their names: the header's, or where those are missing or not unique, the given ones.
func named(header [][]byte, given []string) ([]string, error) {
	if len(header) > maxColumns {
		return nil, fmt.Errorf("the header has %d columns, more than the %d that can be read", len(header), maxColumns)
	}
	if len(given) > 0 && len(given) != len(header) {
		return nil, fmt.Errorf("the header has %d columns, format.columns has %d", len(header), len(given))
	}
	count := map[string]int{}
	for _, field := range header {
		count[string(field)]++
	}
	var names []string
	for i, field := range header {
		name := string(field)
		switch own := name != "" && count[name] == 1; {
		case given != nil && own && given[i] != name:
			return nil, fmt.Errorf("the header's column %d is %q, in format.columns it is %q", i+1, name, given[i])
		case given != nil:
			name = given[i]
		case name == "":
			name = fmt.Sprintf("column_%d", i+1)
		}
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("the header names the column %q twice; name them all in format.columns", name)
		}
		names = append(names, name)
	}
	return names, nil
}

func (t *table) empty() bool { return len(t.positions)+len(t.malformed) == 0 }

func (t *table) full() bool {
	rows, size := t.room()
	return rows <= 0 || size <= 0
}

// room is how many rows, and bytes of them, the batch may still take.
func (t *table) room() (rows, size int) {
	return extract.BatchRows - len(t.positions) - len(t.malformed), batchBytes - t.size
}

// add appends a row, as a malformed one if there is a reason, or it does not fit the columns.
func (t *table) add(position uint64, fields [][]byte, raw []byte, reason string) {
	if t.totals != nil && t.isTotals(position, fields, raw, reason) {
		return
	}
	t.rows++
	t.size += len(raw) + 1
	if reason == "" && len(fields) != len(t.columns) {
		reason = t.misfit(fields)
	}
	if reason != "" {
		t.malformed = append(t.malformed, malformed(position, reason, raw))
		return
	}
	for i, c := range t.columns {
		if i < len(fields) && fields[i] != nil {
			c.append(fields[i])
		} else {
			c.appendNull()
		}
	}
	t.positions = append(t.positions, position)
}

// addCells appends rows that are known to fit the columns, row by row in cells, which lie in text.
func (t *table) addCells(before uint64, text []byte, cells []span32, rows, size int) {
	for i, c := range t.columns {
		c.appendCells(text, cells[min(i, len(cells)):], len(t.columns))
	}
	for i := range rows {
		t.positions = append(t.positions, before+uint64(i)+1)
	}
	t.rows += uint64(rows)
	t.size += size
}

// misfit says why a row of another number of fields does not fit, empty if it does.
func (t *table) misfit(fields [][]byte) string {
	if t.ragged && !slices.ContainsFunc(fields[min(len(fields), len(t.columns)):], func(f []byte) bool { return len(f) > 0 }) {
		return ""
	}
	return fmt.Sprintf("%d fields, the header has %d", len(fields), len(t.columns))
}

// isTotals keeps back a row that looks like the totals. If another follows, it was none.
func (t *table) isTotals(position uint64, fields [][]byte, raw []byte, reason string) bool {
	s := t.totals
	if s.found != nil {
		t.malformed = append(t.malformed, *s.found)
		t.rows++
		s.found = nil
	}
	if reason != "" || s.column >= len(fields) || string(fields[s.column]) != s.spec.Equals {
		return false
	}
	m := malformed(position, "it looks like the totals, but rows follow", raw)
	s.found, s.says = &m, ""
	if s.rows >= 0 && s.rows < len(fields) {
		s.says = string(bytes.TrimSpace(fields[s.rows]))
	}
	return true
}

// end gives io.EOF, unless the totals are missing or wrong.
func (t *table) end() error {
	if t.totals == nil {
		return io.EOF
	}
	s := t.totals
	if s.found == nil {
		return fmt.Errorf("the last row has no totals (%q in the column %q): %w", s.spec.Equals, s.spec.Column, io.ErrUnexpectedEOF)
	}
	if s.rows >= 0 && s.says != strconv.FormatUint(t.rows, 10) {
		return fmt.Errorf("the totals speak of %q rows, there are %d", s.says, t.rows)
	}
	return io.EOF
}

// batch takes what was collected.
func (t *table) batch() extract.Batch {
	b := extract.Batch{Record: record(t.columns, len(t.positions)), Positions: t.positions, Malformed: t.malformed}
	t.positions, t.malformed, t.size = make([]uint64, 0, extract.BatchRows), nil, 0
	return b
}
