// Package format turns a unit's bytes into batches of rows: csv, ndjson, JSON documents, Excel sheets and Parquet, plain
// or compressed, in bounded memory.
//
// A unit is read by up to three goroutines: one unpacks a few chunks ahead, one decodes one batch ahead, and the caller's
// works on the batch before. Of a csv and of JSON there are two ways to read: a short one for what is the rule (csvBlock,
// recordRun), and the one that decides what everything means (csvParser, json.Decoder). The short ones stop at whatever is
// not the rule, and fuzzing holds them against the others.
//
// It must not know where the bytes come from (a place hands them over as Bytes) nor what the columns mean.
package format

import (
	"fmt"
	"io"

	"golang.org/x/text/encoding"

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
	Type        string // csv, ndjson, json, parquet, xlsx; empty where only a zip archive's member tells
	Compression string // none, gzip, zstd, zip
	dialect     dialect
	header      bool
	charset     encoding.Encoding // nil for UTF-8
	spec        extract.FormatSpec
}

// For settles the format of the unit of that name. It goes by the spec, then by the name, never by the content.
func For(spec extract.FormatSpec, unit string) (Format, error) {
	spec = spec.ForUnit(unit)
	f := Format{Type: spec.Type, Compression: spec.Compression, header: spec.Header == nil || *spec.Header, spec: spec}
	var err error
	if f.charset, err = spec.Charset(); err != nil {
		return Format{}, err
	}
	kind, compression, ext := extract.TypeOf(unit)
	if f.Compression == "" {
		f.Compression = compression
	}
	if f.Type == "" {
		f.Type = kind
	}
	switch {
	case f.Type == "" && (ext == ".xls" || ext == ".xlsb" || ext == ".ods"):
		return Format{}, fmt.Errorf("%s cannot be read: have %q saved as .xlsx", ext, unit)
	case f.Type == "" && f.Compression != "zip":
		return Format{}, fmt.Errorf("the name %q does not tell the format: set format.type, or narrow the glob", unit)
	case (f.Type == "parquet" || f.Type == "xlsx") && f.Compression != "none":
		return Format{}, fmt.Errorf("%s around %s cannot be read: %s is compressed inside", f.Compression, f.Type, f.Type)
	}
	f.dialect = dialectOf(spec, ext)
	return f, nil
}

func dialectOf(spec extract.FormatSpec, ext string) dialect {
	d := dialect{delimiter: []byte(","), quote: '"', lineEnd: '\n', lazy: spec.LazyQuotes}
	switch {
	case spec.Delimiter == extract.Spaces:
		d.delimiter, d.quote = nil, 0
		return d.ends(spec)
	case spec.Delimiter == `\t`, spec.Delimiter == "" && ext == ".tsv":
		d.delimiter = []byte("\t")
	case spec.Delimiter != "":
		d.delimiter = []byte(spec.Delimiter)
	}
	switch {
	case spec.Quote == "none":
		d.quote = 0
	case spec.Quote != "":
		d.quote = spec.Quote[0]
	}
	if spec.Escape != "" {
		d.escape = spec.Escape[0]
	}
	return d.ends(spec)
}

// ends adds what lines begin and end with.
func (d dialect) ends(spec extract.FormatSpec) dialect {
	if spec.Comment != "" {
		d.comment = spec.Comment[0]
	}
	if spec.LineEnd == "cr" {
		d.lineEnd = '\r'
	}
	return d
}

// decoder reads one unit's rows; io.EOF follows the last batch.
type decoder interface {
	next() (extract.Batch, error)
	close()
}

func (f Format) decoder(b Bytes) (decoder, error) {
	switch {
	case f.Compression == "zip":
		return newArchive(f, b)
	case f.Type == "parquet":
		return newParquet(b, b.Size())
	case f.Type == "xlsx":
		return newXLSX(f, b)
	}
	return f.textDecoder(b)
}

func (f Format) textDecoder(r io.Reader) (decoder, error) {
	r = checkedText(decompressed(r, f.Compression), f.charset == nil)
	if f.charset != nil {
		r = decodedText(r, f.charset)
	}
	text := newReadAhead(r)
	switch f.Type {
	case "csv":
		return &csvDecoder{format: f, text: text, parser: newCSVParser(text, f.dialect)}, nil
	case "ndjson":
		return &ndjsonDecoder{text: text, lines: newWindow(text), rows: NewRows(f.spec)}, nil
	case "json":
		return &jsonDecoder{text: text, document: NewDocument(text, f.spec.Records), rows: NewRows(f.spec)}, nil
	}
	text.close()
	return nil, fmt.Errorf("format.type: %q is none of csv, ndjson, json, parquet, xlsx", f.Type)
}

// undefined says that something has bytes that its charset does not define.
func (f Format) undefined(what string) string {
	if f.charset == nil {
		return what + " is not valid UTF-8"
	}
	return fmt.Sprintf("%s has bytes that %s does not define", what, f.spec.Encoding)
}
