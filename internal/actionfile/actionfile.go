// Package actionfile writes action plans as CSV, for people who work on them in a spreadsheet, and reads them back: what is written is
// read as it was, to the last character. It must not know the warehouse: what a value may be is for whoever takes the rows.
package actionfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Columns of the file. A file that is read may have them in another order, and may lack changed_at.
var Columns = []string{"id", "month", "program", "owner", "action", "due", "status", "finding", "note", "changed_at"}

// optional is how many of Columns, from the end, a file may lack.
const optional = 1

// Row is a line of the file: a text for each of Columns.
type Row struct {
	Line  int // where it stands in the file that was read, from 1
	Cells []string
}

// Limits of a file that is read.
const (
	mostBytes = 16 << 20
	mostRows  = 10_000
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line int // from 1; 0: the whole file
	Text string
}

// Error says all that is wrong with a file.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Text
		if p.Line > 0 {
			lines[i] = fmt.Sprintf("line %d: %s", p.Line, p.Text)
		}
	}
	return strings.Join(lines, "\n")
}

func wrong(line int, format string, args ...any) *Error {
	return &Error{[]Problem{{line, fmt.Sprintf(format, args...)}}}
}

// Write writes the rows below a header. A text that a spreadsheet would take for a formula begins with an apostrophe in the file, which
// Read takes away again.
func Write(out io.Writer, rows []Row) error {
	w := csv.NewWriter(out)
	if err := w.Write(Columns); err != nil {
		return err
	}
	for _, row := range rows {
		cells := make([]string, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = Guarded(cell)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// Guarded and bare are each other's inverse: a text that would be a formula gets an apostrophe, and so does one that would be taken
// for such a text.
func Guarded(text string) string {
	if isFormula(text) {
		return "'" + text
	}
	return text
}

func bare(text string) string {
	if rest, ok := strings.CutPrefix(text, "'"); ok && isFormula(rest) {
		return rest
	}
	return text
}

// isFormula tells whether a spreadsheet takes a text for one, behind whatever apostrophes.
func isFormula(text string) bool {
	text = strings.TrimLeft(text, "'")
	return text != "" && strings.ContainsRune("=+-@", rune(text[0]))
}

// Read reads a file as Write writes it, and as Excel saves it: with a byte order mark, with semicolons in place of the commas, with
// empty lines at the end. Its error is an *Error that names everything that is wrong with the file's form.
func Read(in io.Reader) ([]Row, error) {
	text, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the actions: %w", err)
	case len(text) > mostBytes:
		return nil, wrong(0, "the file is larger than %d MiB: it is no action plan", mostBytes>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, wrong(1+bytes.Count(text[:validUpTo(text)], []byte("\n")), "the file is not in UTF-8: save it as CSV UTF-8")
	}
	r := csv.NewReader(bufio.NewReader(bytes.NewReader(text)))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	header, err := r.Read()
	if err == io.EOF {
		return nil, wrong(0, "the file is empty; its first line names the columns %s", strings.Join(Columns, ", "))
	}
	if err != nil {
		return nil, unreadable(err)
	}
	places, err := placesOf(header)
	if err != nil {
		return nil, err
	}
	return readRows(r, len(header), places)
}

// validUpTo is where a text stops being UTF-8 without NUL.
func validUpTo(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 || r == 0 {
			return i
		}
		i += size
	}
	return len(text)
}

// separator is what stands between the names of the header.
func separator(text []byte) rune {
	header, _, _ := bytes.Cut(text, []byte("\n"))
	most, found := 0, ','
	for _, c := range ",;\t" {
		if n := bytes.Count(header, []byte(string(c))); n > most {
			most, found = n, c
		}
	}
	return found
}

// placesOf says which of Columns each cell of the header names.
func placesOf(header []string) ([]int, error) {
	problems := &Error{}
	places := make([]int, len(header))
	for i, name := range header {
		places[i] = slices.Index(Columns, strings.ToLower(strings.TrimSpace(name)))
		switch {
		case places[i] < 0:
			problems.Problems = append(problems.Problems, Problem{1, fmt.Sprintf("there is no column %q; there are: %s", name, strings.Join(Columns, ", "))})
		case slices.Contains(places[:i], places[i]):
			problems.Problems = append(problems.Problems, Problem{1, fmt.Sprintf("column %q is there twice", name)})
		}
	}
	for i, name := range Columns[:len(Columns)-optional] {
		if !slices.Contains(places, i) {
			problems.Problems = append(problems.Problems, Problem{1, fmt.Sprintf("column %q is missing", name)})
		}
	}
	if len(problems.Problems) > 0 {
		return nil, problems
	}
	return places, nil
}

func readRows(r *csv.Reader, width int, places []int) ([]Row, error) {
	problems := &Error{}
	var rows []Row
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			problems.Problems = append(problems.Problems, unreadable(err).Problems...)
			break // where the next line begins is not known
		}
		line, _ := r.FieldPos(0)
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		switch {
		case len(cells) != width:
			problems.Problems = append(problems.Problems, Problem{line, fmt.Sprintf("it has %d columns, the header %d", len(cells), width)})
			continue
		case len(rows) == mostRows:
			return nil, wrong(line, "the file has more than %d actions", mostRows)
		}
		row := Row{Line: line, Cells: make([]string, len(Columns))}
		for i, cell := range cells {
			row.Cells[places[i]] = bare(strings.ReplaceAll(cell, "\r", "\n")) // a line break, however it is written
		}
		rows = append(rows, row)
	}
	if len(problems.Problems) > 0 {
		return nil, problems
	}
	return rows, nil
}

func unreadable(err error) *Error {
	bad := new(csv.ParseError)
	if errors.As(err, &bad) {
		return wrong(bad.Line, "it is not CSV: %s in character %d", bad.Err, bad.Column)
	}
	return wrong(0, "it is not CSV: %s", err)
}
