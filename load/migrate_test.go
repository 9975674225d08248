package load_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func migrate(t *testing.T, w *load.Warehouse, reporting load.Reporting) []string {
	t.Helper()
	pending, err := w.Pending(t.Context(), reporting)
	must(t, err)
	changes, err := w.Migrate(t.Context(), reporting)
	must(t, err)
	if !slices.Equal(pending, changes) {
		t.Errorf("pending was %v, but %v changed", nameList(pending), nameList(changes))
	}
	return nameList(changes)
}

func nameList(changes []load.Change) []string {
	all := make([]string, len(changes))
	for i, c := range changes {
		all[i] = c.Name
	}
	return all
}

func sameNames(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("changes are %q, want %q", got, want)
	}
}

func scripts(t *testing.T, folders ...string) []string {
	t.Helper()
	var all []string
	for _, folder := range folders {
		scripts, err := sql.Scripts(folder)
		must(t, err)
		for _, s := range scripts {
			all = append(all, s.Name)
		}
	}
	return all
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	w := warehousetest.Open(t)
	must(t, w.Ping(t.Context()))
	views := scripts(t, "core", "metrics", "rules", "kpi", "checks")
	everything := slices.Concat(scripts(t, "migrations"), []string{"reporting: USD, UTC"}, views)
	sameNames(t, migrate(t, w, utc), everything...)
	sameNames(t, migrate(t, w, utc))
	expect(t, w, "SELECT count() FROM etl.settings", "1")

	deliver(t, w, "u", noon, fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-02-01 03:00")})
	if months := refresh(t, w); months != 1 {
		t.Errorf("%d months were recomputed", months)
	}
	const figures = "SELECT month, value FROM kpi.metric_monthly WHERE scope = 'portfolio' AND metric = 'dollars_awarded' ORDER BY month"
	expect(t, w, figures, "2024-02-01|1")

	t.Run("another zone", func(t *testing.T) {
		newYork := load.Reporting{Timezone: "America/New_York", Currency: "USD"}
		sameNames(t, migrate(t, w, newYork), "reporting: USD, America/New_York")
		if months := refresh(t, w); months != 1 {
			t.Errorf("%d months were recomputed, want January", months)
		}
		expect(t, w, figures, "2024-01-01|1")
		expect(t, w, "SELECT DISTINCT month FROM kpi.member_monthly", "2024-01-01")
		sameNames(t, migrate(t, w, utc), "reporting: USD, UTC")
		refresh(t, w)
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("another currency", func(t *testing.T) {
		sameNames(t, migrate(t, w, load.Reporting{Timezone: "UTC", Currency: "EUR"}), "reporting: EUR, UTC")
		refresh(t, w)
		expect(t, w, figures) // no rate of USD
		migrate(t, w, utc)
		refresh(t, w)
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("a view of another text", func(t *testing.T) {
		change(t, w, "CREATE OR REPLACE VIEW kpi_core.metric_of_dollars_awarded AS SELECT month, scope, program_id, org_id, segment, '' AS population, 'dollars_awarded' AS metric, CAST(7 AS Nullable(Decimal(76, 20))) AS value FROM kpi_core.scope_month")
		change(t, w, "INSERT INTO etl.schema_objects SELECT 'kpi_core.metric_of_dollars_awarded', 'of another text', now64(6)")
		sameNames(t, migrate(t, w, utc), "metrics/dollars_awarded.sql")
		refresh(t, w)
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("a view dropped by hand", func(t *testing.T) {
		change(t, w, "DROP VIEW kpi.metric_monthly SYNC")
		sameNames(t, migrate(t, w, utc), "kpi/020_metric_monthly.sql")
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("a view whose file is gone", func(t *testing.T) {
		change(t, w, "CREATE VIEW kpi_core.metric_of_yore AS SELECT month, scope, program_id, org_id, segment, '' AS population, 'yore' AS metric, CAST(7 AS Nullable(Decimal(76, 20))) AS value FROM kpi_core.scope_month")
		change(t, w, "INSERT INTO etl.schema_objects SELECT 'kpi_core.metric_of_yore', 'of its text', now64(6)")
		change(t, w, "CREATE VIEW kpi.of_an_analyst AS SELECT 1")
		sameNames(t, migrate(t, w, utc), "drop kpi_core.metric_of_yore")
		expect(t, w, "SELECT name FROM system.tables WHERE name IN ('metric_of_yore', 'of_an_analyst')", "of_an_analyst")
		sameNames(t, migrate(t, w, utc))
	})
	t.Run("a crash in the middle", func(t *testing.T) {
		change(t, w, "DELETE FROM etl.schema_migrations WHERE version >= 30")
		late := slices.DeleteFunc(scripts(t, "migrations"), func(name string) bool { return strings.TrimPrefix(name, "migrations/") < "0030" })
		sameNames(t, migrate(t, w, utc), slices.Concat(late, []string{"reporting: USD, UTC"}, views)...)
		sameNames(t, migrate(t, w, utc))
		refresh(t, w)
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("a crash before the months were touched", func(t *testing.T) {
		// Everything is applied, but the crash came before anything was recomputed.
		must(t, w.BeginMigration(t.Context()))
		change(t, w, "INSERT INTO etl.settings SELECT now64(6), 'America/New_York', 'USD'")
		sameNames(t, migrate(t, w, load.Reporting{Timezone: "America/New_York", Currency: "USD"}))
		if months := refresh(t, w); months != 1 {
			t.Errorf("%d months were recomputed, want January", months)
		}
		expect(t, w, figures, "2024-01-01|1")
		if months := refresh(t, w); months != 0 {
			t.Errorf("%d months were recomputed again", months)
		}
	})
	t.Run("an altered migration", func(t *testing.T) {
		change(t, w, "INSERT INTO etl.schema_migrations SELECT version, name, 'altered', now64(6) FROM etl.schema_migrations FINAL WHERE version = 20")
		refused(t, w, "migrations/0020_warehouse_programs.sql", "another content")
		change(t, w, "DELETE FROM etl.schema_migrations WHERE checksum = 'altered'")
	})
	t.Run("a newer schema", func(t *testing.T) {
		change(t, w, "INSERT INTO etl.schema_migrations SELECT 9999, '9999_future.sql', '', now64(6)")
		refused(t, w, "9999", "newer")
	})
}

func refused(t *testing.T, w *load.Warehouse, says ...string) {
	t.Helper()
	_, pending := w.Pending(t.Context(), utc)
	_, migrated := w.Migrate(t.Context(), utc)
	for _, err := range []error{pending, migrated} {
		for _, text := range says {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("error %v does not say %q", err, text)
			}
		}
	}
}

// TestPendingWritesNothing asks what Migrate would do where nothing was ever migrated.
func TestPendingWritesNothing(t *testing.T) {
	t.Parallel()
	w := warehousetest.Open(t)
	pending, err := w.Pending(t.Context(), utc)
	must(t, err)
	if len(pending) == 0 {
		t.Error("nothing is pending")
	}
	expect(t, w, "SELECT count() FROM system.databases WHERE name IN ('etl', 'warehouse', 'kpi_core', 'kpi')", "0")
}

// TestMigrateAtOnce migrates from several programs at once.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	w := warehousetest.Open(t)
	var group sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		group.Go(func() { _, errs[i] = w.Migrate(t.Context(), utc) })
	}
	group.Wait()
	for _, err := range errs {
		must(t, err)
	}
	sameNames(t, migrate(t, w, utc))
	deliver(t, w, "u", noon, fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-02-01 03:00")})
	refresh(t, w)
	expect(t, w, "SELECT value FROM kpi.metric_monthly WHERE scope = 'portfolio' AND metric = 'dollars_awarded'", fmt.Sprint(1))
}
