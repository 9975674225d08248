package format

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/schema"
	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/extract"
)

// logicalKind is what a column's bytes mean where Arrow does not say.
type logicalKind int

const (
	plainKind logicalKind = iota
	int96Kind
	uuidKind
)

func logicalKindOf(c *schema.Column, int96 bool) logicalKind {
	switch _, isUUID := c.LogicalType().(schema.UUIDLogicalType); {
	case int96:
		return int96Kind
	case isUUID:
		return uuidKind
	}
	return plainKind
}

// The physical types, by their numbers in the Parquet format.
const (
	physicalInt96 = 3
	physicalFixed = 7
	int96Bytes    = 12
)

// int96AsBytes makes fixed bytes of the INT96 columns outside of lists: Arrow would wrap the times that it cannot hold,
// and take those of day 0 for 1970.
func int96AsBytes(meta *metadata.FileMetaData) (map[int]bool, *metadata.FileMetaData, error) {
	found := map[int]bool{}
	leaf := 0
	for i, element := range meta.FileMetaData.Schema {
		if i == 0 || element.NumChildren != nil && *element.NumChildren > 0 {
			continue
		}
		if element.Type != nil && *element.Type == physicalInt96 && meta.Schema.Column(leaf).MaxRepetitionLevel() == 0 {
			*element.Type = physicalFixed
			length := int32(int96Bytes)
			element.TypeLength = &length
			found[leaf] = true
		}
		leaf++
	}
	if len(found) == 0 {
		return found, meta, nil
	}
	for _, group := range meta.RowGroups {
		for leaf := range found {
			group.Columns[leaf].MetaData.Type = physicalFixed
			group.Columns[leaf].MetaData.Statistics = nil
		}
	}
	data, err := meta.Serialize(context.Background())
	if err == nil {
		meta, err = metadata.NewFileMetaData(data, nil)
	}
	return found, meta, err
}

// faults are the rows that cannot be read, and why.
type faults map[int]string

func (f faults) add(row int, c parquetColumn, format string, args ...any) {
	if f[row] == "" {
		f[row] = fmt.Sprintf("the column %q %s", c.field.Name, fmt.Sprintf(format, args...))
	}
}

// split makes a batch of the rows, of which those with a fault are malformed. It takes over the record.
func (f faults) split(rec arrow.Record, before uint64) (extract.Batch, error) {
	batch := extract.Batch{Record: rec, Positions: make([]uint64, 0, rec.NumRows())}
	var good []arrow.Record
	defer func() {
		for _, r := range good {
			r.Release()
		}
	}()
	start := 0
	n := int(rec.NumRows())
	for i := range n + 1 {
		reason, bad := f[i]
		if i < n && !bad {
			batch.Positions = append(batch.Positions, before+uint64(i)+1)
			continue
		}
		if i > start && len(f) > 0 {
			good = append(good, rec.NewSlice(int64(start), int64(i)))
		}
		start = i + 1
		if bad {
			batch.Malformed = append(batch.Malformed, malformed(before+uint64(i)+1, reason, rowText(rec, i)))
		}
	}
	if len(f) == 0 {
		return batch, nil
	}
	defer rec.Release()
	if len(good) == 0 {
		batch.Record = rec.NewSlice(0, 0)
		return batch, nil
	}
	columns := make([]arrow.Array, rec.NumCols())
	for i := range columns {
		parts := make([]arrow.Array, len(good))
		for j, g := range good {
			parts[j] = g.Column(i)
		}
		var err error
		if columns[i], err = array.Concatenate(parts, memory.DefaultAllocator); err != nil {
			return extract.Batch{}, err
		}
		defer columns[i].Release()
	}
	batch.Record = array.NewRecord(rec.Schema(), columns, int64(len(batch.Positions)))
	return batch, nil
}

// rowText shows a row to people.
func rowText(rec arrow.Record, row int) []byte {
	var b bytes.Buffer
	for i, f := range rec.Schema().Fields() {
		if b.Len() > extract.MaxRawBytes {
			break
		}
		if c := rec.Column(i); !c.IsNull(row) {
			fmt.Fprintf(&b, "%s=%s ", f.Name, c.ValueStr(row))
		}
	}
	return bytes.TrimSpace(b.Bytes())
}

