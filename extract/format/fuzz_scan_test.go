package format

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/partnerplus/warehouse/extract"
)

// objectCells reads an object with encoding/json: the texts of its cells, nil for null, and whether it can be a row.
func objectCells(text []byte, prefix string, into map[string]*string) bool {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return false
	}
	for decoder.More() {
		begins := decoder.InputOffset()
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		key, isKey := token.(string)
		quoted := bytes.TrimLeft(text[begins:decoder.InputOffset()], ", \t\r\n")
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil || !isKey || halved(quoted, key) {
			return false
		}
		path := prefix + key
		if len(path) > maxName {
			return false
		}
		if value[0] == '{' {
			if path != "" {
				path += "."
			}
			if !objectCells(value, path, into) {
				return false
			}
			continue
		}
		cell := string(value)
		switch value[0] {
		case '"':
			if err := json.Unmarshal(value, &cell); err != nil || halved(value, cell) {
				return false
			}
		case '[':
			var b bytes.Buffer
			if err := json.Compact(&b, value); err != nil {
				return false
			}
			cell = b.String()
		}
		if _, twice := into[path]; twice {
			return false
		}
		if into[path] = &cell; value[0] == 'n' {
			into[path] = nil
		}
	}
	return true
}

// halved reports whether a text has U+FFFD where its JSON has neither that nor its escape: encoding/json puts it where
// half of a surrogate pair stands.
func halved(quoted []byte, text string) bool {
	meant := bytes.Count(quoted, []byte("\uFFFD"))
	for i := 0; i < len(quoted); i++ {
		if quoted[i] == '\\' {
			if i++; i+4 < len(quoted) && strings.EqualFold(string(quoted[i:i+5]), "ufffd") {
				meant++
			}
		}
	}
	return strings.Count(text, "\uFFFD") > meant
}

// FuzzRecords holds the scanner against encoding/json: what is JSON, what can be a row, and what is in it, whatever record
// came before.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{
		`{"a":1.10,"b":"x","c":null,"d":true,"e":false}`, `{"b":"x","a":-1e+9,"f":{"a":0,"":{"b":[1, "] ,\" ",{}]}}}`, `{"a.b":1,"a":{"b":2}}`, `{"\u0061":"\ud83d\ude00\n\/","a":1}`,
		` {"a" : "12345678\\" , "b\"":"1234567é" } `, `{"a":"\ud800"}`, `{"a":"\ufffd\uDC00\ud800"}`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":1e}`, `{"a":tru}`, `{"a":"\x"}`, `{"a":"` + "\t" + `"}`,
		`[{"a":[{}]},[],"x"]`, `{"a":1,}`, `{"a" 1}`, `{"a":1}}`, `{}`, `null`, "{\"a\":\"1234567\xff\"}", strings.Repeat("[", 10_001), `{"a":"\ud83d\u0041"}`, `{"a":nullx}`, `{"a":"\u00e"}`,
	} {
		f.Add([]byte(seed), []byte(`{"a":1,"b":{"c":"x"}}`))
	}
	f.Fuzz(func(t *testing.T, text, before []byte) {
		for _, b := range [][]byte{text, before} {
			if got := validJSON(b); got != json.Valid(b) {
				t.Fatalf("%q: valid is %v", b, got)
			}
		}
		rows := NewRows(extract.FormatSpec{})
		rows.Add(before)
		rows.Add(text)
		rows.Add(before)
		rows.Add(text)
		batch := rows.Batch()
		defer batch.Record.Release()
		for i, raw := range [][]byte{before, text, before, text} {
			want := map[string]*string{}
			start := bytes.TrimLeft(raw, " \t\r\n")
			isRow := json.Valid(raw) && utf8.Valid(raw) && start[0] == '{' && objectCells(raw, "", want)
			at := slices.Index(batch.Positions, uint64(i+1))
			if isRow != (at >= 0) {
				t.Fatalf("%q is a row: %v; malformed: %v", raw, at >= 0, batch.Malformed)
			}
			for c, field := range batch.Record.Schema().Fields() {
				if !isRow {
					break
				}
				column := batch.Record.Column(c).(*array.String)
				cell := want[field.Name]
				if column.IsNull(at) != (cell == nil) || cell != nil && column.Value(at) != *cell {
					t.Fatalf("%q: %q is %q", raw, field.Name, column.ValueStr(at))
				}
				delete(want, field.Name)
			}
			if isRow && len(want) > 0 {
				t.Fatalf("%q: %d cells are missing", raw, len(want))
			}
		}
	})
}

