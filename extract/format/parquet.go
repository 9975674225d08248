package format

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/partnerplus/warehouse/extract"
)

const (
	// rowGroupBytes is the compressed row group that is read whole, one request per column. A larger one is read in
	// parts.
	rowGroupBytes = 16 << 20
	// maxFooterBytes bounds the footer, which is held as a whole.
	maxFooterBytes = 64 << 20
	// maxPageBytes bounds what a corrupt file can make the reader ask for at once.
	maxPageBytes = 512 << 20
	// tailBytes is the length of the footer, and the mark after it.
	tailBytes = 8
)

// parquetDecoder reads row groups one after the other, each column by itself and in this goroutine: Arrow panics on
// some corrupt files, and only here can that be caught.
type parquetDecoder struct {
	file     *file.Reader
	columns  []parquetColumn
	probes   []*pqarrow.ColumnReader
	perBatch int64
	rows     uint64 // that the footer promises
	position uint64
	empty    bool // the file has no rows, and its one empty batch is not given yet
}

// parquetColumn is a column of the batches.
type parquetColumn struct {
	field   arrow.Field
	logical logicalKind
	reader  *pqarrow.ColumnReader
}

func newParquet(r io.ReaderAt, size int64) (decoder, error) {
	if err := checkedFile(r, "PAR1"); err != nil {
		return nil, err
	}
	meta, err := footer(r, size)
	if err != nil {
		return nil, err
	}
	int96, meta, err := int96AsBytes(meta)
	if err != nil {
		return nil, err
	}
	allocator := boundedAllocator{memory.DefaultAllocator}
	props := parquet.NewReaderProperties(allocator)
	f, err := file.NewParquetReader(io.NewSectionReader(r, 0, size), file.WithReadProps(props), file.WithMetadata(meta))
	if err != nil {
		return nil, fmt.Errorf("open the Parquet footer: %w", err)
	}
	if group := largestGroup(meta); group > rowGroupBytes {
		columns := int64(max(1, meta.Schema.NumColumns()))
		props.BufferedStreamEnabled = true
		props.BufferSize = min(max(rowGroupBytes/columns, 64<<10), 4<<20)
	}
	a, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, allocator)
	if err != nil {
		return nil, fmt.Errorf("read the Parquet schema: %w", err)
	}
	d := &parquetDecoder{file: f, perBatch: batchRows(meta), rows: uint64(meta.NumRows), empty: meta.NumRows == 0}
	if err := d.open(a, int96); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// footer reads what the file says of itself, and checks what is relied upon.
