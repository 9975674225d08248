package format_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/partnerplus/warehouse/extract"
)

func TestDialects(t *testing.T) {
	t.Parallel()
	no := false
	for name, test := range map[string]struct {
		text            string
		spec            extract.FormatSpec
		rows, malformed []string
	}{
		"single quotes": {
			"a,b\n'x, ''y''',\"z\n'open,1\n", extract.FormatSpec{Quote: "'"},
			[]string{`1: a=x, 'y' b="z`}, []string{"2: a quote is not closed: 'open,1"},
		},
		"no quotes": {"a\tb\n\"x\t6\"\n", extract.FormatSpec{Quote: "none", Delimiter: `\t`}, []string{`1: a="x b=6"`}, nil},
		"escapes": {
			`a,b` + "\n" + `"x \"y\" \\",C:\new` + "\n" + `"\n ""z""","\\\\"` + "\n" + `"open\",1` + "\n" + `1,2`, extract.FormatSpec{Escape: `\`},
			[]string{`1: a=x "y" \ b=C:\new`, `2: a=\n "z" b=\\`, `4: a=1 b=2`}, []string{`3: a quote is not closed: "open\",1`},
		},
		"lazy quotes": {
			"a,b\n3\" pipe,\"6\" pipe\"\n\"x\"\"y\",\"two\nlines\"\n\"open,1\n3,4\n", extract.FormatSpec{LazyQuotes: true},
			[]string{`1: a=3" pipe b=6" pipe`, "2: a=x\"y b=two\nlines", "4: a=3 b=4"}, []string{`3: a quote is not closed: "open,1`},
		},
		"several characters between fields": {
			"a||b\n1|2||\"x||y\"||\n\"x\"|,||2\nz||4\r\n", extract.FormatSpec{Delimiter: "||", Ragged: true},
			[]string{"1: a=1|2 b=x||y", "3: a=z b=4"}, []string{`2: field 1 goes on after its closing quote: "x"|,||2`},
		},
		"carriage returns": {"a,b\r1,\"x\ry\"\r\r2,z", extract.FormatSpec{LineEnd: "cr"}, []string{"1: a=1 b=x\ry", "2: a=2 b=z"}, nil},
		"white space": {
			"a b\n 0001  19970101 \n\t\n2\t\t3\n4\n", extract.FormatSpec{Delimiter: extract.Spaces},
			[]string{"1: a=0001 b=19970101", "2: a=2 b=3"}, []string{"3: 1 fields, the header has 2: 4"},
		},
		"ragged": {
			"a,b,c\n1\n1,2,3,,\n1,2,3,,4\n", extract.FormatSpec{Ragged: true},
			[]string{"1: a=1 b c", "2: a=1 b=2 c=3"}, []string{"3: 5 fields, the header has 3: 1,2,3,,4"},
		},
		"lines before the header": {"Report \"x\n\na\n1\n", extract.FormatSpec{SkipRows: 2}, []string{"1: a=1"}, nil},
		"names for what has none": {"a,b,b,\n1,2,3,4\n", extract.FormatSpec{Columns: []string{"a", "b", "b2", "c"}}, []string{"1: a=1 b=2 b2=3 c=4"}, nil},
		"NUL bytes":               {"a\n1\x00\n", extract.FormatSpec{}, []string{"1: a=1\x00"}, nil},
		"totals": {
			"day,n\n1,5\nTotal,5\n2,7\nx\nTotal,4\n", extract.FormatSpec{Totals: &extract.TotalsSpec{Column: "day", Equals: "Total", Rows: "n"}},
			[]string{"1: day=1 n=5", "3: day=2 n=7"}, []string{"2: it looks like the totals, but rows follow: Total,5", "4: 1 fields, the header has 2: x"},
		},
		"totals of a csv without header": {"1,5\n,5,,\n", extract.FormatSpec{Header: &no, Columns: []string{"a", "b"}, Totals: &extract.TotalsSpec{Column: "a"}}, []string{"1: a=1 b=5"}, nil},
		"windows-1252": {
			"n\xe9,\x80\n\x93a\x94,\x81\nb,1\n", extract.FormatSpec{Encoding: "Windows-1252"},
			[]string{"2: né=b €=1"}, []string{"1: the row has bytes that Windows-1252 does not define: “a”,\uFFFD"},
		},
		"latin1":    {"a\nna\xefve\n\x80\n", extract.FormatSpec{Encoding: "iso-8859-1"}, []string{"1: a=naïve"}, []string{"2: the row has bytes that iso-8859-1 does not define: \uFFFD"}},
		"latin9":    {"a\n\xa4\n", extract.FormatSpec{Encoding: "iso-8859-15"}, []string{"1: a=€"}, nil},
		"macintosh": {"a\n\x8e\n", extract.FormatSpec{Encoding: "macintosh"}, []string{"1: a=é"}, nil},
		"cp437":     {"a\n\x82\n", extract.FormatSpec{Encoding: "ibm437"}, []string{"1: a=é"}, nil},
		"utf-16 with a mark": {
			utf16(t, "a,b\r\n1,\"é\u2028\U0001F600\uFFFD\n\"\r\n", unicode.LittleEndian, unicode.UseBOM), extract.FormatSpec{Encoding: "utf-16"},
			[]string{"1: a=1 b=é\u2028\U0001F600\uFFFD\n"}, nil,
		},
		"utf-16be without one": {utf16(t, "a\n1\n", unicode.BigEndian, unicode.IgnoreBOM), extract.FormatSpec{Encoding: "utf-16be"}, []string{"1: a=1"}, nil},
		"utf-16 that is broken": {
			utf16(t, "a\n", unicode.LittleEndian, unicode.UseBOM) + "\x00\xd8\n\x000\x00\n\x001", extract.FormatSpec{Encoding: "utf-16le"},
			[]string{"2: a=0"}, []string{"1: the row has bytes that utf-16le does not define: \uFFFD", "3: the row has bytes that utf-16le does not define: \uFFFD"},
		},
		"shift_jis": {must(japanese.ShiftJIS.NewEncoder().String("名前\nソ,十\n")) + "\x85\xff\n\x83", extract.FormatSpec{Encoding: "shift_jis", Delimiter: ";"}, []string{"1: 名前=ソ,十"}, []string{
			"2: the row has bytes that shift_jis does not define: \uFFFD", "3: the row has bytes that shift_jis does not define: \uFFFD",
		}},
		"gbk": {must(simplifiedchinese.GBK.NewEncoder().String("名\n积分€\n")), extract.FormatSpec{Encoding: "gbk"}, []string{"1: 名=积分€"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decode(t, "a.csv", test.text, test.spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(decoded{Rows: test.rows, Malformed: test.malformed, Batches: 1}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func must(text string, err error) string {
	if err != nil {
		panic(err)
	}
	return text
}

func utf16(t *testing.T, text string, order unicode.Endianness, mark unicode.BOMPolicy) string {
	t.Helper()
	return must(unicode.UTF16(order, mark).NewEncoder().String(text))
}

func TestCharsetsOfJSON(t *testing.T) {
	t.Parallel()
	for unit, text := range map[string]string{"a.ndjson": "{\"a\":\"\xe9\"}\n{\"a\":\"\x81\"}\n", "a.json": "[{\"a\":\"\xe9\"},\n{\"a\":\"\x81\"}]"} {
		got, err := decode(t, unit, text, extract.FormatSpec{Encoding: "windows-1252"})
		want := decoded{Rows: []string{"1: a=é"}, Malformed: []string{"2: not valid UTF-8: {\"a\":\"\uFFFD\"}"}, Batches: 1}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(unit, err, diff)
		}
	}
}

func TestExceptionsOfUnits(t *testing.T) {
	t.Parallel()
	spec := extract.FormatSpec{Delimiter: ";", Units: []extract.UnitFormat{
		{Glob: "**/*F20*.csv", FormatSpec: extract.FormatSpec{Encoding: "windows-1252"}},
		{Glob: "**/*.csv", FormatSpec: extract.FormatSpec{Delimiter: ","}},
	}}
	for unit, test := range map[string]struct{ text, want string }{
		"d/aF20.csv": {"a;b\n\xe9;1\n", "1: a=é b=1"},
		"F21.csv":    {"a,b\né,1\n", "1: a=é b=1"},
		"x.tsv":      {"a;b\né;1\n", "1: a=é b=1"},
	} {
		got, err := decode(t, unit, test.text, spec)
		if err != nil || len(got.Rows) != 1 || got.Rows[0] != test.want {
			t.Errorf("%s: %v, %v", unit, got, err)
		}
	}
}

// zipped makes an archive of names and texts.
func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = f.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestZip(t *testing.T) {
	t.Parallel()
	single := zipped(t, "__MACOSX/._a.csv", "x", "d/", "", "d/.DS_Store", "x", "d/a.csv", "id\n1\n")
	several := zipped(t, "b.csv", "id\n3\nx,y\n", "a.csv", "id\n1\n2\n", "c.json", "[]", "readme", "")
	big := zipped(t, "a.ndjson", strings.Repeat(`{"a":1}`+"\n", 300_000))
	for name, test := range map[string]struct {
		unit, text string
		spec       extract.FormatSpec
		rows       []string
		malformed  []string
	}{
		"a single file":       {"x.zip", single, extract.FormatSpec{}, []string{"1: id=1"}, nil},
		"named by its type":   {"x.csv.zip", zipped(t, "data", "id\n1\n"), extract.FormatSpec{}, []string{"1: id=1"}, nil},
		"by config":           {"x.bin", single, extract.FormatSpec{Compression: "zip", Type: "csv"}, []string{"1: id=1"}, nil},
		"several files":       {"x.zip", several, extract.FormatSpec{Member: "*.csv"}, []string{"1: id=1", "2: id=2", "3: id=3"}, []string{"4: 2 fields, the header has 1: x,y"}},
		"one of several":      {"x.zip", several, extract.FormatSpec{Member: "b.*"}, []string{"1: id=3"}, []string{"2: 2 fields, the header has 1: x,y"}},
		"json without a rows": {"x.zip", several, extract.FormatSpec{Member: "c.json"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decode(t, test.unit, test.text, test.spec)
			got.Batches = 0
			if diff := cmp.Diff(decoded{Rows: test.rows, Malformed: test.malformed}, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
	if got, err := decode(t, "x.zip", big, extract.FormatSpec{}); err != nil || len(got.Rows) != 300_000 {
		t.Errorf("%d rows, %v", len(got.Rows), err)
	}
	locked := []byte(single)
	for i := bytes.Index(locked, []byte("PK\x01\x02")); i >= 0 && i < len(locked); i++ {
		if bytes.HasPrefix(locked[i:], []byte("PK\x01\x02")) {
			locked[i+8] |= 1
		}
	}
	damaged := []byte(single)
	damaged[bytes.Index(damaged, []byte("d/a.csv"))+len("d/a.csv")] ^= 0xFF
	for name, test := range map[string]struct {
		text, want string
		spec       extract.FormatSpec
	}{
		"several files":  {several, "set format.member; it has b.csv, a.csv, c.json, readme", extract.FormatSpec{}},
		"no such file":   {several, `no file of the zip archive matches format.member "x"; it has b.csv`, extract.FormatSpec{Member: "x"}},
		"no file":        {zipped(t, "d/", ""), "has no file in it", extract.FormatSpec{}},
		"other columns":  {zipped(t, "a.csv", "id\n1\n", "b.csv", "ident\n1\n"), "b.csv in the zip archive has other columns", extract.FormatSpec{Member: "*"}},
		"an unknown one": {zipped(t, "a.dat", "id\n1\n"), `the name "a.dat" does not tell the format`, extract.FormatSpec{}},
		"a workbook":     {zipped(t, "a.xlsx", "id\n1\n"), "have it delivered as it is", extract.FormatSpec{}},
		"a password":     {string(locked), "encrypted: have it delivered without a password", extract.FormatSpec{}},
		"damage":         {string(damaged), "d/a.csv in the zip archive", extract.FormatSpec{}},
		"cut short":      {single[:len(single)-60], "cut short", extract.FormatSpec{}},
		"csv":            {"id\n1\n", "something else, perhaps text", extract.FormatSpec{}},
		"empty":          {"", "cut short", extract.FormatSpec{}},
	} {
		if _, err := decode(t, "x.zip", test.text, test.spec); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

func TestMismatches(t *testing.T) {
	t.Parallel()
	many := extract.TotalsSpec{Column: "a", Equals: "Total", Rows: "b"}
	for name, test := range map[string]struct {
		unit, text, want string
		spec             extract.FormatSpec
	}{
		"gzip as csv":         {"a.csv", pack(t, ".gz", "a\n"), "set format.compression to gzip", extract.FormatSpec{}},
		"gzip in gzip":        {"a.csv.gz", pack(t, ".gz", pack(t, ".gz", "a\n")), "looks like gzip", extract.FormatSpec{}},
		"zstd as ndjson":      {"a.ndjson", pack(t, ".zst", "{}"), "set format.compression to zstd", extract.FormatSpec{}},
		"xlsx as csv":         {"a.csv", zipped(t, "a", "b"), "a zip archive or an Excel workbook", extract.FormatSpec{}},
		"xls as csv":          {"a.csv", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "save it as .xlsx", extract.FormatSpec{}},
		"a web page as csv":   {"a.csv", "\n <!DOCTYPE HTML><html>", "a web page", extract.FormatSpec{}},
		"csv as parquet":      {"a.parquet", "a,b\n1,2\n", "something else, perhaps text", extract.FormatSpec{}},
		"encrypted parquet":   {"a.parquet", "PARE....PARE", "encrypted Parquet (have it delivered unencrypted)", extract.FormatSpec{}},
		"utf-16 unmarked":     {"a.csv", "a\x00\n\x00", "has NUL bytes in it: is it UTF-16", extract.FormatSpec{}},
		"utf-16 needs mark":   {"a.csv", "a\x00\n\x00", "no byte order mark", extract.FormatSpec{Encoding: "utf-16"}},
		"the other utf-16":    {"a.csv", "\xfe\xff\x00a", "the other UTF-16", extract.FormatSpec{Encoding: "utf-16le"}},
		"windows-1252":        {"a.csv", "n\xe9\n", "not valid UTF-8; set format.encoding", extract.FormatSpec{}},
		"carriage returns":    {"a.csv", "a,b\r1,2\r", "set format.line_end to cr", extract.FormatSpec{}},
		"endless columns":     {"a.csv", strings.Repeat(",", 5000) + "\n", "the header has 5001 columns", extract.FormatSpec{}},
		"moved columns":       {"a.csv", "b,a\n1,2\n", `the header's column 1 is "b", in format.columns it is "a"`, extract.FormatSpec{Columns: []string{"a", "b"}}},
		"more columns":        {"a.csv", "a,b\n1,2\n", "the header has 2 columns, format.columns has 1", extract.FormatSpec{Columns: []string{"a"}}},
		"fewer lines":         {"a.csv", "a\n", "fewer lines than the 2 of skip_rows", extract.FormatSpec{SkipRows: 2}},
		"no totals":           {"a.csv", "a,b\n1,2\n", "the last row has no totals", extract.FormatSpec{Totals: &many}},
		"other totals":        {"a.csv", "a,b\n1,2\nTotal,3\n", `the totals speak of "3" rows, there are 1`, extract.FormatSpec{Totals: &many}},
		"totals of no column": {"a.csv", "x,b\n1,2\n", "format.totals names a column that is none of x, b", extract.FormatSpec{Totals: &many}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := decode(t, test.unit, test.text, test.spec); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestSeveralFramesOfZstd(t *testing.T) {
	t.Parallel()
	two := pack(t, ".zst", "a\n1\n") + pack(t, ".zst", "2\n")
	got, err := decode(t, "a.csv.zst", two, extract.FormatSpec{})
	if err != nil || len(got.Rows) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err = decode(t, "a.csv.zst", two+"tail and more", extract.FormatSpec{}); err == nil {
		t.Error("text after zstd gave no error")
	}
}
