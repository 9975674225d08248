package format_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/apache/arrow/go/v17/parquet/schema"
	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
)

func parquetFile(t *testing.T, rows int, groupRows int64) string {
	t.Helper()
	inner := arrow.StructOf(
		arrow.Field{Name: "city", Type: arrow.BinaryTypes.String},
		arrow.Field{Name: "zip", Type: arrow.PrimitiveTypes.Int32, Nullable: true})
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64},
		{Name: "amount", Type: &arrow.Decimal128Type{Precision: 18, Scale: 2}},
		{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{Name: "address", Type: inner, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := range rows {
		row := fmt.Sprintf(`{"id":%d,"amount":"%d.05","at":"2024-01-31T10:00:00.000001Z","address":{"city":"c%d","zip":%d}}`, i, i, i, i)
		switch i % 3 {
		case 1:
			row = fmt.Sprintf(`{"id":%d,"amount":"%d.05","at":"2024-01-31T10:00:00.000001Z","address":null}`, i, i)
		case 2:
			row = fmt.Sprintf(`{"id":%d,"amount":"-%d.05","at":"2024-01-31T10:00:00.000001Z","address":{"city":"c","zip":null}}`, i, i)
		}
		if err := b.UnmarshalJSON([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(groupRows)), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if rows > 0 {
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestParquet(t *testing.T) {
	t.Parallel()
	got, err := decode(t, "a.parquet", parquetFile(t, 5, 2), extract.FormatSpec{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1: id=0 amount=0.05 at=2024-01-31 10:00:00.000001Z address.city=c0 address.zip=0",
		"2: id=1 amount=1.05 at=2024-01-31 10:00:00.000001Z address.city address.zip",
		"3: id=2 amount=-2.05 at=2024-01-31 10:00:00.000001Z address.city=c address.zip",
		"4: id=3 amount=3.05 at=2024-01-31 10:00:00.000001Z address.city=c3 address.zip=3",
		"5: id=4 amount=4.05 at=2024-01-31 10:00:00.000001Z address.city address.zip",
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Error(diff)
	}
	if got, err = decode(t, "a.parquet", parquetFile(t, 70_000, 20_000), extract.FormatSpec{}); err != nil || len(got.Rows) != 70_000 {
		t.Errorf("%d rows in %d batches, %v", len(got.Rows), got.Batches, err)
	}
	if got, err = decode(t, "a.parquet", parquetFile(t, 0, 1), extract.FormatSpec{}); err != nil || len(got.Rows) != 0 {
		t.Errorf("no rows: %v, %v", got, err)
	}
	whole := parquetFile(t, 5, 2)
	if _, err = decode(t, "a.parquet", whole[:len(whole)/2], extract.FormatSpec{}); err == nil {
		t.Error("half a file gave no error")
	}
}

// written makes a file of JSON rows by the types of Arrow.
func written(t testing.TB, fields []arrow.Field, rows ...string) string {
	t.Helper()
	s := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer b.Release()
	for _, row := range rows {
		if err := b.UnmarshalJSON([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(s, &out, parquet.NewWriterProperties(), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err == nil {
		err = w.Write(rec)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestParquetTypes(t *testing.T) {
	t.Parallel()
	point := arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, arrow.Field{Name: "y", Type: arrow.BinaryTypes.String, Nullable: true})
	for name, test := range map[string]struct {
		kind       arrow.DataType
		json, want string
	}{
		"bool":         {arrow.FixedWidthTypes.Boolean, `true`, "v=true"},
		"int8":         {arrow.PrimitiveTypes.Int8, `-128`, "v=-128"},
		"uint16":       {arrow.PrimitiveTypes.Uint16, `65535`, "v=65535"},
		"uint32":       {arrow.PrimitiveTypes.Uint32, `4294967295`, "v=4294967295"},
		"uint64":       {arrow.PrimitiveTypes.Uint64, `"18446744073709551615"`, "v=18446744073709551615"},
		"float32":      {arrow.PrimitiveTypes.Float32, `0.1`, "v=0.1"},
		"decimal128":   {&arrow.Decimal128Type{Precision: 38, Scale: 3}, `"-12345678901234567890123.456"`, "v=-12345678901234567890123.456"},
		"date32":       {arrow.FixedWidthTypes.Date32, `"2024-02-29"`, "v=2024-02-29"},
		"time32":       {arrow.FixedWidthTypes.Time32ms, `"10:11:12.120"`, "v=10:11:12.12"},
		"time64":       {arrow.FixedWidthTypes.Time64us, `"10:11:12.000001"`, "v=10:11:12.000001"},
		"timestamp":    {&arrow.TimestampType{Unit: arrow.Millisecond}, `"2024-02-29 10:11:12.5"`, "v=2024-02-29 10:11:12.5Z"},
		"fixed binary": {&arrow.FixedSizeBinaryType{ByteWidth: 2}, `"AP8="`, "v=00ff"},
		"large text":   {arrow.BinaryTypes.LargeString, `"é"`, "v=é"},
		"dictionary":   {&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, `"é"`, "v=é"},
		"float16":      {arrow.FixedWidthTypes.Float16, `"1.5"`, "v=1.5"},
		"list":         {arrow.ListOf(arrow.PrimitiveTypes.Int64), `[1,null,"9007199254740993"]`, "v=[1,null,9007199254740993]"},
		"empty list":   {arrow.ListOf(arrow.PrimitiveTypes.Int64), `[]`, "v=[]"},
		"map":          {arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), `[{"key":"a b","value":1}]`, `v=[{"key":"a b","value":1}]`},
		"structs":      {arrow.ListOf(point), `[{"x":1,"y":"z"},null]`, `v=[{"x":1,"y":"z"},null]`},
		"deep":         {arrow.StructOf(arrow.Field{Name: "p", Type: point, Nullable: true}), `{"p":{"x":null,"y":"z"}}`, "v.p.x v.p.y=z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := written(t, []arrow.Field{{Name: "v", Type: test.kind, Nullable: true}}, `{"v":`+test.json+`}`, `{"v":null}`)
			got, err := decode(t, "a.parquet", text, extract.FormatSpec{})
			if err != nil {
				t.Fatal(err)
			}
			nulls := "v"
			if name == "deep" {
				nulls = "v.p.x v.p.y"
			}
			if diff := cmp.Diff(decoded{Rows: []string{"1: " + test.want, "2: " + nulls}, Batches: 1}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// lowLevel makes a file of one column by Parquet's own types.
func lowLevel(t testing.TB, node schema.Node, write func(w file.ColumnChunkWriter) error) string {
	t.Helper()
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{node}, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root)
	column, err := w.AppendRowGroup().NextColumn()
	if err == nil {
		err = write(column)
	}
	if err == nil {
		err = column.Close()
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func leaf(t testing.TB, logical schema.LogicalType, physical parquet.Type, length int) schema.Node {
	t.Helper()
	node, err := schema.NewPrimitiveNodeLogical("v", parquet.Repetitions.Optional, logical, physical, length, -1)
	if err != nil {
		t.Fatal(err)
	}
	return node
}

func TestParquetPhysicalTypes(t *testing.T) {
	t.Parallel()
	int96 := func(day uint32, nanos uint64) (v parquet.Int96) {
		binary.LittleEndian.PutUint64(v[:], nanos)
		binary.LittleEndian.PutUint32(v[8:], day)
		return v
	}
	levels := []int16{1, 0, 1, 1}
	for name, test := range map[string]struct {
		text            string
		rows, malformed []string
	}{
		"int96": {
			lowLevel(t, leaf(t, schema.NoLogicalType{}, parquet.Types.Int96, 0), func(w file.ColumnChunkWriter) error {
				_, err := w.(*file.Int96ColumnChunkWriter).WriteBatch([]parquet.Int96{int96(2460370, 1), int96(0, 0), int96(2440587, 86399999999999), int96(2299161, 0), int96(2460370, 86400000000000)}, []int16{1, 0, 1, 1, 1, 1}, nil)
				return err
			}),
			[]string{"1: v=2024-02-29 00:00:00.000000001Z", "2: v", "4: v=1969-12-31 23:59:59.999999999Z"},
			[]string{
				`3: the column "v" holds a time out of the years 1678 to 2261: day 0, 0 ns: `, `5: the column "v" holds a time out of the years 1678 to 2261: day 2299161, 0 ns: `,
				`6: the column "v" holds a time out of the years 1678 to 2261: day 2460370, 86400000000000 ns: `,
			},
		},
		"decimal in bytes": {
			lowLevel(t, leaf(t, schema.NewDecimalLogicalType(10, 2), parquet.Types.ByteArray, 0), func(w file.ColumnChunkWriter) error {
				_, err := w.(*file.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{{0x7B}, {0xFF, 0x85}, {0, 0, 0, 0, 0, 0, 1}}, levels, nil)
				return err
			}),
			[]string{"1: v=1.23", "2: v", "3: v=-1.23", "4: v=0.01"}, nil,
		},
		"decimal in fixed bytes": {
			lowLevel(t, leaf(t, schema.NewDecimalLogicalType(4, 2), parquet.Types.FixedLenByteArray, 2), func(w file.ColumnChunkWriter) error {
				_, err := w.(*file.FixedLenByteArrayColumnChunkWriter).WriteBatch([]parquet.FixedLenByteArray{{0, 0x7B}, {0xFF, 0x85}, {0, 0}}, levels, nil)
				return err
			}),
			[]string{"1: v=1.23", "2: v", "3: v=-1.23", "4: v=0"}, nil,
		},
		"decimal in int32": {
			lowLevel(t, leaf(t, schema.NewDecimalLogicalType(9, 2), parquet.Types.Int32, 0), func(w file.ColumnChunkWriter) error {
				_, err := w.(*file.Int32ColumnChunkWriter).WriteBatch([]int32{123, -123, -999999999}, levels, nil)
				return err
			}),
			[]string{"1: v=1.23", "2: v", "3: v=-1.23", "4: v=-9999999.99"}, nil,
		},
		"uuid": {
			lowLevel(t, leaf(t, schema.UUIDLogicalType{}, parquet.Types.FixedLenByteArray, 16), func(w file.ColumnChunkWriter) error {
				_, err := w.(*file.FixedLenByteArrayColumnChunkWriter).WriteBatch([]parquet.FixedLenByteArray{[]byte("0123456789abcdef")}, []int16{1}, nil)
				return err
			}),
			[]string{"1: v=30313233-3435-3637-3839-616263646566"}, nil,
		},
		"text that is none": {
			lowLevel(t, leaf(t, schema.StringLogicalType{}, parquet.Types.ByteArray, 0), func(w file.ColumnChunkWriter) error {
				_, err := w.(*file.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{[]byte("a\xC3"), []byte("\xA9b"), []byte("ok")}, levels, nil)
				return err
			}),
			[]string{"2: v", "4: v=ok"}, []string{`1: the column "v" is not valid UTF-8: v=a`, `3: the column "v" is not valid UTF-8: v=`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decode(t, "a.parquet", test.text, extract.FormatSpec{})
			if err != nil {
				t.Fatal(err)
			}
			for i, m := range got.Malformed {
				got.Malformed[i] = m[:strings.LastIndex(m, ": ")+2]
				if i < len(test.malformed) && strings.HasPrefix(m, test.malformed[i]) {
					got.Malformed[i] = test.malformed[i]
				}
			}
			if diff := cmp.Diff(decoded{Rows: test.rows, Malformed: test.malformed, Batches: 1}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCorruptParquet(t *testing.T) {
	t.Parallel()
	whole := parquetFile(t, 5, 2)
	tail := func(length uint32, mark string) string {
		return whole[:len(whole)-8] + string(binary.LittleEndian.AppendUint32(nil, length)) + mark
	}
	for name, test := range map[string]struct{ text, want string }{
		"cut short":          {whole[:len(whole)-9], "cut short"},
		"encrypted":          {tail(10, "PARE"), "encrypted Parquet"},
		"a footer too long":  {tail(1<<31, "PAR1"), "the Parquet footer claims to be 2147483648 bytes long"},
		"a footer too short": {tail(5, "PAR1"), "Parquet"},
		"pages of nonsense":  {whole[:4] + strings.Repeat("\xff", 300) + whole[304:], "parquet"},
	} {
		if _, err := decode(t, "a.parquet", test.text, extract.FormatSpec{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
