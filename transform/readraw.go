package transform

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Columns made by ReadRaw are texts; what they were besides stands in their field's metadata.
const (
	readKey     = "partnerplus.raw"
	readTime    = "time"    // dates or times: the texts are ISO
	readLiteral = "literal" // numbers or booleans: Reject.Raw has them without quotes
)

func wasRead(f arrow.Field, as string) bool {
	kind, _ := f.Metadata.GetValue(readKey)
	return kind == as
}

// ReadRaw makes a raw batch of the Raw of rejects, so that they can be mapped anew: the inverse of what
// Apply writes. The rows should be of one source, since a column has to mean the same in all of them. A
// column that only some rows have is null in the others.
//
// Unreadable has as many entries as raws. It says why a row cannot be read: its text was cut short for its
// size, or is not an object as Apply writes it. Rows has those whose entry is nil, in order; the caller
// releases it.
func ReadRaw(raws []string) (rows arrow.Record, unreadable []error, err error) {
	table := rawTable{index: map[rawName]*rawColumn{}}
	unreadable = make([]error, len(raws))
	for i, raw := range raws {
		row, err := parseRaw(raw)
		if err == nil {
			err = table.add(row)
		}
		unreadable[i] = err
	}
	rows, err = table.record()
	return rows, unreadable, err
}

// rawValue is one column of a raw row.
type rawValue struct {
	name string
	text string
	kind rawKind
	time bool // the column holds dates or times
}

type rawKind int

const (
	rawNull rawKind = iota
	rawText
	rawPlain // a number or a boolean
)

var errNotRaw = errors.New("it is not a row as rejects keep them, a JSON object of columns; replay it from its source")

// parseRaw reads one row. Names may occur twice, so a map would not do.
func parseRaw(raw string) ([]rawValue, error) {
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errNotRaw
	}
	var row []rawValue
	var times []string
	var binary []rawBytes
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, errNotRaw
		}
		name := key.(string) // no other token stands for a key
		value, err := parseRawValue(dec, name, &times, &binary)
		if err != nil {
			return nil, err
		}
		if value != nil {
			row = append(row, *value)
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, errNotRaw
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errNotRaw
	}
	return row, mark(row, times, binary)
}

// mark adds to a row what JSON cannot tell of its texts. Of columns with the same name, which no mapping
// can read, it takes those that fit.
func mark(row []rawValue, times []string, binary []rawBytes) error {
	if len(times)+len(binary) == 0 {
		return nil
	}
	index := make(map[string][]*rawValue, len(row))
	for i := range row {
		index[row[i].name] = append(index[row[i].name], &row[i])
	}
	for _, name := range times {
		fit := false
		for _, v := range index[name] {
			if v.kind != rawPlain {
				v.time, fit = true, true
			}
		}
		if !fit {
			return fmt.Errorf("%s names %q, which is not a time of the row; replay it from its source", timesKey, name)
		}
	}
	for _, b := range binary {
		shown, fit := string([]rune(string(b.text))), false
		for _, v := range index[b.name] {
			if v.kind == rawText && v.text == shown && !fit {
				v.text, fit = string(b.text), true
			}
		}
		if !fit {
			return fmt.Errorf("%s gives another text for %q than the row; replay it from its source", bytesKey, b.name)
		}
	}
	return nil
}

// rawBytes is the text of a column that is not UTF-8.
type rawBytes struct {
	name string
	text []byte
}

