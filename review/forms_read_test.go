package review_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

// compareForms compares every figure of the CSV files and of the workbook beside a page with kpi.metric_monthly.
func compareForms(t *testing.T, w *load.Warehouse, page, month string) {
	t.Helper()
	want := map[[4]string][]string{}
	for _, line := range answer(t, w, `
		SELECT scope, program_id, metric, population, value, previous, mom_abs, mom_pct, yoy_abs, yoy_pct
		FROM kpi.metric_monthly
		WHERE month = '`+month+`' AND scope IN ('portfolio', 'program')`) {
		for i, cell := range line {
			if cell == `\N` {
				line[i] = ""
			}
		}
		want[[4]string(line)] = line[4:]
	}
	if len(want) < 100 {
		t.Fatalf("%d figures to compare", len(want))
	}
	file, err := os.Open(filepath.Join(review.Beside(page, review.CSV), "figures.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	compareRows(t, "figures.csv", lines, want, []string{"scope", "program_id", "metric", "population", "value", "previous", "mom_abs", "mom_pct", "yoy_abs", "yoy_pct"},
		func(got, want string) bool { return got == want })

	book, err := excelize.OpenFile(review.Beside(page, review.XLSX))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	if lines, err = book.GetRows("KPIs", excelize.Options{RawCellValue: true}); err != nil {
		t.Fatal(err)
	}
	compareRows(t, "the workbook", lines, want,
		[]string{"Scope", "Programme id", "Metric id", "Population", "Value", "Month before", "Difference", "Difference, relative", "Difference from the year before", "Difference from the year before, relative"},
		func(got, want string) bool {
			a, errA := strconv.ParseFloat(got, 64)
			b, errB := strconv.ParseFloat(want, 64)
			return got == want || errA == nil && errB == nil && strconv.FormatFloat(a, 'e', 14, 64) == strconv.FormatFloat(b, 'e', 14, 64)
		})
}

// compareRows compares rows below a header: four columns say what a figure is of, the others are what is compared.
func compareRows(t *testing.T, where string, lines [][]string, want map[[4]string][]string, names []string, same func(got, want string) bool) {
	t.Helper()
	var places []int
	for _, name := range names {
		places = append(places, slices.Index(lines[0], name))
	}
	if slices.Contains(places, -1) {
		t.Fatalf("%s has the columns %q, not all of %q", where, lines[0], names)
	}
	seen := 0
	for _, line := range lines[1:] {
		cells := make([]string, len(places))
		for i, place := range places {
			if place < len(line) { // empty cells at the end are left out
				cells[i] = line[place]
			}
		}
		figures, ok := want[[4]string(cells)]
		if !ok {
			if strings.Join(cells[4:], "") != "" {
				t.Errorf("%s has %q, which kpi.metric_monthly has not", where, cells)
			}
			continue
		}
		seen++
		for i, figure := range figures {
			if !same(cells[4+i], figure) {
				t.Errorf("%s, %s of %q: %s, in kpi.metric_monthly %q", where, names[4+i], cells[:4], cells[4+i], figure)
			}
		}
	}
	if seen != len(want) {
		t.Errorf("%s has %d of %d figures", where, seen, len(want))
	}
}
