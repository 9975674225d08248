package format_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/partnerplus/warehouse/extract"
)

// saved makes a workbook by excelize.
func saved(t testing.TB, fill func(f *excelize.File) error) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // nothing is kept
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bare makes a workbook of a sheet's XML, with the attributes of the workbook's properties.
func bare(t testing.TB, properties, sheet string, more ...string) string {
	t.Helper()
	const office = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	return zipped(t, append([]string{
		"_rels/.rels", `<Relationships><Relationship Id="r1" Type="` + office + `/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", `<workbook xmlns:r="` + office + `"><workbookPr ` + properties + `/><sheets><sheet name="One" sheetId="1" r:id="s"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="s" Type="` + office + `/worksheet" Target="worksheets/a.xml"/>` +
			`<Relationship Id="t" Type="` + office + `/styles" Target="styles.xml"/></Relationships>`,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-409]d\-mmm\-yy;@"/><numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="&quot;day&quot; 0.00_m"/></numFmts>` +
			`<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`,
		"xl/worksheets/a.xml", `<worksheet><sheetData>` + sheet + `</sheetData></worksheet>`,
	}, more...)...)
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	date := func(f *excelize.File, cell, code string) error {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
		if err != nil {
			return err
		}
		return f.SetCellStyle("Sheet1", cell, cell, style)
	}
	people := saved(t, func(f *excelize.File) error {
		rows := [][]any{
			{"Report of March"}, {},
			{"id", "name", "amount", "at", "", "ok"},
			{17850, "Ann & <Bob>\n_x000D_", 19.99, time.Date(2024, 3, 1, 17, 30, 0, 0, time.UTC), nil, true},
			{12345678901234567, "", 0.1 + 0.2, 45352, "x", false},
			{}, {1.2345e12, " lead", -1234567.891, 60.5},
			{"Total", nil, 3},
		}
		for i, row := range rows {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
				return err
			}
		}
		if err := f.MergeCell("Sheet1", "A1", "F1"); err != nil {
			return err
		}
		if err := f.SetRowVisible("Sheet1", 5, false); err != nil {
			return err
		}
		if err := f.SetCellRichText("Sheet1", "B7", []excelize.RichTextRun{{Text: "two "}, {Text: "parts"}}); err != nil {
			return err
		}
		if _, err := f.NewSheet("Hidden"); err != nil {
			return err
		}
		if err := f.SetSheetVisible("Hidden", false); err != nil {
			return err
		}
		return date(f, "D5", "yyyy-mm-dd")
	})
	got, err := decode(t, "a.xlsx", people, extract.FormatSpec{SkipRows: 2, Totals: &extract.TotalsSpec{Column: "id", Equals: "Total", Rows: "amount"}})
	want := decoded{Rows: []string{
		"4: id=17850 name=Ann & <Bob>\n\r amount=19.99 at=2024-03-01T17:30:00 column_5 ok=true",
		"5: id=12345678901234567 name= amount=0.3 at=2024-03-01 column_5=x ok=false",
		"7: id=1234500000000 name=two parts amount=-1234567.891 at=60.5 column_5 ok",
	}, Batches: 1}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for name, test := range map[string]struct {
		sheet, properties string
		spec              extract.FormatSpec
		rows, malformed   []string
	}{
		"kinds": {
			sheet: `<row><c t="inlineStr"><is><r><t>a</t></r><rPh><t>no</t></rPh><r><t xml:space="preserve"> b</t></r></is></c><c t="str"><f>"c"</f><v>c_x0041_</v></c></row>` +
				`<row r="3"><c r="A3"><v>19.989999999999998</v></c><c r="B3" t="d"><v>2024-03-01</v></c></row>` +
				`<row><c><v>1</v></c><c t="e"><v>#N/A</v></c></row>` +
				`<row><c r="B5"><f>A1</f></c></row><row><c t="s"><v>7</v></c></row><row><c t="b"><v>2</v></c></row><row><c><v>x</v></c></row>` +
				`<row><c><v>1</v></c><c/><c><v>3</v></c></row><row><c s="5"><v>1.50</v></c><c/><c><v></v></c></row>`,
			rows: []string{"3: a b=19.99 cA=2024-03-01", "10: a b=1.5 cA"},
			malformed: []string{
				"4: the cell  holds the error #N/A: 1\t#N/A", "5: the cell B5 has a formula without its result; open and save the file in Excel: ",
				"6: the cell  refers to the shared text 7, which there is not: 7", "7: the cell  is neither true nor false", `8: the cell  holds "x", which is no number: x`, "9: 3 fields, the header has 2: 1\t\t3",
			},
		},
		"dates": {
			sheet: `<row><c s="1"><v>45352</v></c><c s="1"><v>45352.25</v></c><c s="2"><v>45352.999999999</v></c><c s="3"><v>0.7291666666666666</v></c><c s="4"><v>1.1458333333333333</v></c><c s="1"><v>59</v></c><c s="1"><v>61</v></c><c s="2"><v>45352.7291666667</v></c></row>` +
				`<row><c s="1"><v>60</v></c></row><row><c s="1"><v>-1</v></c></row><row><c s="1"><v>2958466</v></c></row><row><c s="1"><v>0</v></c></row><row><c s="3"><v>45352.5</v></c></row>`,
			rows: []string{
				"1: a=2024-03-01 b=2024-03-01T06:00:00 c=2024-03-02T00:00:00 d=17:30:00 e=27:30:00 f=1900-02-28 g=1900-03-01 h=2024-03-01T17:30:00",
				"6: a=2024-03-01T12:00:00 b c d e f g h",
			},
			malformed: []string{"2: the cell  holds 29 February 1900, which there never was: 60", "3: the cell  is no date: -1 days", "4: the cell  is no date: 2.958466e+06 days", "5: the cell  is no date: 0 days"},
		},
		"dates since 1904": {
			sheet: `<row><c s="1"><v>0</v></c><c s="1"><v>43890</v></c></row>`, properties: `date1904="1"`,
			rows: []string{"1: a=1904-01-01 b=2024-03-01 c d e f g h"},
		},
	} {
		if strings.HasPrefix(name, "dates") {
			no := false
			test.spec = extract.FormatSpec{Header: &no, Columns: strings.Split("abcdefgh", "")}
		}
		got, err := decode(t, "a.xlsx", bare(t, test.properties, test.sheet), test.spec)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(test.rows, got.Rows); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !slices.EqualFunc(test.malformed, got.Malformed, func(want, got string) bool { return strings.HasPrefix(got, want) }) {
			t.Errorf("%s: %q", name, got.Malformed)
		}
	}
}

