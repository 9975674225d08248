// Package warehousetest gives tests a real, empty warehouse: a ClickHouse server where PARTNERPLUS_TEST_DSN names one
// (test/docker starts the pinned image), else an embedded engine of the test's own.
//
// A test's package calls Main from its TestMain, because the embedded engine is a child of the test's own program.
package warehousetest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
)

// EnvDSN names the environment variable with the address of a server whose databases the tests may drop.
const EnvDSN = "PARTNERPLUS_TEST_DSN"

// EnvDir names the environment variable with the folder that the tests' warehouses are kept in, such as one in memory: on a
// disk, their many small files take a quarter of the tests' time. Without it they are where other temporary folders are.
const EnvDir = "PARTNERPLUS_TEST_DIR"

// Main runs a package's tests, or the embedded engine where this process was started as one.
func Main(m *testing.M) {
	engine.ChildMain()
	if dsn := os.Getenv(EnvDSN); dsn != "" {
		fmt.Println("warehouse of these tests: the ClickHouse server of", EnvDSN)
	} else {
		fmt.Println("warehouse of these tests: the embedded engine")
	}
	os.Exit(Run(m))
}

// Run runs a package's tests, takes away what they shared, and gives the exit code.
func Run(m *testing.M) int {
	code := m.Run()
	if err := removeTemplate(); err != nil {
		fmt.Println("remove the template of a warehouse:", err)
		return 1
	}
	return code
}

// server is held by the one test that uses the server of EnvDSN: its databases have fixed names.
var server sync.Mutex

// DSN gives the address of a warehouse with no databases of ours, for the length of the test.
func DSN(t testing.TB) string {
	t.Helper()
	if dsn := os.Getenv(EnvDSN); dsn != "" {
		server.Lock()
		t.Cleanup(server.Unlock)
		empty(t, dsn)
		return dsn
	}
	return Engine(t).DSN()
}

// Engine starts an embedded engine in a folder of the test's own, and ends it with the test.
func Engine(t testing.TB) *engine.Engine {
	t.Helper()
	return start(t, Dir(t))
}

// Dir gives an empty folder for a warehouse, for the length of the test.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(os.Getenv(EnvDir), "partnerplus-")
	if err != nil {
		t.Fatalf("make a folder for a warehouse: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove a warehouse: %v", err)
		}
	})
	return dir
}

func start(t testing.TB, dir string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(context.Background(), engine.Options{Dir: dir})
	if err != nil {
		t.Fatalf("start the embedded engine: %v", err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("end the embedded engine: %v", err)
		}
	})
	return e
}

// Open gives an empty warehouse, not yet migrated, for the length of the test. Its figures are seen as soon as they are
// published.
func Open(t testing.TB) *load.Warehouse {
	t.Helper()
	return connect(t, DSN(t), load.PublishAtOnce())
}

// Migrated gives a warehouse with its schema, reporting in that zone and currency. Its figures are seen as soon as they are
// published.
func Migrated(t testing.TB, reporting load.Reporting) *load.Warehouse {
	t.Helper()
	return connect(t, MigratedDSN(t, reporting), load.PublishAtOnce())
}

// MigratedDSN gives the address of a warehouse with its schema, reporting in that zone and currency, for the length of the test.
func MigratedDSN(t testing.TB, reporting load.Reporting) string {
	t.Helper()
	var dsn string
	if os.Getenv(EnvDSN) != "" {
		dsn = DSN(t)
	} else {
		dir := Dir(t)
		CopySchema(t, dir)
		dsn = start(t, dir).DSN()
	}
	if _, err := connect(t, dsn).Migrate(t.Context(), reporting); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return dsn
}

func connect(t testing.TB, dsn string, options ...load.Option) *load.Warehouse {
	t.Helper()
	w, err := load.Open(dsn, options...)
	if err != nil {
		t.Fatalf("open the warehouse: %v", err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close the warehouse: %v", err)
		}
	})
	return w
}

func empty(t testing.TB, dsn string) {
	t.Helper()
	w := connect(t, dsn)
	for _, database := range []string{"kpi", "kpi_engagement", "kpi_support", "kpi_core", "etl", "warehouse"} {
		answer, err := w.Ask(t.Context(), "Null", "DROP DATABASE IF EXISTS "+database+" SYNC", true, false)
		if err != nil {
			t.Fatalf("empty the server: %v", err)
		}
		_ = answer.Close()
	}
}
