package pipeline

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// texts makes a batch of text columns, "name: value, value"; a dash is null.
func texts(columns ...string) arrow.Record {
	var fields []arrow.Field
	var arrays []arrow.Array
	for _, column := range columns {
		name, values, _ := strings.Cut(column, ": ")
		b := array.NewStringBuilder(memory.DefaultAllocator)
		for _, value := range strings.Split(values, ", ") {
			if value == "-" {
				b.AppendNull()
				continue
			}
			b.Append(value)
		}
		fields, arrays = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}), append(arrays, b.NewArray())
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(arrays[0].Len()))
}

func TestKinds(t *testing.T) {
	for values, want := range map[string]string{
		"1, -2, +3": kindInteger, "1, 2.5": kindDecimal, "1e-7": kindDecimal, ".5": kindDecimal, "-": kindEmpty, "-, 7": kindInteger, "1, x": kindText,
		"2024-01-31": kindDate, "2024-01-31, 2024-01-31T10:00:00Z": kindTime, "2024-01-31 10:00": kindTime, "2024-01-31T10:00:00.5+02:00": kindTime,
		"2024-13-01": kindText, "2024-01-31x10:00": kindText, "31.01.2024": kindText, "true, FALSE": kindBoolean, "true, 1": kindText, "2024-01-31, 7": kindText,
		"1.2.3": kindText, "NaN": kindText, "2024": kindInteger, "abcd-01-02": kindText,
	} {
		if got, typed := kindOf(texts("c: " + values).Column(0)); got != want || typed {
			t.Errorf("%s is %s (typed: %v), want %s", values, got, typed, want)
		}
	}
	for _, tt := range []struct {
		of   arrow.DataType
		want string
	}{
		{arrow.PrimitiveTypes.Int32, kindInteger}, {arrow.PrimitiveTypes.Float64, kindDecimal}, {&arrow.Decimal128Type{Precision: 9, Scale: 2}, kindDecimal},
		{&arrow.Decimal128Type{Precision: 9}, kindInteger}, {arrow.FixedWidthTypes.Date32, kindDate}, {arrow.FixedWidthTypes.Timestamp_us, kindTime},
		{arrow.FixedWidthTypes.Boolean, kindBoolean}, {arrow.ListOf(arrow.BinaryTypes.String), kindOther},
	} {
		if got, typed := kindOf(array.NewBuilder(memory.DefaultAllocator, tt.of).NewArray()); got != tt.want || !typed {
			t.Errorf("%s is %s (typed: %v), want %s", tt.of, got, typed, tt.want)
		}
	}
}