func TestXLSXSheets(t *testing.T) {
	t.Parallel()
	two := saved(t, func(f *excelize.File) error {
		_, err := f.NewSheet("Übersicht")
		if err == nil {
			err = f.SetSheetRow("Übersicht", "A1", &[]any{"a"})
		}
		if err == nil {
			err = f.SetSheetRow("Übersicht", "A2", &[]any{"1"})
		}
		return err
	})
	for _, sheet := range []string{"Übersicht", "2"} {
		got, err := decode(t, "a.xlsm", two, extract.FormatSpec{Sheet: sheet})
		if err != nil || len(got.Rows) != 1 || got.Rows[0] != "2: a=1" {
			t.Errorf("%s: %v, %v", sheet, got, err)
		}
	}
	for name, test := range map[string]struct{ text, sheet, want string }{
		"several sheets":  {two, "", `set format.sheet to one of "Sheet1", "Übersicht"`},
		"no such sheet":   {two, "3", `no sheet "3" (format.sheet); it has "Sheet1", "Übersicht"`},
		"an empty sheet":  {two, "1", "lacks even its header"},
		"no workbook":     {zipped(t, "a.csv", "x"), "", "no Excel workbook"},
		"xls":             {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "", "old Excel file (.xls), or a workbook with a password"},
		"a web page":      {"<html>", "", "a web page"},
		"csv":             {"a,b\n", "", "something else, perhaps text"},
		"cut short":       {two[:len(two)/2], "", "cut short"},
		"cut XML":         {bare(t, "", `<row r="2"/></sheetData></worksheet><!-- `), "", "empty"},
		"rows disordered": {bare(t, "", `<row r="2"/><row r="2"/>`), "", `the row "2" comes after row 2`},
		"cells likewise":  {bare(t, "", `<row><c r="B1"/><c r="A1"/></row>`), "", `the cell "A1" of row 1 is out of order`},
		"an error above":  {bare(t, "", `<row><c t="e"><v>#REF!</v></c></row>`), "", "header cannot be read: the cell  holds the error #REF!"},
	} {
		if _, err := decode(t, "a.xlsx", test.text, extract.FormatSpec{Sheet: test.sheet}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	if _, err := decode(t, "a.xlsx", bare(t, "", `<row><c t="str"><v>a</v></c></row><row><c t="str"><v>x`), extract.FormatSpec{}); err == nil || !strings.Contains(err.Error(), "read xl/worksheets/a.xml") {
		t.Errorf("XML that is not closed: %v", err)
	}
}

// TestXLSXLikeExcelize holds a sheet against the texts that excelize finds, with more shared text than memory keeps.
func TestXLSXLikeExcelize(t *testing.T) {
	t.Parallel()
	n := 4000
	long := strings.Repeat("x", 10_000)
	book := saved(t, func(f *excelize.File) error {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			return err
		}
		for i := range n {
			cell, _ := excelize.CoordinatesToCellName(1, i+1)
			if err := w.SetRow(cell, []any{fmt.Sprint("k", i), i, float64(i) / 100, long[:i]}); err != nil {
				return err
			}
		}
		return w.Flush()
	})
	no := false
	got, err := decode(t, "a.xlsx", book, extract.FormatSpec{Header: &no, Columns: []string{"a", "b", "c", "d"}})
	if err != nil || len(got.Rows) != n {
		t.Fatalf("%d rows, %v", len(got.Rows), err)
	}
	f, err := excelize.OpenReader(strings.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // nothing is kept
	rows, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		want := fmt.Sprintf("%d: a=%s b=%s c=%s", i+1, row[0], row[1], row[2])
		if i > 0 {
			want += " d=" + row[3]
		} else {
			want += " d"
		}
		if got.Rows[i] != want {
			t.Fatalf("row %d: %.80q, want %.80q", i+1, got.Rows[i], want)
		}
	}
}

// TestXLSXWithMuchSharedText reads texts from the temporary file.
func TestXLSXWithMuchSharedText(t *testing.T) {
	t.Parallel()
	const office = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	var texts, rows strings.Builder
	long := strings.Repeat("long ", 100_000)
	n := 200
	for i := range n {
		fmt.Fprintf(&texts, "<si><t>%d %s</t></si>", i, long)
		fmt.Fprintf(&rows, `<row><c t="s"><v>%d</v></c></row>`, n-1-i)
	}
	book := bare(t, "", rows.String(), "xl/sharedStrings.xml", "<sst>"+texts.String()+"</sst>")
	r, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, f := range r.File {
		c, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(c)
		if err != nil {
			t.Fatal(err)
		}
		link := `<Relationship Id="x" Type="` + office + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
		if f.Name == "xl/_rels/workbook.xml.rels" {
			text = bytes.Replace(text, []byte("</Relationships>"), []byte(link), 1)
		}
		files = append(files, f.Name, string(text))
	}
	no := false
	got, err := decode(t, "a.xlsx", zipped(t, files...), extract.FormatSpec{Header: &no, Columns: []string{"a"}})
	if err != nil || len(got.Rows) != n {
		t.Fatalf("%d rows, %v", len(got.Rows), err)
	}
	for i, row := range got.Rows {
		if row != fmt.Sprintf("%d: a=%d %s", i+1, n-1-i, long) {
			t.Fatalf("row %d: %.40s", i+1, row)
		}
	}
}
