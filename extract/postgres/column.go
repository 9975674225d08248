package postgres

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/partnerplus/warehouse/extract"
)

// Formats in which a server sends a column.
const (
	textFormat   = 0
	binaryFormat = 1
)

// column is a column of the query. Numbers, dates and times come in the server's binary form; everything else, exact
// decimals among it, as its text.
type column struct {
	name   string
	oid    uint32
	format int16
	arrow  arrow.DataType
	width  int // of a binary value
	// check says why a value of the right width cannot be kept; nil where all can.
	check func(raw []byte) string
	put   func(b array.Builder, raw []byte)
	text  func(raw []byte) string
}

const (
	// PostgreSQL counts from 2000-01-01.
	epochDays   = 10_957
	epochMicros = epochDays * 86_400 * 1_000_000
)

var errMoney = errors.New("the server does not say how many decimals its money has")

// newColumn decides how a column is read. Decimals is how many of them the server's money has.
func newColumn(f pgconn.FieldDescription, decimals int) column {
	c := column{name: f.Name, oid: f.DataTypeOID, format: binaryFormat}
	switch c.oid {
	case pgtype.BoolOID:
		c.arrow, c.width = arrow.FixedWidthTypes.Boolean, 1
		c.put = func(b array.Builder, raw []byte) { b.(*array.BooleanBuilder).Append(raw[0] != 0) }
		c.text = func(raw []byte) string { return strconv.FormatBool(raw[0] != 0) }
	case pgtype.Int2OID:
		c.arrow, c.width = arrow.PrimitiveTypes.Int16, 2
		c.put = func(b array.Builder, raw []byte) { b.(*array.Int16Builder).Append(int16(short(raw))) }
		c.text = func(raw []byte) string { return strconv.FormatInt(short(raw), 10) }
	case pgtype.Int4OID:
		c.arrow, c.width = arrow.PrimitiveTypes.Int32, 4
		c.put = func(b array.Builder, raw []byte) { b.(*array.Int32Builder).Append(int32(word(raw))) }
		c.text = func(raw []byte) string { return strconv.FormatInt(word(raw), 10) }
	case pgtype.Int8OID:
		c.arrow, c.width = arrow.PrimitiveTypes.Int64, 8
		c.put = func(b array.Builder, raw []byte) { b.(*array.Int64Builder).Append(long(raw)) }
		c.text = func(raw []byte) string { return strconv.FormatInt(long(raw), 10) }
	case pgtype.Float4OID:
		single := func(raw []byte) float32 { return math.Float32frombits(binary.BigEndian.Uint32(raw)) }
		c.arrow, c.width = arrow.PrimitiveTypes.Float32, 4
		c.put = func(b array.Builder, raw []byte) { b.(*array.Float32Builder).Append(single(raw)) }
		c.text = func(raw []byte) string { return strconv.FormatFloat(float64(single(raw)), 'g', -1, 32) }
	case pgtype.Float8OID:
		double := func(raw []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(raw)) }
		c.arrow, c.width = arrow.PrimitiveTypes.Float64, 8
		c.put = func(b array.Builder, raw []byte) { b.(*array.Float64Builder).Append(double(raw)) }
		c.text = func(raw []byte) string { return strconv.FormatFloat(double(raw), 'g', -1, 64) }
	case pgtype.DateOID, pgtype.TimestampOID, pgtype.TimestamptzOID:
		c.asTime()
	case moneyOID:
		c.arrow, c.width = arrow.BinaryTypes.String, 8
		c.text = func(raw []byte) string { return fixed(long(raw), decimals) }
		c.put = func(b array.Builder, raw []byte) { b.(*array.StringBuilder).Append(c.text(raw)) }
	default:
		c.format, c.arrow = textFormat, arrow.BinaryTypes.String
		c.put = func(b array.Builder, raw []byte) { b.(*array.StringBuilder).BinaryBuilder.Append(raw) }
		c.text = func(raw []byte) string { return string(raw) }
	}
	return c
}

// asTime reads dates and times. Infinity has no place among them.
func (c *column) asTime() {
	if c.oid == pgtype.DateOID {
		c.arrow, c.width = arrow.FixedWidthTypes.Date32, 4
		c.put = func(b array.Builder, raw []byte) {
			b.(*array.Date32Builder).Append(arrow.Date32(word(raw) + epochDays))
		}
		c.check = func(raw []byte) string {
			return infinite(word(raw), math.MinInt32, math.MaxInt32-epochDays, math.MaxInt32)
		}
		c.text = func(raw []byte) string {
			n := word(raw)
			if n == math.MinInt32 || n == math.MaxInt32 {
				return infinityText(n)
			}
			return time.Unix((n+epochDays)*86_400, 0).UTC().Format(time.DateOnly)
		}
		return
	}
	zone, layout := "", "2006-01-02T15:04:05.999999"
	if c.oid == pgtype.TimestamptzOID {
		zone, layout = "UTC", layout+"Z"
	}
	c.arrow, c.width = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: zone}, 8
	c.put = func(b array.Builder, raw []byte) {
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(long(raw) + epochMicros))
	}
	c.check = func(raw []byte) string {
		return infinite(long(raw), math.MinInt64, math.MaxInt64-epochMicros, math.MaxInt64)
	}
	c.text = func(raw []byte) string {
		n := long(raw)
		if n == math.MinInt64 || n == math.MaxInt64 {
			return infinityText(n)
		}
		return time.Unix(n/1_000_000+epochDays*86_400, n%1_000_000*1_000).UTC().Format(layout)
	}
}

