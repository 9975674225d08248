package format_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
)

// readAll reads a unit of any content, and checks what every reader promises. It gives the number of rows, malformed
// ones too.
func readAll(t *testing.T, name string, text []byte, spec extract.FormatSpec) (int, error) {
	t.Helper()
	f, err := format.For(spec, name)
	if err != nil {
		t.Fatal(err)
	}
	r := format.NewReader("partner", extract.Unit{Name: name}, f, memoryBytes{Reader: bytes.NewReader(text)})
	defer r.Close() //nolint:errcheck // memory
	n := 0
	for {
		batch, err := r.Next(context.Background())
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			var located *extract.Error
			if !errors.As(err, &located) || located.Unit != name {
				t.Fatalf("the error does not say where: %v", err)
			}
			return n, err
		}
		if int(batch.Record.NumRows()) != len(batch.Positions) {
			t.Fatalf("%d rows, %d positions", batch.Record.NumRows(), len(batch.Positions))
		}
		var last uint64
		for _, p := range batch.Positions {
			if p <= last {
				t.Fatalf("position %d after %d", p, last)
			}
			last = p
		}
		for i, field := range batch.Record.Schema().Fields() {
			column := batch.Record.Column(i)
			if !utf8.ValidString(field.Name) && !strings.HasSuffix(name, ".parquet") {
				t.Fatalf("the name %q is not valid UTF-8", field.Name)
			}
			for row := range column.Len() {
				if arrow.IsBaseBinary(field.Type.ID()) && column.IsValid(row) && !utf8.ValidString(column.ValueStr(row)) {
					t.Fatalf("column %q, row %d is not valid UTF-8", field.Name, row)
				}
			}
		}
		for _, m := range batch.Malformed {
			if m.Reason == "" || m.Position == 0 {
				t.Fatalf("malformed without a reason or a place: %+v", m)
			}
		}
		n += len(batch.Positions) + len(batch.Malformed)
		batch.Record.Release()
	}
}

// FuzzDialects checks that a csv of any dialect is read to its end: it has an error, or rows.
func FuzzDialects(f *testing.F) {
	f.Add([]byte("a||b\n'x\\'y'||2\n"), "||", "'", `\`, "windows-1252", true, true, byte(1))
	f.Add([]byte("a,b\r1,2\rTotal,1"), ",", "none", "", "", false, true, byte(2))
	f.Add([]byte("\xff\xfea\x00\n\x001\x00"), ";", `"`, "", "utf-16", true, false, byte(3))
	f.Add([]byte("a\n\x83\x5c\n"), ",", `"`, "", "shift_jis", false, false, byte(0))
	f.Fuzz(func(t *testing.T, text []byte, delimiter, quote, escape, encoding string, lazy, ragged bool, more byte) {
		spec := extract.FormatSpec{Delimiter: delimiter, Quote: quote, Escape: escape, Encoding: encoding, LazyQuotes: lazy, Ragged: ragged, SkipRows: int(more >> 6)}
		if more&1 != 0 {
			spec.Totals = &extract.TotalsSpec{Column: "a", Equals: "Total"}
		}
		if more&2 != 0 {
			spec.LineEnd = "cr"
		}
		if err := (extract.Spec{File: &extract.FileSpec{Path: "x"}, Format: spec}).Validate(); err != nil {
			t.Skip()
		}
		_, _ = readAll(t, "a.csv", text, spec)
	})
}

// FuzzJSON reads a document, and the same records a line each: both give the same rows.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"d":{"r":[{"a":1,"l":[{"b":2},{"b":3,"b":4},5]},{"l":[]},{"l":null},{"l":1},7]}}`, `{"d":{"r":[{"l":[[1],{"e":[{"f":[]}]}]}]}}`,
		`{"d":{"r":null}}`, `{"d":[{"r":[]}]}`, `{"d":{"r":[{"l":[`, `{"d":{"r":[{"\ud800":1,"e":["\ufffd","\udfff"]}]},"x":[1]}`,
	} {
		f.Add([]byte(seed), "l", "e")
	}
	f.Fuzz(func(t *testing.T, text []byte, each, elements string) {
		spec := extract.FormatSpec{Records: "d.r", Each: each, Elements: []string{elements, "l.e", "x"}}
		rows, err := readAll(t, "a.json", text, spec)
		document := format.NewDocument(bytes.NewReader(text), "d.r")
		var lines bytes.Buffer
		for {
			raw, nextErr := document.Next()
			if nextErr != nil {
				if (nextErr == io.EOF) != (err == nil) {
					t.Fatalf("the document says %v, its reader %v", nextErr, err)
				}
				break
			}
			if bytes.IndexByte(raw, '\n') >= 0 {
				t.Skip()
			}
			lines.Write(raw)
			lines.WriteByte('\n')
		}
		if err != nil {
			return
		}
		got, err := readAll(t, "a.ndjson", lines.Bytes(), spec)
		if err != nil || got != rows {
			t.Fatalf("%d rows in lines, %d in the document, %v", got, rows, err)
		}
	})
}

