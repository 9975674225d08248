package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
)

// TestRejects follows rejects from the list over an export to a replay under a mended mapping.
func TestRejects(t *testing.T) {
	t.Parallel()
	dir := small(t)
	write(t, dir, map[string]string{
		"data/awards/2024-03.csv": "id,member,org,kind,amount,at\nA-5,M-1,O-1,bonus,007,2024-03-05T10:00:00Z\nA-6,M-2,O-1,bonus,8,2024-03-05T10:00:00Z\nA-7,M-2,O-1,award\n",
		"partnerplus.yaml":        header + strings.Replace(awardSource, "max_share: 0.5", "max_share: 1", 1),
	})
	command(t, dir, exitWarnings, "run")

	var rejects []load.Reject
	command(t, dir, exitDone, "rejects", "list", "-o", "json").json(t, &rejects)
	if len(rejects) != 4 {
		t.Fatalf("rejects are %+v", rejects)
	}
	for args, want := range map[string]string{"--rule allowed": "2 rejects shown", "--reason BONUS": "2 rejects shown", "--unit awards/2024-02.csv": "1 rejects shown", "--rule format": "1 rejects shown", "--rule none": "0 rejects shown"} {
		command(t, dir, exitDone, append([]string{"rejects", "list"}, strings.Fields(args)...)...).says(t, want)
	}
	var reasons []load.RejectReason
	command(t, dir, exitDone, "rejects", "list", "--by", "reason", "-o", "json").json(t, &reasons)
	if len(reasons) != 3 || reasons[0].Rejects != 2 || reasons[0].Rule != "allowed" || reasons[0].Column != "kind" {
		t.Errorf("reasons are %+v", reasons)
	}
	command(t, dir, exitDone, "rejects", "list", "--by", "reason").says(t, "allowed", reasons[0].FirstID)
	command(t, dir, exitUsage, "rejects", "list", "--by", "colour").says(t, "by reason")
	id := reasons[0].FirstID
	command(t, dir, exitDone, "rejects", "show", id[:8]).says(t, id, "bonus", "allowed", "awards/2024-03.csv", "007", "RAW COLUMN", "M-1")
	command(t, dir, exitUsage, "rejects", "show", "nosuch").says(t, "nosuch", "rejects list")

	checkExports(t, dir, id)

	mended := strings.Replace(awardSource, "kind: kind", "kind: {from: kind, map: {bonus: award}, map_else: $keep}", 1)
	write(t, dir, map[string]string{"partnerplus.yaml": header + strings.Replace(mended, "max_share: 0.5", "max_share: 1", 1)})
	command(t, dir, exitWarnings, "rejects", "replay", "--dry-run").says(t, "nothing was written")
	if got := value(t, dir, "SELECT sum(amount) FROM warehouse.awards FINAL"); got != "35.75" {
		t.Errorf("a dry run changed the awards to %s", got)
	}
	var report pipeline.ReplayReport
	command(t, dir, exitWarnings, "rejects", "replay", "--unit", "awards/2024-03.csv", "-o", "json").json(t, &report)
	if len(report.Sources) != 1 || report.Sources[0].Loaded != 2 || report.Sources[0].Kept != 1 || report.Left() != 1 {
		t.Errorf("report is %+v", report)
	}
	if got := value(t, dir, "SELECT dollars_awarded FROM kpi.portfolio_financial_monthly WHERE month = '2024-03-01'"); got != "15" {
		t.Errorf("dollars awarded in March: %s", got)
	}
	command(t, dir, exitDone, "rejects", "list", "--rule", "allowed").says(t, "0 rejects shown")
	command(t, dir, exitUsage, "rejects", "show", id)
	command(t, dir, exitWarnings, "rejects", "replay").says(t, "not replayed", "REJECTED AGAIN", "0 months refreshed")
	command(t, dir, exitDone, "status").says(t, "replay")
}

func checkExports(t *testing.T, dir, id string) {
	t.Helper()
	file := filepath.Join(dir, "rejects.csv")
	command(t, dir, exitDone, "rejects", "export", file).says(t, "4 rejects are in")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	if err != nil || len(lines) != 5 {
		t.Fatalf("the csv is %v, %v", lines, err)
	}
	if header := strings.Join(lines[0], ","); header != "reject_id,reject_source,reject_unit,reject_row,reject_entity,reject_column,reject_rule,reject_reason,id,member,org,kind,amount,at,raw" {
		t.Errorf("the header is %s", header)
	}
	book := filepath.Join(dir, "rejects.xlsx")
	command(t, dir, exitDone, "rejects", "export", "--format", "xlsx", book)
	read, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	cells, err := read.GetRows("Sheet1")
	if err != nil || len(cells) != 5 {
		t.Fatalf("the sheet is %v, %v", cells, err)
	}
	if err := read.Close(); err != nil {
		t.Error(err)
	}
	found := false
	for i, line := range lines {
		if got, want := strings.TrimRight(strings.Join(cells[i], "|"), "|"), strings.TrimRight(strings.Join(line, "|"), "|"); got != want {
			t.Errorf("line %d is %s in Excel, %s in the csv", i, got, want)
		}
		found = found || line[0] == id && line[12] == "007" && line[14] == ""
	}
	if !found {
		t.Errorf("%s is not in the csv as it came:\n%s", id, content)
	}
	out := strings.TrimSpace(command(t, dir, exitDone, "rejects", "export", "--format", "ndjson", "--rule", "allowed").out)
	var line struct {
		ID  string            `json:"id"`
		Raw map[string]string `json:"raw"`
	}
	first, _, _ := strings.Cut(out, "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil || line.ID == "" || line.Raw["kind"] != "bonus" || strings.Count(out, "\n") != 1 {
		t.Errorf("the lines are %s (%v)", out, err)
	}
	command(t, dir, exitUsage, "rejects", "export", "--format", "pdf").says(t, "csv, ndjson or xlsx")
}
