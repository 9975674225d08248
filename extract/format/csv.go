package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/partnerplus/warehouse/extract"
)

// csvRow is one row; it is valid until the next is asked for. A row with a reason is malformed.
type csvRow struct {
	fields [][]byte
	raw    []byte
	reason string
}

// csvParser splits a text into rows as encoding/csv does, with its strict quotes: empty lines are skipped, line
// ends within quotes become \n. After a row that cannot be parsed it goes on with the next line.
type csvParser struct {
	text      *window
	delimiter byte
	comment   byte
	fields    [][]byte
	scratch   []byte // unescaped text of the current row
}

func newCSVParser(r io.Reader, delimiter, comment byte) *csvParser {
	return &csvParser{text: newWindow(r), delimiter: delimiter, comment: comment}
}

func (p *csvParser) next() (csvRow, error) {
	for {
		line, err := p.text.line()
		if errors.Is(err, errTooLong) {
			return csvRow{raw: p.text.skipLine(), reason: "the row is " + err.Error()}, nil
		}
		if err != nil {
			return csvRow{}, err
		}
		row := content(line)
		switch {
		case len(row) == 0, p.comment != 0 && row[0] == p.comment:
			p.text.take(len(line))
		case bytes.IndexByte(row, '"') >= 0:
			return p.quotedRow()
		default:
			p.text.take(len(line))
			p.split(row)
			return csvRow{fields: p.fields, raw: row}, nil
		}
	}
}

// split is the common case: a row without a quote.
func (p *csvParser) split(row []byte) {
	p.fields = p.fields[:0]
	start := 0
	for i, c := range row {
		if c == p.delimiter {
			p.fields = append(p.fields, row[start:i])
			start = i + 1
		}
	}
	p.fields = append(p.fields, row[start:])
}

// quotedRow parses a row with quotes, which may span lines.
func (p *csvParser) quotedRow() (csvRow, error) {
	for {
		b := p.text.ahead()
		used, err := p.unquote(b, p.text.err == io.EOF)
		switch {
		case err == nil:
			p.text.take(used)
			return csvRow{fields: p.fields, raw: content(b[:used])}, nil
		case errors.Is(err, errIncomplete):
			if p.text.more() {
				continue
			}
			if len(b) <= maxRowBytes {
				return csvRow{}, p.text.err
			}
			err = fmt.Errorf("a quote is not closed within %d MiB", maxRowBytes>>20)
		}
		return csvRow{raw: p.text.skipLine(), reason: err.Error()}, nil
	}
}

var errIncomplete = errors.New("the row goes on")

// unquote parses the row at the beginning of b and says how many bytes it takes.
func (p *csvParser) unquote(b []byte, whole bool) (used int, err error) {
	p.fields, p.scratch = p.fields[:0], p.scratch[:0]
	for i := 0; ; {
		var field []byte
		var end bool
		if i < len(b) && b[i] == '"' {
			field, i, err = p.quotedField(b, i+1, whole)
			if err == nil {
				i, end, err = p.afterQuote(b, i, whole)
			}
		} else {
			field, i, end, err = p.plainField(b, i, whole)
		}
		if err != nil {
			return 0, err
		}
		p.fields = append(p.fields, field)
		if end {
			return i, nil
		}
	}
}

// quotedField parses from after the opening quote to after the closing one.
func (p *csvParser) quotedField(b []byte, i int, whole bool) (field []byte, next int, err error) {
	start, escaped := len(p.scratch), false
	for {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 || i+j+1 == len(b) && !whole {
			if whole {
				return nil, 0, errors.New("a quote is not closed")
			}
			return nil, 0, errIncomplete
		}
		j += i
		if j+1 < len(b) && b[j+1] == '"' {
			p.scratch, escaped = append(p.scratch, b[i:j+1]...), true
			i = j + 2
			continue
		}
		field = b[i:j]
		if escaped {
			p.scratch = append(p.scratch, field...)
			field = p.scratch[start:len(p.scratch):len(p.scratch)]
		}
		if bytes.Contains(field, []byte("\r\n")) {
			field = bytes.ReplaceAll(field, []byte("\r\n"), []byte("\n"))
		}
		return field, j + 1, nil
	}
}

