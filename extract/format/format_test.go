package format_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
)

// memoryBytes serves a unit out of memory.
type memoryBytes struct {
	*bytes.Reader
	changed error
}

func (m memoryBytes) Close() error     { return nil }
func (m memoryBytes) BytesRead() int64 { return m.Size() - int64(m.Len()) }
func (m memoryBytes) Verify() error    { return m.changed }

// decoded is what a whole unit gave, in a form that is easy to compare: "position: column=value …".
type decoded struct {
	Rows      []string
	Malformed []string
	Batches   int
}

func decode(t *testing.T, name, text string, spec extract.FormatSpec) (decoded, error) {
	t.Helper()
	f, err := format.For(spec, name)
	if err != nil {
		t.Fatal(err)
	}
	r := format.NewReader("partner", extract.Unit{Name: name}, f, memoryBytes{Reader: bytes.NewReader([]byte(text))})
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var d decoded
	for {
		batch, err := r.Next(context.Background())
		if err == io.EOF {
			return d, nil
		}
		if err != nil {
			return d, err
		}
		d.Batches++
		if n := int(batch.Record.NumRows()); n != len(batch.Positions) || n > extract.BatchRows {
			t.Fatalf("%d rows, %d positions", n, len(batch.Positions))
		}
		for i, position := range batch.Positions {
			row := fmt.Sprint(position, ":")
			for c, f := range batch.Record.Schema().Fields() {
				if col := batch.Record.Column(c); col.IsNull(i) {
					row += fmt.Sprintf(" %s", f.Name)
				} else {
					row += fmt.Sprintf(" %s=%s", f.Name, col.ValueStr(i))
				}
			}
			d.Rows = append(d.Rows, row)
		}
		for _, m := range batch.Malformed {
			d.Malformed = append(d.Malformed, fmt.Sprintf("%d: %s: %s", m.Position, m.Reason, m.Raw))
		}
		batch.Record.Release()
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	no := false
	for name, test := range map[string]struct {
		unit, text string
		spec       extract.FormatSpec
		rows       []string
		malformed  []string
	}{
		"csv": {
			unit: "a.csv", text: "id,name\n1,Ann\n2,\n",
			rows: []string{"1: id=1 name=Ann", "2: id=2 name="},
		},
		"csv with quotes, line ends and a byte order mark": {
			unit: "a.csv", text: "\uFEFFid,name\r\n1,\"a \"\"b\"\", c\"\r\n\r\n2,\"two\r\nlines\"\r\n\"3\",x\r",
			rows: []string{`1: id=1 name=a "b", c`, "2: id=2 name=two\nlines", "3: id=3 name=x"},
		},
		"csv with malformed rows": {
			unit: "a.csv", text: "id,name\n1\n2,b,c\n3,a\"b\n4,\"a\"b\n5,\xff\n6,ok\n7,\"open\n8,ok\n",
			rows: []string{"6: id=6 name=ok", "8: id=8 name=ok"},
			malformed: []string{
				"1: 1 fields, the header has 2: 1", "2: 3 fields, the header has 2: 2,b,c",
				`3: field 2 has a quote in its middle: 3,a"b`, `4: field 2 goes on after its closing quote: 4,"a"b`,
				"5: the row is not valid UTF-8: 5,\uFFFD", `7: a quote is not closed: 7,"open`,
			},
		},
		"csv without a header": {
			unit: "a.csv", text: "1;x\n#2;y\n", spec: extract.FormatSpec{Header: &no, Columns: []string{"a", "b"}, Delimiter: ";", Comment: "#"},
			rows: []string{"1: a=1 b=x"},
		},
		"csv with an unnamed column": {unit: "a.csv", text: "id,,\n1,2,3", rows: []string{"1: id=1 column_2=2 column_3=3"}},
		"csv with a header only":     {unit: "a.csv", text: "id,name\n"},
		"tsv":                        {unit: "a.TSV", text: "a\tb\n1\t2,3\n", rows: []string{"1: a=1 b=2,3"}},
		"ndjson": {
			unit: "a.ndjson", text: "\uFEFF{\"a\":1.10,\"b\":{\"c\":\"x\\ny\",\"d\":null},\"e\":[1, {\"f\" : 2}],\"g\":true}\r\n\n {\"a\" : 12345678901234567890.05 , \"z\":{}}",
			rows: []string{
				"1: a=1.10 b.c=x\ny b.d e=[1,{\"f\":2}] g=true",
				"3: a=12345678901234567890.05 b.c b.d e g",
			},
		},
		"ndjson with malformed rows": {
			unit: "a.jsonl", text: "[1]\n{\"a\":1\n{\"a\":1,\"a\":2}\n{\"a.b\":1,\"a\":{\"b\":2}}\n{\"a\":\"\xff\"}\nnull\n{\"a\":\"ok\"}\n",
			rows: []string{"7: a=ok"},
			malformed: []string{
				"1: not a JSON object but an array: [1]", `2: not valid JSON: {"a":1`,
				`3: the key "a" comes twice: {"a":1,"a":2}`, `4: the key "a.b" comes twice: {"a.b":1,"a":{"b":2}}`,
				"5: not valid UTF-8: {\"a\":\"\uFFFD\"}", "6: not a JSON object but null: null",
			},
		},
		"json": {
			unit: "a.json", text: "\uFEFF [ {\"a\":-0.0e+5, \"b\":\"\\u00e9\\\\\"} , 5, {} ] ",
			rows: []string{`1: a=-0.0e+5 b=é\`, "3: a b"}, malformed: []string{"2: not a JSON object but a number: 5"},
		},
		"json without records": {unit: "a.json", text: "[]"},
		"json by path": {
			unit: "a.json", text: `{"rows":1,"x":[1],"data":{"x":[{"a":0}],"rows":[{"a":1},{"a":2}],"n":{"rows":[{}]}}}`,
			spec: extract.FormatSpec{Records: "data.rows"}, rows: []string{"1: a=1", "2: a=2"},
		},
		"json with rows within records": {
			unit: "a.ndjson", spec: extract.FormatSpec{Each: "order.lines"},
			text: `{"id":1,"order":{"lines":[{"sku":"a","p":{"n":1.0}},{"sku":"b"}, null, "x", [1, 2]],"at":"d"},"z":9}
{"id":2,"order":{"lines":[]}}
{"id":3,"order":{"lines":null}}

{"id":4}
{"id":5,"order":{"lines":{"sku":"c"}}}
{"id":6,"order":{"lines":[{"sku":1,"sku":2},{"sku":"d"}],"at":"e"}}
{"id":7,"id":7,"order":{"lines":[{"sku":1}]}}
{"id":8,"order":{"lines":[1]},"order":{"lines":[2]}}
`,
			rows: []string{
				"1: id=1 order.at=d z=9 order.lines.sku=a order.lines.p.n=1.0 order.lines",
				"2: id=1 order.at=d z=9 order.lines.sku=b order.lines.p.n order.lines",
				"3: id=1 order.at=d z=9 order.lines.sku order.lines.p.n order.lines",
				"4: id=1 order.at=d z=9 order.lines.sku order.lines.p.n order.lines=x",
				"5: id=1 order.at=d z=9 order.lines.sku order.lines.p.n order.lines=[1,2]",
				"6: id=2 order.at z order.lines.sku order.lines.p.n order.lines",
				"7: id=3 order.at z order.lines.sku order.lines.p.n order.lines",
				"9: id=4 order.at z order.lines.sku order.lines.p.n order.lines",
				"12: id=6 order.at=e z order.lines.sku=d order.lines.p.n order.lines",
			},
			malformed: []string{
				`10: "order.lines" is not an array but an object: {"id":5,"order":{"lines":{"sku":"c"}}}`,
				`11: the key "order.lines.sku" comes twice: {"sku":1,"sku":2}`,
				`13: the key "id" comes twice: {"id":7,"id":7,"order":{"lines":[{"sku":1}]}}`,
				`14: the key "order.lines" comes twice: {"id":8,"order":{"lines":[1]},"order":{"lines":[2]}}`,
			},
		},
		"json with escapes in records and in the rows within them": {
			unit: "a.ndjson", spec: extract.FormatSpec{Each: "l"}, text: `{"a\n":"\t\u00e9\"","l":[{"b":"\\\/"},{"b":"\b\f\r\u0041","\u0063":"\uD83D\uDE00\n"}]}`,
			rows: []string{"1: a\n=\té\" l.b=\\/ l.c", "2: a\n=\té\" l.b=\b\f\rA l.c=\U0001F600\n"},
		},
		"json with elements as columns": {
			unit: "a.json", spec: extract.FormatSpec{Each: "lines", Elements: []string{"tags", "tags.1.more", "lines.fees"}},
			text: `[{"tags":["x", {"value":1,"more":[true]}],"lines":[{"fees":[ 0.10 ,{"of":"y"}]},{"fees":[]}]},{"tags":7,"lines":[{"fees":null}]}]`,
			rows: []string{
				"1: tags.0=x tags.1.value=1 tags.1.more.0=true lines.fees.0=0.10 lines.fees.1.of=y tags lines.fees",
				"2: tags.0=x tags.1.value=1 tags.1.more.0=true lines.fees.0 lines.fees.1.of tags lines.fees",
				"3: tags.0 tags.1.value tags.1.more.0 lines.fees.0 lines.fees.1.of tags=7 lines.fees",
			},
		},
		"json with texts that are no text": {
			unit: "a.ndjson", text: `{"a":"\\ufffd \ufffd ` + "\uFFFD" + `"}` + "\n" + `{"a":"\ufffd\ud800"}` + "\n" + `{"\udc00":1}` + "\n" + `{"a":"\ud83d\ude00"}`,
			rows: []string{`1: a=\ufffd ` + "\uFFFD \uFFFD", "4: a=\U0001F600"},
			malformed: []string{
				`2: the value of "a" has half of a surrogate pair, which is no character: {"a":"\ufffd\ud800"}`,
				`3: a key has half of a surrogate pair, which is no character: {"\udc00":1}`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := decoded{Rows: test.rows, Malformed: test.malformed}
			for _, packed := range []string{"", ".gz", ".zst"} {
				got, err := decode(t, test.unit+packed, pack(t, packed, test.text), test.spec)
				if err != nil {
					t.Fatal(err)
				}
				got.Batches = 0
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %s", packed, diff)
				}
			}
		})
	}
}

func pack(t testing.TB, ext, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch ext {
	case ".gz":
		w = gzip.NewWriter(&b)
	case ".zst":
		w, _ = zstd.NewWriter(&b)
	default:
		return text
	}
	_, err := io.WriteString(w, text)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	big := "id,name\n" + strings.Repeat("1,some text that does not matter\n", 50_000)
	for name, test := range map[string]struct{ unit, text, want string }{
		"empty csv":             {"a.csv", "", "lacks even its header"},
		"a column twice":        {"a.csv", "a,b,a\n", `column "a" twice`},
		"utf-16":                {"a.csv", "\xff\xfea\x00\n", "UTF-16 (set format.encoding to utf-16)"},
		"empty gzip":            {"a.csv.gz", "", "cut short"},
		"truncated gzip":        {"a.csv.gz", pack(t, ".gz", big)[:2000], "cut short"},
		"gzip without its sum":  {"a.csv.gz", pack(t, ".gz", big)[:len(pack(t, ".gz", big))-8], "cut short"},
		"truncated zstd":        {"a.csv.zst", pack(t, ".zst", big)[:200], "cut short"},
		"not gzip":              {"a.csv.gz", big, "not gzip"},
		"text after gzip":       {"a.csv.gz", pack(t, ".gz", big) + "tail and more", "not gzip"},
		"json that ends early":  {"a.json", `[{"a":1},`, "cut short"},
		"json without its end":  {"a.json", `[{"a":1}`, "cut short"},
		"json object":           {"a.json", `{"a":1,"b":{"c":[],"d":[[]]}}`, `at its top; set records to one of the arrays that it has: b.c, b.d`},
		"json without arrays":   {"a.json", `{"a":1}`, "no array of records at its top, and no other"},
		"json text":             {"a.json", `"a"`, "is not an array"},
		"json without end":      {"a.json", strings.Repeat(`{"a":`, 5<<20), "nested more than 1000 deep"},
		"two json documents":    {"a.json", `[{"a":1}][]`, "more than one"},
		"parquet that is not":   {"a.parquet", "PAR1 nothing PAR1 of the kind", "Parquet"},
		"parquet that is empty": {"a.parquet", "", "cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := decode(t, test.unit, test.text, extract.FormatSpec{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if !strings.HasPrefix(err.Error(), "source partner, unit a.") {
				t.Errorf("the error does not say where: %v", err)
			}
		})
	}
}

func TestGzipOfSeveralMembers(t *testing.T) {
	t.Parallel()
	got, err := decode(t, "a.csv.gz", pack(t, ".gz", "a\n1\n")+pack(t, ".gz", "2\n"), extract.FormatSpec{})
	if err != nil || len(got.Rows) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestRowsOfManyMebibytes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 17<<20)
	for unit, text := range map[string]string{
		"a.csv":    "a\n1\n" + long + "\n\"" + long + "\n2\n",
		"a.ndjson": `{"a":1}` + "\n" + long + "\n" + long + "\n" + `{"a":2}`,
	} {
		got, err := decode(t, unit, text, extract.FormatSpec{})
		if err != nil {
			t.Fatal(unit, err)
		}
		if len(got.Rows) != 2 || len(got.Malformed) != 2 || len(got.Malformed[0]) > extract.MaxRawBytes+100 {
			t.Errorf("%s: %d rows, %d malformed", unit, len(got.Rows), len(got.Malformed))
		}
	}
}

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	got, err := decode(t, "a.csv", "a\n"+strings.Repeat("1\n", 2*extract.BatchRows+1), extract.FormatSpec{})
	if err != nil || got.Batches != 3 {
		t.Errorf("by rows: %d batches, %v", got.Batches, err)
	}
	got, err = decode(t, "a.csv", "a\n"+strings.Repeat(strings.Repeat("1", 1<<20)+"\n", 17), extract.FormatSpec{})
	if err != nil || got.Batches != 3 {
		t.Errorf("by bytes: %d batches, %v", got.Batches, err)
	}
}

func TestRowsWithinARecordFillBatches(t *testing.T) {
	t.Parallel()
	n := 2*extract.BatchRows + 5
	text := `{"id":7,"lines":[` + strings.TrimSuffix(strings.Repeat(`{"n":1},`, n), ",") + `]}` + "\n" + `{"id":8}`
	got, err := decode(t, "a.ndjson", text, extract.FormatSpec{Each: "lines"})
	if err != nil || got.Batches != 3 || len(got.Rows) != n+1 || len(got.Malformed) > 0 {
		t.Fatalf("%d rows in %d batches, %v", len(got.Rows), got.Batches, err)
	}
	want := []string{fmt.Sprintf("%d: id=7 lines.n=1", n), fmt.Sprintf("%d: id=8 lines.n", n+1)}
	if diff := cmp.Diff(want, got.Rows[n-1:]); diff != "" {
		t.Error(diff)
	}
	text = `{"note":"` + strings.Repeat("x", 1<<20) + `","lines":[` + strings.TrimSuffix(strings.Repeat("1,", 17), ",") + `]}`
	if got, err = decode(t, "a.ndjson", text, extract.FormatSpec{Each: "lines"}); err != nil || got.Batches != 3 {
		t.Errorf("by bytes: %d batches, %v", got.Batches, err)
	}
}

func TestDeepJSONIsMalformed(t *testing.T) {
	t.Parallel()
	for _, open := range []string{"[", `{"a":`} {
		got, err := decode(t, "a.ndjson", strings.Repeat(open, 2<<20)+"\n"+`{"a":[[1]]}`, extract.FormatSpec{})
		if err != nil || len(got.Malformed) != 1 || len(got.Rows) != 1 {
			t.Errorf("%s: %d malformed, %d rows, %v", open, len(got.Malformed), len(got.Rows), err)
		}
	}
	name := strings.Repeat("n", 900)
	got, err := decode(t, "a.ndjson", `{"`+name+`":{"`+name+`":1}}`, extract.FormatSpec{})
	if err != nil || len(got.Malformed) != 1 || !strings.Contains(got.Malformed[0], "longer than 1024 bytes") {
		t.Errorf("%v, %v", got, err)
	}
}

func TestChangedUnit(t *testing.T) {
	t.Parallel()
	f, err := format.For(extract.FormatSpec{}, "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	r := format.NewReader("partner", extract.Unit{Name: "a.csv"}, f,
		memoryBytes{Reader: bytes.NewReader([]byte("a\n1\n")), changed: extract.ErrChanged})
	batch, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	batch.Record.Release()
	if _, err = r.Next(context.Background()); err == nil || !strings.Contains(err.Error(), extract.ErrChanged.Error()) {
		t.Fatal(err)
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"readme.txt", "csv", "a.csv.bz2", "a.parquet.gz"} {
		if f, err := format.For(extract.FormatSpec{}, name); err == nil {
			t.Errorf("%s: %v", name, f)
		}
	}
}
