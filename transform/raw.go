package transform

import (
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// texts gives the values of a raw column as texts: numbers as the shortest decimal that means the same
// (a float never with an exponent), times as ISO (with Z where the column has a zone), booleans as
// true and false. A text is valid until the next call.
type texts interface {
	at(row int) (text []byte, ok bool) // not ok: null
}

// readColumn gives the texts of an Arrow array.
func readColumn(a arrow.Array) (texts, error) {
	switch a := a.(type) {
	case *array.Null:
		return noTexts{}, nil
	case *array.String, *array.Binary:
		return newBytesColumn[int32](a, arrow.Int32Traits.CastFromBytes), nil
	case *array.LargeString, *array.LargeBinary:
		return newBytesColumn[int64](a, arrow.Int64Traits.CastFromBytes), nil
	case *array.Dictionary:
		values, err := readColumn(a.Dictionary())
		if err != nil {
			return nil, err
		}
		return &dictColumn{codes: a, values: values}, nil
	}
	if write := writer(a); write != nil {
		return &writtenColumn{Array: a, write: write}, nil
	}
	return nil, fmt.Errorf("its type %s cannot be read as text, a number or a time", a.DataType())
}

// writer gives the function that writes one value of an array that is not text itself; nil where there is none.
func writer(a arrow.Array) func(dst []byte, row int) []byte {
	switch a := a.(type) {
	case *array.Boolean:
		return func(dst []byte, row int) []byte { return strconv.AppendBool(dst, a.Value(row)) }
	case *array.Int8:
		return func(dst []byte, row int) []byte { return strconv.AppendInt(dst, int64(a.Value(row)), 10) }
	case *array.Int16:
		return func(dst []byte, row int) []byte { return strconv.AppendInt(dst, int64(a.Value(row)), 10) }
	case *array.Int32:
		return func(dst []byte, row int) []byte { return strconv.AppendInt(dst, int64(a.Value(row)), 10) }
	case *array.Int64:
		return func(dst []byte, row int) []byte { return strconv.AppendInt(dst, a.Value(row), 10) }
	case *array.Uint8:
		return func(dst []byte, row int) []byte { return strconv.AppendUint(dst, uint64(a.Value(row)), 10) }
	case *array.Uint16:
		return func(dst []byte, row int) []byte { return strconv.AppendUint(dst, uint64(a.Value(row)), 10) }
	case *array.Uint32:
		return func(dst []byte, row int) []byte { return strconv.AppendUint(dst, uint64(a.Value(row)), 10) }
	case *array.Uint64:
		return func(dst []byte, row int) []byte { return strconv.AppendUint(dst, a.Value(row), 10) }
	case *array.Float32:
		return func(dst []byte, row int) []byte { return strconv.AppendFloat(dst, float64(a.Value(row)), 'f', -1, 32) }
	case *array.Float64:
		return func(dst []byte, row int) []byte { return strconv.AppendFloat(dst, a.Value(row), 'f', -1, 64) }
	case *array.Decimal128:
		scale := int(a.DataType().(*arrow.Decimal128Type).Scale)
		return func(dst []byte, row int) []byte {
			v := a.Value(row)
			if small := int64(v.LowBits()); v.HighBits() == small>>63 {
				return appendScaled(dst, strconv.AppendInt(dst, small, 10), scale)
			}
			return appendScaled(dst, v.BigInt().Append(dst, 10), scale)
		}
	case *array.Decimal256:
		scale := int(a.DataType().(*arrow.Decimal256Type).Scale)
		return func(dst []byte, row int) []byte {
			return appendScaled(dst, a.Value(row).BigInt().Append(dst, 10), scale)
		}
	case *array.Date32:
		return func(dst []byte, row int) []byte {
			return time.Unix(int64(a.Value(row))*daySeconds, 0).UTC().AppendFormat(dst, time.DateOnly)
		}
	case *array.Date64:
		return func(dst []byte, row int) []byte {
			return time.UnixMilli(int64(a.Value(row))).UTC().AppendFormat(dst, time.DateOnly)
		}
	case *array.Timestamp:
		t := a.DataType().(*arrow.TimestampType)
		layout, unit := "2006-01-02T15:04:05.999999999", t.Unit
		if t.TimeZone != "" {
			layout += "Z"
		}
		return func(dst []byte, row int) []byte { return a.Value(row).ToTime(unit).AppendFormat(dst, layout) }
	}
	return nil
}

// appendScaled puts the point into a number that was just appended to dst, and gives the whole.
func appendScaled(dst, number []byte, scale int) []byte {
	if scale <= 0 {
		for ; scale < 0; scale++ {
			number = append(number, '0')
		}
		return number
	}
	start := len(dst)
	if number[start] == '-' {
		start++
	}
	for missing := scale + 1 - (len(number) - start); missing > 0; missing-- {
		number = append(number, 0)
		copy(number[start+1:], number[start:])
		number[start] = '0'
	}
	point := len(number) - scale
	number = append(number, 0)
	copy(number[point+1:], number[point:])
	number[point] = '.'
	return number
}

// scaledText writes n × 10^-scale for people.
func scaledText(n int64, scale int) string {
	return string(appendScaled(nil, big.NewInt(n).Append(nil, 10), scale))
}

type noTexts struct{}

func (noTexts) at(int) ([]byte, bool) { return nil, false }

// bytesColumn reads utf8 and binary columns where they lie.
type bytesColumn[O int32 | int64] struct {
	arrow.Array
	offsets   []O
	data      []byte
	nulls     bool // there are some
	cleanness cleanness
}

func newBytesColumn[O int32 | int64](a arrow.Array, cast func([]byte) []O) *bytesColumn[O] {
	c := &bytesColumn[O]{Array: a, nulls: a.NullN() > 0}
	d := a.Data()
	if buffers := d.Buffers(); buffers[1] != nil && a.Len() > 0 {
		c.offsets = cast(buffers[1].Bytes())[d.Offset() : d.Offset()+a.Len()+1]
		if buffers[2] != nil {
			c.data = buffers[2].Bytes()
		}
	}
	return c
}

func (c *bytesColumn[O]) at(row int) ([]byte, bool) {
	if c.nulls && c.IsNull(row) {
		return nil, false
	}
	return c.data[c.offsets[row]:c.offsets[row+1]], true
}

type dictColumn struct {
	codes  *array.Dictionary
	values texts
}

func (c *dictColumn) at(row int) ([]byte, bool) {
	if c.codes.IsNull(row) {
		return nil, false
	}
	return c.values.at(c.codes.GetValueIndex(row))
}

// writtenColumn writes each value into a buffer of its own.
type writtenColumn struct {
	arrow.Array
	write  func(dst []byte, row int) []byte
	buffer []byte
}

func (c *writtenColumn) at(row int) ([]byte, bool) {
	if c.IsNull(row) {
		return nil, false
	}
	c.buffer = c.write(c.buffer[:0], row)
	return c.buffer, true
}

// isTime tells whether a raw column holds dates or times already, so that its texts are ISO.
func isTime(f arrow.Field) bool {
	switch f.Type.ID() {
	case arrow.DATE32, arrow.DATE64, arrow.TIMESTAMP:
		return true
	}
	return wasRead(f, readTime)
}

// isText tells whether a raw column holds texts.
func isText(f arrow.Field) bool {
	t := f.Type
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	return arrow.IsBaseBinary(t.ID()) && !wasRead(f, readLiteral)
}
