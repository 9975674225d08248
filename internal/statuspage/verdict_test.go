package statuspage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/review"
	"github.com/partnerplus/warehouse/schedules"
)

var noon = time.Date(2025, 3, 30, 12, 0, 0, 0, time.UTC)

// planned is a page of two jobs at noon, in a zone that is not UTC.
func planned(t *testing.T) *Page {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return &Page{Zone: zone, now: func() time.Time { return noon }, Redact: func(text string) string { return strings.ReplaceAll(text, "s3cret", "***") },
		Jobs: func(now time.Time) []schedules.Planned {
			return []schedules.Planned{
				{Job: schedules.Job{Name: "live"}, Due: now.Add(5 * time.Minute), State: schedules.Idle},
				{Job: schedules.Job{Name: "nightly"}, Due: now.Add(14 * time.Hour), State: schedules.Running},
			}
		}}
}

func hours(n int) *time.Time {
	t := noon.Add(time.Duration(n) * time.Hour)
	return &t
}

// well is a warehouse in which all is well.
func well() state {
	return state{
		monthly: monthly{month: review.Month{Year: 2025, Month: time.February}},
		figures: []figures{{NewestEvent: noon, RefreshedAt: noon}},
		jobs:    []jobRow{{Job: "nightly", Status: schedules.StatusDone, Finished: hours(-10), Good: hours(-10)}},
		runs:    []runRow{{ID: "r1", Job: "nightly", Status: "done", Started: *hours(-10), Finished: hours(-9)}},
		sources: []sourceRow{{Name: "awards", Configured: true, Delivered: hours(-20), Units: 3, Rows: 30}},
		checks:  []checkRow{{Check: "orphans", Verdict: "pass"}},
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	limit := uint64(36 * 3600)
	tests := []struct {
		name    string
		change  func(*state)
		level   string
		verdict string
		says    []string // of the first problem
	}{
		{"all well", func(*state) {}, "well", "All well", nil},
		{"nothing yet", func(s *state) { *s = state{} }, "", "Nothing is loaded yet", []string{"No run was ever made.", "run"}},
		{"a job failed", func(s *state) {
			s.jobs[0].Status, s.jobs[0].Reason, s.jobs[0].RunID = "failed", "no route with s3cret", "r/1"
		}, "wrong", "1 thing is wrong",
			[]string{"Job nightly failed: no route with ***", "run nightly", "runs/r%2F1"}},
		{"a job's checks failed", func(s *state) { s.jobs[0].Status = "checks" }, "wrong", "1 thing is wrong", []string{"Job nightly found that checks fail."}},
		{"a job was interrupted", func(s *state) { s.jobs[0].Status = "interrupted" }, "look", "1 thing to look at; all runs go well", []string{"was interrupted"}},
		{"a job waits, or was skipped", func(s *state) { s.jobs[0].Status, s.jobs[0].Reason = "waiting", "for live" }, "well", "All well", nil},
		{"the newest run of a job that is not planned failed", func(s *state) {
			s.runs = append([]runRow{{ID: "r2", Job: "manual", Status: "failed", Error: "cut off"}}, s.runs...)
		}, "wrong", "1 thing is wrong", []string{"The newest run of manual failed: cut off", "runs/r2"}},
		{"the newest run of a job that left the schedules failed", func(s *state) {
			s.jobs = append(s.jobs, jobRow{Job: "removed", Status: "failed"})
			s.runs = append([]runRow{{ID: "r2", Job: "removed", Status: "failed", Error: "cut off"}}, s.runs...)
		}, "well", "All well", nil},
		{"a receiver accepts nothing", func(s *state) {
			s.deaf = []receiverRow{{Receiver: "operators", Waiting: 3, Failures: 1, Error: "no route with s3cret"}}
		}, "wrong", "1 thing is wrong", []string{"3 messages wait for receiver operators, 1 try failed: no route with ***", "notify test operators"}},
		{"an older run failed", func(s *state) { s.runs = append(s.runs, runRow{ID: "r0", Job: "nightly", Status: "failed"}) }, "well", "All well", nil},
		{"a run before the job's ledger failed", func(s *state) { s.jobs, s.runs[0].Status = nil, "failed" }, "wrong", "1 thing is wrong", []string{"The newest run of nightly failed."}},
		{"a source is late", func(s *state) {
			s.sources[0].Late, s.sources[0].Limit, s.sources[0].Delivered = true, &limit, hours(-50)
		}, "wrong", "1 thing is wrong",
			[]string{"Source awards is late: its last delivery was 2 d 2 h ago, and its limit is 36 h.", "sources/awards"}},
		{"a source never delivered", func(s *state) { s.sources[0].Late, s.sources[0].Delivered = true, nil }, "wrong", "1 thing is wrong", []string{"has never delivered a row"}},
		{"a source that left the config", func(s *state) { s.sources[0].Configured, s.sources[0].Failed = false, 3 }, "well", "All well", nil},
		{"units failed", func(s *state) { s.sources[0].Failed = 1234 }, "wrong", "1 thing is wrong", []string{"1,234 units of source awards failed", "run --source awards"}},
		{"a check failed", func(s *state) {
			s.checks = []checkRow{{Check: "negative_balance", Month: "2025-02", Verdict: "fail", Message: "balances: 3", Query: "SELECT 1"}}
		}, "wrong", "1 thing is wrong", []string{"Check negative balance of 2025-02: balances: 3.", `query "SELECT 1"`}},
		{"what was late when it was checked", func(s *state) { s.checks[0] = checkRow{Check: "freshness", Verdict: "fail"} }, "well", "All well", nil},
		{"a check warns", func(s *state) { s.checks[0].Verdict = "warn" }, "look", "1 thing to look at; all runs go well", []string{"Check orphans"}},
		{"rejects", func(s *state) { s.sources[0].Rejected = 1 }, "look", "1 thing to look at; all runs go well", []string{"1 row is rejected and counts nowhere."}},
		{"no rate", func(s *state) { s.unrated = []unratedRow{{Currency: "EUR", Entries: 2, First: noon}} }, "look", "1 thing to look at; all runs go well",
			[]string{"2 entries in EUR count nowhere", "Load rates of EUR from 2025-03-30 on"}},
		{"critical exceptions", func(s *state) {
			s.exceptions = []exceptionRow{{Severity: "critical", OfSeverity: 40}, {Severity: "critical", OfSeverity: 40}, {Severity: "info", OfSeverity: 1}}
		}, "look", "1 thing to look at; all runs go well", []string{"40 critical exceptions in February 2025."}},
		{"other exceptions", func(s *state) { s.exceptions = []exceptionRow{{Severity: "warning", OfSeverity: 1}} }, "well", "All well", nil},
		{"what is wrong comes before what to look at", func(s *state) { s.checks[0].Verdict, s.sources[0].Failed = "warn", 1 }, "wrong", "1 thing is wrong", []string{"1 unit of source"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := well()
			tt.change(&s)
			v := planned(t).overviewOf(s)
			if v.Level != tt.level || v.Verdict != tt.verdict {
				t.Errorf("%s: %q, want %s: %q", v.Level, v.Verdict, tt.level, tt.verdict)
			}
			if len(tt.says) == 0 {
				if len(v.Problems) > 0 {
					t.Errorf("problems: %+v", v.Problems)
				}
				return
			}
			if len(v.Problems) == 0 {
				t.Fatal("no problem")
			}
			first := fmt.Sprintf("%+v", v.Problems[0])
			for _, text := range tt.says {
				if !strings.Contains(first, text) {
					t.Errorf("not said: %q\n%s", text, first)
				}
			}
			if p := v.Problems[0]; p.Do == "" || p.Run == "" && p.Link == "" || (p.Link == "") != (p.Where == "") {
				t.Errorf("it does not say what to do: %s", first)
			}
		})
	}
}

func TestRefusedConfig(t *testing.T) {
	t.Parallel()
	page := planned(t)
	why := ""
	page.Refused = func() string { return why }
	if v := page.overviewOf(well()); v.Level != "well" {
		t.Errorf("a config that is in force: %+v", v.Problems)
	}
	why = "sources.x: s3cret"
	v := page.overviewOf(well())
	if v.Level != "look" || len(v.Problems) != 1 || !strings.Contains(v.Problems[0].Text, "the one before is in force: sources.x: ***") || v.Problems[0].Run != "validate" {
		t.Errorf("%s: %+v", v.Level, v.Problems)
	}
}

func TestManyProblemsAreCounted(t *testing.T) {
	t.Parallel()
	s := well()
	for i := range mostProblems + 4 {
		s.sources = append(s.sources, sourceRow{Name: fmt.Sprint("s", i), Configured: true, Late: true})
	}
	v := planned(t).overviewOf(s)
	if len(v.Problems) != mostProblems || v.More != 4 || v.Verdict != "19 things are wrong" {
		t.Errorf("%d problems, %d more, %s", len(v.Problems), v.More, v.Verdict)
	}
}

func TestExceptionsBySeverity(t *testing.T) {
	t.Parallel()
	groups := grouped([]exceptionRow{{Severity: "critical", OfSeverity: 5, Sentence: "a"}, {Severity: "critical", OfSeverity: 5, Sentence: "b"}, {Severity: "info", OfSeverity: 1, Sentence: "c"}})
	if len(groups) != 2 || groups[0].Unlisted() != 3 || !groups[0].Open() || groups[1].Unlisted() != 0 || groups[1].Open() || groups[1].Rows[0].Sentence != "c" {
		t.Errorf("%+v", groups)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	job := jobView{Last: &jobRow{Reason: "its run before is still running", Attempt: 2, Missed: 1, ByHand: true, Finished: hours(-1), Good: hours(-30)}}
	if got, want := job.Note(), "its run before is still running; attempt 2; makes up for 1 missed due time; by hand"; got != want || !job.StaleGood() {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (jobView{}).Note(); got != "" {
		t.Errorf("a job that never ran: %q", got)
	}
	if got := short(strings.Repeat("ä ", 200)); len([]rune(got)) > 242 || !strings.HasSuffix(got, "ä …") {
		t.Errorf("cut to %q", got)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	clock := planned(t).frame("", "").clock
	tests := []struct {
		at   time.Time
		want moment
	}{
		{noon.Add(-30 * time.Second), moment{"2025-03-30T13:59:30+02:00", "2025-03-30 13:59 CEST", "now"}},
		{noon.Add(-11*time.Hour - 30*time.Minute), moment{"2025-03-30T01:30:00+01:00", "2025-03-30 01:30 CET", "11 h ago"}}, // the clock was put forward since
		{noon.Add(61 * time.Second), moment{"2025-03-30T14:01:01+02:00", "2025-03-30 14:01 CEST", "in 1 min"}},
		{noon.Add(-49 * time.Hour), moment{"2025-03-28T12:00:00+01:00", "2025-03-28 12:00 CET", "2 d 1 h ago"}},
		{noon.AddDate(-1, 0, 0), moment{"2024-03-30T13:00:00+01:00", "2024-03-30 13:00 CET", "365 d ago"}},
	}
	for _, tt := range tests {
		for _, at := range []any{tt.at, &tt.at} {
			if got := clock.Moment(at); got == nil || *got != tt.want {
				t.Errorf("%s: %+v, want %+v", tt.at, got, tt.want)
			}
		}
	}
	for _, never := range []any{(*time.Time)(nil), time.Time{}, time.Unix(0, 0)} {
		if got := clock.Moment(never); got != nil {
			t.Errorf("%v: %+v", never, got)
		}
	}
	for d, want := range map[time.Duration]string{
		7 * time.Millisecond: "7 ms", 59 * time.Second: "59 s", 4*time.Minute + 31*time.Second: "4 min 31 s", 36 * time.Hour: "36 h", 3 * time.Hour: "3 h", 72 * time.Hour: "3 d",
	} {
		if got := span(d); got != want {
			t.Errorf("%s is written %s, want %s", d, got, want)
		}
	}
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 42_418_080: "42.4 MB", 1_500_000_000_000: "1.5 TB", 9_999_999_999_999_999_999: "9999.9 PB"} {
		if got := clock.Bytes(n); got != want {
			t.Errorf("%d bytes are written %s, want %s", n, got, want)
		}
	}
}
