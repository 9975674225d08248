package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/partnerplus/warehouse/extract"
)

// maxColumns bounds the columns of a batch: keys that are data would each become one.
const maxColumns = 4096

// Rows collects JSON objects into a batch: a column per key, nested objects under dotted names, every value in the
// text it has in the source.
type Rows struct {
	columns   []*column
	index     map[string]int
	positions []uint64
	malformed []extract.Malformed
	size      int

	position uint64 // of the last row
	serial   uint64 // counts Add, to tell a key that comes twice in a row
	cells    []cell // the current row
	path     []byte // the dotted name at hand
}

type cell struct {
	column int
	text   []byte
	null   bool
}

// NewRows gives an empty collection for objects of a format.
func NewRows(extract.FormatSpec) *Rows { return &Rows{index: map[string]int{}} }

// Empty reports whether there is nothing to make a batch of.
func (r *Rows) Empty() bool { return len(r.positions)+len(r.malformed) == 0 }

// Full reports whether it is time to take the batch.
func (r *Rows) Full() bool {
	return len(r.positions)+len(r.malformed) >= extract.BatchRows || r.size >= batchBytes
}

// Skip counts a place that holds no row, such as an empty line.
func (r *Rows) Skip() { r.position++ }

// Add appends a row, as a malformed one if it is not a JSON object that fits into columns. Rows are numbered from 1 in
// the order in which they are added.
func (r *Rows) Add(raw []byte) {
	r.position++
	r.size += len(raw)
	if err := r.flatten(raw); err != nil {
		r.malformed = append(r.malformed, malformed(r.position, err.Error(), raw))
		return
	}
	for _, c := range r.cells {
		col := r.columns[c.column]
		col.padTo(len(r.positions))
		if c.null {
			col.appendNull()
		} else {
			col.append(c.text)
		}
	}
	r.positions = append(r.positions, r.position)
}

// addMalformed appends a row that is known to be malformed.
func (r *Rows) addMalformed(reason string, raw []byte) {
	r.position++
	r.size += len(raw)
	r.malformed = append(r.malformed, malformed(r.position, reason, raw))
}

// Batch takes what was collected. Its columns are in the order in which they first appeared in it.
func (r *Rows) Batch() extract.Batch {
	used := r.columns[:0]
	for _, c := range r.columns {
		if c.len() > 0 { // else only malformed rows had it
			c.padTo(len(r.positions))
			used = append(used, c)
		}
	}
	batch := extract.Batch{
		Record:    record(used, len(r.positions)),
		Positions: r.positions,
		Sparse:    true,
		Malformed: r.malformed,
	}
	*r = Rows{index: map[string]int{}, position: r.position, serial: r.serial, cells: r.cells[:0], path: r.path[:0]}
	return batch
}

// flatten puts the object's cells into r.cells.
func (r *Rows) flatten(raw []byte) error {
	r.serial++
	r.cells, r.path = r.cells[:0], r.path[:0]
	switch {
	case !json.Valid(raw):
		return errors.New("not valid JSON")
	case !utf8.Valid(raw):
		return errors.New("not valid UTF-8")
	}
	start := skipSpace(raw, 0)
	if raw[start] != '{' {
		return fmt.Errorf("not a JSON object but %s", kind(raw[start]))
	}
	_, err := r.object(raw, start)
	return err
}

// object reads the object that begins at b[i], which is valid JSON, and returns what follows it.
func (r *Rows) object(b []byte, i int) (int, error) {
	prefix := len(r.path)
	for {
		i = skipSpace(b, i+1) // after { or ,
		if b[i] == '}' {
			return i + 1, nil
		}
		end := stringEnd(b, i)
		if prefix > 0 {
			r.path = append(r.path[:prefix], '.')
		}
		r.path = append(r.path, unquoted(b[i:end])...)
		i = skipSpace(b, end) // the colon
		i = skipSpace(b, i+1) // the value
		next, err := r.value(b, i)
		if err != nil {
			return 0, err
		}
		r.path = r.path[:prefix]
		i = skipSpace(b, next)
		if b[i] == '}' {
			return i + 1, nil
		}
	}
}

func (r *Rows) value(b []byte, i int) (next int, err error) {
	switch b[i] {
	case '{':
		return r.object(b, i)
	case '[':
		next = arrayEnd(b, i)
		return next, r.cell(compact(b[i:next]), false)
	case '"':
		next = stringEnd(b, i)
		return next, r.cell(unquoted(b[i:next]), false)
	}
	next = i
	for next < len(b) && !bytes.ContainsRune([]byte(",}] \t\r\n"), rune(b[next])) {
		next++
	}
	return next, r.cell(b[i:next], b[i] == 'n')
}

func (r *Rows) cell(text []byte, null bool) error {
	i, known := r.index[string(r.path)]
	if !known {
		if len(r.columns) == maxColumns {
			return fmt.Errorf("more than %d different keys within a batch", maxColumns)
		}
		i = len(r.columns)
		r.columns = append(r.columns, newColumn(string(r.path)))
		r.index[string(r.path)] = i
	}
	if r.columns[i].row == r.serial {
		return fmt.Errorf("the key %q comes twice", r.path)
	}
	r.columns[i].row = r.serial
	r.cells = append(r.cells, cell{column: i, text: text, null: null})
	return nil
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// stringEnd gives what follows the string that begins at b[i].
func stringEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// arrayEnd gives what follows the array that begins at b[i].
func arrayEnd(b []byte, i int) int {
	for depth := 0; ; i++ {
		switch b[i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			i = stringEnd(b, i) - 1
		}
	}
}

// unquoted gives the text of a JSON string.
func unquoted(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return quoted // cannot be: the caller has checked that it is JSON
	}
	return []byte(text)
}

func compact(array []byte) []byte {
	if !bytes.ContainsAny(array, " \n\t\r") {
		return array
	}
	var b bytes.Buffer
	if err := json.Compact(&b, array); err != nil {
		return array // cannot be: the caller has checked that it is JSON
	}
	return b.Bytes()
}

func kind(first byte) string {
	switch first {
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}
