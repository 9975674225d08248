package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/partnerplus/warehouse/extract"
)

// dialect is how a csv is written.
type dialect struct {
	delimiter []byte // empty for runs of white space
	quote     byte   // 0 for none
	escape    byte   // 0 for none
	comment   byte   // 0 for none
	lineEnd   byte
	lazy      bool // quotes in the middle of fields are text
}

// csvRow is one row; it is valid until the next is asked for. A row with a reason is malformed.
type csvRow struct {
	fields [][]byte
	raw    []byte
	reason string
}

// csvParser splits a text into rows as encoding/csv does: empty lines are skipped, line ends within quotes become \n.
// After a row that cannot be parsed it goes on with the next line.
type csvParser struct {
	dialect
	text    *window
	block   *csvBlock // nil if every row needs the parser
	single  byte      // the delimiter, if it is one byte
	fields  [][]byte
	scratch []byte // unescaped text of the current row
}

func newCSVParser(r io.Reader, d dialect) *csvParser {
	p := &csvParser{dialect: d, text: newWindow(r), block: newCSVBlock(d)}
	p.text.lineEnd = d.lineEnd
	if len(d.delimiter) == 1 {
		p.single = d.delimiter[0]
	}
	return p
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
		case len(row) == 0, len(p.delimiter) == 0 && len(bytes.Trim(row, " \t")) == 0, p.comment != 0 && row[0] == p.comment:
			p.text.take(len(line))
		case p.quote != 0 && bytes.IndexByte(row, p.quote) >= 0:
			return p.quotedRow()
		default:
			p.text.take(len(line))
			p.split(row)
			return csvRow{fields: p.fields, raw: row}, nil
		}
	}
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' }

