package format

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/partnerplus/warehouse/extract"
)

// rowGroupBytes is the compressed row group that is read whole, one request per column. A larger one is read in
// parts.
const rowGroupBytes = 64 << 20

// parquetDecoder reads row groups one after the other.
type parquetDecoder struct {
	file     *file.Reader
	records  pqarrow.RecordReader
	rows     uint64 // that the footer promises
	position uint64
	empty    bool // the file has no rows, and its one empty batch is not given yet
}

func newParquet(r io.ReaderAt, size int64) (decoder, error) {
	if err := checkedFile(r, "PAR1"); err != nil {
		return nil, err
	}
	props := parquet.NewReaderProperties(memory.DefaultAllocator)
	f, err := file.NewParquetReader(io.NewSectionReader(r, 0, size), file.WithReadProps(props))
	if err != nil {
		return nil, fmt.Errorf("open the Parquet footer: %w", err)
	}
	meta := f.MetaData()
	if group := largestGroup(meta); group > rowGroupBytes {
		columns := int64(max(1, meta.Schema.NumColumns()))
		props.BufferedStreamEnabled = true
		props.BufferSize = min(max(rowGroupBytes/columns, 64<<10), 4<<20)
	}
	a, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{BatchSize: batchRows(meta)}, memory.DefaultAllocator)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the Parquet schema: %w", err), f.Close())
	}
	d := &parquetDecoder{file: f, rows: uint64(f.NumRows()), empty: f.NumRows() == 0}
	d.records, err = a.GetRecordReader(context.Background(), nil, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the Parquet columns: %w", err), f.Close())
	}
	return d, nil
}

func largestGroup(meta *metadata.FileMetaData) (size int64) {
	for i := range meta.RowGroups {
		group := meta.RowGroup(i)
		size = max(size, group.TotalCompressedSize(), group.TotalByteSize()/8)
	}
	return size
}

// batchRows holds a batch near batchBytes, by the average row.
func batchRows(meta *metadata.FileMetaData) int64 {
	var bytes int64
	for i := range meta.RowGroups {
		bytes += meta.RowGroup(i).TotalByteSize()
	}
	average := bytes/max(1, meta.NumRows) + 1
	return min(max(batchBytes/average, 256), extract.BatchRows)
}

func (d *parquetDecoder) next() (extract.Batch, error) {
	if d.empty {
		d.empty = false
		b := array.NewRecordBuilder(memory.DefaultAllocator, d.records.Schema())
		defer b.Release()
		rec := b.NewRecord()
		defer rec.Release()
		return d.batch(rec)
	}
	if d.position == d.rows {
		return extract.Batch{}, io.EOF
	}
	rec, err := d.records.Read()
	if err == io.EOF {
		err = fmt.Errorf("the Parquet footer promises %d rows, there are %d: %w", d.rows, d.position, io.ErrUnexpectedEOF)
	}
	if err != nil {
		return extract.Batch{}, err
	}
	return d.batch(rec)
}

func (d *parquetDecoder) batch(rec arrow.Record) (extract.Batch, error) {
	flat, err := flattenStructs(rec)
	if err != nil {
		return extract.Batch{}, err
	}
	positions := make([]uint64, rec.NumRows())
	for i := range positions {
		d.position++
		positions[i] = d.position
	}
	return extract.Batch{Record: flat, Positions: positions}, nil
}

func (d *parquetDecoder) close() {
	d.records.Release()
	_ = d.file.Close() // closes nothing but itself: the bytes belong to the reader
}

// flattenStructs replaces struct columns by their fields under dotted names.
func flattenStructs(rec arrow.Record) (arrow.Record, error) {
	var fields []arrow.Field
	var arrays []arrow.Array
	for i, f := range rec.Schema().Fields() {
		column := rec.Column(i)
		column.Retain()
		fields, arrays = flattenStruct(f, column, fields, arrays)
	}
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	seen := make(map[string]bool, len(fields))
	for _, f := range fields {
		if seen[f.Name] {
			return nil, fmt.Errorf("the Parquet schema names the column %q twice", f.Name)
		}
		seen[f.Name] = true
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, rec.NumRows()), nil
}

// flattenStruct takes over the array.
func flattenStruct(f arrow.Field, a arrow.Array, fields []arrow.Field, arrays []arrow.Array) ([]arrow.Field, []arrow.Array) {
	parent, is := a.(*array.Struct)
	if !is {
		return append(fields, arrow.Field{Name: f.Name, Type: f.Type, Nullable: f.Nullable}), append(arrays, a)
	}
	defer parent.Release()
	for i, child := range parent.DataType().(*arrow.StructType).Fields() {
		child.Name = f.Name + "." + child.Name
		child.Nullable = child.Nullable || f.Nullable
		fields, arrays = flattenStruct(child, withParentNulls(parent.Field(i), parent), fields, arrays)
	}
	return fields, arrays
}

// withParentNulls gives a field that is null, too, where the struct around it is.
func withParentNulls(child arrow.Array, parent *array.Struct) arrow.Array {
	if parent.NullN() == 0 {
		child.Retain()
		return child
	}
	data := child.Data()
	offset, nulls := data.Offset(), 0
	valid := make([]byte, bitutil.BytesForBits(int64(offset+child.Len())))
	for i := range child.Len() {
		if child.IsNull(i) || parent.IsNull(i) {
			nulls++
			continue
		}
		bitutil.SetBit(valid, offset+i)
	}
	buffers := append([]*memory.Buffer{memory.NewBufferBytes(valid)}, data.Buffers()[1:]...)
	merged := array.NewData(data.DataType(), child.Len(), buffers, data.Children(), nulls, offset)
	defer merged.Release()
	if dictionary := data.Dictionary(); dictionary != nil {
		withDictionary := array.NewDataWithDictionary(data.DataType(), child.Len(), buffers, nulls, offset, dictionary.(*array.Data))
		defer withDictionary.Release()
		return array.MakeFromData(withDictionary)
	}
	return array.MakeFromData(merged)
}
