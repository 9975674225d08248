package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/xuri/excelize/v2"
)

func TestQueryFormats(t *testing.T) {
	t.Parallel()
	dir := small(t)
	command(t, dir, exitWarnings, "run")
	const statement = "SELECT award_id, amount, toUInt64(18446744073709551615) AS big, CAST(NULL, 'Nullable(String)') AS nothing, 'Zürich, \"東\"' AS place FROM warehouse.awards FINAL ORDER BY award_id;"
	ask := func(format string) string { return command(t, dir, exitDone, "query", "-o", format, statement).out }

	if table := ask("table"); !strings.Contains(table, "20.25") || strings.Contains(table, "\x1b[") || !strings.Contains(table, "Zürich") {
		t.Errorf("table:\n%s", table)
	}
	rows, err := csv.NewReader(strings.NewReader(ask("csv"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "award_id" || rows[1][1] != "10.5" || rows[1][4] != `Zürich, "東"` {
		t.Errorf("csv: %v %v", rows, err)
	}
	decoder := json.NewDecoder(strings.NewReader(ask("json")))
	for n := 0; decoder.More(); n++ {
		var row struct {
			ID      string `json:"award_id"`
			Amount  string `json:"amount"`
			Nothing *string
			Place   string
		}
		if err := decoder.Decode(&row); err != nil {
			t.Fatal(err)
		}
		if n == 1 && (row.ID != "A-2" || row.Amount != "20.25" || row.Nothing != nil || row.Place != `Zürich, "東"`) {
			t.Errorf("json: %+v", row)
		}
	}

	book, err := excelize.OpenReader(strings.NewReader(ask("xlsx")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	cells, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(cells) != 4 || cells[0][0] != "award_id" || cells[2][1] != "20.25" || cells[2][2] != "18446744073709551615" {
		t.Errorf("xlsx: %v %v", cells, err)
	}
	if kind, err := book.GetCellType(book.GetSheetName(0), "B3"); err != nil || kind != excelize.CellTypeNumber && kind != excelize.CellTypeUnset {
		t.Errorf("xlsx: an amount is of type %v, not a number: %v", kind, err)
	}

	reader, err := file.NewParquetReader(strings.NewReader(ask("parquet")))
	if err != nil {
		t.Fatal(err)
	}
	arrowReader, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := arrowReader.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	if table.NumRows() != 3 || table.NumCols() != 5 || table.Column(1).Data().Chunk(0).ValueStr(1) != "20.25" {
		t.Errorf("parquet: %v", table)
	}
}

func TestQueryOnlyReads(t *testing.T) {
	t.Parallel()
	dir := small(t)
	command(t, dir, exitWarnings, "run")
	for _, statement := range []string{
		"INSERT INTO etl.settings SELECT now64(6), 'UTC', 'EUR'", "DROP TABLE warehouse.awards", "TRUNCATE TABLE warehouse.awards",
		"ALTER TABLE warehouse.awards DELETE WHERE 1", "CREATE TABLE kpi.t (n UInt8) ENGINE = Memory", "SYSTEM FLUSH LOGS",
		"SET readonly = 0", "SELECT 1 SETTINGS readonly = 0", "INSERT INTO FUNCTION file('/tmp/x.csv') SELECT 1",
	} {
		command(t, dir, exitFailed, "query", statement).says(t, "error: ")
	}
	if got := value(t, dir, "SELECT count(), (SELECT count() FROM etl.settings WHERE reporting_currency = 'EUR') FROM warehouse.awards FINAL"); got != "3,0" {
		t.Errorf("awards and settings after the attempts: %s", got)
	}
	command(t, dir, exitDone, "query", "--write", "CREATE TABLE kpi.t (n UInt8) ENGINE = MergeTree ORDER BY n")
	command(t, dir, exitDone, "query", "--write", "INSERT INTO kpi.t VALUES (1)")
	if got := value(t, dir, "SELECT n FROM kpi.t"); got != "1" {
		t.Errorf("written: %s", got)
	}
}

func TestQueryFromStandardInput(t *testing.T) {
	t.Parallel()
	dir := small(t)
	var out, errOut strings.Builder
	if code := execute([]string{"-c", dir + "/partnerplus.yaml", "query", "-o", "csv", "-"}, strings.NewReader("SELECT 42 AS n;\n"), &out, &errOut); code != exitDone || out.String() != "\"n\"\n42\n" {
		t.Errorf("%d %s%s", code, &out, &errOut)
	}
}

func TestWrongQuery(t *testing.T) {
	t.Parallel()
	dir := small(t)
	for _, statement := range []string{"SELECT nosuch", "SELEKT 1", "", ";", "SELECT throwIf(number = 2) FROM numbers(3)"} {
		for format := range formats {
			o := command(t, dir, exitFailed, "query", "-o", format, statement)
			if o.says(t, "error: "); strings.Count(o.err, "\n") != 1 {
				t.Errorf("query %q: more than one line: %s", statement, o.err)
			}
		}
	}
}