func TestContract(t *testing.T) {
	known := func(kind string, always bool) load.SourceColumn { return load.SourceColumn{Kind: kind, Always: always} }
	usual := map[string]load.SourceColumn{"id": known(kindInteger, true), "note": known(kindText, true), "score": known(kindInteger, true), "rare": known(kindText, false)}
	for name, column := range usual {
		column.Name = name
		usual[name] = column
	}
	declared := config.Contract{Columns: map[string]config.ContractColumn{"id": {Type: "integer"}, "score": {Type: "decimal"}, "note": {Optional: true}}}
	with := func(c config.Contract, change func(*config.Contract)) config.Contract { change(&c); return c }
	tests := []struct {
		name     string
		contract config.Contract
		known    map[string]load.SourceColumn
		batches  [][]string
		sparse   bool
		want     string // changes, then what makes it fail
	}{
		{name: "first load", batches: [][]string{{"id: 1", "new: x"}}},
		{name: "no rows", known: usual},
		{name: "as before", known: usual, batches: [][]string{{"id: 1", "note: x", "score: 2"}}},
		{name: "wider", known: usual, batches: [][]string{{"id: 1", "note: 5", "score: 2.5"}}},
		{name: "empty", known: usual, batches: [][]string{{"id: -", "note: -", "score: -"}}},
		{name: "new", known: usual, batches: [][]string{{"id: 1", "note: x", "score: 2", "b: 1", "a: x"}}, want: "new a, new b"},
		{name: "new is a failure", contract: config.Contract{New: "fail"}, known: usual, batches: [][]string{{"id: 1", "note: x", "score: 2", "a: x"}}, want: `column "a" is new`},
		{name: "new is ignored", contract: config.Contract{New: "ignore"}, known: usual, batches: [][]string{{"id: 1", "note: x", "score: 2", "a: x"}}},
		{name: "retyped", known: usual, batches: [][]string{{"id: 1", "note: x", "score: high"}}, want: "retyped score"},
		{name: "retyped is a failure", contract: config.Contract{Retyped: "fail"}, known: usual, batches: [][]string{{"id: 1", "note: x", "score: 2024-01-01"}}, want: `column "score" was integer, but is date now`},
		{name: "missing, read by nobody", known: usual, batches: [][]string{{"id: 1", "score: 2"}}, want: "missing note"},
		{name: "missing, read by a mapping", known: usual, batches: [][]string{{"note: x", "score: 2"}}, want: `column "id" is missing`},
		{name: "missing is ignored", contract: config.Contract{Missing: "ignore"}, known: usual, batches: [][]string{{"note: x"}}},
		{name: "read, but never there", contract: config.Contract{Missing: "record"}, batches: [][]string{{"note: x"}}, want: "missing id"},
		{name: "keys of some rows", known: usual, sparse: true, batches: [][]string{{"id: 1", "note: x"}, {"id: 1", "score: 1"}}},
		{name: "a key of no row", known: usual, sparse: true, batches: [][]string{{"score: 1"}, {"note: x"}}, want: `column "id" is missing`},
		{name: "declared", contract: declared, batches: [][]string{{"id: 1", "score: 2"}}},
		{name: "declared, and one more", contract: declared, batches: [][]string{{"id: 1", "score: 2", "more: x"}}, want: "new more"},
		{name: "declared, and one more as before", contract: declared, known: map[string]load.SourceColumn{"more": known(kindText, true)}, batches: [][]string{{"id: 1", "score: 2", "more: x"}}},
		{name: "declared, retyped and missing", contract: declared, batches: [][]string{{"id: A1"}}, want: `column "id" is declared as integer, but is text; column "score" is missing`},
		{name: "declared, retyped and missing, recorded", contract: with(declared, func(c *config.Contract) { c.Retyped, c.Missing = "record", "record" }),
			batches: [][]string{{"id: A1"}}, want: "retyped id, missing score"},
	}
	for _, tt := range tests {
		s := &sourceColumns{contract: tt.contract, known: tt.known, reads: []string{"id"}}
		if got := compare(s, tt.sparse, tt.batches); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		// What was recorded is not recorded again.
		columns, _ := s.news()
		again := &sourceColumns{contract: tt.contract, known: map[string]load.SourceColumn{}, reads: s.reads}
		maps.Copy(again.known, tt.known)
		for _, column := range columns {
			again.known[column.Name] = column
		}
		if got := compare(again, tt.sparse, tt.batches); strings.HasPrefix(got, "new ") || strings.HasPrefix(got, "missing ") || strings.HasPrefix(got, "retyped ") {
			t.Errorf("%s, the next night: %q", tt.name, got)
		}
	}
}

// compare judges a unit and takes it; it gives the changes, or why it fails.
func compare(s *sourceColumns, sparse bool, batches [][]string) string {
	var unit unitColumns
	for _, columns := range batches {
		unit.see(texts(columns...), sparse)
	}
	changes, err := s.judge("u", &unit)
	if err != nil {
		return err.Error()
	}
	s.take("u", &unit, changes)
	var said []string
	for _, c := range changes {
		said = append(said, fmt.Sprint(c.Event, " ", c.Column))
	}
	return strings.Join(said, ", ")
}
