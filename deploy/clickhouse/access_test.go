// Package clickhouse_test holds the users, roles, profiles and quotas of this folder to what they promise, on a real engine.
package clickhouse_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) {
	engine.ChildMain()
	os.Exit(m.Run())
}

// server is an engine with the users of this folder.
type server struct {
	address   engine.Address
	dsn       string            // of the pipeline
	passwords map[string]string // by user
}

// start starts an engine with the users of users.d and passwords of secrets.sh.
func start(t *testing.T) server {
	t.Helper()
	dir := warehousetest.Dir(t)
	users := filepath.Join(dir, "users.d")
	if err := os.CopyFS(users, os.DirFS("users.d")); err != nil {
		t.Fatal(err)
	}
	passwords := secrets(t)
	// The engine has passwords of its own for its writer and its reader.
	own := only(t, filepath.Join(passwords, "partnerplus-passwords.xml"), "engagement_reader", "monitor")
	if err := os.WriteFile(filepath.Join(users, "partnerplus-passwords.xml"), own, 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(t.Context(), engine.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	s := server{address: e.Address(), dsn: e.DSN()}
	s.passwords = map[string]string{
		"partnerplus":       s.address.WriterPassword,
		"reader":            s.address.ReaderPassword,
		"engagement_reader": read(t, filepath.Join(passwords, "clickhouse-engagement_reader")),
		"monitor":           read(t, filepath.Join(passwords, "clickhouse-monitor")),
	}
	return s
}

// secrets writes new secrets and gives their folder.
func secrets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), "../secrets.sh", dir)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return dir
}

// only leaves those users in a file of passwords, as deploy/README.md tells for the embedded engine.
func only(t *testing.T, path string, users ...string) []byte {
	t.Helper()
	var kept []byte
	for line := range strings.Lines(read(t, path)) {
		name, _, isUser := strings.Cut(line, "><password_sha256_hex>")
		if !isUser || slices.Contains(users, strings.Trim(name, " <")) {
			kept = append(kept, line...)
		}
	}
	return kept
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ask sends a statement as a user, as BI tools do: with settings in the address. It gives the answer, or the error's name.
func (s server) ask(t *testing.T, user, statement string, settings url.Values) (answer, refused string) {
	t.Helper()
	if settings == nil {
		settings = url.Values{}
	}
	target := url.URL{Scheme: "http", Host: s.address.Host + ":" + strconv.Itoa(s.address.Port), Path: "/", RawQuery: settings.Encode()}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), strings.NewReader(statement))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(user, s.passwords[user])
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(string(body))
	if response.StatusCode == http.StatusOK {
		return text, ""
	}
	name := errorName.FindAllStringSubmatch(text, -1)
	if len(name) == 0 {
		t.Fatalf("%s: %s: %s: %s", user, statement, response.Status, text)
	}
	return text, name[len(name)-1][1]
}

var errorName = regexp.MustCompile(`\(([A-Z_]+)\)`)

// TestOnEngine is what takes an engine: one for all of it.
func TestOnEngine(t *testing.T) {
	s := start(t)
	t.Run("access", func(t *testing.T) { testAccess(t, s) })
	t.Run("sql", func(t *testing.T) { testSQL(t, s) })
	t.Run("config", func(t *testing.T) { testConfig(t, s) })
}

