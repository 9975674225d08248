package format

import (
	"bytes"

	"github.com/partnerplus/warehouse/extract"
)

const (
	// maxColumns bounds the columns of a batch: keys that are data would each become one.
	maxColumns = 4096
	// maxName bounds the dotted name of a column.
	maxName = 1024
)

// Rows collects JSON objects into a batch: a column per key, nested objects under dotted names, every value in the
// text it has in the source. Its format says which arrays become rows, and which become columns.
type Rows struct {
	each     string          // the array whose elements are the rows, empty for none
	elements map[string]bool // the arrays whose elements are columns

	columns   []*column
	index     map[string]int
	spare     map[string]*column // those of the batch before, empty, but of its size
	positions []uint64
	malformed []extract.Malformed
	size      int
	rest      rest

	position uint64 // of the last row
	serial   uint64 // counts rows, to tell a key that comes twice in one
	cells    []cell // the current row
	texts    []byte // those of the current row that do not stand so in the record
	follows  []int  // the columns with which a row began, and that came after each column, when they last did
	before   int    // where follows has the column that is expected now
	path     []byte // the dotted name of the object or array at hand
	array    int    // where the current record's array of rows begins, 0 if it has none
	within   bool   // an element of that array is at hand
}

// cell is a value of the current row.
type cell struct {
	column     int
	start, end int  // of its text in the record
	made       bool // its text is not in the record but in Rows.texts
	null       bool
}

// rest is what a batch had no more room for: a record's elements from next on.
type rest struct {
	record []byte
	next   int
}

// NewRows gives an empty collection for objects of a format.
func NewRows(f extract.FormatSpec) *Rows {
	r := &Rows{each: f.Each, elements: make(map[string]bool, len(f.Elements)), index: map[string]int{}, follows: []int{0}}
	for _, path := range f.Elements {
		r.elements[path] = true
	}
	return r
}

// Empty reports whether there is nothing to make a batch of.
func (r *Rows) Empty() bool { return len(r.positions)+len(r.malformed) == 0 }

// Full reports whether it is time to take the batch.
func (r *Rows) Full() bool {
	return len(r.positions)+len(r.malformed) >= extract.BatchRows || r.size >= batchBytes
}

// Skip counts a place that holds no row, such as an empty line.
func (r *Rows) Skip() { r.position++ }

// Add appends a record: one row, or one for each element of its array. What is not a JSON object that fits into columns
// becomes a malformed row. Rows are numbered from 1 in the order in which they are added.
func (r *Rows) Add(raw []byte) {
	if err := r.flatten(raw); err != nil {
		r.addMalformed(err.Error(), raw)
		return
	}
	if r.array > 0 && raw[r.array] == '[' {
		if first := firstElement(raw, r.array); first > 0 {
			r.addElements(raw, first)
			return
		}
	}
	r.append(raw, len(raw))
}

// addElements appends rows until there are no more elements, or no more room. The record's own cells are in r.cells.
func (r *Rows) addElements(raw []byte, i int) {
	own, ownTexts := len(r.cells), len(r.texts)
	ownSize := 0
	for _, c := range r.cells {
		ownSize += c.end - c.start
	}
	for i > 0 {
		if r.Full() {
			r.rest = rest{record: bytes.Clone(raw), next: i}
			return
		}
		r.texts = r.texts[:ownTexts]
		end, err := r.flattenElement(raw, i, own)
		if err != nil {
			r.addMalformed(err.Error(), raw[i:end])
		} else {
			r.append(raw, ownSize+end-i)
		}
		i = nextElement(raw, end)
	}
}

func (r *Rows) newColumn(name string) *column {
	if c, is := r.spare[name]; is {
		delete(r.spare, name)
		return c
	}
	return newColumn(name)
}

// append makes a row of the cells at hand, which are in a record.
func (r *Rows) append(raw []byte, size int) {
	r.position++
	r.size += size
	for _, c := range r.cells {
		col := r.columns[c.column]
		col.padTo(len(r.positions))
		if c.null {
			col.appendNull()
		} else {
			from := raw
			if c.made {
				from = r.texts
			}
			col.append(from[c.start:c.end])
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

// Batch takes what was collected. Its columns are in the order in which they first appeared in it. What it had no room
// for is in the next one.
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
	left := r.rest
	r.spare = make(map[string]*column, len(used))
	for _, c := range used {
		r.spare[c.name] = c
	}
	r.columns, r.index, r.positions, r.malformed, r.size, r.rest = nil, map[string]int{}, make([]uint64, 0, len(r.positions)), nil, 0, rest{}
	if left.record != nil {
		if err := r.flatten(left.record); err != nil {
			r.addMalformed(err.Error(), left.record)
		} else {
			r.addElements(left.record, left.next)
		}
	}
	return batch
}
