package format

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/partnerplus/warehouse/extract"
)

const (
	maxSheetRows    = 1 << 20
	maxSheetColumns = 1 << 14
)

// xlsxDecoder reads the rows of a sheet. Their positions are the sheet's own row numbers. Hidden rows and columns are
// read too; rows without any value are not; of merged cells the first has the value.
type xlsxDecoder struct {
	format  Format
	book    *workbook
	part    string
	content io.Closer
	limit   *recordLimit
	xml     *xml.Decoder
	table   *table // nil before its columns are settled

	done   bool
	row    int
	fields []span
	text   []byte // of the row
	reason string // why it is malformed
	cells  [][]byte
	at     cellAt
	texter texter
}

// span is where a field's text lies; without one it is null.
type span struct {
	start, end int
	is         bool
}

// cellAt is the cell at hand.
type cellAt struct {
	name    string // such as C5
	column  int    // from 0
	style   int
	kind    string
	value   []byte
	inValue bool
	has     bool // a value
	formula bool
}

func newXLSX(f Format, b Bytes) (decoder, error) {
	book, err := openWorkbook(b)
	if err != nil {
		return nil, err
	}
	d := &xlsxDecoder{format: f, book: book}
	if d.part, err = book.chosen(f.spec.Sheet); err == nil {
		d.limit, d.content, err = book.part(d.part)
	}
	if err != nil {
		book.close()
		return nil, err
	}
	d.xml = xml.NewDecoder(d.limit)
	return d, nil
}

func (d *xlsxDecoder) next() (extract.Batch, error) {
	if d.table == nil {
		if err := d.start(); err != nil {
			return extract.Batch{}, err
		}
	}
	for !d.table.full() {
		fields, err := d.nextRow()
		if err == io.EOF {
			if d.table.empty() {
				return extract.Batch{}, d.table.end()
			}
			break
		}
		if err != nil {
			return extract.Batch{}, err
		}
		for len(fields) < len(d.table.columns) {
			fields = append(fields, nil)
		}
		d.table.add(uint64(d.row), fields, d.text, d.reason)
		d.cells = fields
	}
	return d.table.batch(), nil
}

// start settles the columns.
func (d *xlsxDecoder) start() error {
	var header [][]byte
	if d.format.header {
		fields, err := d.nextRow()
		switch {
		case err == io.EOF:
			return errors.New("the sheet is empty: it lacks even its header")
		case err != nil:
			return err
		case d.reason != "":
			return fmt.Errorf("the sheet's header cannot be read: %s", d.reason)
		}
		header = fields
	}
	var err error
	d.table, err = newTable(d.format, header)
	return err
}

// nextRow gives the next row that has a value, without the empty fields at its end.
func (d *xlsxDecoder) nextRow() ([][]byte, error) {
	for {
		if err := d.readRow(); err != nil {
			return nil, err
		}
		d.cells = d.cells[:0]
		filled := 0
		for i, f := range d.fields {
			if !f.is {
				d.cells = append(d.cells, nil)
				continue
			}
			d.cells = append(d.cells, d.text[f.start:f.end])
			if f.end > f.start {
				filled = i + 1
			}
		}
		if d.row > d.format.spec.SkipRows && (filled > 0 || d.reason != "") {
			return d.cells[:filled], nil
		}
	}
}