// FuzzArchive reads what may be a zip archive, or a workbook.
func FuzzArchive(f *testing.F) {
	f.Add([]byte(zipped(f, "a.csv", "id\n1\n", "d/", "", "b.json", "[]")), "*.csv")
	f.Add([]byte(zipped(f, "a.ndjson", "{}")), "")
	f.Add([]byte(bare(f, "", `<row><c t="str"><v>a</v></c></row><row><c><v>1</v></c></row>`)), "")
	f.Fuzz(func(t *testing.T, text []byte, member string) {
		if err := (extract.Spec{File: &extract.FileSpec{Path: "x"}, Format: extract.FormatSpec{Member: member}}).Validate(); err == nil {
			_, _ = readAll(t, "a.zip", text, extract.FormatSpec{Member: member})
		}
		_, _ = readAll(t, "a.xlsx", text, extract.FormatSpec{})
	})
}

// FuzzSheet reads a workbook whose sheet, shared texts and formats of numbers are arbitrary.
func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c t="inlineStr"><is><t>a</t></is></c></row><row><c s="1"><v>45352.5</v></c></row>`, `<si><t>x</t></si>`, "yyyy-mm-dd hh:mm")
	f.Add(`<row><c r="A1" t="s"><v>0</v></c></row><row><c r="AA7" s="1"><v>-1.5E+300</v></c></row>`, `<si><r><t>x_x000D_</t></r><rPh/></si>`, `[h]:mm;@`)
	f.Add(`<row><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>`, ``, `"a\"`)
	f.Fuzz(func(t *testing.T, sheet, texts, code string) {
		const office = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
		escaped := strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;").Replace(code)
		book := zipped(t,
			"_rels/.rels", `<Relationships><Relationship Id="r1" Type="`+office+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/workbook.xml", `<workbook xmlns:r="`+office+`"><sheets><sheet name="One" sheetId="1" r:id="s"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="s" Type="`+office+`/worksheet" Target="a.xml"/>`+
				`<Relationship Id="x" Type="`+office+`/sharedStrings" Target="texts.xml"/><Relationship Id="t" Type="`+office+`/styles" Target="styles.xml"/></Relationships>`,
			"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="`+escaped+`"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
			"xl/texts.xml", `<sst>`+texts+`</sst>`,
			"xl/a.xml", `<worksheet><sheetData>`+sheet+`</sheetData></worksheet>`)
		_, _ = readAll(t, "a.xlsx", []byte(book), extract.FormatSpec{})
	})
}

// FuzzParquet reads what may be Parquet.
func FuzzParquet(f *testing.F) {
	f.Add([]byte(parquetFile(f, 5, 2)))
	point := arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, arrow.Field{Name: "y", Type: arrow.BinaryTypes.String})
	f.Add([]byte(written(f, []arrow.Field{
		{Name: "l", Type: arrow.ListOf(point), Nullable: true}, {Name: "m", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.FixedWidthTypes.Float16)},
	}, `{"l":[{"x":1,"y":"z"}],"m":[{"key":"k","value":"1"}]}`, `{"l":null,"m":[]}`)))
	f.Add([]byte(written(f, []arrow.Field{
		{Name: "d", Type: &arrow.Decimal128Type{Precision: 38, Scale: 3}, Nullable: true}, {Name: "b", Type: arrow.FixedWidthTypes.Boolean},
		{Name: "t", Type: arrow.FixedWidthTypes.Time64us}, {Name: "s", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}},
	}, `{"d":"1.5","b":true,"t":"10:11:12","s":"x"}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = readAll(t, "a.parquet", text, extract.FormatSpec{})
	})
}
