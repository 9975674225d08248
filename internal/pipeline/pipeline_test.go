package pipeline

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// site is a folder with a config and files, and a warehouse.
type site struct {
	*load.Warehouse
	dir string
}

func newSite(t *testing.T) site {
	t.Helper()
	return site{warehousetest.Migrated(t, load.Reporting{Timezone: "UTC", Currency: "USD"}), t.TempDir()}
}

func (s site) write(t *testing.T, files map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) { // in the order in which they count as delivered
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (s site) pipeline(t *testing.T, sources string) *Pipeline {
	t.Helper()
	s.write(t, map[string]string{config.FileName: "reporting: {currency: USD}\nsources:\n" + sources})
	c, err := config.Load(filepath.Join(s.dir, config.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return &Pipeline{Config: c, Warehouse: s.Warehouse, Log: zap.NewNop()}
}

// run runs the sources once and wants it to end so.
func (s site) run(t *testing.T, sources, status string, request Request) Report {
	t.Helper()
	report, err := s.pipeline(t, sources).Run(t.Context(), request)
	if report.Status != status {
		t.Fatalf("the run is %s, want %s: %v, %+v", report.Status, status, err, report)
	}
	return report
}

func (s site) replay(t *testing.T, sources string, request ReplayRequest) ReplayReport {
	t.Helper()
	report, err := s.pipeline(t, sources).Replay(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// lines gives an answer, a line a row, its values separated by |.
func (s site) lines(t *testing.T, statement string) string {
	t.Helper()
	answer, err := s.Ask(t.Context(), "CSV", statement+" SETTINGS format_csv_delimiter = '|'", false, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Close() }() // read to its end
	text, err := io.ReadAll(answer)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.TrimSpace(string(text)), `"`, "")
}

func (s site) expect(t *testing.T, statement string, want ...string) {
	t.Helper()
	if got := s.lines(t, statement); got != strings.Join(want, "\n") {
		t.Errorf("%s\ngot:\n%s\nwant:\n%s", statement, got, strings.Join(want, "\n"))
	}
}

func (s site) change(t *testing.T, statement string) {
	t.Helper()
	answer, err := s.Ask(t.Context(), "Null", statement, true, false)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Close()
}