// split is the common case: a row without a quote.
func (p *csvParser) split(row []byte) {
	p.fields = p.fields[:0]
	if len(p.delimiter) == 0 {
		for field := range bytes.FieldsFuncSeq(row, isBlank) {
			p.fields = append(p.fields, field)
		}
		return
	}
	if p.single == 0 {
		for i := bytes.Index(row, p.delimiter); i >= 0; i = bytes.Index(row, p.delimiter) {
			p.fields = append(p.fields, row[:i])
			row = row[i+len(p.delimiter):]
		}
		p.fields = append(p.fields, row)
		return
	}
	start := 0
	for i, c := range row {
		if c == p.single {
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
		if i < len(b) && b[i] == p.quote {
			field, i, end, err = p.quotedField(b, i+1, whole)
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

// quotedField parses from after the opening quote to after the delimiter or line end that follows the closing one.
func (p *csvParser) quotedField(b []byte, i int, whole bool) (field []byte, next int, end bool, err error) {
	start, escaped := len(p.scratch), false
	keep := func(text []byte) { p.scratch, escaped = append(p.scratch, text...), true }
	for scan := i; ; {
		j := p.special(b[scan:])
		if j < 0 || scan+j+1 == len(b) && !whole {
			if whole {
				return nil, 0, false, errors.New("a quote is not closed")
			}
			return nil, 0, false, errIncomplete
		}
		j += scan
		follows := byte(0)
		if j+1 < len(b) {
			follows = b[j+1]
		}
		if b[j] != p.quote { // the escape
			scan = j + 1
			if scan < len(b) && (follows == p.quote || follows == p.escape) {
				keep(b[i:j])
				i, scan = scan, scan+1
			}
			continue
		}
		if j+1 < len(b) && follows == p.quote {
			keep(b[i : j+1])
			i = j + 2
			scan = i
			continue
		}
		next, end, err = p.afterQuote(b, j+1, whole)
		if errors.Is(err, errGoesOn) && p.lazy {
			scan = j + 1
			continue
		}
		if err != nil {
			return nil, 0, false, err
		}
		field = b[i:j]
		if escaped {
			p.scratch = append(p.scratch, field...)
			field = p.scratch[start:len(p.scratch):len(p.scratch)]
		}
		if p.lineEnd == '\n' && bytes.Contains(field, []byte("\r\n")) {
			field = bytes.ReplaceAll(field, []byte("\r\n"), []byte("\n"))
		}
		return field, next, end, nil
	}
}

// special finds the next quote or escape.
func (p *csvParser) special(b []byte) int {
	i := bytes.IndexByte(b, p.quote)
	if p.escape != 0 {
		if i < 0 {
			return bytes.IndexByte(b, p.escape)
		}
		if j := bytes.IndexByte(b[:i], p.escape); j >= 0 {
			return j
		}
	}
	return i
}

var errGoesOn = errors.New("goes on after its closing quote")

// afterQuote looks at what follows a closing quote: a delimiter, or the end of the row.
func (p *csvParser) afterQuote(b []byte, i int, whole bool) (next int, end bool, err error) {
	rest := b[i:]
	switch {
	case len(rest) == 0:
		return i, true, nil // whole, or quotedField had asked for more
	case bytes.HasPrefix(rest, p.delimiter):
		return i + len(p.delimiter), false, nil
	case rest[0] == p.lineEnd:
		return i + 1, true, nil
	case bytes.HasPrefix(rest, []byte("\r\n")):
		return i + 2, true, nil
	case !whole && bytes.HasPrefix(p.delimiter, rest):
		return 0, false, errIncomplete
	case len(rest) == 1 && rest[0] == '\r':
		if whole {
			return i + 1, true, nil
		}
		return 0, false, errIncomplete
	}
	return 0, false, fmt.Errorf("field %d %w", len(p.fields)+1, errGoesOn)
}

func (p *csvParser) plainField(b []byte, i int, whole bool) (field []byte, next int, end bool, err error) {
	rest := b[i:]
	n := bytes.Index(rest, p.delimiter)
	if n >= 0 && bytes.IndexByte(rest[:n], p.lineEnd) < 0 {
		field, next = rest[:n], i+n+len(p.delimiter)
	} else {
		n = bytes.IndexByte(rest, p.lineEnd)
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
	if !p.lazy && bytes.IndexByte(field, p.quote) >= 0 {
		return nil, 0, false, fmt.Errorf("field %d has a quote in its middle", len(p.fields)+1)
	}
	return field, next, end, nil
}

// csvDecoder collects rows into batches.
type csvDecoder struct {
	format   Format
	text     *readAhead
	parser   *csvParser
	table    *table // nil before its columns are settled
	position uint64
}

func (d *csvDecoder) next() (extract.Batch, error) {
	if d.table == nil {
		if err := d.start(); err != nil {
			return extract.Batch{}, err
		}
	}
	for !d.table.full() {
		if d.takeBlock() {
			continue
		}
		row, err := d.parser.next()
		if err == io.EOF {
			if d.table.empty() {
				return extract.Batch{}, d.table.end()
			}
			break
		}
		if err != nil {
			return extract.Batch{}, err
		}
		d.position++
		reason := row.reason
		if reason == "" && !utf8.Valid(row.raw) {
			reason = d.format.undefined("the row")
		}
		d.table.add(d.position, row.fields, row.raw, reason)
	}
	return d.table.batch(), nil
}

// takeBlock adds rows that need no parser, and reports whether there were any.
func (d *csvDecoder) takeBlock() bool {
	if d.parser.block == nil || d.table.totals != nil {
		return false
	}
	room, most := d.table.room()
	rows, size := d.parser.block.take(d.parser.text, len(d.table.columns), room, most)
	d.table.addCells(d.position, d.parser.text.buf, d.parser.block.cells, rows, size)
	d.position += uint64(rows)
	return rows > 0
}

// start settles the columns.
func (d *csvDecoder) start() (err error) {
	for range d.format.spec.SkipRows {
		if _, err := d.parser.text.line(); err != nil && !errors.Is(err, errTooLong) {
			if err == io.EOF {
				err = fmt.Errorf("the csv has fewer lines than the %d of skip_rows", d.format.spec.SkipRows)
			}
			return err
		}
		d.parser.text.skipLine()
	}
	var header [][]byte
	if d.format.header {
		if header, err = d.header(); err != nil {
			return err
		}
	}
	d.table, err = newTable(d.format, header)
	return err
}

func (d *csvDecoder) header() ([][]byte, error) {
	row, err := d.parser.next()
	switch {
	case err == io.EOF:
		return nil, errors.New("the csv is empty: it lacks even its header")
	case err != nil:
		return nil, err
	case row.reason != "":
		return nil, fmt.Errorf("the csv header cannot be read: %s", row.reason)
	case !utf8.Valid(row.raw):
		return nil, fmt.Errorf("%s; set format.encoding to the charset it has", d.format.undefined("the csv header"))
	case bytes.IndexByte(row.raw, 0) >= 0:
		return nil, errors.New("the csv header has NUL bytes in it: is it UTF-16? Set format.encoding to utf-16le or utf-16be")
	case d.format.dialect.lineEnd == '\n' && bytes.IndexByte(row.raw, '\r') >= 0:
		return nil, errors.New("the csv header has a carriage return in it: if lines end so, set format.line_end to cr")
	}
	return row.fields, nil
}

func (d *csvDecoder) close() { d.text.close() }
