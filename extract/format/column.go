package format

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/partnerplus/warehouse/extract"
)

// batchBytes is the text at which a batch is full, whatever its number of rows.
const batchBytes = 8 << 20

// column collects a batch's texts of one column in the layout of an Arrow utf8 array.
type column struct {
	name    string
	offsets []int32
	text    []byte
	valid   []byte // a bitmap, nil as long as there is no null
	nulls   int
	row     uint64 // the last row that had the column
}

func newColumn(name string) *column { return &column{name: name, offsets: []int32{0}} }

func (c *column) len() int { return len(c.offsets) - 1 }

// wide is what is copied at once of a cell, whatever its length: most are shorter.
const wide = 32

func (c *column) append(text []byte) {
	if c.valid != nil {
		c.mark(c.len(), true)
	}
	if n := len(c.text); len(text) <= wide && cap(text) >= wide && cap(c.text)-n >= wide {
		piece := *(*[wide]byte)(text[:wide])
		*(*[wide]byte)(c.text[n : n+wide]) = piece
		c.text = c.text[:n+len(text)]
	} else {
		c.text = append(c.text, text...)
	}
	c.offsets = append(c.offsets, int32(len(c.text)))
}

// appendCells appends every so many-th of the cells, which lie in text.
func (c *column) appendCells(text []byte, cells []span32, step int) {
	if c.valid != nil {
		for i := range (len(cells) + step - 1) / step {
			c.mark(c.len()+i, true)
		}
	}
	own, n := c.text[:cap(c.text)], len(c.text)
	offsets := slices.Grow(c.offsets, (len(cells)+step-1)/step)
	for i := 0; i < len(cells); i += step {
		start, end := int(cells[i].start), int(cells[i].end)
		if n+max(end-start, wide) > len(own) {
			own = slices.Grow(own[:n], max(end-start, wide))
			own = own[:cap(own)]
		}
		if end-start <= wide && start+wide <= len(text) {
			piece := *(*[wide]byte)(text[start:]) // by way of registers: the compiler cannot know that they do not overlap
			*(*[wide]byte)(own[n:]) = piece
		} else {
			copy(own[n:], text[start:end])
		}
		n += end - start
		offsets = append(offsets, int32(n))
	}
	c.text, c.offsets = own[:n], offsets
}

func (c *column) appendNull() {
	if c.valid == nil {
		c.valid = make([]byte, 0, extract.BatchRows/8)
		for i := range c.len() {
			c.mark(i, true)
		}
	}
	c.mark(c.len(), false)
	c.nulls++
	c.offsets = append(c.offsets, int32(len(c.text)))
}

func (c *column) mark(i int, valid bool) {
	if i/8 == len(c.valid) {
		c.valid = append(c.valid, 0)
	}
	bitutil.SetBitTo(c.valid, i, valid)
}

// padTo fills up with nulls.
func (c *column) padTo(rows int) {
	for c.len() < rows {
		c.appendNull()
	}
}

// take gives the array, and empties the column.
func (c *column) take() arrow.Array {
	buffers := []*memory.Buffer{
		nil,
		memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offsets)),
		memory.NewBufferBytes(c.text),
	}
	if c.valid != nil {
		buffers[0] = memory.NewBufferBytes(c.valid)
	}
	data := array.NewData(arrow.BinaryTypes.String, c.len(), buffers, nil, c.nulls, 0)
	defer data.Release()
	*c = column{
		name:    c.name,
		offsets: append(make([]int32, 0, len(c.offsets)), 0),
		text:    make([]byte, 0, len(c.text)+len(c.text)/16),
		row:     c.row,
	}
	return array.NewStringData(data)
}

// record makes a record of the columns and empties them.
func record(columns []*column, rows int) arrow.Record {
	fields := make([]arrow.Field, len(columns))
	arrays := make([]arrow.Array, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.name, Type: arrow.BinaryTypes.String, Nullable: true}
		arrays[i] = c.take()
	}
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(rows))
}
