package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// actual is a real warehouse, whose schema is current.
type actual struct{ *load.Warehouse }

func (actual) Outdated(context.Context) (int, error) { return 0, nil }

// declares is what the config of these tests declares.
func declares() Declared {
	return Declared{Jobs: []string{"nightly", "month-end"}, Receivers: []string{"operators", "it's"}}
}

// What the statements say of ledgers that are written here, line by line.
func TestStateOfAWarehouse(t *testing.T) {
	w := warehousetest.Migrated(t, load.Reporting{Timezone: "Europe/Berlin", Currency: "USD"})
	at := func(ago string) string { return "now64(6, 'UTC') - INTERVAL " + ago }
	for _, statement := range []string{
		`INSERT INTO etl.sources (source, configured, fresh_within, max_share, max_rows, updated_at) VALUES ('late', 1, 3600, 0.1, NULL, now64(6)), ('never', 1, NULL, 0.1, NULL, now64(6)), ('fresh', 1, 172800, 0.1, NULL, now64(6)), ('gone', 0, NULL, 0.1, NULL, now64(6))`,
		`INSERT INTO etl.units (source, unit, version, status, load_id, delivered_at, window_to, rows_read, updated_at) VALUES
			('late', 'a', '1', 'loaded', 'L1', toDateTime64('2026-03-01 10:00:00', 6, 'UTC'), toDateTime64('2026-03-01 00:00:00', 6, 'UTC'), 10, '2026-03-01 10:00:00'),
			('late', 'a', '2', 'failed', 'L2', toDateTime64('2026-03-02 10:00:00', 6, 'UTC'), NULL, 10, '2026-03-02 10:00:00'),
			('late', 'b', '1', 'failed', 'L3', toDateTime64('2026-03-01 10:00:00', 6, 'UTC'), NULL, 0, '2026-03-01 10:00:00'),
			('late', 'b', '2', 'loaded', 'L4', toDateTime64('2026-03-01 12:00:00', 6, 'UTC'), NULL, 5, '2026-03-01 12:00:00'),
			('gone', 'a', '1', 'loaded', 'L5', toDateTime64('2026-03-01 10:00:00', 6, 'UTC'), NULL, 1, '2026-03-01 10:00:00')`,
		`INSERT INTO etl.units (source, unit, version, status, load_id, delivered_at, rows_read, updated_at) SELECT 'fresh', 'a', '1', 'loaded', 'L6', ` + at("1 HOUR") + `, 1, now64(6)`,
		`INSERT INTO etl.rejects (source, unit, load_id, position, recorded_at) VALUES ('late', 'a', 'L1', 1, now64(6)), ('late', 'a', 'L2', 1, now64(6)), ('late', 'a', 'L2', 2, now64(6)), ('late', 'b', 'L4', 1, now64(6))`,
		`INSERT INTO etl.runs (run_id, job, started_at, finished_at, status, updated_at) SELECT '4', 'manual', ` + at("1 HOUR") + `, ` + at("59 MINUTE") + `, 'done', now64(6)`,
		`INSERT INTO etl.job_runs (job, due_at, attempt, status, started_at, finished_at, updated_at) VALUES
			('month-end', '2026-03-01 04:00:00', 1, 'done', '2026-03-01 04:30:00', '2026-03-01 05:00:00', now64(6)),
			('month-end', '2026-04-01 04:00:00', 1, 'skipped', NULL, NULL, now64(6)),
			('nightly', '2026-03-01 02:00:00', 1, 'rejects', '2026-03-01 02:00:00', '2026-03-01 02:10:00', now64(6)),
			('nightly', '2026-03-02 02:00:00', 1, 'failed', '2026-03-02 02:00:00', '2026-03-02 02:05:00', now64(6)),
			('removed', '2026-03-02 02:00:00', 1, 'failed', '2026-03-02 02:00:00', '2026-03-02 02:05:00', now64(6)),
			('nightly', '2026-03-03 02:00:00', 1, 'running', '2026-03-03 02:00:00', NULL, now64(6))`,
		`INSERT INTO etl.notices (receiver, matter, kind, opened_at, tell, told, resolved_at, recovered_at, failures) SELECT * FROM VALUES (
			'receiver String, matter String, kind String, opened_at DateTime, tell UInt32, told UInt32, resolved_at Nullable(DateTime), recovered_at Nullable(DateTime), failures UInt32',
			('operators', 'told', 'failed_job', '2026-03-01 00:00:00', 1, 1, NULL, NULL, 0), ('operators', 'new', 'failed_job', '2026-03-01 00:00:00', 1, 0, NULL, NULL, 3),
			('operators', 'again', 'failed_job', '2026-03-01 00:00:00', 2, 1, NULL, NULL, 0), ('operators', 'over', 'failed_job', '2026-03-01 00:00:00', 1, 1, now(), NULL, 1),
			('operators', 'told that it is over', 'failed_job', '2026-03-01 00:00:00', 1, 1, now(), now(), 0), ('operators', 'given up', 'failed_job', '2026-03-01 00:00:00', 1, 0, '2026-03-01 00:00:00', NULL, 9),
			('operators', 'daily', 'daily', '2026-03-01 00:00:00', 1, 0, NULL, NULL, 3), ('operators', 'daily', 'daily', '2026-03-02 00:00:00', 1, 0, NULL, NULL, 1),
			('removed', 'new', 'failed_job', '2026-03-01 00:00:00', 1, 0, NULL, NULL, 3))`,
		`INSERT INTO etl.checks (check_id, checked_at, check, month, verdict) VALUES
			('1', '2026-03-01 00:00:00', 'freshness', NULL, 'pass'), ('2', '2026-03-02 00:00:00', 'freshness', NULL, 'fail'), ('1', '2026-03-01 00:00:00', 'orphans', '2026-02-01', 'warn')`,
		`INSERT INTO etl.touched_months (month, source, unit, version, load_id, settled, touched_at) SELECT month, source, unit, version, load_id, 1, now64(6) FROM etl.touched_months FINAL`,
		`INSERT INTO etl.touched_months (month, source, unit, version, load_id, settled, touched_at) VALUES
			('2026-03-01', 'late', 'a', '1', 'L1', 0, '2026-03-01 10:00:00'), ('2026-03-01', 'late', 'a', '1', 'L1', 1, '2026-03-01 10:01:00'),
			('2026-03-01', 'late', 'b', '2', 'L4', 0, '2026-03-01 12:00:00'), ('2026-02-01', 'late', 'b', '2', 'L4', 0, '2026-03-01 12:00:01')`,
		`INSERT INTO kpi_core.edition VALUES (1, '1', '2026-02-28 23:30:00', '2026-03-01', '2026-03-01 02:09:00', '2026-03-01 02:10:00')`,
		`INSERT INTO kpi_core.edition_part (edition, table, month, part) VALUES (1, 'exception', '2026-03-01', 1), (1, 'exception', '2026-02-01', 1)`,
		`INSERT INTO kpi_core.exception (edition, month, scope, program_id, rule, metric, severity, observed, expected) VALUES
			(1, '2026-03-01', 'program', 'p', 'rising_unspent', 'unspent_dollars', 'critical', 2, 1),
			(1, '2026-03-01', 'program', 'q', 'rising_unspent', 'unspent_dollars', 'critical', 2, 1),
			(1, '2026-03-01', 'program', 'p', 'material_movement', 'active_users', 'info', 2, 1),
			(1, '2026-03-01', 'program', 'p', 'material_movement', 'sessions', 'warning', 1, 2),
			(1, '2026-03-01', 'program', 'p', 'volatile_trend', 'sessions', 'info', 1, 2),
			(1, '2026-02-01', 'program', 'p', 'rising_unspent', 'unspent_dollars', 'critical', 2, 1)`,
	} {
		answer, err := w.Ask(t.Context(), "Null", statement, true, false)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		if err := answer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	metrics := NewMetrics(Build{"1", "abc", "go"})
	metrics.Add(NewState(actual{w}, NewHealth(actual{w}), declares, zap.NewNop()))
	got := map[string]string{}
	for line := range strings.Lines(scrape(t, metrics)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name, ours := strings.CutPrefix(name, prefix); ours && !strings.Contains(line, "build_info") {
			got[name] = value
		}
	}
	unixOf := func(text string) string {
		instant, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(float64(instant.Unix()))
	}
	want := map[string]string{
		"warehouse_up": "1", "schema_current": "1",
		`source_newest_delivery_timestamp_seconds{source="late"}`: unixOf("2026-03-01 12:00:00"),
		`source_newest_window_timestamp_seconds{source="late"}`:   unixOf("2026-03-01 00:00:00"),
		`source_stale{source="late"}`:                             "1", `source_stale{source="never"}`: "1", `source_stale{source="fresh"}`: "0",
		`source_failed_units{source="late"}`: "1", `source_failed_units{source="never"}`: "0", `source_failed_units{source="fresh"}`: "0",
		`rejects_open{source="late"}`: "3", `rejects_open{source="never"}`: "0", `rejects_open{source="fresh"}`: "0",
		`job_last_success_timestamp_seconds{job_name="nightly"}`:   unixOf("2026-03-01 02:10:00"),
		`job_last_failure_timestamp_seconds{job_name="nightly"}`:   unixOf("2026-03-02 02:05:00"),
		`job_last_duration_seconds{job_name="nightly"}`:            "300",
		`job_last_success_timestamp_seconds{job_name="month-end"}`: unixOf("2026-03-01 05:00:00"),
		`job_last_duration_seconds{job_name="month-end"}`:          "1800",
		`notifications_waiting{receiver="operators"}`:              "4", `notifications_waiting{receiver="it's"}`: "0",
		`runs_last_day{job_name="manual",status="done"}`: "1",
		`check_verdict{check="freshness"}`:               "2", `check_verdict{check="orphans"}`: "1",
		`check_timestamp_seconds{check="freshness"}`: unixOf("2026-03-02 00:00:00"), `check_timestamp_seconds{check="orphans"}`: unixOf("2026-03-01 00:00:00"),
		"exceptions_month_timestamp_seconds":      unixOf("2026-03-01 00:00:00"),
		"figures_refreshed_timestamp_seconds":     unixOf("2026-03-01 02:09:00"),
		"figures_newest_event_timestamp_seconds":  unixOf("2026-02-28 23:30:00"),
		"figures_pending_since_timestamp_seconds": unixOf("2026-03-01 12:00:00"),
	}
	for _, severity := range []string{"info", "warning", "critical"} {
		for _, polarity := range []string{"good", "bad", "neutral"} {
			n := map[string]string{"critical bad": "2", "info good": "1", "warning bad": "1", "info neutral": "1"}[severity+" "+polarity]
			want[fmt.Sprintf("exceptions{polarity=%q,severity=%q}", polarity, severity)] = max(n, "0")
		}
	}
	for name := range want {
		if _, numbers := got[name]; !numbers {
			t.Errorf("%s is not there", name)
		}
	}
	const now = `manual|source="fresh"`
	for name, value := range got {
		if regexp.MustCompile(now).MatchString(name) && want[name] == "" {
			continue // it is about an hour ago
		}
		if own := regexp.MustCompile(`^(config|warehouse_retries|refresh|months)`); own.MatchString(name) {
			continue
		}
		if want[name] != value {
			t.Errorf("%s is %s, want %q", name, value, want[name])
		}
	}
}

// scrape asks as Prometheus does.
func scrape(t *testing.T, metrics *Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	metrics.Handler(zap.NewNop()).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("/metrics: %d %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// given is a warehouse that says what a test wants.
type given struct {
	ping, outdated, read error
	changes              int
	samples              []sample
	asked                int // statements
}

func (g *given) Ping(ctx context.Context) error {
	if errors.Is(g.ping, context.DeadlineExceeded) {
		<-ctx.Done()
	}
	return g.ping
}
func (g *given) Outdated(context.Context) (int, error) { return g.changes, g.outdated }
func (g *given) Select(_ context.Context, name string, _ map[string]string, rows any) error {
	g.asked++
	if name == statements[0] {
		*rows.(*[]sample) = g.samples
	}
	return g.read
}

func TestHealth(t *testing.T) {
	tests := []struct {
		name      string
		warehouse given
		lines     []string
		ready     string // why it is not
	}{
		{"well", given{samples: []sample{{"source_stale", []string{"a"}, 1}}}, []string{"warehouse_up 1", "schema_current 1", `source_stale{source="a"} 1`}, ""},
		{"away", given{ping: errors.New("refused")}, []string{"warehouse_up 0"}, "does not answer: refused"},
		{"silent", given{ping: context.DeadlineExceeded}, []string{"warehouse_up 0"}, "does not answer"},
		{"changes to come", given{changes: 3, read: errors.New("no such column")}, []string{"warehouse_up 1", "schema_current 0"}, "3 changes are to come"},
		{"a newer schema", given{outdated: errors.New("use a newer partnerplus")}, []string{"warehouse_up 1", "schema_current 0"}, "use a newer partnerplus"},
		{"too busy to say more", given{read: context.DeadlineExceeded}, []string{"warehouse_up 0"}, ""},
		{"a metric that nobody declared", given{samples: []sample{{"surprise", nil, 1}}}, []string{"warehouse_up 0"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				health := NewHealth(&tt.warehouse)
				began := time.Now()
				err := health.Ready(t.Context())
				if tt.ready == "" && err != nil || tt.ready != "" && (err == nil || !strings.Contains(err.Error(), tt.ready)) {
					t.Errorf("not ready: %v, want %q", err, tt.ready)
				}
				if took := time.Since(began); took > asked {
					t.Errorf("it took %s", took)
				}
				metrics := NewMetrics(Build{})
				metrics.Add(NewState(&tt.warehouse, health, declares, zap.NewNop()))
				text := scrape(t, metrics)
				var got []string
				for line := range strings.Lines(text) {
					if regexp.MustCompile(`^partnerplus_(warehouse_up|schema|source_stale)`).MatchString(line) {
						got = append(got, strings.TrimSpace(strings.TrimPrefix(line, prefix)))
					}
				}
				slices.Sort(got)
				slices.Sort(tt.lines)
				if diff := cmp.Diff(tt.lines, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// The warehouse is asked once in a while, however often others ask.
func TestStateIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		warehouse := &given{}
		metrics := NewMetrics(Build{})
		metrics.Add(NewState(warehouse, NewHealth(warehouse), declares, zap.NewNop()))
		for range 100 {
			scrape(t, metrics)
		}
		if warehouse.asked != len(statements) {
			t.Errorf("%d statements for a hundred scrapes at once", warehouse.asked)
		}
		time.Sleep(fresh) // of the bubble's clock
		scrape(t, metrics)
		if warehouse.asked != 2*len(statements) {
			t.Errorf("%d statements after a while", warehouse.asked)
		}
	})
}

func TestJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		metrics := NewMetrics(Build{})
		metrics.Add(NewJobs(func() []Job {
			return []Job{{"hourly", true, began.Add(time.Hour), time.Time{}}, {"daily", false, began.Add(time.Hour), began.Add(-time.Hour)}, {Name: "never"}}
		}))
		time.Sleep(30 * time.Minute) // of the bubble's clock
		text := scrape(t, metrics)
		for _, line := range []string{
			`job_running{job_name="hourly"} 1`, `job_running{job_name="daily"} 0`, `job_running{job_name="never"} 0`,
			`job_late_seconds{job_name="hourly"} 0`, `job_late_seconds{job_name="daily"} 5400`, `job_late_seconds{job_name="never"} 0`,
			fmt.Sprintf(`job_next_due_timestamp_seconds{job_name="hourly"} %v`, unix(began.Add(time.Hour))),
		} {
			if !strings.Contains(text, prefix+line+"\n") {
				t.Errorf("not there: %s\n%s", line, text)
			}
		}
		if strings.Contains(text, `next_due_timestamp_seconds{job_name="never"}`) {
			t.Error("a job that is never due is")
		}
	})
}

// Each metric of the statements is declared, and the other way round.
func TestStatementsGiveWhatIsDeclared(t *testing.T) {
	var files []string
	scripts, err := sql.Scripts("telemetry")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, script := range scripts {
		files = append(files, script.Name)
		for _, name := range regexp.MustCompile(`'([a-z]+(?:_[a-z]+)+|exceptions)'`).FindAllStringSubmatch(script.Text, -1) {
			if name[1] != "material_movement" && name[1] != "redemption_shift" && name[1] != "volatile_trend" {
				named[name[1]] = true
			}
		}
	}
	declared := map[string]bool{}
	for _, m := range stateMetrics {
		declared[m.name] = true
	}
	if diff := cmp.Diff(declared, named); diff != "" {
		t.Errorf("-declared +in sql/telemetry:\n%s", diff)
	}
	want := slices.Sorted(slices.Values(statements))
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("-asked +in sql/telemetry:\n%s", diff)
	}
}

// everything gives all metrics, each at least once.
func everything(t *testing.T) string {
	t.Helper()
	warehouse := &given{}
	for _, m := range stateMetrics {
		warehouse.samples = append(warehouse.samples, sample{m.name, slices.Repeat([]string{"x"}, len(m.labels)), 1})
	}
	metrics := NewMetrics(Build{"1.0", "abc", "go1"})
	metrics.Add(NewState(warehouse, NewHealth(warehouse), declares, zap.NewNop()))
	metrics.Add(NewJobs(func() []Job { return []Job{{Name: "x", Due: time.Unix(2e9, 0)}} }))
	metrics.UnitsDone("x", pipeline.SourceReport{Rows: 10, Canonical: 6, Rejected: 2, Superseded: 1, Filtered: 1, Bytes: 99, Loaded: 1, Failed: 1})
	metrics.SourceDone("x", time.Second)
	metrics.SourceRetried("x")
	metrics.Refreshed(2*time.Second, 3)
	metrics.RunEnded("x", pipeline.StatusDone)
	metrics.WarehouseRetried()
	metrics.Reloaded(true, time.Unix(1e9, 0))
	return scrape(t, metrics)
}

func TestCounters(t *testing.T) {
	text := everything(t)
	for _, line := range []string{
		`build_info{commit="abc",goversion="go1",version="1.0"} 1`,
		`rows_read_total{source="x"} 10`, `rows_loaded_total{source="x"} 6`, `rows_rejected_total{source="x"} 2`, `rows_superseded_total{source="x"} 1`,
		`rows_filtered_total{source="x"} 1`, `read_bytes_total{source="x"} 99`, `units_total{source="x",status="loaded"} 1`, `units_total{source="x",status="put_off"} 0`,
		`source_retries_total{source="x"} 1`, `source_duration_seconds_count{source="x"} 1`, `refresh_duration_seconds_sum 2`, `months_refreshed_total 3`,
		`runs_total{job_name="x",status="done"} 1`, `warehouse_retries_total 1`, `config_last_reload_successful 1`, `config_last_reload_success_timestamp_seconds 1e+09`,
	} {
		if !strings.Contains(text, "\n"+prefix+line+"\n") {
			t.Errorf("not there: %s\n%s", line, text)
		}
	}
}

const rules = "../../deploy/prometheus/"

// promtool runs Prometheus's own checker, where it is installed.
func promtool(t *testing.T, input string, args ...string) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed (Debian: apt-get install prometheus): metrics and alerts are not held to it")
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(input, prefix) && len(out) > 0 {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtool(t *testing.T) {
	t.Run("metrics", func(t *testing.T) { promtool(t, everything(t), "check", "metrics") })
	t.Run("rules", func(t *testing.T) { promtool(t, "", "check", "rules", rules+"alerts.yaml") })
	t.Run("alerts", func(t *testing.T) { promtool(t, "", "test", "rules", rules+"alerts_test.yaml") })
	t.Run("config", func(t *testing.T) { promtool(t, "", "check", "config", rules+"prometheus.yaml") })
}

// What the alerts ask for, the program exports; each alert is tested, and has a place in the runbook.
func TestAlerts(t *testing.T) {
	read := func(name string) string {
		t.Helper()
		content, err := fs.ReadFile(os.DirFS("../../deploy"), name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	alerts, tests, runbook, exported := read("prometheus/alerts.yaml"), read("prometheus/alerts_test.yaml"), read("README.md"), everything(t)
	named := map[string]bool{}
	for _, name := range regexp.MustCompile(`\bpartnerplus_\w+`).FindAllString(alerts, -1) {
		named[name] = true
	}
	if len(named) < 10 {
		t.Fatalf("only %d metrics found in the alerts", len(named))
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !regexp.MustCompile(`(?m)^` + name + `[ {]`).MatchString(exported) {
			t.Errorf("the alerts ask for %s, which is not exported", name)
		}
	}
	for _, found := range regexp.MustCompile(`(?m)- alert: (\w+)`).FindAllStringSubmatch(alerts, -1) {
		name := found[1]
		if !strings.Contains(tests, "alertname: "+name+"\n") {
			t.Errorf("no test of %s", name)
		}
		if !strings.Contains(runbook, "\n#### "+name+"\n") {
			t.Errorf("%s is not in the runbook of deploy/README.md", name)
		}
		if !strings.Contains(alerts, "deploy/README.md#"+strings.ToLower(name)+"\n") {
			t.Errorf("%s has no runbook", name)
		}
	}
}
