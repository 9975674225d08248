package extract

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// FormatSpec says how a unit's bytes become rows. What is left out follows from the unit's name, never from its
// content.
type FormatSpec struct {
	// Type is csv, ndjson (one JSON object per line), json (an array of objects) or parquet; by the extension
	// .csv, .tsv, .ndjson, .jsonl, .json or .parquet by default, before any .gz or .zst. An HTTP source is json.
	Type string `yaml:"type,omitempty"`
	// Compression is none, gzip or zstd; by the extension .gz or .zst by default.
	Compression string `yaml:"compression,omitempty"`
	// Delimiter separates csv fields; a comma by default, a tab (also written "\t") for .tsv.
	Delimiter string `yaml:"delimiter,omitempty"`
	// Header says that the first csv row names the columns; true by default. A column without a name is called
	// column_N, N being its place from 1.
	Header *bool `yaml:"header,omitempty"`
	// Columns names the columns of a csv without a header.
	Columns []string `yaml:"columns,omitempty"`
	// Comment is the character that starts csv lines to be skipped; none by default.
	Comment string `yaml:"comment,omitempty"`
	// Encoding is utf-8, the default and the only one. A byte order mark is removed; a row that is not valid
	// UTF-8 is a malformed row.
	Encoding string `yaml:"encoding,omitempty"`
	// Records is the dotted path of the array of records in a json document, such as data.items; the document itself
	// is the array by default.
	Records string `yaml:"records,omitempty"`
	// Each is the dotted path of an array inside each JSON record, such as lines: every element is a row. It has the
	// element's own columns under dotted names (lines.sku; a scalar is the column lines itself) beside the record's
	// other columns, which are repeated. A record whose array is empty, null or missing is one row without the element's
	// columns; one that has something else there is malformed.
	Each string `yaml:"each,omitempty"`
	// Elements are the dotted paths of arrays inside each JSON record whose elements become columns, numbered from 0:
	// labels makes labels.0, labels.1.value and so on. Any other array is a column of JSON text.
	Elements []string `yaml:"elements,omitempty"`
}

func (f FormatSpec) validate() error {
	err := errors.Join(
		oneOf("format.type", f.Type, "csv", "ndjson", "json", "parquet"),
		oneOf("format.compression", f.Compression, "none", "gzip", "zstd"),
		oneOf("format.encoding", strings.ToLower(f.Encoding), "utf-8", "utf8"),
		character("format.delimiter", f.Delimiter),
		character("format.comment", f.Comment),
	)
	if f.Type == "parquet" && f.Compression != "" && f.Compression != "none" {
		err = errors.Join(err, fmt.Errorf("format.compression: %q: Parquet is compressed inside", f.Compression))
	}
	if f.Comment != "" && f.Comment == f.Delimiter {
		err = errors.Join(err, fmt.Errorf("format.comment: %q is the delimiter", f.Comment))
	}
	err = errors.Join(err, f.validateJSON())
	headless := f.Header != nil && !*f.Header
	if headless && len(f.Columns) == 0 {
		err = errors.Join(err, errors.New("format.columns: missing; without a header they name the columns"))
	}
	if !headless && len(f.Columns) > 0 {
		err = errors.Join(err, errors.New("format.columns: the header names the columns; set header to false or leave them out"))
	}
	for i, name := range f.Columns {
		if name == "" || slices.Contains(f.Columns[:i], name) {
			err = errors.Join(err, fmt.Errorf("format.columns: %q is empty or named twice", name))
		}
	}
	return err
}

func (f FormatSpec) validateJSON() error {
	var err error
	nested := f.Each != "" || len(f.Elements) > 0
	if f.Records != "" && f.Type != "" && f.Type != "json" {
		err = fmt.Errorf("format.records: %q: only json has a document around its records, not %s", f.Records, f.Type)
	}
	if nested && f.Type != "" && f.Type != "json" && f.Type != "ndjson" {
		err = errors.Join(err, fmt.Errorf("format.each, format.elements: only json and ndjson have arrays, not %s", f.Type))
	}
	for i, path := range f.Elements {
		if path == "" || path == f.Each || slices.Contains(f.Elements[:i], path) {
			err = errors.Join(err, fmt.Errorf("format.elements: %q is empty, named twice, or the array of format.each", path))
		}
	}
	return err
}
