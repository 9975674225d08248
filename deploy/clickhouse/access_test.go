// Package clickhouse_test holds the users, roles, profiles and quotas of this folder to what they promise, on a real engine.
package clickhouse_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	// The engine has a password of its own for its writer.
	for name, content := range map[string][]byte{
		"partnerplus-passwords.xml": without(t, filepath.Join(passwords, "partnerplus-passwords.xml"), "partnerplus"),
		"people.xml":                []byte(newcomer(t)),
		"server.xml":                []byte(asServer),
	} {
		if err := os.WriteFile(filepath.Join(users, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
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
	s := server{address: e.Address(), dsn: e.DSN(), passwords: map[string]string{}}
	for _, user := range append(roles, "monitor") {
		s.passwords[user] = read(t, filepath.Join(passwords, "clickhouse-"+user))
	}
	s.passwords["partnerplus"], s.passwords["reader"], s.passwords["newcomer"] = s.address.WriterPassword, s.address.ReaderPassword, "of a newcomer"
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

// without leaves a user out of a file of passwords, as deploy/README.md tells for the embedded engine.
func without(t *testing.T, path, user string) []byte {
	t.Helper()
	var kept []byte
	for line := range strings.Lines(read(t, path)) {
		if !strings.Contains(line, "<"+user+">") {
			kept = append(kept, line...)
		}
	}
	return kept
}

// asServer takes away what the embedded engine's own profile has and a server's has not.
const asServer = `<clickhouse><profiles><default><constraints remove="remove"/></default></profiles></clickhouse>`

// newcomer is a file with one more partner manager, as deploy/README.md tells to add people: the role's whole element, and a
// password.
func newcomer(t *testing.T) string {
	t.Helper()
	users := read(t, filepath.Join("users.d", "partnerplus-users.xml"))
	_, element, _ := strings.Cut(users, "<partner_manager>")
	element, _, found := strings.Cut(element, "</partner_manager>")
	if !found {
		t.Fatal("users.d has no partner_manager")
	}
	hash := sha256.Sum256([]byte("of a newcomer"))
	return "<clickhouse><users><newcomer><password_sha256_hex>" + hex.EncodeToString(hash[:]) + "</password_sha256_hex>" + element + "</newcomer></users></clickhouse>"
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
	w := work(t, s)
	t.Run("roles", func(t *testing.T) { testRoles(t, s) })
	t.Run("refusals", func(t *testing.T) { testRefusals(t, s) })
	t.Run("figures", func(t *testing.T) { testFigures(t, s) })
	t.Run("no money", func(t *testing.T) { testNoMoney(t, s) })
	t.Run("filters", func(t *testing.T) { testFilters(t, s) })
	t.Run("partner managers", func(t *testing.T) { testManagers(t, s, w) })
	t.Run("sql", func(t *testing.T) { testSQL(t, s) })
	t.Run("config", func(t *testing.T) { testConfig(t, s) })
}

// work migrates, loads, checks, repairs and closes a month with the rights of the writer's role alone.
func work(t *testing.T, s server) *load.Warehouse {
	t.Helper()
	c, err := config.Load(filepath.Join("testdata", "small.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := load.Open(s.dsn, load.PublishAtOnce())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx := t.Context()
	if _, err := w.Migrate(ctx, load.Reporting{Timezone: c.Reporting.Timezone, Currency: c.Reporting.Currency}); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	p := &pipeline.Pipeline{Config: c, Warehouse: w, Log: zap.NewNop()}
	report, err := p.Run(ctx, pipeline.Request{})
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	if total := report.Total(); total.Canonical != 13 || total.Rejected != 1 {
		t.Fatalf("loaded %d rows and rejected %d, want 13 and 1", total.Canonical, total.Rejected)
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
	return w
}
