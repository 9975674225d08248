package main

import (
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

func TestRepair(t *testing.T) {
	dir := small(t)
	command(t, dir, exitUsage, "repair", "--month", "2024").says(t, "not a month")
	command(t, dir, exitUsage, "repair", "-o", "csv").says(t, "table or json")
	command(t, dir, exitWarnings, "run")
	command(t, dir, exitUsage, "repair", "--month", "2024-03").says(t, "there are no figures of that month: 2024-03")
	const figures = "SELECT * FROM kpi.metric_monthly ORDER BY ALL"
	before := value(t, dir, figures)

	damage := "ALTER TABLE kpi_core.metric_month UPDATE value = 31 WHERE scope = 'portfolio' AND metric = 'dollars_awarded' AND month = '2024-01-01' SETTINGS mutations_sync = 2"
	command(t, dir, exitDone, "query", "--write", damage)
	found := command(t, dir, exitChecks, "check", "reconciliation")
	found.says(t, "kpi.metric_monthly of 2024-01, scope portfolio, metric dollars_awarded: value is 31 instead of 30.75; partnerplus repair", `query "SELECT * FROM kpi.differing_rows"`)
	if strings.Contains(found.out, "conservation") {
		t.Errorf("one check was asked for:\n%s", found.out)
	}
	var report pipeline.RepairReport
	command(t, dir, exitChecks, "repair", "--check", "--month", "2024-01", "-o", "json").json(t, &report)
	if report.Rows != 2 || len(report.Differences) != 2 || report.Differences[1].Found["value"] != "31" || report.Differences[1].Expected["value"] != "30.75" {
		t.Errorf("the report is %+v", report)
	}
	command(t, dir, exitDone, "repair", "--month", "2024-01").says(t, "BEFORE", "value 31", "value 30.75", "2 months of events computed anew; 1 rows changed")
	if after := value(t, dir, figures); after != before {
		t.Errorf("repaired:\n%s\nbefore:\n%s", after, before)
	}
	if got := value(t, dir, "SELECT job, status FROM etl.runs FINAL WHERE run_id = (SELECT run_id FROM kpi.as_of)"); got != `"repair","done"` {
		t.Errorf("the ledger says %s", got)
	}
}
