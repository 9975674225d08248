package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
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

// packCommand looks at the pack of the closing, and writes it anew.
func packCommand(t *testing.T, dir string) {
	t.Helper()
	page := filepath.Join(dir, ".partnerplus", "reports", "review-2024-01.html")
	content, err := os.ReadFile(filepath.Join(review.Beside(page, review.CSV), "review.csv"))
	if err != nil || !strings.Contains(string(content), ",closed,1,") || len(review.Existing(page)) != 3 {
		t.Errorf("the pack of the closing is %q (%v):\n%s", review.Existing(page), err, content)
	}
	command(t, dir, exitUsage, "review", "pack", "--format", "html,odt").says(t, "--format odt: a pack is written as html, xlsx, csv or pdf")
	command(t, dir, exitUsage, "review", "pack", "--format", "").says(t, "--format names no form")
	command(t, dir, exitUsage, "review", "pack", "--dir", dir, "--file", "p.html").says(t, "--dir and --file exclude each other")
	command(t, dir, exitFailed, "review", "pack", "--format", "html,pdf").says(t, "--format pdf: no Chromium is found: install it", "PARTNERPLUS_CHROMIUM")
	var written writtenPack
	command(t, dir, exitDone, "review", "pack", "--month", "2024-01", "--file", filepath.Join(dir, "january.html"), "--format", "csv,xlsx", "-o", "json").json(t, &written)
	want := writtenPack{Month: "2024-01", AsOf: written.AsOf, Files: []string{filepath.Join(dir, "january.xlsx"), filepath.Join(dir, "january-csv")}}
	if diff := cmp.Diff(want, written); diff != "" || written.AsOf == "" {
		t.Errorf("the pack is told of as:\n%s", diff)
	}
	if got := review.Existing(filepath.Join(dir, "january.html")); !slices.Equal(got, written.Files) {
		t.Errorf("written is %q", got)
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
	waived := command(t, dir, exitDone, "review", "waive", "freshness", "freshness", "--month", "2024-01", "--by", "A. Owner", "--reason", `it's "late"`)
	waived.says(t, "waived for 2024-01, by A. Owner: freshness\n", "review assess --month 2024-01")
	command(t, dir, exitUsage, "review").says(t, "review needs a step")
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "close comes too early", "next is partnerplus review assess --month 2024-01")
	command(t, dir, exitUsage, "review", "assess", "--program", "nosuch").says(t, `"nosuch" has no figures in 2024-01; there are p`)
	assessed := command(t, dir, exitDone, "review", "assess") // the month under review
	assessed.says(t, "January 2024, data as of 2024-02-05 10:00:00 (UTC), money in USD", "Portfolio: Financial", "Portfolio: Distribution of unspent dollars",
		"Shifts in redemption\n  none", "under the thresholds of rising_unspent", "Programmes compared",
		"next: partnerplus -c "+strconv.Quote(filepath.Join(dir, "partnerplus.yaml"))+" review risks --month 2024-01")
	if text := strings.Join(strings.Fields(assessed.out), " "); !strings.Contains(text, "Dollars awarded 30.75 n/a n/a n/a") || !strings.Contains(text, "Dollars awarded 1 p 30.75 100.0 % n/a") {
		t.Errorf("it says:\n%s", assessed.out)
	}
	for _, line := range strings.Split(assessed.out, "\n") {
		if utf8.RuneCountInString(line) > 100 && !strings.HasPrefix(line, "next: ") {
			t.Errorf("wider than a terminal: %q", line)
		}
	}
	recordSteps(t, dir, "2024-01", load.StepRisks)
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "has no action", "partnerplus review action none")
	recordSteps(t, dir, "2024-01", load.StepDecide)

	// January changes before it is closed.
	write(t, dir, map[string]string{"data/awards/2024-01-late.csv": "id,member,org,kind,amount,at\nA-9,M-1,O-1,award,1,2024-01-31T10:00:00Z\n"})
	command(t, dir, exitWarnings, "run")
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "the figures of 2024-01 changed since they were assessed, those of ", "review assess --month 2024-01 comes again before close")
	var assessment struct {
		Month  string
		Scopes []struct {
			Program string `json:"program_id"`
			KPIs    []struct{ Metric, Value string }
		}
	}
	command(t, dir, exitDone, "review", "assess", "--month", "2024-01", "--program", "p", "-o", "json").json(t, &assessment)
	if a := assessment; a.Month != "2024-01" || len(a.Scopes) != 1 || a.Scopes[0].Program != "p" || len(a.Scopes[0].KPIs) != 80 || a.Scopes[0].KPIs[3].Value != "31.75" {
		t.Errorf("as JSON it is %+v", a)
	}
	recordSteps(t, dir, "2024-01", load.StepAssess, load.StepRisks)
	command(t, dir, exitDone, "review", "close", "--month", "2024-01", "--by", "A. Reviewer", "--note", `fine, "they" say`).says(t, "2024-01 is closed, by A. Reviewer",
		filepath.Join(dir, ".partnerplus", "reports", "review-2024-01.xlsx")+": the review pack of 2024-01", "there is no PDF of it: no Chromium is found")
	packCommand(t, dir)
	if got := value(t, dir, "SELECT month, closed_by, note FROM kpi.closed_months"); got != `"2024-01-01","A. Reviewer","fine, ""they"" say"` {
		t.Errorf("closed: %s", got)
	}
	command(t, dir, exitUsage, "review", "close", "--month", "2024-01").says(t, "is closed: partnerplus review reopen --month 2024-01")
	const shownOnly = "the review of 2024-01 is closed: its figures are shown as they are now, and nothing was recorded"
	if o := command(t, dir, exitDone, "review", "assess"); !strings.Contains(o.err, shownOnly) || strings.Contains(o.out, "next: ") || !strings.Contains(o.out, "January 2024") {
		t.Errorf("assessed again: %s%s", o.out, o.err)
	}
	if o := command(t, dir, exitDone, "review", "risks", "--month", "2024-01", "--all", "-o", "csv"); !strings.Contains(o.err, shownOnly) || !strings.HasPrefix(o.out, "month,kind,") {
		t.Errorf("risks again: %s%s", o.out, o.err)
	}

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
	var reviews []load.Review
	command(t, dir, exitDone, "review", "list", "-o", "json").json(t, &reviews)
	if len(reviews) != 2 || reviews[0].Month != "2024-02" || reviews[0].State != load.ReviewNone || reviews[1].Round != 2 || reviews[1].Closings != 1 || reviews[1].Restated == 0 || reviews[1].ReopenedReason != "a late file" {
		t.Errorf("the reviews are %+v", reviews)
	}
	command(t, dir, exitDone, "review", "list").says(t, "2024-02  due    open", "2024-01  open   open  2")
	if csv := command(t, dir, exitDone, "review", "list", "--month", "2024-01", "-o", "csv").out; !strings.HasPrefix(csv, "at,round,step,by,note,verdict,details\n") ||
		!strings.Contains(csv, `,1,waive,A. Owner,"it's ""late""",fail,freshness: 1`) || !strings.Contains(csv, ",2,reopen,A. Owner,a late file,,\n") {
		t.Errorf("the steps are\n%s", csv)
	}
	command(t, dir, exitUsage, "review", "list", "--month", "2030-01").says(t, "there is no review of 2030-01")
	command(t, dir, exitUsage, "review", "pack", "--month", "2030-08", "--dir", dir).says(t, "there are no figures of 2030-08")
	command(t, dir, exitUsage, "review", "list", "-o", "xlsx").says(t, "table, json or csv")
}
