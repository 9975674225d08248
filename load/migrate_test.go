package load_test

import (
	"errors"
	"fmt"
	"path"
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
	late := since(t, earlier)
	t.Run("an earlier schema", func(t *testing.T) { // the first test, which leaves the newest
		upgrade(t, w, slices.Concat(late, []string{"reporting: USD, UTC"}, views, []string{touched}))
	})
	sameNames(t, migrate(t, w, utc))

	deliver(t, w, "u", noon, fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-02-01 03:00")})
	if months := refresh(t, w); months != 1 {
		t.Errorf("%d months were recomputed", months)
	}
	const figures = "SELECT month, value FROM kpi.metric_monthly WHERE scope = 'portfolio' AND metric = 'dollars_awarded' ORDER BY month"
	expect(t, w, figures, "2024-02-01|1")

	t.Run("another zone", func(t *testing.T) {
		newYork := load.Reporting{Timezone: "America/New_York", Currency: "USD"}
		sameNames(t, migrate(t, w, newYork), "reporting: USD, America/New_York", touched)
		if months := refresh(t, w); months != 1 {
			t.Errorf("%d months were recomputed, want January", months)
		}
		expect(t, w, figures, "2024-01-01|1")
		expect(t, w, "SELECT DISTINCT month FROM kpi.member_monthly", "2024-01-01")
		sameNames(t, migrate(t, w, utc), "reporting: USD, UTC", touched)
		refresh(t, w)
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("another currency", func(t *testing.T) {
		sameNames(t, migrate(t, w, load.Reporting{Timezone: "UTC", Currency: "EUR"}), "reporting: EUR, UTC", touched)
		refresh(t, w)
		expect(t, w, figures) // no rate of USD
		migrate(t, w, utc)
		refresh(t, w)
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("a view of another text", func(t *testing.T) {
		change(t, w, "CREATE OR REPLACE VIEW kpi_core.metric_of_financial AS SELECT month, scope, program_id, org_id, segment, '' AS population, 'dollars_awarded' AS metric, CAST(7 AS Nullable(Decimal(76, 20))) AS value FROM kpi_core.scope_month")
		change(t, w, "INSERT INTO etl.schema_objects SELECT 'kpi_core.metric_of_financial', 'of another text', now64(6)")
		sameNames(t, migrate(t, w, utc), "metrics/financial.sql", touched)
		refresh(t, w)
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("a view dropped by hand", func(t *testing.T) {
		change(t, w, "DROP VIEW kpi.metric_monthly SYNC")
		sameNames(t, migrate(t, w, utc), "kpi/020_metric_monthly.sql", touched)
		expect(t, w, figures, "2024-02-01|1")
	})
	t.Run("a view whose file is gone", func(t *testing.T) {
		change(t, w, "CREATE VIEW kpi_core.metric_of_yore AS SELECT month, scope, program_id, org_id, segment, '' AS population, 'yore' AS metric, CAST(7 AS Nullable(Decimal(76, 20))) AS value FROM kpi_core.scope_month")
		change(t, w, "INSERT INTO etl.schema_objects SELECT 'kpi_core.metric_of_yore', 'of its text', now64(6)")
		change(t, w, "CREATE VIEW kpi.of_an_analyst AS SELECT 1")
		sameNames(t, migrate(t, w, utc), "drop kpi_core.metric_of_yore", touched)
		expect(t, w, "SELECT name FROM system.tables WHERE name IN ('metric_of_yore', 'of_an_analyst')", "of_an_analyst")
		sameNames(t, migrate(t, w, utc))
	})
	t.Run("a crash before the months were touched", func(t *testing.T) {
		refresh(t, w)
		// Everything is applied, but the crash came before anything was recomputed.
		must(t, w.BeginMigration(t.Context()))
		change(t, w, "INSERT INTO etl.settings SELECT now64(6), 'America/New_York', 'USD'")
		sameNames(t, migrate(t, w, load.Reporting{Timezone: "America/New_York", Currency: "USD"}), touched)
		if months := refresh(t, w); months != 1 {
			t.Errorf("%d months were recomputed, want January", months)
		}
		expect(t, w, figures, "2024-01-01|1")
		if months := refresh(t, w); months != 0 {
			t.Errorf("%d months were recomputed again", months)
		}
	})
	t.Run("a crash after the last migration", func(t *testing.T) {
		must(t, w.BeginMigrationOfTables(t.Context()))
		sameNames(t, migrate(t, w, load.Reporting{Timezone: "America/New_York", Currency: "USD"}), append(slices.Clone(views), touched)...)
	})
	t.Run("an altered migration", func(t *testing.T) {
		change(t, w, "INSERT INTO etl.schema_migrations SELECT version, name, 'altered', now64(6) FROM etl.schema_migrations FINAL WHERE version = 20")
		refused(t, w, "migrations/0020_warehouse_programs.sql", "another content")
		change(t, w, "DELETE FROM etl.schema_migrations WHERE checksum = 'altered'")
	})
	t.Run("a newer schema", func(t *testing.T) {
		change(t, w, "INSERT INTO etl.schema_migrations SELECT 9999, '9999_future.sql', '', now64(6)")
		refused(t, w, "9999", "newer")
		_, err := w.Migrate(t.Context(), utc)
		if newer := new(load.SchemaNewerError); !errors.As(err, &newer) || newer.Version != 9999 {
			t.Errorf("the error is %v", err)
		}
	})
}

// touched is what ends every migration.
const touched = "load/touched_everything.sql"

// earlier is the first migration that an earlier schema does not have: figures were swapped in table by table then.
const earlier = "0040"

// since gives the migrations from a number on.
func since(t *testing.T, number string) []string {
	return slices.DeleteFunc(scripts(t, "migrations"), func(name string) bool { return strings.TrimPrefix(name, "migrations/") < number })
}

// upgrade brings a warehouse of an earlier schema, with data, to the newest. Each migration has been cut short after each of its
// statements before.
func upgrade(t *testing.T, w *load.Warehouse, pending []string) {
	bootstrap, err := sql.Scripts("bootstrap")
	must(t, err)
	migrations, err := sql.Scripts("migrations")
	must(t, err)
	applied := 0
	for _, script := range append(bootstrap, migrations...) {
		statements := script.Statements()
		if path.Base(script.Name) == "0040_kpi_core_without_editions.sql" {
			earlierData(t, w)
		}
		for cut := 1; cut <= len(statements); cut++ {
			for _, statement := range statements[:cut] {
				change(t, w, statement)
			}
		}
		number, _, _ := strings.Cut(path.Base(script.Name), "_")
		if slices.Contains(pending, script.Name) || strings.HasPrefix(script.Name, "bootstrap") {
			continue
		}
		applied++
		change(t, w, fmt.Sprintf("INSERT INTO etl.schema_migrations SELECT %s, '%s', lower(hex(SHA256('%s'))), now64(6)",
			strings.TrimLeft(number, "0"), script.Name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(script.Text)))
	}
	if applied < 20 || len(pending) < 100 {
		t.Errorf("%d migrations were applied, %d changes are pending", applied, len(pending))
	}
	sameNames(t, migrate(t, w, utc), pending...)
	if months := refresh(t, w); months != 1 {
		t.Errorf("%d months were recomputed", months)
	}
	expect(t, w, "SELECT metric, value FROM kpi.metric_monthly WHERE scope = 'portfolio' AND metric IN ('dollars_awarded', 'unspent_dollars') ORDER BY metric", "dollars_awarded|12.5", "unspent_dollars|12.5")
	expect(t, w, "SELECT unit, position, reason, rule, mapping FROM etl.open_rejects", "u|2|no number||0")
	expect(t, w, "SELECT * FROM kpi.unconserved_units", "s|u|v1|0||['the unreadable and unrouted rows kept are not those counted']|2|0|0|0|0|0|0|0|1|0|0|0") // it had no column mapping
	expect(t, w, "SELECT status FROM etl.runs FINAL", "done")
	empty(t, w)
}

// earlierData is a unit with an award and a reject, as the program of that time loaded it.
func earlierData(t *testing.T, w *load.Warehouse) {
	for _, statement := range []string{
		"INSERT INTO etl.settings SELECT now64(6), 'UTC', 'USD'",
		"INSERT INTO warehouse.awards (program_id, award_id, member_id, kind, amount, currency, awarded_at, version, source, unit) SELECT 'p', 'a', 'm', 'award', 12.5, 'USD', '2024-01-05 00:00:00', 1, 's', 'u'",
		"INSERT INTO etl.units (source, unit, version, status, run_id, load_id, rows_read, updated_at) SELECT 's', 'u', 'v1', 'loaded', 'r', 'l', 2, now64(6)",
		"INSERT INTO etl.unit_entities (source, unit, version, run_id, mapping, entity, rows_in, rows_loaded, rows_rejected, amount_in, amount_loaded, updated_at) SELECT 's', 'u', 'v1', 'r', 1, 'awards', 2, 1, 1, 12.5, 12.5, now64(6)",
		"INSERT INTO etl.rejects (source, unit, run_id, load_id, entity, position, column, reason, raw, recorded_at) SELECT 's', 'u', 'r', 'l', 'awards', 2, 'amount', 'no number', '{}', now64(6)",
		"INSERT INTO etl.touched_months (month, source, unit, version, settled, touched_at) SELECT '2024-01-01', 's', 'u', 'v1', 0, now64(6)",
		"INSERT INTO etl.runs (run_id, job, started_at, status, updated_at) SELECT 'r', 'manual', now64(6), 'done', now64(6)",
	} {
		change(t, w, statement)
	}
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

// TestPending asks what Migrate would do where nothing was ever migrated, which writes nothing; and has a client do it, after
// which Migrate has nothing left to do.
func TestPending(t *testing.T) {
	t.Parallel()
	w := warehousetest.Open(t)
	pending, err := w.Pending(t.Context(), utc)
	must(t, err)
	sameNames(t, nameList(pending), slices.Concat(scripts(t, "bootstrap", "migrations"), []string{"reporting: USD, UTC"}, scripts(t, "core", "metrics", "rules", "kpi", "checks"), []string{touched})...)
	expect(t, w, "SELECT count() FROM system.databases WHERE name IN ('etl', 'warehouse', 'kpi_core', 'kpi')", "0")
	var pasted strings.Builder
	for _, c := range pending {
		fmt.Fprintf(&pasted, "-- %s\n%s\n", c.Name, c.SQL)
	}
	for _, statement := range (sql.Script{Text: pasted.String()}).Statements() {
		change(t, w, statement)
	}
	sameNames(t, migrate(t, w, utc))
	deliver(t, w, "u", noon, fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-02-01 03:00")})
	refresh(t, w)
	expect(t, w, "SELECT value FROM kpi.metric_monthly WHERE scope = 'portfolio' AND metric = 'dollars_awarded'", "1")
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
