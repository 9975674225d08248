package transform

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
)

// runMappings make canonical columns of all types, in all ways that runs know, of a raw column v. The column w has the
// values of v in the opposite order.
var runMappings = []string{
	awardsYAML(map[string]string{"award_id": "v", "org_id": "{from: v, trim: true}", "member_id": "{from: w, trim: true, nulls: [x, '1']}"}),
	awardsYAML(map[string]string{"award_id": "$row", "org_id": "{from: v, default: none}", "amount": "{from: w, default: '1'}", "awarded_at": "{from: v, default: 2024-01-31}", "version": "{from: w, nulls: ['1', x]}"}),
	awardsYAML(map[string]string{"award_id": "$row", "amount": "{from: v, negate: true, negative: reversal}", "kind": "{from: w, map: {'1': award}, map_else: expiry}"}),
	awardsYAML(map[string]string{"award_id": "$row", "amount": "{from: v, negative: reversal}", "kind": "{from: w, map: {'1': award, '2': expiry}, map_else: award}"}),
	awardsYAML(map[string]string{"award_id": "$row", "amount": "{from: v, negative: reversal, default: '-1'}", "org_id": "{from: v, case: upper}"}),
	awardsYAML(map[string]string{"award_id": "$row", "amount": "{from: v, scale: '0.01', min: '0.5', max: '12', negative: absolute}", "version": "{from: v, max: '1000'}"}),
	awardsYAML(map[string]string{"award_id": "$row", "amount": "{from: v, trim: true, scale: '0.18', round: true}", "version": "{from: w, time: {}}"}),
	awardsYAML(map[string]string{"award_id": "$row", "amount": "{from: v, negate: true, nulls: ['1'], default: '0'}", "is_deleted": "{from: w, nulls: ['0']}"}),
	awardsYAML(map[string]string{"award_id": "$row", "awarded_at": "{from: v, time: {zone: America/Toronto}, min: 1999-01-01}", "is_deleted": "w"}),
	awardsYAML(map[string]string{"award_id": "$row", "awarded_at": "{from: v, time: {formats: ['02/01/2006', iso]}}", "version": "$row"}),
	awardsYAML(map[string]string{"award_id": "v", "currency": "{from: w, pattern: '[A-Z]{3}'}", "org_id": "{from: w, extract: '[a-z]+'}", "where": "[{column: v, not_equal: '2'}]"}),
	awardsYAML(map[string]string{"award_id": "{from: v, lookup: known}", "member_id": "{from: w, reference: known}", "kind": "{from: v, default: award}"}),
	awardsYAML(map[string]string{"award_id": "$row", "org_id": "{from: w, map: {'1': x, a: ''}, map_else: $keep}", "version": "{from: v, map: {'1': '7'}, map_else: $keep}", "amount": "{from: w, lookup: worth, default: '3'}"}),
	"{entity: members, columns: {program_id: {value: p}, member_id: $row, joined_on: v, left_on: {from: w, time: {zone: Asia/Kolkata}, nulls: [x]}}}",
	"{entity: portal_sessions, columns: {program_id: {value: p}, session_id: $row, started_at: {value: 2024-01-31}, page_views: v, duration_s: {from: w, scale: '1e-3'}}}",
	"{entity: fx_rates, columns: {currency: v, day: {value: 2024-01-31}, rate: w}}",
}

func compileRunMappings(t testing.TB) []*Mapping {
	mappings := make([]*Mapping, len(runMappings))
	for i, text := range runMappings {
		mappings[i] = mustCompile(t, text, map[string]Lookup{"known": {"1": "one", "CAD": "x", "a": ""}, "worth": {"1": "2.5", "0": "-1"}})
	}
	return mappings
}