// readRow reads on to the end of a row.
func (d *xlsxDecoder) readRow() error {
	d.limit.reset()
	d.fields, d.text, d.reason = d.fields[:0], d.text[:0], ""
	if d.done {
		return io.EOF
	}
	for {
		token, err := d.xml.Token()
		if err == io.EOF {
			return io.EOF
		}
		if err != nil {
			return inPart(d.part, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = d.open(t)
		case xml.EndElement:
			switch t.Name.Local {
			case "row":
				return nil
			case "c":
				d.texter.take(token)
				d.cell()
			case "v":
				d.at.inValue = false
			case "sheetData":
				d.done = true // the rest is read for its checksum
				if _, err := io.Copy(io.Discard, d.limit.r); err != nil {
					return inPart(d.part, err)
				}
				return io.EOF
			}
		case xml.CharData:
			if d.at.inValue {
				d.at.value = append(d.at.value, t...)
			}
		}
		if err != nil {
			return inPart(d.part, err)
		}
		d.texter.take(token)
	}
}

func (d *xlsxDecoder) open(t xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		row := d.row + 1
		if text := attribute(t, "r"); text != "" {
			row, _ = strconv.Atoi(text) // 0 if it is none
		}
		if row <= d.row || row > maxSheetRows {
			return fmt.Errorf("the row %q comes after row %d", attribute(t, "r"), d.row)
		}
		d.row, d.at.column = row, -1
	case "c":
		at := cellAt{name: attribute(t, "r"), column: d.at.column + 1, kind: attribute(t, "t"), value: d.at.value[:0]}
		if at.name != "" {
			at.column = columnOf(at.name)
		}
		if at.column <= d.at.column || at.column >= maxSheetColumns {
			return fmt.Errorf("the cell %q of row %d is out of order", at.name, d.row)
		}
		if style := attribute(t, "s"); style != "" {
			at.style, _ = strconv.Atoi(style) // 0, the default, if it is none
		}
		d.at = at
		d.texter.reset()
	case "v":
		d.at.inValue, d.at.has = true, true
	case "is":
		d.at.has = true
	case "f":
		d.at.formula = true
	}
	return nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// columnOf gives the column of a name such as C5, from 0; -1 if there is none.
func columnOf(name string) int {
	column := 0
	for i := range len(name) {
		c := name[i] &^ 0x20 // upper case
		if c < 'A' || c > 'Z' {
			break
		}
		if column = column*26 + int(c-'A') + 1; column > maxSheetColumns {
			break
		}
	}
	return column - 1
}

// cell ends the cell at hand.
func (d *xlsxDecoder) cell() {
	for len(d.fields) < d.at.column {
		d.fields = append(d.fields, span{})
	}
	start := len(d.text)
	if start > 0 {
		d.text = append(d.text, '\t') // for people who read the row
		start++
	}
	text, err := d.value()
	if err == nil && !utf8.Valid(text) {
		err = errors.New("is not valid UTF-8")
	}
	if err != nil && d.reason == "" {
		d.reason = fmt.Sprintf("the cell %s %v", d.at.name, err)
	}
	if err != nil {
		text = d.at.value
	}
	d.text = append(d.text, text...)
	d.fields = append(d.fields, span{start: start, end: len(d.text), is: d.at.has && text != nil})
}

// value gives the cell's text; nil where there is none.
func (d *xlsxDecoder) value() ([]byte, error) {
	value := bytes.TrimSpace(d.at.value)
	switch {
	case !d.at.has && d.at.formula:
		return nil, errors.New("has a formula without its result; open and save the file in Excel")
	case !d.at.has:
		return nil, nil
	}
	switch d.at.kind {
	case "inlineStr":
		return unescaped(d.texter.text), nil
	case "str":
		return unescaped(d.at.value), nil
	case "d":
		return value, nil
	case "e":
		return nil, fmt.Errorf("holds the error %s", value)
	case "s":
		i, err := strconv.Atoi(string(value))
		if err != nil {
			return nil, fmt.Errorf("refers to a shared text %q", value)
		}
		return d.book.strings.at(i)
	case "b":
		switch string(value) {
		case "1", "true":
			return []byte("true"), nil
		case "0", "false":
			return []byte("false"), nil
		}
		return nil, fmt.Errorf("is neither true nor false: %q", value)
	case "", "n":
		if len(value) == 0 {
			return nil, nil
		}
		kind := noDate
		if d.at.style >= 0 && d.at.style < len(d.book.dates) {
			kind = d.book.dates[d.at.style]
		}
		return numberText(value, kind, d.book.since04)
	}
	return nil, fmt.Errorf("is of an unknown kind %q", d.at.kind)
}

func (d *xlsxDecoder) close() {
	_ = d.content.Close() // it is read to its end, or given up
	d.book.close()
}
