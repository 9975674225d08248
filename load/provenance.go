package load

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// provenanceFields are the columns that the loader adds to every canonical row.
var provenanceFields = []arrow.Field{
	{Name: "source", Type: constantText},
	{Name: "unit", Type: constantText},
	{Name: "run_id", Type: constantText},
	{Name: "delivered_at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
}

// constantText is a text that is the same in all rows: one value, and an index of zeros.
var constantText = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// provenance adds a unit's constant columns to batches.
type provenance struct {
	texts     []string
	delivered arrow.Timestamp
	columns   []arrow.Array // as long as the longest batch so far
}

func newProvenance(unit Unit) *provenance {
	return &provenance{texts: []string{unit.Source, unit.Name, unit.RunID}, delivered: arrow.Timestamp(unit.Delivered.UnixMicro())}
}

// add gives the batch with the provenance columns behind its own. The caller releases it.
func (p *provenance) add(rows arrow.Record) arrow.Record {
	n := rows.NumRows()
	if len(p.columns) == 0 || int64(p.columns[0].Len()) < n {
		p.grow(int(n))
	}
	fields := append(rows.Schema().Fields(), provenanceFields...)
	columns := append([]arrow.Array{}, rows.Columns()...)
	for _, column := range p.columns {
		slice := array.NewSlice(column, 0, n)
		defer slice.Release() //nolint:gocritic // a handful, needed until the record holds them
		columns = append(columns, slice)
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, n)
}

func (p *provenance) grow(n int) {
	for _, column := range p.columns {
		column.Release()
	}
	p.columns = p.columns[:0]
	zeros := array.NewInt32Builder(memory.DefaultAllocator)
	defer zeros.Release()
	zeros.AppendValues(make([]int32, n), nil)
	index := zeros.NewInt32Array()
	defer index.Release()
	for _, text := range p.texts {
		values := array.NewStringBuilder(memory.DefaultAllocator)
		values.Append(text)
		dictionary := values.NewStringArray()
		p.columns = append(p.columns, array.NewDictionaryArray(constantText, index, dictionary))
		dictionary.Release()
		values.Release()
	}
	times := array.NewTimestampBuilder(memory.DefaultAllocator, provenanceFields[3].Type.(*arrow.TimestampType))
	defer times.Release()
	times.Reserve(n)
	for range n {
		times.UnsafeAppend(p.delivered)
	}
	p.columns = append(p.columns, times.NewArray())
}
