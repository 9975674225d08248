package format_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
)

// benchRows is about a third of a second of reading.
const benchRows = 300_000

var benchColumns = []string{"award_id", "program_id", "org_id", "member_id", "amount", "currency", "awarded_at"}

// awards gives rows of seven columns, always the same, that pack as badly as real ones.
func awards(row func(values [7]string)) {
	random := rand.New(rand.NewPCG(5, 8))
	for range benchRows {
		n := random.Uint64()
		row([7]string{
			fmt.Sprintf("A%016x-%04x", random.Uint64(), n&0xFFFF), fmt.Sprintf("program-%d", n%12), fmt.Sprintf("org-%d", n>>8%40),
			fmt.Sprintf("M%07d", n>>16%300_000), fmt.Sprintf("%d.%02d", n>>32%1000, n>>40%100), []string{"USD", "EUR", "CAD"}[n>>24%3],
			fmt.Sprintf("2024-%02d-%02d %02d:%02d:%02d.%03d", n>>3%12+1, n>>7%28+1, n>>12%24, n>>17%60, n>>23%60, n>>29%1000),
		})
	}
}

func awardsText(head string, row func(values [7]string) string) string {
	var b strings.Builder
	b.WriteString(head)
	awards(func(values [7]string) { b.WriteString(row(values)) })
	return b.String()
}

func awardsCSV(quote string) string {
	return awardsText(strings.Join(benchColumns, ",")+"\n", func(v [7]string) string {
		return quote + strings.Join(v[:], quote+","+quote) + quote + "\n"
	})
}

func awardsJSON(head, tail string) string {
	return awardsText(head, func(v [7]string) string {
		var b strings.Builder
		for i, name := range benchColumns {
			quote := `"`
			if name == "amount" {
				quote = ""
			}
			fmt.Fprintf(&b, `%c"%s":%s%s%s`, "{,"[min(i, 1)], name, quote, v[i], quote)
		}
		return b.String() + "}" + tail
	})
}

func awardsParquet(b *testing.B) string {
	text := arrow.BinaryTypes.String
	fields := make([]arrow.Field, len(benchColumns))
	for i, name := range benchColumns {
		fields[i] = arrow.Field{Name: name, Type: text}
	}
	fields[4].Type = &arrow.Decimal128Type{Precision: 18, Scale: 2}
	fields[6].Type = &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	awards(func(v [7]string) {
		for i, value := range v {
			var err error
			switch column := builder.Field(i).(type) {
			case *array.StringBuilder:
				column.Append(value)
			case *array.Decimal128Builder:
				var amount decimal128.Num
				amount, err = decimal128.FromString(value, 18, 2)
				column.Append(amount)
			case *array.TimestampBuilder:
				err = column.AppendValueFromString(value)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	rows := builder.NewRecord()
	defer rows.Release()
	var out bytes.Buffer
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithMaxRowGroupLength(benchRows/3))
	w, err := pqarrow.NewFileWriter(schema, &out, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Write(rows); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.String()
}

// BenchmarkRead reads awards of each format, from memory. MB/s are of the text inside; cpu-ns/row counts the goroutines
// that unpack and read ahead, too.
func BenchmarkRead(b *testing.B) {
	for _, bb := range []struct {
		name, unit string
		text       func(b *testing.B) string
	}{
		{"csv", "a.csv", func(*testing.B) string { return awardsCSV("") }},
		{"csv with quotes", "a.csv", func(*testing.B) string { return awardsCSV(`"`) }},
		{"ndjson", "a.ndjson", func(*testing.B) string { return awardsJSON("", "\n") }},
		{"json", "a.json", func(*testing.B) string { return awardsJSON("[", ",") + "{}]" }},
		{"parquet", "a.parquet", awardsParquet},
	} {
		for _, packed := range []string{"", ".gz", ".zst"} {
			if packed != "" && bb.name != "csv" && bb.name != "ndjson" {
				continue
			}
			b.Run(bb.name+packed, func(b *testing.B) {
				text := bb.text(b)
				benchRead(b, bb.unit+packed, pack(b, packed, text), len(text))
			})
		}
	}
}

func benchRead(b *testing.B, unit, content string, size int) {
	f, err := format.For(extract.FormatSpec{}, unit)
	if err != nil {
		b.Fatal(err)
	}
	bytesOf := []byte(content)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	before := processTime(b)
	rows := 0
	for b.Loop() {
		r := format.NewReader("partner", extract.Unit{Name: unit}, f, memoryBytes{Reader: bytes.NewReader(bytesOf)})
		for {
			batch, err := r.Next(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if len(batch.Malformed) > 0 {
				b.Fatal(batch.Malformed[0].Reason)
			}
			rows += len(batch.Positions)
			batch.Record.Release()
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processTime(b)-before)/float64(rows), "cpu-ns/row")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

// processTime is what all threads of the process have worked, in ns.
func processTime(b *testing.B) int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}