// infinite says why a date or time cannot be kept: the least and the greatest value mean infinity.
func infinite(v, least, last, greatest int64) string {
	switch {
	case v == least, v == greatest:
		return infinityText(v) + " is no date; write NULLIF(…, '" + infinityText(v) + "') in the query where it means none"
	case v > last:
		return "it is too far in the future"
	}
	return ""
}

func infinityText(v int64) string {
	if v < 0 {
		return "-infinity"
	}
	return "infinity"
}

const moneyOID = 790

func short(raw []byte) int64 { return int64(int16(binary.BigEndian.Uint16(raw))) }
func word(raw []byte) int64  { return int64(int32(binary.BigEndian.Uint32(raw))) }
func long(raw []byte) int64  { return int64(binary.BigEndian.Uint64(raw)) }

// fixed writes n with so many of its digits behind the point.
func fixed(n int64, decimals int) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	if decimals <= 0 {
		return sign + digits
	}
	digits = strings.Repeat("0", max(0, decimals+1-len(digits))) + digits
	return sign + digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
}

// decimalsOf tells how many decimals money has from what one unit of it is.
func decimalsOf(one []byte) (int, error) {
	if len(one) != 8 {
		return 0, errMoney
	}
	n, decimals := long(one), 0
	for ; n > 1 && n%10 == 0; decimals++ {
		n /= 10
	}
	if n != 1 {
		return 0, errMoney
	}
	return decimals, nil
}

// newColumns decides how all columns are read.
func newColumns(fields []pgconn.FieldDescription, decimals int) ([]column, error) {
	if len(fields) == 0 {
		return nil, errors.New("postgres.query gives no columns; it must be a SELECT")
	}
	columns := make([]column, len(fields))
	for i, f := range fields {
		if slices.ContainsFunc(fields[:i], func(other pgconn.FieldDescription) bool { return other.Name == f.Name }) {
			return nil, fmt.Errorf("postgres.query gives two columns named %q: name one of them otherwise with AS", f.Name)
		}
		columns[i] = newColumn(f, decimals)
	}
	return columns, nil
}

// rows collects rows for a batch.
type rows struct {
	columns   []column
	builder   *array.RecordBuilder
	positions []uint64
	malformed []extract.Malformed
	bytes     int
}

// wrong tells why a row cannot be kept, or nothing.
func (r *rows) wrong(values [][]byte) string {
	for i, c := range r.columns {
		if c.check == nil || values[i] == nil {
			continue
		}
		if why := c.check(values[i]); why != "" {
			return fmt.Sprintf("column %s: %s", c.name, why)
		}
	}
	return ""
}

// add takes a row whose values have their width.
func (r *rows) add(position uint64, values [][]byte) {
	for _, v := range values {
		r.bytes += len(v)
	}
	if why := r.wrong(values); why != "" {
		r.malformed = append(r.malformed, extract.Malformed{Position: position, Reason: why, Raw: r.raw(values)})
		return
	}
	r.positions = append(r.positions, position)
	for i, v := range values {
		if v == nil {
			r.builder.Field(i).AppendNull()
			continue
		}
		r.columns[i].put(r.builder.Field(i), v)
	}
}

// raw writes a row as JSON, its columns in their order.
func (r *rows) raw(values [][]byte) string {
	out := []byte{'{'}
	for i, c := range r.columns {
		if i > 0 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(c.name) // of a string, which cannot fail
		out = append(append(out, name...), ':')
		if values[i] == nil {
			out = append(out, "null"...)
			continue
		}
		value, _ := json.Marshal(c.text(values[i]))
		out = append(out, value...)
		if len(out) > extract.MaxRawBytes {
			return strings.ToValidUTF8(string(out[:extract.MaxRawBytes]), "")
		}
	}
	return string(append(out, '}'))
}

// count is how many rows there are, kept or not.
func (r *rows) count() int { return len(r.positions) + len(r.malformed) }

// batch gives what was collected, and begins anew.
func (r *rows) batch() extract.Batch {
	b := extract.Batch{Record: r.builder.NewRecord(), Positions: r.positions, Malformed: r.malformed}
	r.positions, r.malformed, r.bytes = nil, nil, 0
	return b
}

// drop forgets what was collected.
func (r *rows) drop() {
	if r.builder != nil {
		r.batch().Record.Release()
	}
}
