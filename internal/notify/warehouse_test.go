package notify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// TestWarehouse goes through all that a Notifier asks of a warehouse.
func TestWarehouse(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, load.Reporting{Timezone: "Europe/Berlin", Currency: "USD"})
	for _, test := range []struct {
		name string
		run  func(*testing.T, *load.Warehouse)
	}{{"notices", notices}, {"claims", claims}, {"matters", matters}, {"summaries", summaries}} {
		t.Run(test.name, func(t *testing.T) { test.run(t, w) })
	}
}

func change(t *testing.T, w *load.Warehouse, statement string) {
	t.Helper()
	answer, err := w.Ask(t.Context(), "Null", statement, true, false)
	must(t, err)
	_ = answer.Close()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func notices(t *testing.T, w *load.Warehouse) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	later := now.Add(time.Minute)
	open := load.Notice{Receiver: "r", Matter: "m", Kind: "failed_run", OpenedAt: now, Severity: "warning", Title: "it's \\N", Text: "a\tb\n",
		Todo: "{x:String}", Since: now, Tell: 2, Told: 1, ToldAt: &later, GoneAt: &now, Failures: 3, TriedAt: &later, Error: "no"}
	done := load.Notice{Receiver: "r", Matter: "m", Kind: "failed_run", OpenedAt: now.Add(-time.Hour), Since: now, ResolvedAt: &now, RecoveredAt: &now}
	abandoned := done
	longAgo := now.AddDate(0, 0, -8)
	abandoned.Receiver, abandoned.RecoveredAt, abandoned.ResolvedAt = "gone", nil, &longAgo
	summary := func(days int, told uint32) load.Notice {
		return load.Notice{Receiver: "r", Matter: "daily", Kind: "daily", OpenedAt: now.AddDate(0, 0, -days), Since: now, Tell: 1, Told: told}
	}
	must(t, w.RecordNotices(t.Context()))
	must(t, w.RecordNotices(t.Context(), open, done, abandoned, summary(1, 0), summary(2, 0), summary(3, 1), summary(4, 1)))
	same := func(want ...load.Notice) {
		t.Helper()
		got, err := w.Notices(t.Context())
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("notices (-want +got):\n%s", diff)
		}
	}
	same(summary(3, 1), summary(1, 0), open)
	accepted(&open, EventRepeated, later)
	must(t, w.RecordNotices(t.Context(), open))
	same(summary(3, 1), summary(1, 0), open)
	change(t, w, "TRUNCATE TABLE etl.notices")
}

// claims asks who may tell receivers: one, until it gives that back or its time is over.
func claims(t *testing.T, w *load.Warehouse) {
	free := func(want bool) func(context.Context) error {
		t.Helper()
		release, err := w.ClaimNotices(t.Context(), time.Minute)
		must(t, err)
		if (release != nil) != want {
			t.Errorf("the claim is free: %t, want %t", release != nil, want)
		}
		return release
	}
	_ = free(true) // it dies
	free(false)
	change(t, w, "INSERT INTO etl.leases SELECT name, claim, renewals + 1, holder, claimed_at, now64(6) - 1 FROM etl.leases FINAL WHERE expires_at > now64(6)")
	must(t, free(true)(t.Context()))
}

// look gives the matters that stand, as key, severity and title.
func look(t *testing.T, w *load.Warehouse, retries map[string]int) []string {
	t.Helper()
	n, err := New(w, Options{Zone: berlin, Retries: retries, Config: config.Notifications{Summaries: everyMinute}})
	must(t, err)
	found, err := n.readMatters(t.Context())
	must(t, err)
	var lines []string
	for _, m := range found {
		if m.Text == "" || m.Todo == "" || m.Since.IsZero() {
			t.Errorf("not all is said: %+v", m)
		}
		lines = append(lines, m.Key+" | "+m.Severity+" | "+m.Title)
	}
	return lines
}

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