func footer(r io.ReaderAt, size int64) (*metadata.FileMetaData, error) {
	if size < 2*tailBytes {
		return nil, fmt.Errorf("read the Parquet footer: %w", io.ErrUnexpectedEOF)
	}
	tail := make([]byte, tailBytes)
	if _, err := r.ReadAt(tail, size-tailBytes); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the Parquet footer: %w", err)
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	switch mark := string(tail[4:]); {
	case mark == "PARE":
		return nil, &mismatch{looks: "encrypted Parquet", hint: "have it delivered unencrypted"}
	case mark != "PAR1":
		return nil, fmt.Errorf("the Parquet file does not end with its footer: %w", io.ErrUnexpectedEOF)
	case length > maxFooterBytes || length > size-tailBytes-4:
		return nil, fmt.Errorf("the Parquet footer claims to be %d bytes long: it is corrupt", length)
	}
	data := make([]byte, length)
	if n, err := r.ReadAt(data, size-tailBytes-length); int64(n) < length {
		return nil, fmt.Errorf("read the Parquet footer: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	meta, err := metadata.NewFileMetaData(data, nil)
	if err != nil {
		return nil, fmt.Errorf("read the Parquet footer: %w", err)
	}
	if meta.IsSetEncryptionAlgorithm() {
		return nil, &mismatch{looks: "Parquet with encrypted columns", hint: "have it delivered unencrypted"}
	}
	// The Arrow schema that some writers add says nothing that is needed, and its parser believes any length.
	meta.FileMetaData.KeyValueMetadata = nil
	if err := checkMetadata(meta, size); err != nil {
		return nil, fmt.Errorf("the Parquet footer is corrupt: %w", err)
	}
	return meta, nil
}

// checkMetadata holds places and numbers of the footer against the file.
func checkMetadata(meta *metadata.FileMetaData, size int64) error {
	var rows int64
	for i, group := range meta.RowGroups {
		if group.NumRows < 0 || len(group.Columns) != meta.Schema.NumColumns() {
			return fmt.Errorf("row group %d has %d rows of %d columns", i, group.NumRows, len(group.Columns))
		}
		rows += group.NumRows
		for j, chunk := range group.Columns {
			m := chunk.MetaData
			if m == nil {
				return fmt.Errorf("row group %d says nothing of column %d", i, j)
			}
			start := m.DataPageOffset
			if m.DictionaryPageOffset != nil && *m.DictionaryPageOffset > 0 {
				start = min(start, *m.DictionaryPageOffset)
			}
			if start < 0 || m.TotalCompressedSize < 0 || m.TotalCompressedSize > size || start > size-m.TotalCompressedSize {
				return fmt.Errorf("column %d of row group %d lies outside of the file", j, i)
			}
		}
	}
	if rows != meta.NumRows {
		return fmt.Errorf("it promises %d rows, its row groups have %d", meta.NumRows, rows)
	}
	return nil
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
		bytes += max(0, meta.RowGroup(i).TotalByteSize())
	}
	average := bytes/max(1, meta.NumRows) + 1
	return min(max(batchBytes/average, 256), extract.BatchRows)
}

// open makes a reader of each column. Fields of structs become columns of their own under dotted names.
func (d *parquetDecoder) open(a *pqarrow.FileReader, int96 map[int]bool) error {
	var fields, leaves []pqarrow.SchemaField
	for _, f := range a.Manifest.Fields {
		fields = flattened(fields, f)
	}
	seen := make(map[string]bool, len(fields))
	for _, f := range fields {
		if seen[f.Field.Name] {
			return fmt.Errorf("the Parquet schema names the column %q twice", f.Field.Name)
		}
		seen[f.Field.Name] = true
		leaves = structLeaves(leaves, f, false)
	}
	a.Manifest.Fields = slices.Concat(fields, leaves)
	groups := make([]int, d.file.NumRowGroups())
	for i := range groups {
		groups[i] = i
	}
	included := make(map[int]bool)
	for i := range d.file.MetaData().Schema.NumColumns() {
		included[i] = true
	}
	for i, f := range a.Manifest.Fields {
		reader, err := a.GetFieldReader(context.Background(), i, included, groups)
		if err != nil {
			return fmt.Errorf("read the Parquet column %q: %w", f.Field.Name, err)
		}
		if i >= len(fields) {
			d.probes = append(d.probes, reader)
			continue
		}
		c := parquetColumn{field: *f.Field, reader: reader}
		if len(f.Children) == 0 {
			c.logical = logicalKindOf(d.file.MetaData().Schema.Column(f.ColIndex), int96[f.ColIndex])
		}
		d.columns = append(d.columns, c)
	}
	return nil
}

// flattened replaces a struct by its fields.
func flattened(into []pqarrow.SchemaField, f pqarrow.SchemaField) []pqarrow.SchemaField {
	if f.Field.Type.ID() != arrow.STRUCT || len(f.Children) == 0 {
		return append(into, f)
	}
	for _, child := range f.Children {
		renamed := *child.Field
		renamed.Name = f.Field.Name + "." + renamed.Name
		renamed.Nullable = renamed.Nullable || f.Field.Nullable
		child.Field = &renamed
		into = flattened(into, child)
	}
	return into
}

// structLeaves finds the columns of structs inside of lists. Arrow reads those in goroutines of its own, so they are
// read here before: what is corrupt then fails here.
func structLeaves(into []pqarrow.SchemaField, f pqarrow.SchemaField, within bool) []pqarrow.SchemaField {
	if len(f.Children) == 0 {
		if within {
			return append(into, f)
		}
		return into
	}
	within = within || len(f.Children) > 1 || f.Field.Type.ID() == arrow.STRUCT
	for _, child := range f.Children {
		into = structLeaves(into, child, within)
	}
	return into
}

func (d *parquetDecoder) next() (extract.Batch, error) {
	if !d.empty && d.position == d.rows {
		return extract.Batch{}, io.EOF
	}
	for _, probe := range d.probes {
		chunks, err := probe.NextBatch(d.perBatch)
		if err != nil {
			return extract.Batch{}, err
		}
		chunks.Release()
	}
	arrays := make([]arrow.Array, 0, len(d.columns))
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	fields := make([]arrow.Field, 0, len(d.columns))
	faults := faults{}
	for i, c := range d.columns {
		a, err := d.read(c)
		if err != nil {
			return extract.Batch{}, fmt.Errorf("the Parquet column %q: %w", c.field.Name, err)
		}
		arrays = append(arrays, a)
		fields = append(fields, arrow.Field{Name: c.field.Name, Type: a.DataType(), Nullable: true})
		if first := arrays[0]; a.Len() != first.Len() {
			return extract.Batch{}, fmt.Errorf("the Parquet column %q has %d rows where %q has %d",
				c.field.Name, a.Len(), d.columns[0].field.Name, first.Len())
		}
		text, err := readable(a, c, faults)
		if err != nil {
			return extract.Batch{}, fmt.Errorf("the Parquet column %q: %w", c.field.Name, err)
		}
		arrays[i], fields[i].Type = text, text.DataType()
		a.Release()
	}
	n := 0
	if len(arrays) > 0 {
		n = arrays[0].Len()
	}
	if n == 0 && !d.empty {
		return extract.Batch{}, fmt.Errorf("the Parquet footer promises %d rows, there are %d: %w", d.rows, d.position, io.ErrUnexpectedEOF)
	}
	d.empty = false
	batch, err := faults.split(array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(n)), d.position)
	d.position += uint64(n)
	return batch, err
}