// FuzzBlocks holds the rows that are cut out of blocks against those of the parser alone, in every dialect that has blocks,
// wherever the borders of what is read at once lie.
func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n\n3,4\r\n5,\r\n\"6\",\"7\"\r\n", "\"a\",\"b,c\"\n\"d\ne\",f\n\"g\"\"h\",i\nj,k\n", "#x\"\na,b\n#\n\n\r\n1,2,3\n4,5", "a,\"b\" \n\xff,c\n\"\",\"\"\n,\n", "a,b\r\"c\",d\re,\"f\"\r\n",
		"long 5678901234567890123456789012345,x\n\"a\"x,b\n\"a\"\r,\"b\r\n",
	} {
		f.Add([]byte(seed), byte(','), byte('"'), byte('#'), false, false, uint64(3))
		f.Add([]byte(strings.Repeat(seed, 9)), byte(','), byte('"'), byte(0), true, true, uint64(7))
	}
	f.Fuzz(func(t *testing.T, text []byte, delimiter, quote, comment byte, lazy, carriageReturn bool, seed uint64) {
		d := dialect{delimiter: []byte{delimiter}, quote: quote, comment: comment, lineEnd: '\n', lazy: lazy}
		if carriageReturn {
			d.lineEnd = '\r'
		}
		if newCSVBlock(d) == nil {
			t.Skip()
		}
		random := rand.New(rand.NewPCG(seed, 0))
		want := blockRows(t, d, bytes.NewReader(text), false, 4<<10)
		got := blockRows(t, d, bytes.NewReader(text), true, 4<<10)
		small := blockRows(t, d, iotest.HalfReader(bytes.NewReader(text)), true, 1+random.IntN(64))
		if !slices.Equal(got, want) || !slices.Equal(small, want) {
			t.Fatalf("the parser alone %q\nwith blocks %q\nand small ones %q", want, got, small)
		}
	})
}

// blockRows reads a csv of two columns, and shows its rows and what is malformed.
func blockRows(t *testing.T, d dialect, text io.Reader, blocks bool, memory int) (rows []string) {
	t.Helper()
	no := false
	spec := extract.FormatSpec{Header: &no, Columns: []string{"a", "b"}}
	parser := &csvParser{dialect: d, text: &window{r: text, lineEnd: d.lineEnd, buf: make([]byte, memory)}, single: d.delimiter[0]}
	if blocks {
		parser.block = newCSVBlock(d)
	}
	decoder := &csvDecoder{format: Format{dialect: d, spec: spec}, parser: parser}
	for {
		batch, err := decoder.next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, position := range batch.Positions {
			a, b := batch.Record.Column(0).(*array.String), batch.Record.Column(1).(*array.String)
			rows = append(rows, strings.Join([]string{string(rune(position)), a.Value(i), b.Value(i)}, "\x00"))
		}
		for _, m := range batch.Malformed {
			rows = append(rows, string(rune(m.Position))+m.Reason+m.Raw)
		}
		batch.Record.Release()
	}
}

// FuzzDocument holds the records of a document that are taken in a run against those that json.Decoder finds alone: the
// same records, the same notes, the same end.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		`{"n":"x","d":{"r":[{"a":1},{"a":[2 , 3]} , 4,"5",null],"n":1},"n":7}`, `{"d":{"r":[]}} `, `{"d":{"r":[ 1 2]}}`, `{"d":{"r":[1,]}}`, `{"d":{"r":[1,x]}}`, `{"d":{"r":[1}`, `{"d":{"r":[1, 23`,
		`{"d":{"r":[1]},"d":{"r":[2]}}`, `{"d":{"r":["` + strings.Repeat("long", 40) + `",{"a":"b"}]}} x`, `{"d":{"r":[1,2]}}[`, `{"d":{"r":[1,2]`, `{"d":{"r":[,1]}}`,
	} {
		f.Add([]byte(seed), uint8(40))
	}
	f.Fuzz(func(t *testing.T, text []byte, memory uint8) {
		read := func(r io.Reader, memory int) (records []string, note string, end error) {
			d := NewDocument(r, "d.r", "n", "d.n")
			d.memory = memory
			for {
				raw, err := d.Next()
				if err != nil {
					return records, d.Noted("n") + d.Noted("d.n"), err
				}
				records = append(records, string(raw))
			}
		}
		records, note, end := read(bytes.NewReader(text), 0)
		for _, other := range []int{int(memory), runBytes} {
			got, gotNote, gotEnd := read(iotest.HalfReader(bytes.NewReader(text)), other)
			if !slices.Equal(got, records) || gotNote != note || gotEnd.Error() != end.Error() {
				t.Fatalf("in a run %q %q %v\nelse %q %q %v", got, gotNote, gotEnd, records, note, end)
			}
		}
	})
}
