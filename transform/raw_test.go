package transform

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/decimal256"
	"github.com/google/go-cmp/cmp"
)

// rawCase is a raw column, its values, and what is made of it.
type rawCase struct {
	kind  arrow.DataType
	put   func(array.Builder)
	texts string // joined by spaces
	raw   string // the first value in Reject.Raw
}

// times is what Reject.Raw says of a column of times.
func (c rawCase) times() string {
	if isTime(arrow.Field{Type: c.kind}) {
		return `,"$times":["c"]`
	}
	return ""
}

func put[T any, B interface{ Append(T) }](values ...T) func(array.Builder) {
	return func(b array.Builder) {
		for _, v := range values {
			b.(B).Append(v)
		}
	}
}

func rawCases() []rawCase {
	huge, _ := new(big.Int).SetString("-12345678901234567890123456789", 10)
	return []rawCase{
		{arrow.BinaryTypes.String, put[string, *array.StringBuilder]("a", "5"), "a 5", `"a"`},
		{arrow.BinaryTypes.LargeString, put[string, *array.LargeStringBuilder]("a", "5"), "a 5", `"a"`},
		{arrow.BinaryTypes.Binary, put[[]byte, *array.BinaryBuilder]([]byte("5"), []byte("b")), "5 b", `"5"`},
		{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String},
			func(b array.Builder) {
				for _, v := range []string{"x", "y", "x"} {
					_ = b.(*array.BinaryDictionaryBuilder).AppendString(v)
				}
			}, "x y x", `"x"`},
		{arrow.FixedWidthTypes.Boolean, put[bool, *array.BooleanBuilder](true, false), "true false", "true"},
		{arrow.PrimitiveTypes.Int8, put[int8, *array.Int8Builder](-128), "-128", "-128"},
		{arrow.PrimitiveTypes.Int16, put[int16, *array.Int16Builder](-5), "-5", "-5"},
		{arrow.PrimitiveTypes.Int32, put[int32, *array.Int32Builder](7), "7", "7"},
		{arrow.PrimitiveTypes.Int64, put[int64, *array.Int64Builder](math.MinInt64), "-9223372036854775808", "-9223372036854775808"},
		{arrow.PrimitiveTypes.Uint8, put[uint8, *array.Uint8Builder](255), "255", "255"},
		{arrow.PrimitiveTypes.Uint16, put[uint16, *array.Uint16Builder](5), "5", "5"},
		{arrow.PrimitiveTypes.Uint32, put[uint32, *array.Uint32Builder](5), "5", "5"},
		{arrow.PrimitiveTypes.Uint64, put[uint64, *array.Uint64Builder](math.MaxUint64), "18446744073709551615", "18446744073709551615"},
		{arrow.PrimitiveTypes.Float32, put[float32, *array.Float32Builder](0.1, 1e10), "0.1 10000000000", "0.1"},
		{arrow.PrimitiveTypes.Float64, put[float64, *array.Float64Builder](math.NaN(), 0.1, 1e-7), "NaN 0.1 0.0000001", `"NaN"`},
		{&arrow.Decimal128Type{Precision: 38, Scale: 2}, put[decimal128.Num, *array.Decimal128Builder](
			decimal128.FromI64(12345), decimal128.FromI64(-5), decimal128.FromI64(0), decimal128.FromBigInt(huge)),
			"123.45 -0.05 0.00 -123456789012345678901234567.89", "123.45"},
		{&arrow.Decimal128Type{Precision: 38, Scale: -2}, put[decimal128.Num, *array.Decimal128Builder](decimal128.FromI64(12)), "1200", "1200"},
		{&arrow.Decimal256Type{Precision: 50, Scale: 4}, put[decimal256.Num, *array.Decimal256Builder](decimal256.FromI64(-12345)), "-1.2345", "-1.2345"},
		{arrow.FixedWidthTypes.Date32, put[arrow.Date32, *array.Date32Builder](19753, -1), "2024-01-31 1969-12-31", `"2024-01-31"`},
		{arrow.FixedWidthTypes.Date64, put[arrow.Date64, *array.Date64Builder](19753 * 86400000), "2024-01-31", `"2024-01-31"`},
		{&arrow.TimestampType{Unit: arrow.Second}, put[arrow.Timestamp, *array.TimestampBuilder](1706695872), "2024-01-31T10:11:12", `"2024-01-31T10:11:12"`},
		{&arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}, put[arrow.Timestamp, *array.TimestampBuilder](1706695872500), "2024-01-31T10:11:12.5Z", `"2024-01-31T10:11:12.5Z"`},
		{&arrow.TimestampType{Unit: arrow.Microsecond}, put[arrow.Timestamp, *array.TimestampBuilder](-1), "1969-12-31T23:59:59.999999", `"1969-12-31T23:59:59.999999"`},
		{&arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "America/Toronto"}, put[arrow.Timestamp, *array.TimestampBuilder](1), "1970-01-01T00:00:00.000000001Z", `"1970-01-01T00:00:00.000000001Z"`},
		{arrow.Null, func(b array.Builder) { b.AppendNull() }, null, "null"},
	}
}

