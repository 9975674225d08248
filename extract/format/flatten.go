package format

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

var errSyntax = errors.New("not valid JSON")

// flatten puts the cells of a record into r.cells, but those of the array that gives the rows, whose place goes into
// r.array.
func (r *Rows) flatten(raw []byte) error {
	known := len(r.columns)
	r.begin(0)
	r.texts, r.path, r.array = r.texts[:0], r.path[:0], 0
	err := r.record(raw)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errSyntax) || !validJSON(raw):
		err = errSyntax
	case utf8.Valid(raw):
		return err
	default:
		err = errors.New("not valid UTF-8")
	}
	for _, c := range r.columns[known:] { // what is no record has no keys
		delete(r.index, c.name)
	}
	r.columns = r.columns[:known]
	return err
}

// begin makes ready for a row that has so many cells already.
func (r *Rows) begin(own int) {
	r.serial++
	r.cells, r.before = r.cells[:own], 0
	for _, c := range r.cells {
		r.columns[c.column].row = r.serial
	}
}

func (r *Rows) record(raw []byte) error {
	start := skipSpace(raw, 0)
	var end int
	var err error
	switch {
	case !utf8.Valid(raw):
		return errors.New("not valid UTF-8")
	case start < len(raw) && raw[start] == '{':
		end, err = r.object(raw, start, 0)
	default:
		if end = valueEnd(raw, start, 0); end != bad {
			err = fmt.Errorf("not a JSON object but %s", kind(raw[start]))
		}
	}
	if err == nil && (end == bad || skipSpace(raw, end) < len(raw)) {
		return errSyntax
	}
	return err
}

// flattenElement puts the cells of the element that begins at b[i] after the first own cells, which are its record's,
// and returns what follows it.
func (r *Rows) flattenElement(b []byte, i, own int) (next int, err error) {
	r.begin(own)
	r.path = append(r.path[:0], r.each...)
	r.within = true
	defer func() { r.within = false }()
	if _, err = r.value(b, i, 0, r.path); err != nil {
		r.cells = r.cells[:own]
	}
	return valueEnd(b, i, 0), err
}

// object reads the object that begins at b[i], within so many others, and returns what follows it.
func (r *Rows) object(b []byte, i, depth int) (int, error) {
	if depth == maxNesting {
		return bad, errSyntax
	}
	prefix := len(r.path)
	if i = skipSpace(b, i+1); i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		key, value, plain := keyEnd(b, i)
		if value == bad {
			return bad, errSyntax
		}
		if !plain {
			var err error
			if key, err = r.unescaped(key); err != nil {
				return bad, fmt.Errorf("a key has %w", err)
			}
		}
		path := key
		if prefix > 0 {
			r.path = append(r.path[:prefix], '.')
		}
		if len(r.path)+len(key) > maxName {
			return bad, fmt.Errorf("a key is longer than %d bytes, counting those around it", maxName)
		}
		if nested := value < len(b) && (b[value] == '{' || b[value] == '['); prefix > 0 || nested {
			r.path = append(r.path, key...)
			path = r.path
		}
		next, err := r.value(b, value, depth+1, path)
		if err != nil {
			return bad, err
		}
		r.path = r.path[:prefix]
		if i = skipSpace(b, next); i == len(b) {
			return bad, errSyntax
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
		case '}':
			return i + 1, nil
		default:
			return bad, errSyntax
		}
	}
}

