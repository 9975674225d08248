package load

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// provenanceFields are the columns that the loader adds to every canonical row.
var provenanceFields = []arrow.Field{
	{Name: "source", Type: repeatedText},
	{Name: "unit", Type: repeatedText},
	{Name: "run_id", Type: repeatedText},
	{Name: "delivered_at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
}

// repeatedText is a text that many rows share: each value once, and an index. A message may bring other values than the
// one before it.
var repeatedText = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// message is a run of canonical rows, of one unit or of several, on its way into the stage.
type message struct {
	units   []Unit
	batches []arrow.Record // of each unit; one unit may have several
	rows    int64
}

// add appends a batch, which it retains.
func (m *message) add(unit Unit, batch arrow.Record) {
	batch.Retain()
	m.units, m.batches, m.rows = append(m.units, unit), append(m.batches, batch), m.rows+batch.NumRows()
}

// take gives the rows as one batch with the provenance columns behind its own, and empties the message. The caller
// releases it.
func (m *message) take() (arrow.Record, error) {
	defer m.clear()
	if m.rows == 0 {
		return nil, errors.New("a message without rows")
	}
	schema := m.batches[0].Schema()
	var columns []arrow.Array
	defer func() {
		for _, column := range columns {
			column.Release()
		}
	}()
	for i := range schema.NumFields() {
		pieces := make([]arrow.Array, len(m.batches))
		for k, batch := range m.batches {
			pieces[k] = batch.Column(i)
		}
		if len(pieces) == 1 {
			pieces[0].Retain()
			columns = append(columns, pieces[0])
			continue
		}
		whole, err := array.Concatenate(pieces, memory.DefaultAllocator)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", schema.Field(i).Name, err)
		}
		columns = append(columns, whole)
	}
	columns = append(columns,
		m.texts(func(u Unit) string { return u.Source }), m.texts(func(u Unit) string { return u.Name }), m.texts(func(u Unit) string { return u.RunID }),
		m.delivered())
	fields := append(schema.Fields(), provenanceFields...)
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, m.rows), nil
}

// texts makes the column of a text of each row's unit.
func (m *message) texts(of func(Unit) string) arrow.Array {
	values := array.NewStringBuilder(memory.DefaultAllocator)
	defer values.Release()
	index := array.NewInt32Builder(memory.DefaultAllocator)
	defer index.Release()
	index.Reserve(int(m.rows))
	for i, unit := range m.units {
		if i == 0 || of(unit) != of(m.units[i-1]) {
			values.Append(of(unit))
		}
		for range m.batches[i].NumRows() {
			index.UnsafeAppend(int32(values.Len() - 1))
		}
	}
	dictionary, places := values.NewArray(), index.NewArray()
	defer dictionary.Release()
	defer places.Release()
	return array.NewDictionaryArray(repeatedText, places, dictionary)
}

func (m *message) delivered() arrow.Array {
	times := array.NewTimestampBuilder(memory.DefaultAllocator, provenanceFields[3].Type.(*arrow.TimestampType))
	defer times.Release()
	times.Reserve(int(m.rows))
	for i, unit := range m.units {
		for range m.batches[i].NumRows() {
			times.UnsafeAppend(arrow.Timestamp(unit.Delivered.UnixMicro()))
		}
	}
	return times.NewArray()
}

func (m *message) clear() {
	for _, batch := range m.batches {
		batch.Release()
	}
	m.units, m.batches, m.rows = m.units[:0], m.batches[:0], 0
}