// parseRawValue reads what follows a key; nil is what is no column.
func parseRawValue(dec *json.Decoder, name string, times *[]string, binary *[]rawBytes) (*rawValue, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, errNotRaw
	}
	switch t := t.(type) {
	case nil:
		return &rawValue{name: name}, nil
	case string:
		return &rawValue{name: name, text: t, kind: rawText}, nil
	case json.Number:
		return &rawValue{name: name, text: t.String(), kind: rawPlain}, nil
	case bool:
		if name == truncatedKey {
			return nil, fmt.Errorf("its text was cut short at %d bytes; replay it from its source", maxRawBytes)
		}
		return &rawValue{name: name, text: fmt.Sprint(t), kind: rawPlain}, nil
	}
	switch {
	case name == timesKey && t == json.Delim('['):
		for dec.More() {
			name, _ := dec.Token()
			text, ok := name.(string)
			if !ok {
				return nil, errNotRaw
			}
			*times = append(*times, text)
		}
	case name == bytesKey && t == json.Delim('{'):
		for dec.More() {
			name, _ := dec.Token()
			key, ok := name.(string)
			if !ok {
				return nil, errNotRaw
			}
			value, _ := dec.Token()
			encoded, _ := value.(string)
			text, err := base64.StdEncoding.DecodeString(encoded)
			if err != nil {
				return nil, errNotRaw
			}
			*binary = append(*binary, rawBytes{key, text})
		}
	default:
		return nil, errNotRaw
	}
	if _, err := dec.Token(); err != nil {
		return nil, errNotRaw
	}
	return nil, nil
}

// rawTable gathers rows of the same source, whose columns may differ.
type rawTable struct {
	columns []*rawColumn
	index   map[rawName]*rawColumn
	rows    int
}

type rawName struct {
	name string
	nth  int // among the columns of that name, from 0
}

type rawColumn struct {
	rawName
	texts   []string
	rows    []int // of texts, in order; the column is null in the others
	times   bool
	plain   bool // there are numbers or booleans
	quoted  bool // there are texts that could as well be those
	entered bool // there is a text
}

// add takes a whole row or, with an error, nothing of it.
func (t *rawTable) add(row []rawValue) error {
	seen := map[string]int{}
	columns := make([]*rawColumn, len(row))
	for i, v := range row {
		columns[i] = t.column(v.name, seen[v.name])
		seen[v.name]++
		if c := columns[i]; v.kind != rawNull && c.entered && c.times != v.time {
			return fmt.Errorf("its column %q is a time in some rows and not in others; replay those apart", v.name)
		}
	}
	for i, v := range row {
		c := columns[i]
		if !c.entered {
			c.times = v.time
		}
		if v.kind == rawNull {
			continue
		}
		c.entered = true
		c.plain = c.plain || v.kind == rawPlain
		c.quoted = c.quoted || v.kind == rawText && json.Valid([]byte(v.text))
		c.texts, c.rows = append(c.texts, v.text), append(c.rows, t.rows)
	}
	t.rows++
	return nil
}

func (t *rawTable) column(name string, nth int) *rawColumn {
	key := rawName{name, nth}
	c := t.index[key]
	if c == nil {
		c = &rawColumn{rawName: key}
		t.columns, t.index[key] = append(t.columns, c), c
	}
	return c
}

func (t *rawTable) record() (arrow.Record, error) {
	fields := make([]arrow.Field, len(t.columns))
	arrays := make([]arrow.Array, 0, len(t.columns))
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	for i, c := range t.columns {
		a, err := c.array(t.rows)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, a)
		fields[i] = arrow.Field{Name: c.name, Type: a.DataType(), Nullable: true}
		switch {
		case c.times:
			fields[i].Metadata = arrow.NewMetadata([]string{readKey}, []string{readTime})
		case c.plain && !c.quoted:
			fields[i].Metadata = arrow.NewMetadata([]string{readKey}, []string{readLiteral})
		}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(t.rows)), nil
}

func (c *rawColumn) array(rows int) (arrow.Array, error) {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.Reserve(rows)
	size := 0
	for i, text := range c.texts {
		if size += len(text); size > math.MaxInt32 {
			return nil, fmt.Errorf("the texts of column %q take more than the 2 GiB that fit; replay fewer rows at once", c.name)
		}
		b.AppendNulls(c.rows[i] - b.Len())
		b.Append(text)
	}
	b.AppendNulls(rows - b.Len())
	return b.NewArray(), nil
}
