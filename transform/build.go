package transform

import (
	"errors"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Columns are built as wholes. What a value is, or why it is none, says cell. A run takes a column's ordinary values many
// at a time and leaves the others to cell; it gives nothing that cell would not give.

// column builds one column of the rows. Where one of them fails, what it gives is of no use.
func (b *batch) column(c *bound, live []int, result *Result) (arrow.Array, error) {
	if c.Type == Text {
		return b.texts(c, live)
	}
	return b.numbers(c, live, result), nil
}

// texts builds a column of texts.
func (b *batch) texts(c *bound, live []int) (arrow.Array, error) {
	if shared := b.shared(c, live); shared != nil {
		return shared, nil
	}
	out := newTextBuffer(b.memory, len(live))
	defer out.release()
	nulls := newNulls(b.memory, len(live))
	defer nulls.release()
	run := b.textRun(c)
	for done := 0; done < len(live); done++ {
		if done += run.of(&out, live[done:], done); done == len(live) {
			break
		}
		value, why := c.cell(live[done])
		switch {
		case why != nil:
			b.fail(live[done], c.Name, *why)
		case value.null:
			nulls.add(done)
		}
		if !out.append(value.text) {
			return nil, errors.New("the texts of one batch take more than the 2 GiB that fit; read smaller batches")
		}
	}
	out.data.Resize(out.size)
	return newArray(c.Type, len(live), nulls, out.ends, out.data), nil
}

// numbers builds a column of another type.
func (b *batch) numbers(c *bound, live []int, result *Result) arrow.Array {
	width := c.Type.Arrow().(arrow.FixedWidthDataType).Bytes()
	out := newBuffer(b.memory, len(live)*width)
	defer out.Release()
	nulls := newNulls(b.memory, len(live))
	defer nulls.release()
	var values []int64
	if width == arrow.Int64SizeBytes {
		values = arrow.Int64Traits.CastFromBytes(out.Bytes())
	} else {
		values = b.scratch(len(live))
	}
	run := b.numberRun(c)
	for done := 0; done < len(live); done++ {
		if done += run.of(values[done:], live[done:], done); done == len(live) {
			break
		}
		value, why := c.cell(live[done])
		switch {
		case why != nil:
			b.fail(live[done], c.Name, *why)
		case value.null:
			nulls.add(done)
		}
		values[done] = value.bits
	}
	switch width {
	case arrow.Decimal128SizeBytes:
		for i, wide := 0, arrow.Decimal128Traits.CastFromBytes(out.Bytes()); i < len(wide); i++ {
			wide[i] = decimal128.FromI64(values[i])
		}
	case arrow.Date32SizeBytes:
		for i, days := 0, arrow.Int32Traits.CastFromBytes(out.Bytes()); i < len(days); i++ {
			days[i] = int32(values[i])
		}
	case 1:
		for i, flags := 0, out.Bytes(); i < len(flags); i++ {
			flags[i] = byte(values[i])
		}
	}
	if c.Type == Money {
		result.Amount = result.Amount.Add(sum(values))
	}
	return newArray(c.Type, len(live), nulls, out)
}

// positions builds the column source_row.
func (b *batch) positions(live []int) arrow.Array {
	out := newBuffer(b.memory, len(live)*arrow.Uint64SizeBytes)
	defer out.Release()
	for i, to := 0, arrow.Uint64Traits.CastFromBytes(out.Bytes()); i < len(to); i++ {
		to[i] = b.at.Positions[live[i]]
	}
	return newArray(Count, len(live), &nulls{}, out)
}

// sum adds numbers that are not negative.
func sum(values []int64) decimal128.Num {
	var hi, lo, carry uint64
	for _, n := range values {
		lo, carry = bits.Add64(lo, uint64(n), 0)
		hi += carry
	}
	return decimal128.New(int64(hi), lo)
}

// scratch gives room for the values of a column, until the next.
func (b *batch) scratch(n int) []int64 {
	if cap(b.room) < n {
		b.room = make([]int64, n)
	}
	return b.room[:n]
}

// runOf takes values of the rows into a column, up to the first that is out of the ordinary, and gives how many they are.
type runOf[To any] func(to To, rows []int) int

// runner is a column's run, if it has one. It stops where most values turn out not to be ordinary.
type runner[To any] struct {
	run  runOf[To]
	left int // values that were left to cell
}

// enoughLeft is from where on a run is judged.
const enoughLeft = 256

func (r *runner[To]) of(to To, rows []int, done int) int {
	if r.run == nil {
		return 0
	}
	n := r.run(to, rows)
	if n == len(rows) {
		return n
	}
	if r.left++; r.left > enoughLeft && r.left > (done+n)/2 {
		r.run = nil
	}
	return n
}

// textBuffer collects texts in the layout of an Arrow utf8 array.
type textBuffer struct {
	ends, data *memory.Buffer
	offsets    []int32 // of ends
	n, size    int
}

func newTextBuffer(mem memory.Allocator, rows int) textBuffer {
	ends := newBuffer(mem, (rows+1)*arrow.Int32SizeBytes)
	t := textBuffer{ends: ends, data: memory.NewResizableBuffer(mem), offsets: arrow.Int32Traits.CastFromBytes(ends.Bytes())}
	t.offsets[0] = 0
	return t
}

// append is false where the text does not fit any more.
func (t *textBuffer) append(text []byte) bool {
	if len(text) > math.MaxInt32-t.size {
		return false
	}
	t.reserve(len(text))
	t.size += copy(t.data.Buf()[t.size:], text)
	t.n++
	t.offsets[t.n] = int32(t.size)
	return true
}

// repeat appends a text n times, or as often as it fits, which it gives.
func (t *textBuffer) repeat(text []byte, n int) int {
	if len(text) > 0 {
		n = min(n, (math.MaxInt32-t.size)/len(text))
	}
	t.reserve(n * len(text))
	to := t.data.Buf()[t.size : t.size+n*len(text)]
	for done := copy(to, text); done < len(to); done *= 2 {
		copy(to[done:], to[:done])
	}
	ends := t.offsets[t.n+1 : t.n+1+n]
	for i := range ends {
		t.size += len(text)
		ends[i] = int32(t.size)
	}
	t.n += n
	return n
}

func (t *textBuffer) reserve(more int) {
	if need := t.size + more; need > t.data.Cap() {
		t.data.Reserve(max(need, 2*t.data.Cap()))
	}
}

func (t *textBuffer) release() {
	t.ends.Release()
	t.data.Release()
}

// nulls marks the places of a column that hold no value.
type nulls struct {
	mem    memory.Allocator
	places int
	valid  *memory.Buffer // nil as long as there is no null
	n      int
}

func newNulls(mem memory.Allocator, places int) *nulls { return &nulls{mem: mem, places: places} }

func (n *nulls) add(place int) {
	if n.valid == nil {
		n.valid = newBuffer(n.mem, int(bitutil.BytesForBits(int64(n.places))))
		memory.Set(n.valid.Bytes(), 0xff)
	}
	bitutil.ClearBit(n.valid.Bytes(), place)
	n.n++
}

func (n *nulls) release() {
	if n.valid != nil {
		n.valid.Release()
	}
}

func newBuffer(mem memory.Allocator, size int) *memory.Buffer {
	buffer := memory.NewResizableBuffer(mem)
	buffer.Resize(size)
	return buffer
}

func newArray(t Type, length int, nulls *nulls, buffers ...*memory.Buffer) arrow.Array {
	data := array.NewData(t.Arrow(), length, append([]*memory.Buffer{nulls.valid}, buffers...), nil, nulls.n, 0)
	defer data.Release()
	return array.MakeFromData(data)
}
