package review

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/partnerplus/warehouse/internal/chromium"
)

// formula is a name that a spreadsheet would run.
const formula = `=cmd|' /C calc'!A0`

// awkward is a pack with what numbers and names can be at their worst.
func awkward() *Pack {
	money := Metric{ID: "unspent_dollars", Dimension: dimensionFinancial, Name: "Unspent dollars", Unit: "money", Form: "money", Polarity: "bad", Headline: true, Definition: "What is left"}
	users := Metric{ID: "total_users", Dimension: dimensionFinancial, Name: "Total users", Unit: "members", Form: "count", Polarity: "good", Headline: true}
	rate := Metric{ID: "activation_rate", Dimension: dimensionEngagement, Name: "Activation rate", Unit: "ratio", Form: "ratio", Polarity: "good"}
	mean := Metric{ID: "mean", Dimension: dimensionDistribution, Population: "awarded", Name: "Mean", Unit: "money", Form: "money"}
	left := Metric{ID: "mean", Dimension: dimensionDistribution, Population: "unspent", Name: "Mean", Unit: "money", Form: "money"}
	gini := Metric{ID: "gini", Dimension: dimensionDistribution, Population: "awarded", Name: "Gini coefficient", Unit: "ratio", Form: "ratio"}
	month := Month{2026, 9}
	return &Pack{
		Month: month,
		Data:  Data{Oldest: Month{2026, 8}, Newest: month, Complete: month, NewestEvent: "2026-09-30 23:59:59", ComputedAt: "2026-10-01 04:00:00", Zone: "UTC", Currency: "USD"},
		Review: &Record{
			State: "closed", Round: 2, OpenedOn: "2026-10-01 04:01", OpenedBy: "job month-end", FailedChecks: []string{"freshness"}, WaivedChecks: []string{"freshness"},
			Sources: []string{"late"}, Lacks: []string{"never delivered a row"}, ClosedOn: "2026-10-05 10:00", ClosedBy: "A. Owner",
			Steps: []Step{{Round: 2, Kind: "waive", DoneOn: "2026-10-02 09:00", By: "A. Owner", Note: "+1, it is late", Checks: []string{"freshness"}}},
		},
		Portfolio: Figures{
			{Metric: money, Value: "12345678901234.56", Previous: "12345678901234", MoM: "0.56", MoMPct: "0.000000000001", History: []Point{{Month{2026, 8}, "12345678901234"}, {month, "12345678901234.56"}}},
			{Metric: users, Value: "1234567", Previous: "1234568", MoM: "-1", MoMPct: "-0.000000810000", YearBefore: "0", YoY: "1234567", Trend: "stable"},
			{Metric: rate, Value: "0.299499852898", Previous: "0.5", MoM: "-0.200500147102", MoMPct: "-0.401000294204"},
			{Metric: mean, Value: "26652.629583333333"}, {Metric: left, Value: "0.1234"}, {Metric: gini, Value: "0.457074625976"},
		},
		Programs: []Program{{ID: "p", Name: formula, Anchor: "program-0", Figures: Figures{
			{Metric: money, Value: "0.1234", Previous: "-98765432109.8765", MoM: "98765432109.9999"}, {Metric: users}, {Metric: rate}, {Metric: mean}, {Metric: left}, {Metric: gini},
		}}},
		Metrics:    []Metric{money, users, rate, mean, left, gini},
		Assessment: Assessment{},
		Checks:     []Check{{Name: "freshness", Verdict: "fail", Figure: "1", Unit: "sources", Message: "late\nsecond \"line\", <b>", Checked: "2026-10-01 04:00"}},
		Plan: ActionPlan{Actions: []PlannedAction{{
			Kind: "plan", ID: "a1", Program: "p", Owner: "-2+3", Action: "'=already", Due: "2026-10-31", Status: "open",
			AtClose: &ActionAtClose{Owner: "B", Action: "Write", Due: "2026-10-15", Status: "open"},
		}}},
		Restated:  Restated{OfAll: 1, Figures: []Restatement{{Month: Month{2026, 7}, Metric: money, Closed: "1", Now: "3", Difference: "2", ClosedBy: "A"}}},
		Corrected: Corrected{Closing: 1, Closings: 2, Figures: []Restatement{{Month: month, Metric: money, Closed: "7", Now: "7.0012", Difference: "0.0012"}}},
	}
}

