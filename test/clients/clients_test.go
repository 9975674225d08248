// Package clients has programs that other people wrote read a warehouse as its read-only user: ClickHouse's clients for
// Node and Go, DbGate's driver, the engine's own pages in a browser; and what they ask about the schema is asked as they do.
package clients

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// warehouse is where a client finds the figures.
type warehouse struct {
	address, user, password string
}

// filled gives an embedded engine with the figures of the small golden data set.
func filled(t *testing.T) warehouse {
	t.Helper()
	dir := warehousetest.Dir(t)
	warehousetest.CopySchema(t, dir)
	e, err := engine.Open(t.Context(), engine.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	w, err := load.Open(e.DSN(), load.PublishAtOnce())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	t.Setenv("GOLDEN_DIR", "small")
	t.Setenv("GOLDEN_ZONE", "UTC")
	c, err := config.Load("../golden/testdata/canonical.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Migrate(t.Context(), load.Reporting{Timezone: c.Reporting.Timezone, Currency: c.Reporting.Currency}); err != nil {
		t.Fatal(err)
	}
	p := &pipeline.Pipeline{Config: c, Warehouse: w, Log: zap.NewNop()}
	if _, err := p.Run(t.Context(), pipeline.Request{}); err != nil {
		t.Fatal(err)
	}
	a := e.Address()
	return warehouse{address: fmt.Sprintf("http://%s:%d", a.Host, a.Port), user: a.ReaderUser, password: a.ReaderPassword}
}

// TestClients is what takes an engine: one for all of it.
func TestClients(t *testing.T) {
	w := filled(t)
	t.Run("node", func(t *testing.T) { testNode(t, w) })
	t.Run("dbgate", func(t *testing.T) { testDbGate(t, w) })
	t.Run("schema", func(t *testing.T) { testSchema(t, w) })
	t.Run("files", func(t *testing.T) { testFiles(t, w) })
	t.Run("pages", func(t *testing.T) { testPages(t, w) })
	t.Run("dashboard", func(t *testing.T) { testDashboard(t, w) })
}

// connect gives ClickHouse's client for Go.
func connect(t *testing.T, w warehouse) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{
		Protocol: clickhouse.HTTP,
		Addr:     []string{strings.TrimPrefix(w.address, "http://")},
		Auth:     clickhouse.Auth{Database: "kpi", Username: w.user, Password: w.password},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// node runs a script of this folder and gives the last line that it prints.
func node(t *testing.T, w warehouse, script string, environment ...string) []byte {
	t.Helper()
	if _, err := os.Stat("node_modules"); errors.Is(err, os.ErrNotExist) {
		t.Fatal("the clients are not installed: make clients")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "node", script)
	command.Env = append(os.Environ(), "CLICKHOUSE_URL="+w.address, "CLICKHOUSE_USER="+w.user, "CLICKHOUSE_PASSWORD="+w.password)
	command.Env = append(command.Env, environment...)
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v\n%s", script, err, complaints.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return []byte(lines[len(lines)-1])
}

// figures are what both clients read, exact, as texts; nil is NULL.
type figures struct {
	Monthly  []monthly `json:"monthly"`
	Streamed []monthly `json:"streamed"`
	Metrics  []metric  `json:"metrics"`
	AsOf     []asOf    `json:"as_of"`
}

type monthly struct {
	Month     string  `json:"month"`
	Program   string  `json:"program_id"`
	Metric    string  `json:"metric"`
	Value     *string `json:"value"`
	MomPct    *string `json:"mom_pct"`
	Direction *string `json:"direction"`
}

type metric struct {
	Metric     string  `json:"metric"`
	Unit       string  `json:"unit"`
	Definition string  `json:"definition"`
	Target     *string `json:"target"`
}

type asOf struct {
	Edition     string `json:"edition"`
	NewestEvent string `json:"newest_event"`
	NewestMonth string `json:"newest_month"`
}

// testNode has the clients for Node and for Go read the same tables: values, NULLs, dates and times are the same.
func testNode(t *testing.T, w warehouse) {
	parameters := map[string]any{"scope": "program", "from": "2024-02-01", "metrics": []string{"dollars_awarded", "activation_rate", "gini", "users_awarded"}}
	asked, err := json.Marshal(parameters)
	if err != nil {
		t.Fatal(err)
	}
	var got figures
	if err := json.Unmarshal(node(t, w, "clickhouse.mjs", "PARAMETERS="+string(asked)), &got); err != nil {
		t.Fatal(err)
	}
	want := readWithGo(t, connect(t, w))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what Node reads is not what Go reads (-go +node):\n%s", diff)
	}
	nulls, cents := 0, 0
	for _, row := range got.Monthly {
		switch {
		case row.Value == nil || row.MomPct == nil:
			nulls++
		case strings.Contains(*row.Value, "."):
			cents++
		}
	}
	if nulls == 0 || cents == 0 || len(got.AsOf) != 1 {
		t.Errorf("%d rows with NULL, %d with decimals, %d as of: there is nothing to compare", nulls, cents, len(got.AsOf))
	}
}

func readWithGo(t *testing.T, conn driver.Conn) figures {
	t.Helper()
	var of figures
	each(t, conn, func(rows driver.Rows) error {
		var (
			month           time.Time
			value, movement *decimal.Decimal
			row             monthly
		)
		err := rows.Scan(&month, &row.Program, &row.Metric, &value, &movement, &row.Direction)
		row.Month, row.Value, row.MomPct = month.Format(time.DateOnly), text(value), text(movement)
		of.Monthly = append(of.Monthly, row)
		return err
	}, `SELECT month, program_id, metric, value, mom_pct, direction FROM metric_monthly
		WHERE scope = {scope:String} AND month >= {from:Date32} AND metric IN ('dollars_awarded', 'activation_rate', 'gini', 'users_awarded')
		ORDER BY month, program_id, metric`,
		clickhouse.Named("scope", "program"), clickhouse.Named("from", "2024-02-01"))
	of.Streamed = of.Monthly
	each(t, conn, func(rows driver.Rows) error {
		var (
			target *decimal.Decimal
			row    metric
		)
		err := rows.Scan(&row.Metric, &row.Unit, &row.Definition, &target)
		row.Target = text(target)
		of.Metrics = append(of.Metrics, row)
		return err
	}, "SELECT metric, unit, definition, target FROM metrics ORDER BY metric, population")
	each(t, conn, func(rows driver.Rows) error {
		var (
			edition      uint64
			event, month time.Time
		)
		err := rows.Scan(&edition, &event, &month)
		of.AsOf = append(of.AsOf, asOf{strconv.FormatUint(edition, 10), event.Format("2006-01-02 15:04:05.000000"), month.Format(time.DateOnly)})
		return err
	}, "SELECT edition, newest_event, newest_month FROM as_of")
	return of
}

// each reads all rows of an answer.
func each(t *testing.T, conn driver.Conn, scan func(driver.Rows) error, statement string, parameters ...any) {
	t.Helper()
	rows, err := conn.Query(t.Context(), statement, parameters...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func text(of *decimal.Decimal) *string {
	if of == nil {
		return nil
	}
	value := of.String()
	return &value
}

// get asks over HTTP, with a password in a header.
func get(t *testing.T, w warehouse, path, statement string, settings url.Values) (status int, body []byte) {
	t.Helper()
	method := http.MethodGet
	if statement != "" {
		method = http.MethodPost
	}
	if len(settings) > 0 {
		path += "?" + settings.Encode()
	}
	request, err := http.NewRequestWithContext(t.Context(), method, w.address+path, strings.NewReader(statement))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(w.user, w.password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}