// sameSingly maps rows by runs and value by value, and compares all that comes out.
func sameSingly(t testing.TB, m *Mapping, rows arrow.Record) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	singly := *m.WithAllocator(mem)
	singly.singly = true
	want, err := singly.Apply(rows, place(rows))
	if err != nil {
		t.Fatalf("%v", err)
	}
	got, err := m.WithAllocator(mem).Apply(rows, place(rows))
	if err != nil {
		t.Fatalf("%v", err)
	}
	if !array.RecordEqual(want.Record, got.Record) {
		t.Fatalf("%s:\ngot %v\nwant %v", m.entity.Name, got.Record, want.Record)
	}
	want.Record.Release()
	got.Record.Release()
	want.Record, got.Record = nil, nil
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b decimal128.Num) bool { return a == b })); diff != "" {
		t.Fatalf("%s: %s", m.entity.Name, diff)
	}
	if left := mem.CurrentAlloc(); left != 0 {
		t.Fatalf("%d bytes are left", left)
	}
}

// twoWays gives a record of a column as v, and backwards as w.
func twoWays(values arrow.Array) arrow.Record {
	backwards := make([]arrow.Array, 0, values.Len())
	for i := values.Len() - 1; i >= 0; i-- {
		backwards = append(backwards, array.NewSlice(values, int64(i), int64(i)+1))
	}
	w, err := array.Concatenate(backwards, memory.DefaultAllocator)
	if err != nil {
		panic(err)
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "v", Type: values.DataType(), Nullable: true}, {Name: "w", Type: values.DataType(), Nullable: true}}, nil)
	return array.NewRecord(schema, []arrow.Array{values, w}, int64(values.Len()))
}

// FuzzRuns: runs give exactly what is given value by value. The texts are lines; one that is NUL and "null" is null.
func FuzzRuns(f *testing.F) {
	for _, texts := range []string{
		"1\n2\n3.5\n0.0001\n-1\n.5\n5.\n.\n\n" + null + "\n 7 \n1e3\n00000000000000000001\n0.00001\n5.00000\n99999999999999.9999\n999999999999999999\n100000000000000",
		"2024-01-31\n2024-01-31T10:11:12Z\n2024-01-31 10:11:12.123456789+05:30\n2024-02-30\n1900-01-01\n1899-12-31\n2299-12-31 23:59:59.999999\n2300-01-01\n2024-03-10 02:30:00\n1999-12-31\n31/01/2024\n1969-12-31",
		"CAD\nUSD\nx\n\n" + null + "\n\u00a0é\u00a0\na\x00b\n\xc3\n\xa9\n日本\n a\nA \nerr\ntrue\nFALSE\n0\n1",
		"1\n1\n1\n1", "-1\n2\n3", "", "\n", null, "é\n\xc3\n\xa9",
	} {
		for _, more := range []uint8{0, 4, 7, 12, 200} {
			f.Add(texts, more)
		}
	}
	mappings := compileRunMappings(f)
	f.Fuzz(func(t *testing.T, texts string, more uint8) {
		lines := strings.Split(texts, "\n")
		if len(lines) > 64 {
			return
		}
		values := textArray(lines, more)
		defer values.Release()
		rows := twoWays(values)
		defer rows.Release()
		for _, m := range mappings {
			sameSingly(t, m, rows)
		}
	})
}

// textArray repeats lines, and takes what more chooses: another type, the middle of a larger array, or nulls that have a
// text beneath.
func textArray(lines []string, more uint8) arrow.Array {
	if more >= 128 { // enough for runs to be given up
		lines = slices.Repeat(lines, 2*enoughLeft/len(lines)+3)
		rand.New(rand.NewPCG(uint64(more), 0)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	}
	kinds := []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.String, arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, arrow.BinaryTypes.LargeString,
		&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: arrow.BinaryTypes.String}}
	kind := kinds[int(more)%len(kinds)]
	b := array.NewBuilder(memory.DefaultAllocator, kind)
	defer b.Release()
	beneath := kind == arrow.BinaryTypes.String && more%4 == 0
	valid := make([]byte, bitutil.BytesForBits(int64(len(lines))))
	for i, line := range lines {
		bitutil.SetBitTo(valid, i, line != null)
		if line == null && !beneath {
			b.AppendNull()
			continue
		}
		if line == null {
			line = "1"
		}
		switch b := b.(type) {
		case interface{ Append(string) }:
			b.Append(line)
		case interface{ AppendString(string) }:
			b.AppendString(line)
		case interface{ AppendString(string) error }:
			_ = b.AppendString(line)
		}
	}
	values := b.NewArray()
	if beneath {
		d := values.Data()
		return array.MakeFromData(array.NewData(kind, d.Len(), append([]*memory.Buffer{memory.NewBufferBytes(valid)}, d.Buffers()[1:]...), nil, array.UnknownNullCount, 0))
	}
	if more%4 == 3 && len(lines) > 2 {
		return array.NewSlice(values, 1, int64(len(lines))-1)
	}
	return values
}