// readable gives a column in a type that a mapping can read: numbers, dates and times of day as they are, or text. It
// is a new reference.
func readable(a arrow.Array, c parquetColumn, f faults) (arrow.Array, error) {
	switch a := a.(type) {
	case *array.String, *array.LargeString, *array.Binary, *array.LargeBinary:
		checkUTF8(a, c, f)
	case *array.Dictionary:
		return readableDictionary(a, c, f)
	case array.ExtensionArray:
		return readable(a.Storage(), c, f)
	case *array.FixedSizeBinary:
		switch c.logical {
		case int96Kind:
			return int96Times(a, c, f), nil
		case uuidKind:
			return asText(a, c, f, func(row int) (string, error) {
				id, err := uuid.FromBytes(a.Value(row))
				return id.String(), err
			}), nil
		}
		return asText(a, c, f, func(row int) (string, error) { return hex.EncodeToString(a.Value(row)), nil }), nil
	case *array.Time32:
		unit := a.DataType().(*arrow.Time32Type).Unit
		return asText(a, c, f, func(row int) (string, error) { return timeOfDay(a.Value(row).ToTime(unit)), nil }), nil
	case *array.Time64:
		unit := a.DataType().(*arrow.Time64Type).Unit
		return asText(a, c, f, func(row int) (string, error) { return timeOfDay(a.Value(row).ToTime(unit)), nil }), nil
	case *array.Float16:
		b := array.NewFloat32Builder(memory.DefaultAllocator)
		defer b.Release()
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
			} else {
				b.Append(a.Value(i).Float32())
			}
		}
		return b.NewArray(), nil
	case *array.Null, *array.Boolean, *array.Int8, *array.Int16, *array.Int32, *array.Int64, *array.Uint8, *array.Uint16,
		*array.Uint32, *array.Uint64, *array.Float32, *array.Float64, *array.Decimal128, *array.Decimal256, *array.Date32,
		*array.Date64, *array.Timestamp:
	case array.ListLike, *array.Struct:
		return asText(a, c, f, func(row int) (string, error) { return jsonText(a, row) }), nil
	default:
		return asText(a, c, f, func(row int) (string, error) { return a.ValueStr(row), nil }), nil
	}
	a.Retain()
	return a, nil
}

func timeOfDay(t time.Time) string { return t.UTC().Format("15:04:05.999999999") }

// jsonText gives a nested value as JSON: a list as an array, a map as an array of keys and values.
func jsonText(a arrow.Array, row int) (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(a.GetOneForMarshal(row)); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// asText makes a column of text.
func asText(a arrow.Array, c parquetColumn, f faults, text func(row int) (string, error)) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for i := range a.Len() {
		if a.IsNull(i) {
			b.AppendNull()
			continue
		}
		s, err := text(i)
		switch {
		case err != nil:
			f.add(i, c, "cannot be read: %v", err)
		case !utf8.ValidString(s):
			f.add(i, c, "is not valid UTF-8")
		}
		b.Append(s)
	}
	return b.NewArray()
}

// checkUTF8 finds the values that are no text: a mapping reads bytes as text.
func checkUTF8(a arrow.Array, c parquetColumn, f faults) {
	value := func(int) []byte { return nil }
	switch a := a.(type) {
	case *array.String:
		value = func(i int) []byte { return []byte(a.Value(i)) }
		if wholeUTF8(a.ValueBytes(), a.Len(), func(i int) int { return a.ValueOffset(i) - a.ValueOffset(0) }) {
			return
		}
	case *array.LargeString:
		value = func(i int) []byte { return []byte(a.Value(i)) }
	case *array.Binary:
		value = a.Value
		if wholeUTF8(a.ValueBytes(), a.Len(), func(i int) int { return int(a.ValueOffset64(i) - a.ValueOffset64(0)) }) {
			return
		}
	case *array.LargeBinary:
		value = a.Value
	}
	for i := range a.Len() {
		if !a.IsNull(i) && !utf8.Valid(value(i)) {
			f.add(i, c, "is not valid UTF-8")
		}
	}
}

// wholeUTF8 looks at all values at once: they are valid if all of their bytes are, and none begins within a character.
func wholeUTF8(all []byte, n int, start func(i int) int) bool {
	if !utf8.Valid(all) {
		return false
	}
	for i := range n {
		if at := start(i); at < len(all) && !utf8.RuneStart(all[at]) {
			return false
		}
	}
	return true
}

func readableDictionary(a *array.Dictionary, c parquetColumn, f faults) (arrow.Array, error) {
	wrong := faults{}
	values, err := readable(a.Dictionary(), c, wrong)
	if err != nil {
		return nil, err
	}
	defer values.Release()
	for i := 0; len(wrong) > 0 && i < a.Len(); i++ {
		if reason := wrong[a.GetValueIndex(i)]; !a.IsNull(i) && reason != "" && f[i] == "" {
			f[i] = reason
		}
	}
	kind := &arrow.DictionaryType{IndexType: a.Indices().DataType(), ValueType: values.DataType()}
	return array.NewDictionaryArray(kind, a.Indices(), values), nil
}

const (
	unixJulianDay = 2440588
	dayNanos      = int64(24 * time.Hour)
)

// int96Times reads nanoseconds of a Julian day.
func int96Times(a *array.FixedSizeBinary, c parquetColumn, f faults) arrow.Array {
	b := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"})
	defer b.Release()
	for i := range a.Len() {
		if a.IsNull(i) {
			b.AppendNull()
			continue
		}
		v := a.Value(i)
		nanos, day := binary.LittleEndian.Uint64(v), int64(int32(binary.LittleEndian.Uint32(v[8:])))-unixJulianDay
		if limit := math.MaxInt64/dayNanos - 1; nanos >= uint64(dayNanos) || day > limit || day < -limit {
			f.add(i, c, "holds a time out of the years 1678 to 2261: day %d, %d ns", day+unixJulianDay, nanos)
			b.AppendNull()
			continue
		}
		b.Append(arrow.Timestamp(day*dayNanos + int64(nanos)))
	}
	return b.NewArray()
}
