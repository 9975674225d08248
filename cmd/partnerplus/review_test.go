package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
)

// recordSteps writes down steps of a month's review, done by "A. Reviewer".
func recordSteps(t *testing.T, dir, month string, steps ...string) {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Dir: filepath.Join(dir, "warehouse")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	w, err := load.Open(e.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	of, err := firstDay(month)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if _, err := w.RecordStep(t.Context(), load.ReviewStep{Month: of, Step: step, By: "A. Reviewer", Note: "nothing to do"}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReview(t *testing.T) {
	t.Parallel()
	dir := small(t)
	for _, step := range []string{"open", "waive orphans", "close", "reopen"} {
		command(t, dir, exitUsage, append([]string{"review"}, strings.Fields(step)...)...).says(t, "needs --month")
	}
	command(t, dir, exitUsage, "review", "close", "--month", "2024").says(t, "not a month")
	command(t, dir, exitUsage, "review", "waive", "orphans", "--month", "2024-01", "--by", "O").says(t, "waive needs --reason")
	command(t, dir, exitUsage, "review", "reopen", "--month", "2024-01", "--reason", "r").says(t, "reopen needs --by")
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "2024-01 has no figures")

	// A source that never delivers fails a check.
	late := strings.Replace(strings.ReplaceAll(awardSource, "awards:", "late:"), "awards/*", "late/*", 1)
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource + late})
	command(t, dir, exitWarnings, "run")
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "the review of 2024-01 is not open: partnerplus review open --month 2024-01")
	command(t, dir, exitUsage, "review", "reopen", "--month", "2024-01", "--by", "O", "--reason", "r").says(t, "is not closed")
	command(t, dir, exitChecks, "review", "open", "--month", "2024-01").says(t, "checks failed: freshness")
	command(t, dir, exitChecks, "review", "close", "--month", "2024-01").says(t, "fail: freshness", "partnerplus review waive freshness --month 2024-01 --by NAME --reason TEXT")
	command(t, dir, exitUsage, "review", "waive", "orphans", "--month", "2024-01", "--by", "O", "--reason", "r").says(t, `"orphans" cannot be waived`, "failed have: freshness")
	waived := command(t, dir, exitDone, "review", "waive", "freshness", "--month", "2024-01", "--by", "A. Owner", "--reason", `it's "late"`)
	waived.says(t, "waived for 2024-01, by A. Owner: freshness", "review assess --month 2024-01")
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "close comes too early", "next is partnerplus review assess --month 2024-01")
	recordSteps(t, dir, "2024-01", load.StepAssess, load.StepRisks)
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "has no action", "partnerplus review action none")
	recordSteps(t, dir, "2024-01", load.StepDecide)

	// January changes before it is closed.
	write(t, dir, map[string]string{"data/awards/2024-01-late.csv": "id,member,org,kind,amount,at\nA-9,M-1,O-1,award,1,2024-01-31T10:00:00Z\n"})
	command(t, dir, exitWarnings, "run")
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "the figures of 2024-01 changed since they were assessed, those of ", "review assess --month 2024-01 comes again before close")
	recordSteps(t, dir, "2024-01", load.StepAssess, load.StepRisks)
	command(t, dir, exitDone, "review", "close", "--month", "2024-01", "--by", "A. Reviewer", "--note", `fine, "they" say`).says(t, "2024-01 is closed, by A. Reviewer")
	if got := value(t, dir, "SELECT month, closed_by, note FROM kpi.closed_months"); got != `"2024-01-01","A. Reviewer","fine, ""they"" say"` {
		t.Errorf("closed: %s", got)
	}
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "is closed: partnerplus review reopen --month 2024-01")

	// And afterwards.
	write(t, dir, map[string]string{"data/awards/2024-01-later.csv": "id,member,org,kind,amount,at\nA-8,M-1,O-1,award,1,2024-01-31T10:00:00Z\n"})
	command(t, dir, exitWarnings, "run")
	r := checks(t, dir, exitDone, "--month", "2024-01", "restatement")["restatement"]
	if r.Verdict != "warn" {
		t.Errorf("restatement: %+v", r)
	}
	if got := value(t, dir, strings.Replace(r.Query, "*", "closed, now, difference", 1)+" AND scope = 'portfolio' AND metric = 'dollars_awarded'"); got != "31.75,32.75,1" {
		t.Errorf("restated: %s", got)
	}
	command(t, dir, exitDone, "review", "reopen", "--month", "2024-01", "--by", "A. Owner", "--reason", "a late file").says(t, "open again, by A. Owner: round 2", "next: partnerplus -c ", "review open --month 2024-01")
}