// TestRunsOfTyped is what FuzzRuns is, for raw columns that are not text: of what lies near their borders, and at random.
func TestRunsOfTyped(t *testing.T) {
	t.Parallel()
	mappings := compileRunMappings(t)
	kinds := []arrow.DataType{
		arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64,
		arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64,
		arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Date32,
	}
	for _, scale := range []int32{-2, 0, 2, 4, 6, 8, 20} {
		kinds = append(kinds, &arrow.Decimal128Type{Precision: 38, Scale: scale})
	}
	for _, unit := range []arrow.TimeUnit{arrow.Second, arrow.Millisecond, arrow.Microsecond, arrow.Nanosecond} {
		kinds = append(kinds, &arrow.TimestampType{Unit: unit}, &arrow.TimestampType{Unit: unit, TimeZone: "UTC"})
	}
	for _, kind := range kinds {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			b := array.NewBuilder(memory.DefaultAllocator, kind)
			defer b.Release()
			for _, n := range slices.Concat(borders(), []int64{random.Int64(), -random.Int64(), random.Int64N(100), random.Int64N(1e15)}) {
				appendTyped(b, n)
				if random.IntN(8) == 0 {
					b.AppendNull()
				}
			}
			values := b.NewArray()
			sliced := array.NewSlice(values, 1, int64(values.Len())-1)
			for _, m := range mappings {
				sameSingly(t, m, twoWays(values))
				sameSingly(t, m, twoWays(sliced))
			}
		})
	}
}

// borders are numbers on both sides of where something changes, in any of the types.
func borders() []int64 {
	all := []int64{math.MinInt64, math.MaxInt64}
	for _, at := range []int64{0, 50, 1000, 1e6, 1e10, 1e12, 1e14, 1e16, 1e18} {
		all = append(all, at-1, at, at+1, -at)
	}
	for _, year := range []int{1900, 1970, 1999, 2024, 2300} {
		start := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		all = append(all, start/daySeconds-1, start/daySeconds)
		for _, per := range []int64{1, 1e3, 1e6, 1e9} {
			if start < math.MaxInt64/per && start > math.MinInt64/per {
				all = append(all, start*per-1, start*per)
			}
		}
	}
	return append(all, time.Date(2024, 3, 10, 2, 30, 0, 0, time.UTC).Unix()) // clocks in Toronto skip it
}

// appendTyped appends a number, or what of it fits the type.
func appendTyped(b array.Builder, n int64) {
	switch b := b.(type) {
	case *array.Int8Builder:
		b.Append(int8(n))
	case *array.Int16Builder:
		b.Append(int16(n))
	case *array.Int32Builder:
		b.Append(int32(n))
	case *array.Int64Builder:
		b.Append(n)
	case *array.Uint8Builder:
		b.Append(uint8(n))
	case *array.Uint16Builder:
		b.Append(uint16(n))
	case *array.Uint32Builder:
		b.Append(uint32(n))
	case *array.Uint64Builder:
		b.Append(uint64(n))
	case *array.BooleanBuilder:
		b.Append(n%2 == 0)
	case *array.Float64Builder:
		b.Append(float64(n) / 100)
	case *array.Date32Builder:
		b.Append(arrow.Date32(n % 200_000))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(n))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(n))
		b.Append(decimal128.New(n%3, uint64(n)))
	}
}
