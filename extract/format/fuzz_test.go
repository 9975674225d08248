package format

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/partnerplus/warehouse/extract"
)

// FuzzCSV holds the parser against encoding/csv: the same rows up to the first that is malformed, and the same
// verdict on that one.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "\"a\"\"b\",c\r\n\r\n\"x\ny\",\"\"\n", "a\"b\n1", "\"a\"b\n1", "\"open\n1,2\n3", "#c\na,\n,,\r", "\"\r\n\"\r\n\r", "\"a\"\r", "\"a\"\rb", "\r\r\n\"\r",
	} {
		f.Add([]byte(seed), byte(','), byte('#'), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, delimiter, comment byte, lazy bool) {
		if delimiter == comment || delimiter == 0 || delimiter >= 0x80 || comment >= 0x80 || bytes.ContainsAny([]byte{delimiter, comment}, "\"\r\n") {
			t.Skip()
		}
		if bytes.HasPrefix(text, []byte("\uFEFF")) {
			t.Skip() // encoding/csv keeps it
		}
		standard := csv.NewReader(bytes.NewReader(text))
		standard.Comma, standard.Comment, standard.FieldsPerRecord = rune(delimiter), rune(comment), -1
		standard.LazyQuotes = lazy
		d := dialect{delimiter: []byte{delimiter}, quote: '"', comment: comment, lineEnd: '\n', lazy: lazy}
		parser := newCSVParser(bytes.NewReader(text), d)
		slow := newCSVParser(iotest.OneByteReader(bytes.NewReader(text)), d)
		slow.text.buf = make([]byte, 1)
		intact := true
		for {
			row, err := parser.next()
			same, sameErr := slow.next()
			if !errors.Is(err, sameErr) || row.reason != same.reason || !bytes.Equal(row.raw, same.raw) || !slices.EqualFunc(row.fields, same.fields, bytes.Equal) {
				t.Fatalf("with small reads %q %v, else %q %v", same, sameErr, row, err)
			}
			if err != nil && err != io.EOF {
				t.Fatal(err)
			}
			if intact {
				want, wantErr := standard.Read()
				if lazy && row.reason == "a quote is not closed" {
					return // encoding/csv would close it
				}
				if (wantErr == io.EOF) != (err == io.EOF) || wantErr == nil != (err == nil && row.reason == "") {
					t.Fatalf("got %q %v, encoding/csv %q %v", row, err, want, wantErr)
				}
				intact = wantErr == nil
				if intact && !slices.EqualFunc(row.fields, want, func(a []byte, b string) bool { return string(a) == b }) {
					t.Fatalf("got %q, encoding/csv %q", row.fields, want)
				}
			}
			if err == io.EOF {
				return
			}
		}
	})
}

// FuzzNDJSON checks that every line is a row, malformed, or empty, and that rows without nesting have the texts that
// encoding/json finds.
func FuzzNDJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":1.10,"b":"x"}` + "\n\n" + `{"a":null}`, `{"a":{"b":[1, 2]},"c":true}`, `{"a":"\u00e9\ud800"}`, `{"a":1,"a":2}`, `{`, `[]`, `{"":"","b":{}}`, "{\"a\":\"\xff\"}", ` {"a" : -0.0e+5 } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ahead := newReadAhead(bytes.NewReader(text))
		defer ahead.close()
		d := &ndjsonDecoder{text: ahead, lines: newWindow(ahead), rows: NewRows(extract.FormatSpec{})}
		lines := strings.Split(strings.TrimPrefix(string(text), "\uFEFF"), "\n")
		got := 0
		for {
			batch, err := d.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got += len(batch.Positions) + len(batch.Malformed)
			for i, position := range batch.Positions {
				var object map[string]any
				decoder := json.NewDecoder(strings.NewReader(lines[position-1]))
				decoder.UseNumber()
				if err := decoder.Decode(&object); err != nil {
					t.Fatalf("line %d is a row: %v", position, err)
				}
				for c, field := range batch.Record.Schema().Fields() {
					column := batch.Record.Column(c).(*array.String)
					switch want := object[field.Name].(type) {
					case string:
						if column.IsNull(i) || column.Value(i) != want {
							t.Fatalf("line %d, %q: not %q", position, field.Name, want)
						}
					case json.Number:
						if column.IsNull(i) || column.Value(i) != want.String() {
							t.Fatalf("line %d, %q: not %s", position, field.Name, want)
						}
					}
				}
			}
			batch.Record.Release()
		}
		want := 0
		for _, line := range lines {
			if strings.Trim(line, " \t\r\n") != "" {
				want++
			}
		}
		if got != want {
			t.Fatalf("%d of %d lines", got, want)
		}
	})
}