func matters(t *testing.T, w *load.Warehouse) {
	expect := func(retries map[string]int, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, look(t, w, retries)); diff != "" {
			t.Errorf("matters (-want +got):\n%s", diff)
		}
	}
	expect(nil)
	ago := func(minutes int) time.Time { return time.Now().UTC().Add(-time.Duration(minutes) * time.Minute) }
	run := func(id, job, status string, began int, host string, pid int) {
		t.Helper()
		r := load.Run{ID: id, Job: job, Status: status, Started: ago(began), Host: host, PID: pid, Error: "the error of " + id}
		if status != "running" {
			r.Finished = ago(began).Add(30 * time.Second)
		}
		must(t, w.RecordRun(t.Context(), r))
	}
	began := time.Now().UTC()
	job := func(name string, due, attempt int, status string) {
		t.Helper()
		at := began.Add(-time.Duration(due) * time.Minute).Format("2006-01-02 15:04:05")
		change(t, w, fmt.Sprintf(`INSERT INTO etl.job_runs (job, due_at, attempt, status, reason, finished_at, updated_at) SELECT '%s', '%s', %d, '%s', 'why', '%[2]s', now64(6)`, name, at, attempt, status))
	}

	t.Run("runs", func(t *testing.T) {
		defer change(t, w, "TRUNCATE TABLE etl.runs")
		run("1", "good", "failed", 50, "", 0)
		run("2", "good", "done", 40, "", 0)
		run("3", "bad", "done", 50, "", 0)
		run("4", "bad", "failed", 40, "", 0)
		run("5", "poor", "checks", 40, "", 0)
		run("6", "cut", "interrupted", 60, "", 0)
		run("7", "just-cut", "interrupted", 5, "", 0)
		run("8", "manual", "failed", 45, "", 0) // made up for by run 2
		run("9", "replay", "failed", 30, "", 0)
		expect(nil,
			"failed_run:bad | critical | A run of bad failed", "failed_run:cut | warning | A run of cut was interrupted",
			"failed_run:poor | warning | A run of poor found something wrong", "failed_run:replay | critical | A run of replay failed")
	})
	t.Run("killed runs", func(t *testing.T) {
		defer change(t, w, "TRUNCATE TABLE etl.runs")
		host, err := os.Hostname()
		must(t, err)
		const nobody = 1 << 30 // more than any machine numbers
		run("1", "alive", "running", -1, host, os.Getpid())
		run("2", "same-number", "running", 5, host, os.Getpid()) // before this process began
		run("3", "dead", "running", 5, host, nobody)
		run("4", "elsewhere", "running", 5, "other", nobody)
		run("5", "too-old", "running", 25*60, "other", nobody)
		run("6", "made-up-for", "running", 50, host, nobody)
		run("7", "made-up-for", "done", 40, host, nobody)
		expect(nil, "killed_run:dead | warning | A run of dead never ended", "killed_run:same-number | warning | A run of same-number never ended",
			"killed_run:too-old | warning | A run of too-old never ended")
	})
	t.Run("jobs", func(t *testing.T) {
		defer change(t, w, "TRUNCATE TABLE etl.job_runs")
		defer change(t, w, "TRUNCATE TABLE etl.runs")
		run("1", "bad", "failed", 50, "", 0) // its job tells
		job("bad", 60, 1, "done")
		job("bad", 50, 1, "failed")
		job("bad", 50, 2, "failed")
		job("tried-again", 50, 1, "failed")
		job("still-bad", 90, 2, "failed")
		job("still-bad", 50, 1, "failed")
		job("mended", 90, 2, "failed")
		job("mended", 50, 2, "rejects")
		job("waits", 90, 1, "skipped")
		job("waits", 50, 1, "waiting")
		job("cut", 60, 1, "interrupted")
		job("just-cut", 5, 1, "interrupted")
		job("poor", 60, 1, "checks")
		job("made-up", 90, 1, "skipped") // by what runs now
		job("made-up", 50, 1, "running")
		job("cut-and-failed", 50, 1, "interrupted") // it has a retry left
		job("cut-and-failed", 50, 2, "failed")
		job("removed", 50, 1, "failed") // from the schedules, since
		run("2", "removed", "failed", 50, "", 0)
		expect(map[string]int{"bad": 1, "tried-again": 1, "still-bad": 1, "mended": 1, "cut-and-failed": 1, "waits": 0, "cut": 0, "just-cut": 0, "poor": 0, "made-up": 0},
			"failed_job:bad | critical | Job bad failed", "failed_job:cut | warning | Job cut was interrupted",
			"failed_job:poor | warning | Job poor found something wrong", "failed_job:still-bad | critical | Job still-bad failed",
			"failed_job:waits | warning | Job waits was skipped")
	})
	t.Run("sources", func(t *testing.T) {
		defer change(t, w, "TRUNCATE TABLE etl.sources")
		defer change(t, w, "TRUNCATE TABLE etl.units")
		change(t, w, `INSERT INTO etl.sources (source, configured, fresh_within, max_share, max_rows, updated_at) VALUES ('never', 1, NULL, 0.1, NULL, now64(6)), ('late', 1, 3600, 0.1, NULL, now64(6)), ('fresh', 1, 864000, 0.1, NULL, now64(6)), ('left', 0, 1, 0.1, NULL, now64(6))`)
		change(t, w, `INSERT INTO etl.units (source, unit, version, status, delivered_at, rows_read) SELECT arrayJoin(['late', 'fresh', 'left']), 'u', 'v', 'loaded', now64(6) - INTERVAL 3 HOUR, 1`)
		expect(nil, "late_source:late | warning | Source late is late")
		defer change(t, w, "TRUNCATE TABLE etl.runs")
		must(t, w.RecordRun(t.Context(), load.Run{ID: "1", Job: "nightly", Status: "running", Started: ago(1), Host: "other", PID: 1}))
		expect(nil, "late_source:late | warning | Source late is late")
		must(t, w.RecordRun(t.Context(), load.Run{ID: "1", Job: "nightly", Status: "done", Started: ago(1), Finished: time.Now().Add(time.Second)}))
		expect(nil, "late_source:late | warning | Source late is late", "late_source:never | warning | Source never never delivered")
	})
	t.Run("checks", func(t *testing.T) {
		defer change(t, w, "TRUNCATE TABLE etl.checks")
		change(t, w, `INSERT INTO etl.checks (check_id, checked_at, check, month, verdict, figure, unit, message, query) VALUES
			('1', now64(6) - 60, 'orphans', NULL, 'fail', 1, 'rows', 'it was', 'SELECT 1'), ('2', now64(6), 'orphans', '2026-01-01', 'pass', 0, 'rows', 'it is not', 'SELECT 1'),
			('1', now64(6) - 60, 'duplicates', NULL, 'pass', 0, 'rows', 'it was not', 'SELECT 1'), ('2', now64(6), 'duplicates', '2026-01-01', 'fail', 2, 'rows', 'two', 'SELECT 1'),
			('2', now64(6), 'freshness', NULL, 'fail', 2, 'sources', 'late_source tells', 'SELECT 1'), ('2', now64(6), 'rejects', NULL, 'warn', 2, 'sources', 'a few', 'SELECT 1')`)
		expect(nil, "failed_check:duplicates | critical | Check duplicates failed")
	})
}