// value reads the value that begins at b[i] and has that dotted name. The name of an object or an array is r.path.
func (r *Rows) value(b []byte, i, depth int, path []byte) (next int, err error) {
	if i == len(b) {
		return bad, errSyntax
	}
	if r.each != "" && !r.within && string(path) == r.each {
		return r.rowsHere(b, i, depth)
	}
	if b[i] == '{' {
		return r.object(b, i, depth)
	}
	if b[i] == '"' {
		next, plain := textEnd(b, i)
		if next == bad {
			return bad, errSyntax
		}
		if plain {
			return next, r.cell(path, cell{start: i + 1, end: next - 1})
		}
		start := len(r.texts)
		if _, err = r.unescaped(b[i+1 : next-1]); err != nil {
			return bad, fmt.Errorf("the value of %q has %w", path, err)
		}
		return next, r.cell(path, cell{start: start, end: len(r.texts), made: true})
	}
	if next = valueEnd(b, i, depth); next == bad {
		return bad, errSyntax
	}
	switch {
	case b[i] == '[' && r.elements[string(path)]:
		return next, r.elementColumns(b, i)
	case b[i] == '[' && bytes.ContainsAny(b[i:next], " \n\t\r"):
		start := len(r.texts)
		r.texts = appendCompact(r.texts, b[i:next])
		return next, r.cell(path, cell{start: start, end: len(r.texts), made: true})
	}
	return next, r.cell(path, cell{start: i, end: next, null: b[i] == 'n'})
}

// unescaped gives what the inside of a JSON string says; it is valid until the next record.
func (r *Rows) unescaped(inside []byte) ([]byte, error) {
	before := len(r.texts)
	var err error
	r.texts, err = appendUnescaped(r.texts, inside)
	return r.texts[before:], err
}

// rowsHere notes the array whose elements are the rows. Null is an array without elements.
func (r *Rows) rowsHere(b []byte, i, depth int) (next int, err error) {
	if next = valueEnd(b, i, depth); next == bad {
		return bad, errSyntax
	}
	switch {
	case r.array > 0:
		return 0, fmt.Errorf("the key %q comes twice", r.each)
	case b[i] != '[' && b[i] != 'n':
		return 0, fmt.Errorf("%q is not an array but %s", r.each, kind(b[i]))
	}
	r.array = i
	return next, nil
}

// elementColumns reads each element of the array at b[i] under its place, from 0.
func (r *Rows) elementColumns(b []byte, i int) error {
	prefix := len(r.path)
	n := 0
	for i = firstElement(b, i); i > 0; i = nextElement(b, i) {
		r.path = strconv.AppendInt(append(r.path[:prefix], '.'), int64(n), 10)
		var err error
		if i, err = r.value(b, i, 0, r.path); err != nil {
			return err
		}
		n++
	}
	r.path = r.path[:prefix]
	return nil
}

// cell notes a value. Its column is most likely the one that came after the last one in the row before.
func (r *Rows) cell(path []byte, c cell) error {
	expected := &r.follows[r.before]
	i := *expected
	if i >= len(r.columns) || r.columns[i].name != string(path) {
		var known bool
		if i, known = r.index[string(path)]; !known {
			if len(r.columns) == maxColumns {
				return fmt.Errorf("more than %d different keys within a batch", maxColumns)
			}
			i = len(r.columns)
			r.columns = append(r.columns, r.newColumn(string(path)))
			r.index[r.columns[i].name] = i
			r.follows = append(r.follows[:i+1], 0)
			expected = &r.follows[r.before]
		}
		*expected = i
	}
	column := r.columns[i]
	if column.row == r.serial {
		return fmt.Errorf("the key %q comes twice", path)
	}
	column.row = r.serial
	c.column = i
	r.before = i + 1
	r.cells = append(r.cells, c)
	return nil
}

// firstElement gives where the first element of the array at b[i] begins, 0 if there is none.
func firstElement(b []byte, i int) int {
	if i = skipSpace(b, i+1); b[i] == ']' {
		return 0
	}
	return i
}

// nextElement gives where the element after the one that ends at b[i] begins, 0 if there is none.
func nextElement(b []byte, i int) int {
	if i = skipSpace(b, i); b[i] == ']' {
		return 0
	}
	return skipSpace(b, i+1)
}

// appendCompact appends JSON without its white space.
func appendCompact(text, b []byte) []byte {
	for i := 0; i < len(b); {
		next := i + 1
		switch b[i] {
		case ' ', '\n', '\t', '\r':
			i = next
			continue
		case '"':
			next, _ = textEnd(b, i)
		}
		text = append(text, b[i:next]...)
		i = next
	}
	return text
}

func kind(first byte) string {
	switch first {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}
