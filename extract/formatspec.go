package extract

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// FormatSpec says how a unit's bytes become rows. What is left out follows from the unit's name, never from its
// content.
type FormatSpec struct {
	// Type is csv, ndjson (one JSON object per line), json (an array of objects), parquet or xlsx; by the extension
	// .csv, .tsv, .ndjson, .jsonl, .json, .parquet, .xlsx or .xlsm by default, before any .gz, .zst or .zip. An HTTP
	// source is json.
	Type string `yaml:"type,omitempty"`
	// Compression is none, gzip, zstd or zip; by the extension .gz, .zst or .zip by default.
	Compression string `yaml:"compression,omitempty"`
	// Member chooses the files of a zip archive that are read, by a pattern such as "**/awards_*.csv", one after the
	// other in the order of their names. Without it, an archive must hold a single file.
	Member string `yaml:"member,omitempty"`
	// Delimiter separates csv fields, such as ";" or "||"; a comma by default, a tab (also written "\t") for .tsv. With
	// spaces, any run of spaces and tabs does, and one at either end of a line is none; such a csv has no quotes.
	Delimiter string `yaml:"delimiter,omitempty"`
	// Quote is the character around csv fields that hold delimiters or line ends, doubled inside of them; " by default,
	// none for files without quotes.
	Quote string `yaml:"quote,omitempty"`
	// Escape is a character such as \ that makes the quote after it, or another one of itself, plain text inside a
	// quoted csv field; none by default. Before any other character it is text.
	Escape string `yaml:"escape,omitempty"`
	// LazyQuotes takes csv quotes in the middle of a field as text. Without it such a row is malformed.
	LazyQuotes bool `yaml:"lazy_quotes,omitempty"`
	// Ragged takes csv rows that lack fields at their end, which are null, or have empty ones too many. Without it such
	// a row is malformed.
	Ragged bool `yaml:"ragged,omitempty"`
	// LineEnd is lf (the default, which takes CRLF too) or cr, as old Macs wrote.
	LineEnd string `yaml:"line_end,omitempty"`
	// SkipRows is how many lines of a csv, or rows of a sheet, stand before the header or the first row.
	SkipRows int `yaml:"skip_rows,omitempty"`
	// Header says that the first csv or xlsx row names the columns; true by default. A column without a name is called
	// column_N, N being its place from 1.
	Header *bool `yaml:"header,omitempty"`
	// Columns names the columns of a csv or xlsx without a header. With one, it names those that the header names twice
	// or not at all; every other name must be the header's own, so that columns that moved are noticed.
	Columns []string `yaml:"columns,omitempty"`
	// Comment is the character that starts csv lines to be skipped; none by default.
	Comment string `yaml:"comment,omitempty"`
	// Totals tells the row of totals that ends a csv or a sheet.
	Totals *TotalsSpec `yaml:"totals,omitempty"`
	// Encoding is the charset of csv, ndjson and json by its IANA name, such as windows-1252, iso-8859-15, utf-16le,
	// shift_jis or gbk; utf-8 by default. A byte order mark is removed; a row with bytes that the charset does not
	// define is malformed. utf-16 needs a byte order mark.
	Encoding string `yaml:"encoding,omitempty"`
	// Sheet is the name of an xlsx workbook's sheet, or its number from 1; the only one that is not hidden by default.
	Sheet string `yaml:"sheet,omitempty"`
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
	// Units are exceptions: the first whose glob matches a unit's name replaces what it sets.
	Units []UnitFormat `yaml:"units,omitempty"`
}

// Spaces is the delimiter of tables whose columns stand apart by white space.
const Spaces = "spaces"

// UnitFormat is the format of some of a source's units, as far as it differs.
type UnitFormat struct {
	// Glob chooses the units by name, such as "**/*F20*.csv".
	Glob string `yaml:"glob"`
	// FormatSpec is what differs. It has no units of its own.
	FormatSpec `yaml:",inline"`
}

// TotalsSpec tells the row of totals that ends a table. It is left out, and must be there: a unit without it fails, for
// it was cut short. A row that looks like it but has rows after it is malformed.
type TotalsSpec struct {
	// Column is the column that tells it.
	Column string `yaml:"column"`
	// Equals is what it holds there, such as Total; empty by default.
	Equals string `yaml:"equals,omitempty"`
	// Rows is the column that holds the number of rows before it. A unit with any other number of rows fails.
	Rows string `yaml:"rows,omitempty"`
}

// ForUnit is the format of the unit of that name: its exceptions applied.
func (f FormatSpec) ForUnit(name string) FormatSpec {
	for _, u := range f.Units {
		if doublestar.MatchUnvalidated(u.Glob, name) {
			return f.with(u.FormatSpec)
		}
	}
	f.Units = nil
	return f
}