func TestNumbersThatAWorkbookKeeps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value Decimal
		want  float64
		kept  bool
	}{
		{"0", 0, true},
		{"-0.0001", -0.0001, true},
		{"0.1234", 0.1234, true},
		{"123456789012.34", 123456789012.34, true}, // 14 digits
		{"1234567890123.45", 1234567890123.45, true},
		{"1234567890123.4500", 1234567890123.45, true},
		{"12345678901234.56", 0, false}, // Excel would show .6
		{"-12345678901234.56", 0, false},
		{"12345678901.2345", 12345678901.2345, true},
		{"123456789012.3456", 0, false},
		{"999999999999999", 999999999999999, true},
		{"1000000000000000", 0, false},
		{"26652.629583333333", 26652.6295833333, true}, // a mean: what is rounded is behind the places of amounts
		{"24602.426992307692", 24602.4269923077, true},
		{"0.000000000001", 1e-12, true},
		{"00012.5", 12.5, true},
		{"98765432109876543210987654.3210", 0, false},
	}
	for _, test := range tests {
		if got, kept, err := test.value.double(); err != nil || kept != test.kept || kept && got != test.want {
			t.Errorf("%s is %v, %t (%v)", test.value, got, kept, err)
		}
	}
	for _, value := range []Decimal{"nan", "1e3", "0x10", "inf", "1,5"} {
		if got, _, err := value.double(); err == nil {
			t.Errorf("%q is %v", value, got)
		}
	}
}

// workbookRead is a workbook that was read back.
type workbookRead struct {
	*excelize.File
	rows map[string][][]string // as they are kept, by sheet
}

func readBack(t *testing.T, pack *Pack) workbookRead {
	t.Helper()
	var content bytes.Buffer
	if err := pack.WriteXLSX(&content); err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(&content)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	read := workbookRead{file, map[string][][]string{}}
	for _, name := range file.GetSheetList() {
		if read.rows[name], err = file.GetRows(name, excelize.Options{RawCellValue: true}); err != nil {
			t.Fatal(err)
		}
	}
	return read
}

// at finds the cell of a sheet below a title, in the first row that has all the texts.
func (w workbookRead) at(t *testing.T, sheet, title string, texts ...string) string {
	t.Helper()
	lines := w.rows[sheet]
	column := slices.Index(lines[0], title)
	for i, line := range lines {
		if i > 0 && column >= 0 && !slices.ContainsFunc(texts, func(text string) bool { return !slices.Contains(line, text) }) {
			cell, err := excelize.CoordinatesToCellName(column+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			return cell
		}
	}
	t.Fatalf("%s has no row with %q, or no column %s: %q", sheet, texts, title, lines)
	return ""
}

// TestWorkbook reads a workbook back: every figure is the pack's, a number where Excel keeps it and else a text, and no text is a formula.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	pack := awkward()
	file := readBack(t, pack)
	want := []string{
		"Summary", "KPIs", "Movements", "Trends", "Programmes compared", "Redemption shifts", "Liability growth", "Exceptions", "Findings", "Distribution", "Ageing",
		"Checks", "Rejected rows", "Without a rate", "Reported earlier", "Restatements", "Action plan", "Decisions", "Definitions",
	}
	if diff := cmp.Diff(want, file.GetSheetList()); diff != "" {
		t.Errorf("sheets:\n%s", diff)
	}
	for scope, figures := range map[string]Figures{"Portfolio": pack.Portfolio, formula: pack.Programs[0].Figures} {
		for _, f := range figures {
			for title, value := range map[string]Decimal{
				"Value": f.Value, "Month before": f.Previous, "Difference": f.MoM, "Difference, relative": f.MoMPct, "Year before": f.YearBefore,
				"Difference from the year before": f.YoY, "Difference from the year before, relative": f.YoYPct,
			} {
				cell := file.at(t, "KPIs", title, scope, f.Metric.ID, f.Metric.Population)
				holds(t, file, "KPIs", cell, value)
			}
		}
	}
	for _, test := range []struct{ sheet, title, row, shown string }{
		{"KPIs", "Value", "unspent_dollars", "12345678901234.56"}, // to the last cent
		{"KPIs", "Difference", "unspent_dollars", "+0.56"},
		{"KPIs", "Value", "total_users", "1,234,567"},
		{"KPIs", "Value", "activation_rate", "29.9%"},
		{"KPIs", "Difference", "activation_rate", "-20.1%"},
		{"KPIs", "Value", "mean", "26,652.63"},
		{"KPIs", "Value", "gini", "0.4571"},
		{"Trends", "2026-08", "unspent_dollars", "12,345,678,901,234.00"},
		{"Distribution", "Of dollars unspent", "mean", "0.12"},
		{"Movements", "That is", formula, "bad"},
		{"Restatements", "Difference", "2026-07", "+2.00"},
		{"Reported earlier", "Now", "unspent_dollars", "7.0012"}, // the format of amounts would hide it
		{"Checks", "Waived by", "freshness", "A. Owner"},
		{"Checks", "Found", "freshness", "late\nsecond \"line\", <b>"},
		{"Action plan", "Due", "a1", "2026-10-31"},
		{"Action plan", "Owner", "a1", "-2+3"},
		{"Action plan", "Programme", "a1", formula},
		{"Decisions", "Reason or note", "waive", "+1, it is late"},
		{"Definitions", "Definition", "unspent_dollars", "What is left"},
	} {
		cell := file.at(t, test.sheet, test.title, test.row)
		if got, err := file.GetCellValue(test.sheet, cell); err != nil || got != test.shown {
			t.Errorf("%s, %s of %s is shown as %q (%v), not %q", test.sheet, test.title, test.row, got, err, test.shown)
		}
		if formula, err := file.GetCellFormula(test.sheet, cell); err != nil || formula != "" {
			t.Errorf("%s!%s is the formula %q (%v)", test.sheet, cell, formula, err)
		}
	}
	for _, name := range want[1:] {
		panes, err := file.GetPanes(name)
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("the header of %s does not stay in sight: %+v, %v", name, panes, err)
		}
		tables, err := file.GetTables(name)
		lines := file.rows[name]
		if filters := len(tables); err != nil || filters != min(len(lines)-1, 1) {
			t.Errorf("%s has %d filters for %d rows: %v", name, filters, len(lines)-1, err)
		}
	}
	if about, err := file.GetDocProps(); err != nil || about.Title != "Monthly review, September 2026" || about.Creator != "Partner Plus" {
		t.Errorf("the file is about %+v, %v", about, err)
	}
	pack.Portfolio[0].Value = "nan"
	if err := pack.WriteXLSX(new(bytes.Buffer)); err == nil {
		t.Error("a workbook with nan is written")
	}
}

