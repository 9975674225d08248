package transform

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/goccy/go-yaml"
)

var delivered = time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC)

// null stands for a null in texts of tests.
const null = "\x00null"

// textRecord makes a raw batch as csv and json give it; rows are fields separated by |.
func textRecord(t testing.TB, mem memory.Allocator, header string, rows ...string) arrow.Record {
	t.Helper()
	names := strings.Split(header, "|")
	fields := make([]arrow.Field, len(names))
	for i, name := range names {
		fields[i] = arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	b := array.NewRecordBuilder(mem, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, row := range rows {
		values := strings.Split(row, "|")
		if len(values) != len(names) {
			t.Fatalf("row %q has %d fields, the header %d", row, len(values), len(names))
		}
		for i, v := range values {
			if field := b.Field(i).(*array.StringBuilder); v == null {
				field.AppendNull()
			} else {
				field.Append(v)
			}
		}
	}
	return b.NewRecord()
}

func place(rows arrow.Record) Place {
	positions := make([]uint64, rows.NumRows())
	for i := range positions {
		positions[i] = uint64(i) + 1
	}
	return Place{Positions: positions, Unit: "2024/05.csv", Delivered: delivered}
}

func parseSpec(t testing.TB, text string) MappingSpec {
	t.Helper()
	var spec MappingSpec
	if err := yaml.UnmarshalWithOptions([]byte(text), &spec, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return spec
}

func mustCompile(t testing.TB, text string, lookups map[string]Lookup) *Mapping {
	t.Helper()
	m, err := Compile(parseSpec(t, text), lookups)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// checked gives an allocator that fails the test if memory is left.
func checked(t testing.TB) *memory.CheckedAllocator {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

// apply maps rows, and checks that no row and no memory gets lost.
func apply(t testing.TB, m *Mapping, mem memory.Allocator, rows arrow.Record, at Place) Result {
	t.Helper()
	result, err := m.WithAllocator(mem).Apply(rows, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(result.Record.Release)
	if got := int(result.Record.NumRows()) + len(result.Rejects) + result.Filtered; got != int(rows.NumRows()) {
		t.Errorf("%d rows became %d", rows.NumRows(), got)
	}
	if !result.Record.Schema().Equal(m.Entity().Schema()) {
		t.Errorf("schema is %s", result.Record.Schema())
	}
	return result
}

// show gives a canonical column as texts.
func show(r arrow.Record, column string) []string {
	a := r.Column(r.Schema().FieldIndices(column)[0])
	texts := make([]string, a.Len())
	for i := range texts {
		switch a := a.(type) {
		case *array.Timestamp:
			texts[i] = time.UnixMicro(int64(a.Value(i))).UTC().Format("2006-01-02T15:04:05.999999")
		case *array.Decimal128:
			texts[i] = scaledText(int64(a.Value(i).LowBits()), int(a.DataType().(*arrow.Decimal128Type).Scale))
		default:
			texts[i] = a.ValueStr(i)
		}
		if a.IsNull(i) {
			texts[i] = "null"
		}
	}
	return texts
}

// awardsYAML is a mapping of awards of which single columns are replaced by a test.
func awardsYAML(replace map[string]string) string {
	columns := map[string]string{
		"program_id": "{value: p}", "award_id": "id", "member_id": "{value: m}", "amount": `{value: "1"}`,
		"currency": "{value: CAD}", "awarded_at": "{value: 2024-01-31}",
	}
	var extra strings.Builder
	for name, spec := range replace {
		if strings.HasPrefix(name, "where") {
			extra.WriteString("where: " + spec + "\n")
			continue
		}
		columns[name] = spec
	}
	text := "entity: awards\n" + extra.String() + "columns:\n"
	for name, spec := range columns {
		text += "  " + name + ": " + spec + "\n"
	}
	return text
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}