// testAccess runs everything that a pipeline does with the rights of its role alone, and tries what each user may and may
// not do. The settings are those that Grafana and Metabase send.
func testAccess(t *testing.T, s server) {
	month := work(t, s)
	bi := url.Values{"max_execution_time": {"120"}, "session_timezone": {"Europe/London"}, "max_result_rows": {"2000"}, "result_overflow_mode": {"break"}}
	const (
		denied   = "ACCESS_DENIED"
		readOnly = "READONLY"
	)
	for _, try := range []struct {
		user, statement string
		settings        url.Values
		refused         string
	}{
		{"partnerplus", "CREATE TABLE default.t (n UInt8) ENGINE = MergeTree ORDER BY n", nil, denied},
		{"partnerplus", "CREATE TABLE etl.t (n UInt8) ENGINE = URL('http://127.0.0.1/')", nil, denied},
		{"partnerplus", "CREATE USER u", nil, denied},
		{"partnerplus", "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)", nil, denied},
		{"partnerplus", "SELECT count() FROM system.errors", nil, denied},
		{"partnerplus", "SYSTEM SHUTDOWN", nil, denied},

		{"reader", "SELECT * FROM kpi.metric_monthly", bi, ""},
		{"reader", "SELECT * FROM kpi_engagement.metric_monthly", bi, ""},
		{"reader", "SELECT table_name FROM information_schema.tables", bi, ""},
		{"reader", "SELECT count() FROM kpi.as_of", url.Values{"max_execution_time": {"121"}}, "SETTING_CONSTRAINT_VIOLATION"},
		{"reader", "SELECT count() FROM kpi.as_of", url.Values{"max_memory_usage": {"0"}}, readOnly},
		{"reader", "SELECT count() FROM kpi.as_of SETTINGS readonly = 0", nil, readOnly},
		{"reader", "INSERT INTO kpi_core.lens SELECT * FROM kpi_core.lens", nil, denied},
		{"reader", "SELECT * FROM warehouse.members", nil, denied},
		{"reader", "SELECT * FROM kpi_core.metric_month", nil, denied},
		{"reader", "SELECT * FROM etl.rejects", nil, denied},
		{"reader", "DROP VIEW kpi.as_of", nil, denied},

		{"engagement_reader", "SELECT * FROM kpi_engagement.metric_monthly", bi, ""},
		{"engagement_reader", "SELECT * FROM kpi.metric_monthly", bi, denied},
		{"engagement_reader", "SELECT * FROM warehouse.awards", nil, denied},

		{"monitor", "SELECT status, count() FROM etl.runs GROUP BY status", bi, ""},
		{"monitor", "SELECT * FROM etl.units, etl.unit_entities, etl.job_runs, etl.source_runs, etl.sources, etl.checks, etl.schema_migrations LIMIT 0", nil, ""},
		{"monitor", "SELECT * FROM kpi.stale_sources", nil, ""},
		{"monitor", "SELECT metric, value FROM system.metrics", nil, ""},
		{"monitor", "SELECT count() FROM system.disks, system.errors, system.events, system.merges, system.mutations, system.parts, system.replicas", nil, ""},
		{"monitor", "SELECT raw FROM etl.rejects", nil, denied},
		{"monitor", "SELECT * FROM kpi.metric_monthly", nil, denied},
		{"monitor", "SELECT * FROM warehouse.members", nil, denied},
	} {
		answer, refused := s.ask(t, try.user, try.statement, try.settings)
		if refused != try.refused {
			t.Errorf("%s: %s: refused with %q, want %q\n%s", try.user, try.statement, refused, try.refused, answer)
		}
	}

	if got, refused := s.ask(t, "reader", "SELECT dollars_awarded FROM kpi.portfolio_financial_monthly WHERE month = '"+month+"'", bi); refused != "" || got != "15.25" {
		t.Errorf("the reader reads that %q was awarded in %s, want 15.25 %s", got, month, refused)
	}
	if got, refused := s.ask(t, "reader", "SELECT count() FROM system.parts", nil); got != "0" {
		t.Errorf("the reader sees parts of tables that it may not read: %s %s", got, refused)
	}
	for user, want := range map[string]string{"reader": "20000", "engagement_reader": "20000", "monitor": "20000", "partnerplus": `\N`} {
		if got, refused := s.ask(t, user, "SELECT max(max_queries) FROM system.quota_usage", nil); got != want {
			t.Errorf("%s may send %s queries an hour, want %s %s", user, got, want, refused)
		}
	}
}

// work migrates, loads, checks, repairs and closes a month as the pipeline's user.
func work(t *testing.T, s server) (month string) {
	t.Helper()
	c, err := config.Load(filepath.Join("testdata", "small.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := load.Open(s.dsn, load.PublishAtOnce())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := t.Context()
	if _, err := w.Migrate(ctx, load.Reporting{Timezone: c.Reporting.Timezone, Currency: c.Reporting.Currency}); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	p := &pipeline.Pipeline{Config: c, Warehouse: w, Log: zap.NewNop()}
	report, err := p.Run(ctx, pipeline.Request{})
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	if total := report.Total(); total.Canonical != 5 || total.Rejected != 1 {
		t.Fatalf("loaded %d rows and rejected %d, want 5 and 1", total.Canonical, total.Rejected)
	}
	if _, err := p.Repair(ctx, time.Time{}); err != nil {
		t.Fatalf("repair: %v", err)
	}
	january := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := p.Validate(ctx, january, "conservation", "reconciliation"); err != nil {
		t.Fatalf("check: %v", err)
	}
	warehousetest.CloseMonth(t, w, january, "somebody", "")
	// A statement that nobody waits for is ended by its id.
	if _, refused := s.ask(t, "partnerplus", "KILL QUERY WHERE query_id = 'gone' ASYNC", nil); refused != "" {
		t.Errorf("a statement of its own cannot be ended: %s", refused)
	}
	return january.Format(time.DateOnly)
}