// holds compares a cell with a figure.
func holds(t *testing.T, file workbookRead, sheet, cell string, value Decimal) {
	t.Helper()
	got, err := file.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	kind, err := file.GetCellType(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	isText := kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString
	if value == "" || isText {
		if got != string(value) {
			t.Errorf("%s!%s holds %q, not %q", sheet, cell, got, value)
		}
		return
	}
	number, err := strconv.ParseFloat(got, 64)
	exact, wrong := strconv.ParseFloat(string(value), 64)
	if short := func(f float64) string { return strconv.FormatFloat(f, 'e', excelDigits-1, 64) }; err != nil || wrong != nil || short(number) != short(exact) {
		t.Errorf("%s!%s holds %q, not %s: %v", sheet, cell, got, value, err)
	}
}

// TestCSV reads the CSV files back: every number to its last digit.
func TestCSV(t *testing.T) {
	t.Parallel()
	pack := awkward()
	page := filepath.Join(t.TempDir(), "pack.html")
	written, err := pack.Write(t.Context(), page, CSV)
	if err != nil || len(written.Files) != 1 || written.Files[0] != filepath.Join(filepath.Dir(page), "pack-csv") {
		t.Fatalf("written: %+v, %v", written, err)
	}
	read := func(name string) []map[string]string {
		text, err := os.ReadFile(filepath.Join(written.Files[0], name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll() // strict: each line has as many cells
		if err != nil {
			t.Fatal(err)
		}
		var found []map[string]string
		for _, line := range lines[1:] {
			row := map[string]string{}
			for i, cell := range line {
				row[lines[0][i]] = cell
			}
			found = append(found, row)
		}
		return found
	}
	figures := map[string]Figures{"": pack.Portfolio, "p": pack.Programs[0].Figures}
	rows := read("figures")
	if len(rows) != len(figures[""])+len(figures["p"]) {
		t.Errorf("%d figures", len(rows))
	}
	for _, row := range rows {
		f, ok := figures[row["program_id"]].Find(row["metric"], row["population"])
		got := []string{row["month"], row["value"], row["previous"], row["mom_abs"], row["mom_pct"], row["year_before"], row["yoy_abs"], row["yoy_pct"]}
		want := []string{"2026-09", string(f.Value), string(f.Previous), string(f.MoM), string(f.MoMPct), string(f.YearBefore), string(f.YoY), string(f.YoYPct)}
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s of %s:\n%s", row["metric"], row["scope"], diff)
		}
	}
	for _, test := range []struct{ file, column, want string }{
		{"trends", "month", "2026-08"},
		{"trends", "value", "12345678901234"},
		{"plan", "owner", "'-2+3"},
		{"plan", "action", "''=already"},
		{"plan", "program", "'" + formula},
		{"plan", "due", "2026-10-31"},
		{"decisions", "note", "'+1, it is late"},
		{"checks", "message", "late\nsecond \"line\", <b>"},
		{"checks", "waived_by", "A. Owner"},
		{"restatements", "month", "2026-07"},
		{"restatements", "difference", "2"},
		{"reported_earlier", "closing", "1"},
		{"reported_earlier", "now", "7.0012"},
		{"review", "incomplete_sources", "late never delivered a row"},
		{"metrics", "definition", "What is left"},
	} {
		if got := read(test.file)[0][test.column]; got != test.want {
			t.Errorf("%s.csv, %s: %q, not %q", test.file, test.column, got, test.want)
		}
	}
}

// fakeBrowser writes the text where a PDF is to be.
func fakeBrowser(t *testing.T, text string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "browser")
	script := "#!/bin/sh\nfor a; do case $a in --print-to-pdf=*) printf '" + text + "' > \"${a#--print-to-pdf=}\";; esac; done\n"
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	t.Setenv(chromium.EnvProgram, program)
}

// TestWrite: the forms of a pack take the places of an earlier one whole, or not at all. Not parallel: it changes the environment.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	page := filepath.Join(dir, FileName(Month{2026, 9}))
	names := func() (names []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	all := []string{"review-2026-09-csv", "review-2026-09.html", "review-2026-09.pdf", "review-2026-09.xlsx"}
	content := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	pack := awkward()
	for _, by := range []string{"first", "second"} {
		fakeBrowser(t, "%%PDF-1.4 "+by+" %%%%EOF")
		pack.Review.ClosedBy = by
		written, err := pack.Write(t.Context(), page, Forms()...)
		if err != nil || written.NoPDF != nil || !slices.Equal(written.Files, Existing(page)) || len(written.Files) != 4 {
			t.Fatalf("written: %+v, %v", written, err)
		}
		if diff := cmp.Diff(all, names()); diff != "" {
			t.Errorf("in the folder:\n%s", diff)
		}
		if !strings.Contains(content("review-2026-09.html"), by) || !strings.Contains(content("review-2026-09-csv/review.csv"), by) || !strings.Contains(content("review-2026-09.pdf"), by) {
			t.Errorf("the %s pack is not there", by)
		}
	}
	before := content("review-2026-09.html")

	fakeBrowser(t, "no such thing")
	pack.Review.ClosedBy = "third"
	written, err := pack.Write(t.Context(), page, HTML, PDF)
	if err != nil || written.NoPDF == nil || !slices.Equal(written.Files, []string{page}) || content("review-2026-09.html") == before {
		t.Errorf("without a PDF: %+v, %v", written, err)
	}
	if written, err := pack.Write(t.Context(), filepath.Join(dir, "only.html"), PDF); err != nil || len(written.Files) > 0 {
		t.Errorf("a PDF alone, which fails: %+v, %v", written, err)
	}
	t.Setenv(chromium.EnvProgram, "none")
	if written, err := pack.Write(t.Context(), page, XLSX, PDF); err != nil || !errors.Is(written.NoPDF, chromium.ErrNone) || len(written.Files) != 1 {
		t.Errorf("without a browser: %+v, %v", written, err)
	}
	before = content("review-2026-09.html")
	pack.Programs[0].Figures[0].YearBefore = "no number" // the page does not show it
	pack.Portfolio[0].Value = "no number"
	if written, err := pack.Write(t.Context(), page, Forms()...); err == nil || len(written.Files) > 0 {
		t.Error("a pack that cannot be written is written")
	}
	if content("review-2026-09.html") != before || !strings.Contains(content("review-2026-09.pdf"), "second") {
		t.Error("the files before are gone")
	}
	if diff := cmp.Diff(all, names()); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
}

// TestPDF prints the page with a real browser.
func TestPDF(t *testing.T) {
	t.Parallel()
	if _, err := chromium.Find(); err != nil {
		t.Skip(err)
	}
	page := filepath.Join(t.TempDir(), "pack.html")
	written, err := awkward().Write(t.Context(), page, PDF)
	if err != nil || written.NoPDF != nil || !slices.Equal(written.Files, []string{Beside(page, PDF)}) {
		t.Fatalf("written: %+v, %v", written, err)
	}
	pdf, err := os.ReadFile(written.Files[0])
	if err != nil {
		t.Fatal(err)
	}
	sizes := regexp.MustCompile(`/MediaBox \[([^]]*)\]`).FindAllSubmatch(pdf, -1)
	if len(sizes) < 2 {
		t.Errorf("%d pages", len(sizes))
	}
	for _, size := range sizes {
		if got := string(size[1]); !strings.HasPrefix(got, "0 0 594.9") || !strings.Contains(got, " 841.9") {
			t.Errorf("a page measures %s", got)
		}
	}
	if !bytes.Contains(pdf, []byte("(Monthly review, September 2026)")) {
		t.Error("the PDF has no title")
	}
}
