// Package format turns a unit's bytes into batches of rows: csv, ndjson, a JSON array and Parquet, plain or
// compressed, in bounded memory.
//
// It must not know where the bytes come from (a place hands them over as Bytes) nor what the columns mean.
package format

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/partnerplus/warehouse/extract"
)

// Bytes is a unit's content as a place serves it. Streamed formats call Read, Parquet calls ReadAt.
type Bytes interface {
	io.Reader
	// ReadAt may be called concurrently.
	io.ReaderAt
	// Close ends a Read or ReadAt that is under way, too, and may be called again.
	io.Closer
	// Size is the number of bytes as stored.
	Size() int64
	// BytesRead counts the bytes that were taken from the place.
	BytesRead() int64
	// Verify returns extract.ErrChanged if the content is no longer the unit that was listed.
	Verify() error
}

// Format is how one unit is decoded, with nothing left to default.
type Format struct {
	Type        string // csv, ndjson, json, parquet
	Compression string // none, gzip, zstd
	delimiter   byte
	comment     byte // 0 for none
	header      bool
	columns     []string
	spec        extract.FormatSpec
}

// For settles the format of the unit of that name. It goes by the spec, then by the name, never by the content.
func For(spec extract.FormatSpec, unit string) (Format, error) {
	f := Format{
		Type:        spec.Type,
		Compression: spec.Compression,
		delimiter:   ',',
		header:      spec.Header == nil || *spec.Header,
		columns:     spec.Columns,
		spec:        spec,
	}
	name := strings.ToLower(path.Base(unit))
	compression := "none"
	for ext, c := range map[string]string{".gz": "gzip", ".zst": "zstd"} {
		if rest, found := strings.CutSuffix(name, ext); found {
			name, compression = rest, c
		}
	}
	if f.Compression == "" {
		f.Compression = compression
	}
	ext := path.Ext(name)
	if f.Type == "" {
		switch ext {
		case ".csv", ".tsv":
			f.Type = "csv"
		case ".ndjson", ".jsonl":
			f.Type = "ndjson"
		case ".json", ".parquet":
			f.Type = ext[1:]
		default:
			return Format{}, fmt.Errorf("the name %q does not tell the format: set format.type, or narrow the glob", unit)
		}
	}
	if f.Type == "parquet" && f.Compression != "none" {
		return Format{}, fmt.Errorf("%s around Parquet cannot be read: Parquet is compressed inside", f.Compression)
	}
	switch {
	case spec.Delimiter == `\t`, spec.Delimiter == "" && ext == ".tsv":
		f.delimiter = '\t'
	case spec.Delimiter != "":
		f.delimiter = spec.Delimiter[0]
	}
	if spec.Comment != "" {
		f.comment = spec.Comment[0]
	}
	return f, nil
}

// decoder reads one unit's rows; io.EOF follows the last batch.
type decoder interface {
	next() (extract.Batch, error)
	close()
}

func (f Format) decoder(b Bytes) (decoder, error) {
	if f.Type == "parquet" {
		return newParquet(b, b.Size())
	}
	text := newReadAhead(decompressed(b, f.Compression))
	switch f.Type {
	case "csv":
		return &csvDecoder{format: f, text: text, parser: newCSVParser(text, f.delimiter, f.comment)}, nil
	case "ndjson":
		return &ndjsonDecoder{text: text, lines: newWindow(text), rows: NewRows(f.spec)}, nil
	case "json":
		return &jsonDecoder{text: text, document: NewDocument(text, f.spec.Records), rows: NewRows(f.spec)}, nil
	}
	return nil, fmt.Errorf("format.type: %q is none of csv, ndjson, json, parquet", f.Type)
}