// read gives the next rows of a column as one array.
func (d *parquetDecoder) read(c parquetColumn) (arrow.Array, error) {
	if d.rows == 0 {
		b := array.NewBuilder(memory.DefaultAllocator, c.reader.Field().Type)
		defer b.Release()
		return b.NewArray(), nil
	}
	chunks, err := c.reader.NextBatch(d.perBatch)
	if err != nil {
		return nil, err
	}
	defer chunks.Release()
	switch all := chunks.Chunks(); len(all) {
	case 0:
		b := array.NewBuilder(memory.DefaultAllocator, chunks.DataType())
		defer b.Release()
		return b.NewArray(), nil
	case 1:
		all[0].Retain()
		return all[0], nil
	default:
		return array.Concatenate(all, memory.DefaultAllocator)
	}
}

func (d *parquetDecoder) close() {
	for _, c := range d.columns {
		c.reader.Release()
	}
	for _, p := range d.probes {
		p.Release()
	}
	d.columns, d.probes = nil, nil
	_ = d.file.Close() // closes nothing but itself: the bytes belong to the reader
}

// boundedAllocator refuses what only a corrupt file asks for. Arrow's interface leaves a panic as the one way to do so;
// it is caught by the reader.
type boundedAllocator struct{ memory.Allocator }

func (b boundedAllocator) Allocate(size int) []byte {
	checkSize(size)
	return b.Allocator.Allocate(size)
}

func (b boundedAllocator) Reallocate(size int, data []byte) []byte {
	checkSize(size)
	return b.Allocator.Reallocate(size, data)
}

func checkSize(size int) {
	if size > maxPageBytes {
		panic(fmt.Sprintf("a page asks for %d MiB", size>>20))
	}
}
