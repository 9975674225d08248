package main

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// result is a check's outcome as -o json writes it.
type result struct {
	Check, Month, Verdict, Figure, Unit, Message, Query string
}

// checks runs partnerplus check -o json. Tests name the checks that they look at: all of them compute all figures anew.
func checks(t *testing.T, dir string, want int, args ...string) map[string]result {
	t.Helper()
	var results []result
	command(t, dir, want, append([]string{"check", "-o", "json"}, args...)...).json(t, &results)
	byName := map[string]result{}
	for _, r := range results {
		byName[r.Check] = r
	}
	return byName
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := small(t)
	o := command(t, dir, exitChecks, "check")
	o.says(t, "freshness", "fail", "awards never delivered a row", "partnerplus -c "+strconv.Quote(filepath.Join(dir, "partnerplus.yaml"))+` query "SELECT * FROM kpi.stale_sources"`)
	if o.err != "" {
		t.Errorf("it says on standard error: %q", o.err)
	}

	command(t, dir, exitWarnings, "run")
	o = command(t, dir, exitDone, "check", "orphans", "rejects")
	o.says(t, "events of something unknown: 3", "rejected rows: 1; sources beyond their limit: 0")
	results := checks(t, dir, exitDone)
	if len(results) != 10 {
		t.Errorf("%d checks, want 10", len(results))
	}
	for name, want := range map[string]string{"conservation": "pass 0", "reconciliation": "pass 0", "freshness": "pass 0", "orphans": "warn 3", "rejects": "pass 1"} {
		if r := results[name]; r.Verdict+" "+r.Figure != want || r.Month != "" || r.Message == "" || r.Unit == "" {
			t.Errorf("%s: %+v, want %s", name, r, want)
		}
	}

	// Of a month; the query is ready to be pasted.
	o = command(t, dir, exitDone, "check", "--month", "2024-01", "orphans")
	pasted := regexp.MustCompile(`partnerplus -c \S+ query "(SELECT \* FROM kpi.orphans.*)"`).FindStringSubmatch(o.out)
	if pasted == nil {
		t.Fatalf("there is no query to paste:\n%s", o.out)
	}
	if listed := command(t, dir, exitDone, "query", "-o", "json", pasted[1]).out; strings.Count(listed, "\n") != 2 || !strings.Contains(listed, `"event_id":"A-2"`) {
		t.Errorf("%s lists:\n%s", pasted[1], listed)
	}
	if r := checks(t, dir, exitDone, "--month", "2024-02", "orphans")["orphans"]; r.Figure != "1" || r.Month != "2024-02" {
		t.Errorf("orphans of February: %+v", r)
	}
	if got := value(t, dir, "SELECT count(), countIf(month IS NULL) FROM kpi.checks"); got != "12,10" {
		t.Errorf("kpi.checks has %s", got)
	}

	command(t, dir, exitUsage, "check", "--month", "January").says(t, `"January" is not a month such as 2026-09`)
	command(t, dir, exitUsage, "check", "--month", "").says(t, "not a month")
	command(t, dir, exitUsage, "check", "-o", "csv").says(t, "table or json")
}

// TestCheckFollowsTheConfig: the limits are those of the config as it is now, and a source that has left it does not count.
func TestCheckFollowsTheConfig(t *testing.T) {
	t.Parallel()
	dir := small(t)
	other := strings.ReplaceAll(awardSource, "awards:", "others:")
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource + strings.Replace(other, "awards/*", "others/*", 1)})
	command(t, dir, exitWarnings, "run")
	if r := checks(t, dir, exitChecks, "freshness")["freshness"]; r.Figure != "1" || !strings.Contains(r.Message, "others never delivered a row") {
		t.Errorf("freshness: %+v", r)
	}
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource})
	checks(t, dir, exitDone, "freshness", "rejects")
	write(t, dir, map[string]string{"partnerplus.yaml": header + strings.Replace(awardSource, "max_share: 0.5", "max_share: 0.2", 1)})
	if r := checks(t, dir, exitChecks, "rejects")["rejects"]; r.Verdict != "fail" || !strings.Contains(r.Message, "awards: 1 of 4") {
		t.Errorf("rejects: %+v", r)
	}
	// The files have just been delivered, and a nanosecond is over.
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource + "    fresh_within: 1ns\n"})
	if r := checks(t, dir, exitChecks, "freshness")["freshness"]; r.Figure != "1" || !strings.Contains(r.Message, "limit 0 s") {
		t.Errorf("freshness: %+v", r)
	}
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource + "    fresh_within: 1d\n"})
	checks(t, dir, exitDone, "freshness", "rejects")
}
