package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

// openReview opens the review of a month on one quick check.
func openReview(t *testing.T, dir, month string) {
	t.Helper()
	w, err := load.Open(running(t, dir).DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	of, err := firstDay(month)
	if err != nil {
		t.Fatal(err)
	}
	checks, err := w.Check(t.Context(), of, "restatement")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.OpenReview(t.Context(), load.ReviewOpening{Month: of, By: "A. Reviewer", CheckID: checks[0].CheckID}); err != nil {
		t.Fatal(err)
	}
}

func TestReviewActions(t *testing.T) {
	t.Parallel()
	dir := small(t)
	action := func(want int, args ...string) outcome {
		t.Helper()
		return command(t, dir, want, append([]string{"review", "action"}, args...)...)
	}
	action(exitUsage, "add", "--owner", "O", "--action", "A").says(t, "add needs --due")
	action(exitUsage, "add", "--owner", "O", "--action", "A", "--due", "2024-03-01").says(t, "either --program or --portfolio")
	action(exitUsage, "update", "kx7m2pq").says(t, "needs something to change")
	action(exitUsage, "carry", "--month", "2024-01").says(t, "either ids of actions or --all-open")
	action(exitUsage, "list", "--status", "shut").says(t, "--status shut")
	command(t, dir, exitUsage, "review", "risks", "-o", "xml").says(t, "table, json or csv")

	command(t, dir, exitWarnings, "run")
	openReview(t, dir, "2024-01")
	command(t, dir, exitUsage, "review", "risks").says(t, "risks comes too early in the review of 2024-01", "review assess --month 2024-01")
	recordSteps(t, dir, "2024-01", load.StepAssess)
	command(t, dir, exitUsage, "review", "risks", "--program", "q").says(t, `no programme "q" has figures`)
	action(exitUsage, "add", "--portfolio", "--owner", "O", "--action", "A", "--due", "2024-03-01").says(t, "next is partnerplus review risks --month 2024-01")
	command(t, dir, exitDone, "review", "risks").says(t, "Risks of 2024-01: ", "WARNING  low_conversion: Only 0.0 %", "    - Nudge the members", "Opportunities of 2024-01: 0", "review action add --month 2024-01")
	var found review.Findings
	command(t, dir, exitDone, "review", "risks", "-o", "json", "--program", "p").json(t, &found)
	if len(found.Risks) == 0 || found.Risks[0].Program != "p" || len(found.Risks[0].Interventions) != 3 || found.Opportunities == nil {
		t.Errorf("found: %+v", found)
	}
	command(t, dir, exitDone, "review", "risks", "-o", "csv", "--all").says(t, "month,kind,severity,topic,scope", "2024-01,risk,warning,low_conversion,portfolio,")

	add := []string{"add", "--program", "p", "--owner", "O'Neil", "--action", "=1+1", "--due", "2024-03-01", "--by", "A. Reviewer"}
	var added struct {
		load.Action
		Added bool `json:"added"`
	}
	action(exitDone, append(add, "-o", "json")...).json(t, &added)
	if !added.Added || !added.IsOverdue || added.AddedBy != "A. Reviewer" {
		t.Errorf("added: %+v", added)
	}
	action(exitDone, add...).says(t, "is there already")
	action(exitUsage, append(add, "--finding", "low_conversation")...).says(t, "did you mean low_conversion?")
	action(exitDone, "list", "--overdue").says(t, added.ID, "open (overdue)", "O'Neil")
	action(exitUsage, "none", "--month", "2024-01", "--by", "O", "--reason", "r").says(t, "the plan of 2024-01 has 1 actions")

	file := filepath.Join(dir, "plan.csv")
	action(exitDone, "export", file).says(t, "1 actions are in")
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), ",O'Neil,'=1+1,2024-03-01,open,") {
		t.Errorf("exported: %s %v", text, err)
	}
	action(exitDone, "import", file).says(t, "0 actions added, 0 changed, 1 unchanged")
	write(t, dir, map[string]string{"plan.csv": strings.Replace(string(text), "open", "done", 1) + ",2024-01,,Finance,Review it,2024-04-01,,,,\n,2024-01,p,Other,'=1+1,2024-03-01,,,,\n"})
	action(exitUsage, "import", file).says(t, "line 4 is the same action as line 2")
	write(t, dir, map[string]string{"plan.csv": string(text[:strings.IndexByte(string(text), '\n')+1]) + ",2024-01,,Finance,Review it,2024-04-01,,,,\n,2024-01,p,Other,'=1+1,2024-03-01,,,,\n"})
	action(exitWarnings, "import", file).says(t, "line 3: action "+added.ID+" is there already", "1 actions added, 0 changed, 1 unchanged")
	action(exitUsage, "import", "-").says(t, "standard input is not imported")
	write(t, dir, map[string]string{"plan.csv": "id;month\n"})
	action(exitUsage, "import", file).says(t, `column "program" is missing`)
	action(exitDone, "update", strings.ToUpper(added.ID), "--status", "done").says(t, ": done")
	action(exitUsage, "assign", "nosuch", "--owner", "O").says(t, `there is no action "nosuch"`)
	if o := action(exitDone, "list", "--month", "2024-01"); strings.Contains(o.out, added.ID) || !strings.Contains(o.out, "Finance") {
		t.Errorf("listed: %s", o.out)
	}
	action(exitUsage, "list", "--program", "q").says(t, `no programme "q" has figures`)

	// The plan that actions leave keeps showing them.
	openReview(t, dir, "2024-02")
	recordSteps(t, dir, "2024-02", load.StepAssess, load.StepRisks)
	action(exitDone, "carry", "--all-open", "--month", "2024-02").says(t, "1 actions were carried")
	action(exitDone, "list", "--month", "2024-01", "--status", "all").says(t, added.ID, "2024-01  2024-02     the portfolio  Finance")
	action(exitDone, "export", "--month", "2024-01").says(t, added.ID, ",2024-02,,Finance,")
	var left []listedAction
	action(exitDone, "list", "--month", "2024-01", "-o", "json").json(t, &left)
	if len(left) != 1 || left[0].Month != "2024-02" || left[0].CarriedTo != "2024-02" {
		t.Errorf("left: %+v", left)
	}
}

func TestActionFilter(t *testing.T) {
	t.Parallel()
	overdue := load.Action{Month: "2024-01", Program: "acme", Owner: "A. Owner", Status: load.ActionStarted, IsOpen: true, IsOverdue: true}
	for _, tt := range []struct {
		name   string
		filter actionFilter
		want   bool
	}{
		{"all", actionFilter{status: "all"}, true},
		{"open is started too", actionFilter{status: "open"}, true},
		{"done", actionFilter{status: "done"}, false},
		{"owner", actionFilter{status: "open", owner: "a. owner"}, true},
		{"another owner", actionFilter{status: "open", owner: "B"}, false},
		{"programme", actionFilter{status: "open", program: "acm"}, false},
		{"overdue", actionFilter{status: "all", overdue: true}, true},
	} {
		if got := tt.filter.takes(overdue); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