// summaries loads three months of one programme whose dollars pile up, and reads what is told of them.
func summaries(t *testing.T, w *load.Warehouse) {
	change(t, w, `INSERT INTO warehouse.awards (program_id, award_id, member_id, kind, amount, currency, awarded_at, version)
		SELECT 'p', toString(number), toString(number % 40), 'award', toDecimal64(pow(2, intDiv(number, 40)), 4), 'USD', toDateTime64('2026-01-15 12:00:00', 6, 'UTC') + toIntervalMonth(intDiv(number, 40)), 1
		FROM numbers(240)`)
	change(t, w, `INSERT INTO warehouse.awards (program_id, award_id, member_id, kind, amount, currency, awarded_at, version) VALUES ('p', 'last', '1', 'award', 0.5, 'USD', '2026-07-01 12:00:00', 1)`)
	change(t, w, sql.Text("load/touched_everything.sql"))
	_, err := w.Refresh(t.Context(), "r")
	must(t, err)
	// What is critical of a segment alone is no matter.
	change(t, w, `INSERT INTO kpi_core.exception (edition, month, scope, program_id, segment, rule, metric, severity, observed, expected)
		SELECT part, month, 'segment', 'p', 's', 'declining_engagement', 'sessions', 'critical', 1, 9 FROM kpi_core.current_part WHERE table = 'exception' AND month = '2026-06-01'`)
	must(t, w.RecordRun(t.Context(), load.Run{ID: "r", Job: "nightly", Status: "done", Started: time.Now().Add(-time.Hour), Finished: time.Now(), RowsRead: 241, RowsLoaded: 240, RowsRejected: 1}))

	want := []string{
		"critical_exception:rising_unspent:unspent_dollars: | critical | Rising unspent in the portfolio (unspent dollars)",
		"critical_exception:rising_unspent:unspent_dollars:p | critical | Rising unspent in programme p (unspent dollars)",
	}
	if diff := cmp.Diff(want, look(t, w, nil)); diff != "" {
		t.Errorf("matters (-want +got):\n%s", diff)
	}
	n, err := New(w, Options{Zone: berlin, Config: config.Notifications{Summaries: everyMinute}})
	must(t, err)
	for kind, want := range map[string][]string{
		"daily":  {"- [critical] Rising unspent in programme p (unspent dollars), since 2026-06-01 00:00"},
		"weekly": {"The portfolio in 2026-07 so far (amounts in USD)", "- Dollars awarded: 0.50 (1,280.00)", "- Total users: 40 (40)"},
		"monthly": {
			"Monthly summary of the KPI warehouse: 2026-06", "- Dollars awarded: 1,280.00 (+100.0\u00a0%)", "- Unspent dollars: 2,520.00 (+103.2\u00a0%)",
			"- Liability 31 to 60 days old: 640.00", "- [critical] Unspent dollars of the portfolio rose by 103.2 % to 2520", "are warnings or worse: 9",
			"partnerplus review pack --month 2026-06",
		},
	} {
		m, err := n.Preview(t.Context(), kind)
		must(t, err)
		for _, text := range want {
			if !strings.Contains(m.Subject+"\n"+m.Body, text) {
				t.Errorf("%s does not say %q:\n%s\n%s", kind, text, m.Subject, m.Body)
			}
		}
	}
	reports := t.TempDir()
	for _, name := range []string{"review-2026-06.html", "review-2026-06.pdf", "review-2026-05.xlsx"} {
		must(t, os.WriteFile(filepath.Join(reports, name), nil, 0o600))
	}
	written, err := New(w, Options{Zone: berlin, Config: config.Notifications{Summaries: everyMinute}, Reports: reports})
	must(t, err)
	m, err := written.Preview(t.Context(), "monthly")
	must(t, err)
	if want := "The review pack:\n- " + reports + "/review-2026-06.html\n- " + reports + "/review-2026-06.pdf\n\n"; !strings.Contains(m.Body, want) {
		t.Errorf("the files of the pack are not named:\n%s", m.Body)
	}
	s, err := n.summary(t.Context(), "daily", time.Now().Add(-2*time.Hour), time.Now(), nil)
	must(t, err)
	if want := (Activity{Runs: 1, RowsRead: 241, RowsLoaded: 240, RowsRejected: 1}); s.Activity != want {
		t.Errorf("the runs did %+v, want %+v", s.Activity, want)
	}
}

var everyMinute = config.Summaries{Daily: "* * * * *", Weekly: "* * * * *", Monthly: "* * * * *"}