// afterQuote looks at what follows a closing quote: a delimiter, or the end of the row.
func (p *csvParser) afterQuote(b []byte, i int, whole bool) (next int, end bool, err error) {
	rest := b[i:]
	switch {
	case len(rest) == 0:
		return i, true, nil // whole, or quotedField had asked for more
	case rest[0] == p.delimiter:
		return i + 1, false, nil
	case rest[0] == '\n':
		return i + 1, true, nil
	case bytes.HasPrefix(rest, []byte("\r\n")):
		return i + 2, true, nil
	case len(rest) == 1 && rest[0] == '\r':
		if whole {
			return i + 1, true, nil
		}
		return 0, false, errIncomplete
	}
	return 0, false, fmt.Errorf("field %d goes on after its closing quote", len(p.fields)+1)
}

func (p *csvParser) plainField(b []byte, i int, whole bool) (field []byte, next int, end bool, err error) {
	rest := b[i:]
	n := bytes.IndexByte(rest, p.delimiter)
	if n >= 0 && bytes.IndexByte(rest[:n], '\n') < 0 {
		field, next = rest[:n], i+n+1
	} else {
		n = bytes.IndexByte(rest, '\n')
		switch {
		case n >= 0:
			n++
		case whole:
			n = len(rest)
		default:
			return nil, 0, false, errIncomplete
		}
		field, next, end = content(rest[:n]), i+n, true
	}
	if bytes.IndexByte(field, '"') >= 0 {
		return nil, 0, false, fmt.Errorf("field %d has a quote in its middle", len(p.fields)+1)
	}
	return field, next, end, nil
}

// csvDecoder collects rows into batches.
type csvDecoder struct {
	format   Format
	text     *readAhead
	parser   *csvParser
	columns  []*column
	position uint64
}

func (d *csvDecoder) next() (extract.Batch, error) {
	if d.columns == nil {
		if err := d.start(); err != nil {
			return extract.Batch{}, err
		}
	}
	batch := extract.Batch{Positions: make([]uint64, 0, extract.BatchRows)}
	for size := 0; len(batch.Positions)+len(batch.Malformed) < extract.BatchRows && size < batchBytes; {
		row, err := d.parser.next()
		if err == io.EOF && size > 0 {
			break
		}
		if err != nil {
			return extract.Batch{}, err
		}
		d.position++
		size += len(row.raw) + 1
		if reason := d.fault(row); reason != "" {
			batch.Malformed = append(batch.Malformed, malformed(d.position, reason, row.raw))
			continue
		}
		for i, field := range row.fields {
			d.columns[i].append(field)
		}
		batch.Positions = append(batch.Positions, d.position)
	}
	batch.Record = record(d.columns, len(batch.Positions))
	return batch, nil
}

// fault says why a row does not fit the columns, empty if it does.
func (d *csvDecoder) fault(row csvRow) string {
	switch {
	case row.reason != "":
		return row.reason
	case !utf8.Valid(row.raw):
		return "the row is not valid UTF-8"
	case len(row.fields) != len(d.columns):
		return fmt.Sprintf("%d fields, the header has %d", len(row.fields), len(d.columns))
	}
	return ""
}

// start settles the columns.
func (d *csvDecoder) start() error {
	names := d.format.columns
	if d.format.header {
		var err error
		if names, err = d.header(); err != nil {
			return err
		}
	}
	for _, name := range names {
		d.columns = append(d.columns, newColumn(name))
	}
	return nil
}

func (d *csvDecoder) header() ([]string, error) {
	row, err := d.parser.next()
	switch {
	case err == io.EOF:
		return nil, errors.New("the csv is empty: it lacks even its header")
	case err != nil:
		return nil, err
	case row.reason != "":
		return nil, fmt.Errorf("the csv header cannot be read: %s", row.reason)
	case !utf8.Valid(row.raw):
		return nil, errors.New("the csv header is not valid UTF-8; only UTF-8 can be read")
	}
	var names []string
	for i, field := range row.fields {
		name := string(field)
		if name == "" {
			name = fmt.Sprintf("column_%d", i+1)
		}
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("the csv header names the column %q twice", name)
		}
		names = append(names, name)
	}
	return names, nil
}

func (d *csvDecoder) close() { d.text.close() }