// TestRawColumns reads every type of raw column whole, sliced and with nulls.
func TestRawColumns(t *testing.T) {
	t.Parallel()
	for _, tt := range rawCases() {
		t.Run(tt.kind.String(), func(t *testing.T) {
			t.Parallel()
			mem := checked(t)
			b := array.NewBuilder(mem, tt.kind)
			defer b.Release()
			b.AppendNull()
			tt.put(b)
			b.AppendNull()
			whole := b.NewArray()
			defer whole.Release()
			sliced := array.NewSlice(whole, 1, int64(whole.Len()))
			defer sliced.Release()

			column, err := readColumn(sliced)
			if err != nil {
				t.Fatal(err)
			}
			want := append(strings.Fields(tt.texts), null)
			for row := range want {
				text, ok := column.at(row)
				if !ok {
					text = []byte(null)
				}
				if string(text) != want[row] {
					t.Errorf("row %d: got %q, want %q", row, text, want[row])
				}
			}
			rows := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "c", Type: tt.kind}}, nil), []arrow.Array{sliced}, int64(sliced.Len()))
			defer rows.Release()
			if got, want := rawJSON(rows, []texts{column}, 0), `{"c":`+tt.raw+tt.times()+`}`; got != want {
				t.Errorf("raw is %s, want %s", got, want)
			}
		})
	}
}

// TestTypedColumns maps a Parquet-like batch.
func TestTypedColumns(t *testing.T) {
	t.Parallel()
	mem := checked(t)
	list := arrow.ListOf(arrow.PrimitiveTypes.Int32)
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64}, {Name: "cents", Type: arrow.PrimitiveTypes.Float64},
		{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Millisecond}}, {Name: "list", Type: list},
	}, nil)
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues([]int64{1, 2}, nil)
	b.Field(1).(*array.Float64Builder).AppendValues([]float64{1050, math.Inf(1)}, nil)
	b.Field(2).(*array.TimestampBuilder).AppendValues([]arrow.Timestamp{1706695872500, 0}, nil)
	for range 2 {
		b.Field(3).(*array.ListBuilder).Append(true)
		b.Field(3).(*array.ListBuilder).ValueBuilder().(*array.Int32Builder).Append(5)
	}
	rows := b.NewRecord()
	defer rows.Release()

	m := mustCompile(t, awardsYAML(map[string]string{
		"amount": "{from: cents, scale: '0.01'}", "awarded_at": "{from: at, time: {zone: America/Toronto, format: unix}}",
	}), nil)
	result := apply(t, m, mem, rows, place(rows))
	if diff := cmp.Diff([]string{"10.5000"}, show(result.Record, "amount")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2024-01-31T15:11:12.5"}, show(result.Record, "awarded_at")); diff != "" {
		t.Error(diff)
	}
	want := []Reject{{"awards", 2, "amount", RuleType, `amount: "+Inf" is not a decimal number`, `{"id":2,"cents":"+Inf","at":"1970-01-01T00:00:00","list":"[5]","$times":["at"]}`}}
	if diff := cmp.Diff(want, result.Rejects); diff != "" {
		t.Error(diff)
	}
	_, err := mustCompile(t, awardsYAML(map[string]string{"org_id": "list"}), nil).Apply(rows, place(rows))
	if want := `mapping awards: source column "list": its type list<item: int32, nullable> cannot be read as text, a number or a time`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
