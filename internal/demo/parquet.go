package demo

import (
	"bytes"
	"io"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// cobaltSchema has times without a zone: they are those of New York.
var cobaltSchema = arrow.NewSchema([]arrow.Field{
	{Name: "award_no", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "employee", Type: arrow.BinaryTypes.String},
	{Name: "employer", Type: arrow.BinaryTypes.String},
	{Name: "entry", Type: arrow.BinaryTypes.String},
	{Name: "amount", Type: &arrow.Decimal128Type{Precision: 12, Scale: 2}, Nullable: true},
	{Name: "awarded_local", Type: &arrow.TimestampType{Unit: arrow.Microsecond}},
	{Name: "revision", Type: arrow.PrimitiveTypes.Int64},
	{Name: "cancelled", Type: arrow.FixedWidthTypes.Boolean},
}, nil)

var cobaltEntries = map[action]string{award: "AWARD", reversal: "CLAWBACK", expiry: "EXPIRY"}

func cobaltParquet(rows []row, zone *time.Location) (func(io.Writer) error, error) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, cobaltSchema)
	defer b.Release()
	for _, r := range rows {
		if id := b.Field(0).(*array.StringBuilder); r.kind == MissingID {
			id.AppendNull()
		} else {
			id.Append(r.id)
		}
		b.Field(1).(*array.StringBuilder).Append(r.member.id)
		b.Field(2).(*array.StringBuilder).Append(r.member.org.id)
		b.Field(3).(*array.StringBuilder).Append(either(r.kind == UnknownKind, "GIFT", cobaltEntries[r.action]))
		if amount := b.Field(4).(*array.Decimal128Builder); r.kind == BadAmount {
			amount.AppendNull()
		} else {
			amount.Append(decimal128.FromI64(r.cents))
		}
		b.Field(5).(*array.TimestampBuilder).Append(arrow.Timestamp(wallClock(r.at.In(zone)).UnixMicro()))
		b.Field(6).(*array.Int64Builder).Append(int64(r.revision))
		b.Field(7).(*array.BooleanBuilder).Append(r.deleted)
	}
	record := b.NewRecord()
	defer record.Release()

	var content bytes.Buffer
	w, err := pqarrow.NewFileWriter(cobaltSchema, &content,
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy)), pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, err
	}
	if err := w.WriteBuffered(record); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return bytesFile(&content), nil
}

// wallClock drops the zone and keeps what the clock on the wall shows.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
