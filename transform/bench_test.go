package transform

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const benchYAML = `
entity: awards
columns:
  program_id: {value: aurora}
  award_id: id
  org_id: org
  member_id: member
  kind: {from: kind, map: {"1": award, "2": reversal}}
  amount: {from: amount, negative: reversal}
  currency: currency
  awarded_at: at
`

func benchRows(at string) []string {
	const rows = 32 << 10
	lines := make([]string, rows)
	for i := range lines {
		lines[i] = fmt.Sprintf("AW%09d|org-%d|M%07d|1|%d.%02d|CAD|2024-%02d-%02d%s", i, i%50, i%9999, i%500, i%100, i%12+1, i%28+1, at)
	}
	return lines
}

// BenchmarkApply maps a typical batch of awards, 32k rows of text.
func BenchmarkApply(b *testing.B) {
	for _, bb := range []struct{ name, yaml, at string }{
		{"plain", `awarded_at: at`, "T10:11:12Z"},
		{"zone", `awarded_at: {from: at, time: {zone: America/Toronto}}`, " 10:11:12"},
		{"layout", `awarded_at: {from: at, time: {format: 2006-01-02 15:04:05}}`, " 10:11:12"},
		{"join", "awarded_at: at\n  version: $row\n  is_deleted: {join: [id, $row], map: {x: '1'}, map_else: '0'}", "T10:11:12Z"},
		{"rules", "awarded_at: {from: at, min: 2000-01-01, max: 2099-12-31}\n  version: {from: $row, min: 1}", "T10:11:12Z"},
		{"expr", `awarded_at: {expr: 'at'}`, "T10:11:12Z"},
		{"exprs", "awarded_at: at\n  is_deleted: {expr: 'kind == \"1\" and number(amount) * 1.5 < 0'}\n  version: {expr: 'number(slice(id, 2)) + 1'}", "T10:11:12Z"},
	} {
		b.Run(bb.name, func(b *testing.B) { benchApply(b, bb.yaml, benchRows(bb.at)) })
	}
	b.Run("rejects", func(b *testing.B) {
		lines := benchRows("T10:11:12Z")
		for i := range lines {
			if i%100 == 0 {
				lines[i] += "x"
			}
		}
		benchApply(b, "awarded_at: at", lines)
	})
}

func benchApply(b *testing.B, awardedAt string, lines []string) {
	m := mustCompile(b, benchYAML[:len(benchYAML)-len("awarded_at: at\n")]+awardedAt, nil)
	rows := textRecord(b, memory.DefaultAllocator, "id|org|member|kind|amount|currency|at", lines...)
	defer rows.Release()
	benchMapping(b, m, rows)
}

func benchMapping(b *testing.B, m *Mapping, rows arrow.Record) {
	at := place(rows)
	b.ReportAllocs()
	for b.Loop() {
		result, err := m.Apply(rows, at)
		if err != nil {
			b.Fatal(err)
		}
		result.Record.Release()
	}
	n := float64(rows.NumRows()) * float64(b.N)
	b.ReportMetric(n/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/row")
}

const awardsBenchYAML = `
entity: awards
columns:
  program_id: {from: program_id, trim: true}
  award_id: {from: award_id, trim: true}
  org_id: {from: org_id, trim: true}
  member_id: {from: member_id, trim: true}
  amount: amount
  currency: {from: currency, pattern: "[A-Z]{3}"}
  awarded_at: awarded_at
`

const awardsBenchRows = 32 << 10

// BenchmarkAwards maps awards as plain files bring them: ids to trim, exact amounts, ISO times, a currency to
// check, and all else the same in every row.
func BenchmarkAwards(b *testing.B) {
	m := mustCompile(b, awardsBenchYAML, nil)
	for _, bb := range []struct {
		name string
		rows arrow.Record
	}{
		{"texts", textRecord(b, memory.DefaultAllocator, "award_id|program_id|org_id|member_id|amount|currency|awarded_at", awardsBenchTexts()...)},
		{"typed", typedAwards()},
	} {
		b.Run(bb.name, func(b *testing.B) { benchMapping(b, m, bb.rows) })
		bb.rows.Release()
	}
}

func awardsBenchTexts() []string {
	lines := make([]string, awardsBenchRows)
	for i := range lines {
		lines[i] = fmt.Sprintf("%012d|program-%d|org-%03d|member-%06d|%d.%02d|CAD|2024-%02d-%02d %02d:%02d:%02d.%03d",
			i, i%12, i%200, i*7919%300000, i*31%500, i%100, i%12+1, i%28+1, i%24, i%60, i*7%60, i*13%1000)
	}
	return lines
}

// typedAwards are the same rows as Parquet brings them.
func typedAwards() arrow.Record {
	fields := []arrow.Field{
		{Name: "award_id", Type: arrow.BinaryTypes.String}, {Name: "program_id", Type: arrow.BinaryTypes.String},
		{Name: "org_id", Type: arrow.BinaryTypes.String}, {Name: "member_id", Type: arrow.BinaryTypes.String},
		{Name: "amount", Type: &arrow.Decimal128Type{Precision: 18, Scale: 2}}, {Name: "currency", Type: arrow.BinaryTypes.String},
		{Name: "awarded_at", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}},
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for i := range awardsBenchRows {
		b.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("%012d", i))
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("program-%d", i%12))
		b.Field(2).(*array.StringBuilder).Append(fmt.Sprintf("org-%03d", i%200))
		b.Field(3).(*array.StringBuilder).Append(fmt.Sprintf("member-%06d", i*7919%300000))
		b.Field(4).(*array.Decimal128Builder).Append(decimal128.FromI64(int64(i * 31 % 50000)))
		b.Field(5).(*array.StringBuilder).Append("CAD")
		b.Field(6).(*array.TimestampBuilder).Append(arrow.Timestamp(1704067200000 + int64(i)*63072))
	}
	return b.NewRecord()
}

func BenchmarkDecimal(b *testing.B) {
	text, factor := []byte("12345.67"), decimal{coef: 18, exp: -2}
	b.ReportAllocs()
	for b.Loop() {
		d, _ := parseDecimal(text)
		if _, state := d.scaled(factor, 4, exact); state != fits {
			b.Fatal(state)
		}
	}
}

func BenchmarkISO(b *testing.B) {
	text := []byte("2024-01-31T10:11:12.123456+01:00")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := parseISO(text); !ok {
			b.Fatal("not read")
		}
	}
}
