package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// flatten puts the cells of a record into r.cells, but those of the array that gives the rows, whose place goes into
// r.array.
func (r *Rows) flatten(raw []byte) error {
	r.serial++
	r.cells, r.path, r.array = r.cells[:0], r.path[:0], 0
	switch {
	case !json.Valid(raw):
		return errors.New("not valid JSON")
	case !utf8.Valid(raw):
		return errors.New("not valid UTF-8")
	}
	start := skipSpace(raw, 0)
	if raw[start] != '{' {
		return fmt.Errorf("not a JSON object but %s", kind(raw[start]))
	}
	_, err := r.object(raw, start)
	return err
}

// flattenElement puts the cells of the element that begins at b[i] after the first own cells, which are its record's,
// and returns what follows it.
func (r *Rows) flattenElement(b []byte, i, own int) (next int, err error) {
	r.serial++
	r.cells, r.path = r.cells[:own], append(r.path[:0], r.each...)
	for _, c := range r.cells {
		r.columns[c.column].row = r.serial
	}
	r.within = true
	defer func() { r.within = false }()
	if _, err = r.value(b, i); err != nil {
		r.cells = r.cells[:own]
	}
	return valueEnd(b, i), err
}

// object reads the object that begins at b[i], which is valid JSON, and returns what follows it.
func (r *Rows) object(b []byte, i int) (int, error) {
	prefix := len(r.path)
	for {
		i = skipSpace(b, i+1) // after { or ,
		if b[i] == '}' {
			return i + 1, nil
		}
		end := stringEnd(b, i)
		if prefix > 0 {
			r.path = append(r.path[:prefix], '.')
		}
		key, err := unquoted(b[i:end])
		if err != nil {
			return 0, fmt.Errorf("a key has %w", err)
		}
		if len(r.path)+len(key) > maxName {
			return 0, fmt.Errorf("a key is longer than %d bytes, counting those around it", maxName)
		}
		r.path = append(r.path, key...)
		i = skipSpace(b, end) // the colon
		i = skipSpace(b, i+1) // the value
		next, err := r.value(b, i)
		if err != nil {
			return 0, err
		}
		r.path = r.path[:prefix]
		i = skipSpace(b, next)
		if b[i] == '}' {
			return i + 1, nil
		}
	}
}

func (r *Rows) value(b []byte, i int) (next int, err error) {
	if r.each != "" && !r.within && string(r.path) == r.each {
		return r.rowsHere(b, i)
	}
	next = valueEnd(b, i)
	switch {
	case b[i] == '{':
		return r.object(b, i)
	case b[i] == '[' && r.elements[string(r.path)]:
		return next, r.elementColumns(b, i)
	case b[i] == '[':
		return next, r.cell(compact(b[i:next]), false)
	case b[i] == '"':
		text, err := unquoted(b[i:next])
		if err != nil {
			return 0, fmt.Errorf("the value of %q has %w", r.path, err)
		}
		return next, r.cell(text, false)
	}
	return next, r.cell(b[i:next], b[i] == 'n')
}

// rowsHere notes the array whose elements are the rows. Null is an array without elements.
func (r *Rows) rowsHere(b []byte, i int) (next int, err error) {
	switch {
	case r.array > 0:
		return 0, fmt.Errorf("the key %q comes twice", r.path)
	case b[i] != '[' && b[i] != 'n':
		return 0, fmt.Errorf("%q is not an array but %s", r.path, kind(b[i]))
	}
	r.array = i
	return valueEnd(b, i), nil
}

// elementColumns reads each element of the array at b[i] under its place, from 0.
func (r *Rows) elementColumns(b []byte, i int) error {
	prefix := len(r.path)
	n := 0
	for i = firstElement(b, i); i > 0; i = nextElement(b, i) {
		r.path = strconv.AppendInt(append(r.path[:prefix], '.'), int64(n), 10)
		if _, err := r.value(b, i); err != nil {
			return err
		}
		i = valueEnd(b, i)
		n++
	}
	r.path = r.path[:prefix]
	return nil
}

func (r *Rows) cell(text []byte, null bool) error {
	i, known := r.index[string(r.path)]
	if !known {
		if len(r.columns) == maxColumns {
			return fmt.Errorf("more than %d different keys within a batch", maxColumns)
		}
		i = len(r.columns)
		r.columns = append(r.columns, newColumn(string(r.path)))
		r.index[string(r.path)] = i
	}
	if r.columns[i].row == r.serial {
		return fmt.Errorf("the key %q comes twice", r.path)
	}
	r.columns[i].row = r.serial
	r.cells = append(r.cells, cell{column: i, text: text, null: null})
	return nil
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// stringEnd gives what follows the string that begins at b[i].
func stringEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// arrayEnd gives what follows the array that begins at b[i].
func arrayEnd(b []byte, i int) int {
	for depth := 0; ; i++ {
		switch b[i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			i = stringEnd(b, i) - 1
		}
	}
}

// valueEnd gives what follows the value that begins at b[i].
func valueEnd(b []byte, i int) int {
	switch b[i] {
	case '{', '[':
		return arrayEnd(b, i)
	case '"':
		return stringEnd(b, i)
	}
	for i < len(b) && bytes.IndexByte([]byte(",}] \t\r\n"), b[i]) < 0 {
		i++
	}
	return i
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

var errSurrogate = errors.New("half of a surrogate pair, which is no character")

// unquoted gives the text of a JSON string.
func unquoted(quoted []byte) ([]byte, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return nil, fmt.Errorf("a text that cannot be read: %w", err) // cannot be: it is JSON
	}
	// Unmarshal puts U+FFFD where half a pair stands; one that was meant is written out or escaped.
	if strings.Count(text, "\uFFFD") > bytes.Count(quoted, []byte("\uFFFD"))+escapedReplacements(quoted) {
		return nil, errSurrogate
	}
	return []byte(text), nil
}

// escapedReplacements counts what stands for U+FFFD itself.
func escapedReplacements(quoted []byte) (n int) {
	for i := 0; i+5 < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		if quoted[i+1] == 'u' && bytes.EqualFold(quoted[i+2:i+6], []byte("fffd")) {
			n++
		}
		i++
	}
	return n
}

func compact(array []byte) []byte {
	if !bytes.ContainsAny(array, " \n\t\r") {
		return array
	}
	var b bytes.Buffer
	if err := json.Compact(&b, array); err != nil {
		return array // cannot be: the caller has checked that it is JSON
	}
	return b.Bytes()
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