// with replaces what the exception sets.
func (f FormatSpec) with(exception FormatSpec) FormatSpec {
	f.Units = nil
	from, to := reflect.ValueOf(exception), reflect.ValueOf(&f).Elem()
	for i := range from.NumField() {
		if !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return f
}

// Charset is the encoding by its name; nil for UTF-8.
func (f FormatSpec) Charset() (encoding.Encoding, error) {
	name := strings.ToLower(f.Encoding)
	if name == "" || name == "utf-8" || name == "utf8" {
		return nil, nil
	}
	found, err := ianaindex.IANA.Encoding(name)
	if err != nil || found == nil {
		found, err = htmlindex.Get(name)
	}
	if err != nil || found == encoding.Replacement {
		return nil, fmt.Errorf("format.encoding: %q is no charset that can be read, such as windows-1252 or utf-16le", f.Encoding)
	}
	return found, nil
}

func (f FormatSpec) validate() error {
	err := f.validateOne()
	for i, u := range f.Units {
		wrong := errors.Join(required("glob", u.Glob), glob("glob", u.Glob), f.with(u.FormatSpec).validateOne())
		if len(u.Units) > 0 {
			wrong = errors.Join(wrong, errors.New("units: an exception has none of its own"))
		}
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("format.units[%d]: %w", i, wrong))
		}
	}
	return err
}

func (f FormatSpec) validateOne() error {
	_, err := f.Charset()
	err = errors.Join(
		oneOf("format.type", f.Type, "csv", "ndjson", "json", "parquet", "xlsx"),
		oneOf("format.compression", f.Compression, "none", "gzip", "zstd", "zip"),
		oneOf("format.line_end", f.LineEnd, "lf", "cr"),
		err,
		character("format.comment", f.Comment),
		glob("format.member", f.Member),
		f.validateQuotes(),
		f.validateTable(),
		f.validateJSON(),
	)
	if (f.Type == "parquet" || f.Type == "xlsx") && f.Compression != "" && f.Compression != "none" {
		err = errors.Join(err, fmt.Errorf("format.compression: %q: %s is compressed inside", f.Compression, f.Type))
	}
	return err
}

func (f FormatSpec) validateQuotes() error {
	var err error
	if f.Delimiter == Spaces {
		if f.Quote != "" && f.Quote != "none" || f.Escape != "" || f.LazyQuotes {
			err = errors.New("format.delimiter: fields apart by spaces have no quotes: leave out quote, escape and lazy_quotes")
		}
		return errors.Join(err, character("format.comment", f.Comment))
	}
	if strings.ContainsAny(f.Delimiter, "\"\r\n\x00") || !utf8.ValidString(f.Delimiter) {
		err = fmt.Errorf("format.delimiter: %q has a quote, a line end or half a character in it", f.Delimiter)
	}
	if f.Quote != `"` && f.Quote != "none" {
		err = errors.Join(err, character("format.quote", f.Quote))
	}
	err = errors.Join(err, character("format.escape", f.Escape))
	if f.Escape != "" && (f.Quote == "none" || f.Escape == f.Quote) {
		err = errors.Join(err, errors.New("format.escape: it stands before a quote, and is another character than the quote"))
	}
	for field, value := range map[string]string{"comment": f.Comment, "quote": f.Quote, "escape": f.Escape} {
		if value != "" && strings.Contains(f.Delimiter, value) && value != "none" {
			err = errors.Join(err, fmt.Errorf("format.%s: %q is the delimiter", field, value))
		}
	}
	if f.Comment != "" && f.Comment == f.Quote {
		err = errors.Join(err, fmt.Errorf("format.comment: %q is the quote", f.Comment))
	}
	return err
}

func (f FormatSpec) validateTable() error {
	var err error
	if f.SkipRows < 0 {
		err = fmt.Errorf("format.skip_rows: %d is negative", f.SkipRows)
	}
	if f.Header != nil && !*f.Header && len(f.Columns) == 0 {
		err = errors.Join(err, errors.New("format.columns: missing; without a header they name the columns"))
	}
	for i, name := range f.Columns {
		if name == "" || slices.Contains(f.Columns[:i], name) {
			err = errors.Join(err, fmt.Errorf("format.columns: %q is empty or named twice", name))
		}
	}
	if f.Totals != nil {
		err = errors.Join(err, required("format.totals.column", f.Totals.Column))
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

func glob(field, value string) error {
	if !doublestar.ValidatePattern(value) {
		return fmt.Errorf("%s: %q is not a pattern such as \"awards/**/*.csv.gz\"", field, value)
	}
	return nil
}
