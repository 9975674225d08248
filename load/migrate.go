package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/sql"
)

// Reporting decides how figures are computed.
type Reporting struct {
	Timezone string // IANA zone that decides days and months
	Currency string // of every KPI
}

// Change is something that Migrate applies.
type Change struct {
	Name string `json:"name"` // file below sql/, or what else changes
	SQL  string `json:"sql"`
}

// repeatable are the folders of views, in the order in which they stand on each other.
var repeatable = []string{"core", "metrics", "rules", "kpi", "checks"}

type migration struct {
	sql.Script
	version uint32
}

// Migrate brings the schema and the reporting settings up to date, and returns what it changed. It may be run at any
// time, by several at once, and goes on where a crash ended it. A schema newer than this program is a SchemaNewerError, what a
// restore that was cut short has left ErrHalfRestored.
func (w *Warehouse) Migrate(ctx context.Context, reporting Reporting) ([]Change, error) {
	if err := w.checkForm(ctx); err != nil {
		return nil, err
	}
	fresh, err := w.isFresh(ctx)
	if err != nil {
		return nil, err
	}
	var done []Change
	if fresh {
		if done, err = w.bootstrap(ctx); err != nil {
			return done, err
		}
	}
	failpoint.Here(failpoint.Bootstrapped)
	changed, err := w.migrate(ctx, reporting)
	return append(done, changed...), err
}

// migrate is Migrate where the warehouse has what migrating itself needs.
func (w *Warehouse) migrate(ctx context.Context, reporting Reporting) (done []Change, err error) {
	plan, err := w.plan(ctx, reporting, false)
	if err != nil {
		return done, err
	}
	crashed, err := w.unfinished(ctx)
	if err != nil || len(plan) == 0 && crashed == "" {
		return done, err
	}
	begun := migrating
	if crashed == migratingTables || slices.ContainsFunc(plan, func(s step) bool { return s.table }) {
		begun = migratingTables
	}
	if err := w.recordObjects(ctx, map[string]string{unfinished: begun}); err != nil {
		return done, err
	}
	failpoint.Here(failpoint.MigrationBegun)
	views := map[string]string{}
	for _, step := range plan {
		if err := step.apply(ctx); err != nil {
			return done, err
		}
		failpoint.Here(failpoint.ChangeApplied, step.Name)
		done = append(done, step.Change)
		if step.view != "" {
			views[step.view] = step.checksum
		}
	}
	// At once: a crash before it makes all of them again, which changes nothing.
	if err := w.recordObjects(ctx, views); err != nil {
		return done, err
	}
	// Views that were replaced are refreshed with the next run, over every month.
	if err := w.exec(ctx, "touch every month", sql.Text(touchEverything), nil); err != nil {
		return done, err
	}
	done = append(done, everyMonth(crashed))
	failpoint.Here(failpoint.EverythingTouched)
	err = w.recordObjects(ctx, map[string]string{unfinished: ""})
	failpoint.Here(failpoint.Migrated)
	return done, err
}

// bootstrap makes what migrating itself needs.
func (w *Warehouse) bootstrap(ctx context.Context) ([]Change, error) {
	scripts, changes, err := w.bootstrapping()
	if err != nil {
		return nil, err
	}
	for i, script := range scripts {
		if err := w.run(ctx, script); err != nil {
			return changes[:i], err
		}
	}
	return changes, nil
}

// bootstrapping gives what bootstrap does, and how that is written for the warehouse's servers.
func (w *Warehouse) bootstrapping() ([]sql.Script, []Change, error) {
	scripts, err := w.form.Scripts("bootstrap", w.scripts...)
	if err != nil {
		return nil, nil, err
	}
	changes := make([]Change, len(scripts))
	for i, script := range scripts {
		written, err := w.form.Written(script)
		if err != nil {
			return nil, nil, err
		}
		changes[i] = Change{script.Name, written}
	}
	return scripts, changes, nil
}

// touchEverything is the statement that ends a migration.
const touchEverything = "load/touched_everything.sql"

// everyMonth is that change, after a migration that was cut short, or not.
func everyMonth(crashed string) Change {
	c := Change{touchEverything, sql.Text(touchEverything)}
	if crashed != "" {
		c.SQL += recorded("etl.schema_objects", unfinished, "")
	}
	return c
}

// unfinished is the object in etl.schema_objects that has a checksum while a migration has not yet touched the months:
// after a crash nothing else tells that they are to be recomputed, since the changes themselves may all be applied. The
// checksum tells whether tables are changed too, so that the views on them are made again.
const (
	unfinished      = "(migration under way)"
	migrating       = "begun"
	migratingTables = "begun with tables"
)

// unfinished gives the checksum of a migration that was cut short, empty if there was none.
func (w *Warehouse) unfinished(ctx context.Context) (string, error) {
	var rows []struct {
		State string `ch:"checksum"`
	}
	err := w.selectInto(ctx, "look for an unfinished migration",
		"SELECT checksum FROM etl.schema_objects FINAL WHERE object = {object:String} AND checksum != ''", Params{"object": unfinished}, &rows)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].State, nil
}

// Pending tells what Migrate would change, as SQL that a client runs: where somebody did that, Migrate has nothing left to do.
// It writes nothing.
func (w *Warehouse) Pending(ctx context.Context, reporting Reporting) ([]Change, error) {
	fresh, err := w.isFresh(ctx)
	if err != nil {
		return nil, err
	}
	var changes []Change
	crashed := ""
	if fresh {
		_, changes, err = w.bootstrapping()
	} else {
		crashed, err = w.unfinished(ctx)
	}
	if err != nil {
		return nil, err
	}
	steps, err := w.plan(ctx, reporting, fresh)
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		changes = append(changes, s.Change)
	}
	if len(steps) > 0 || crashed != "" {
		changes = append(changes, everyMonth(crashed))
	}
	return changes, nil
}

// recorded is the statement that writes down that something was applied, for whoever runs the SQL by hand.
func recorded(table string, values ...any) string {
	literals := make([]string, len(values))
	for i, value := range values {
		literals[i] = fmt.Sprint(value)
		if text, ok := value.(string); ok {
			literals[i] = "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
		}
	}
	return "INSERT INTO " + table + " SELECT " + strings.Join(literals, ", ") + ", now64(6);\n"
}

type step struct {
	Change
	apply          func(context.Context) error
	table          bool   // it changes tables
	view, checksum string // of a view: what is recorded of it once all is applied; no checksum where it is gone
}

func (w *Warehouse) plan(ctx context.Context, reporting Reporting, fresh bool) ([]step, error) {
	migrations, err := w.planMigrations(ctx, fresh)
	if err != nil {
		return nil, err
	}
	rebuilt := len(migrations) > 0
	if !fresh && !rebuilt {
		crashed, err := w.unfinished(ctx)
		if err != nil {
			return nil, err
		}
		rebuilt = crashed == migratingTables
	}
	views, err := w.planViews(ctx, fresh, rebuilt)
	if err != nil {
		return nil, err
	}
	settings, err := w.planSettings(ctx, fresh || len(migrations) > 0, reporting)
	if err != nil {
		return nil, err
	}
	// The settings come before the views, whose creation reads them.
	return append(append(migrations, settings...), views...), nil
}

// isFresh reports whether nothing was ever migrated here. It returns ErrHalfRestored where a restore was cut short.
func (w *Warehouse) isFresh(ctx context.Context) (bool, error) {
	state, err := one[struct {
		Tables uint64 `ch:"tables"`
		IsHalf bool   `ch:"is_half"`
	}](ctx, w, "load/schema_state.sql", nil)
	if err == nil && state.IsHalf {
		err = ErrHalfRestored
	}
	return err == nil && state.Tables < 2, err
}

func (w *Warehouse) planMigrations(ctx context.Context, fresh bool) ([]step, error) {
	applied := "etl.schema_migrations"
	if fresh {
		applied = ""
	}
	pending, err := w.unapplied(ctx, applied)
	if err != nil {
		return nil, err
	}
	var steps []step
	for _, m := range pending {
		written, err := w.form.Written(m.Script)
		if err != nil {
			return nil, err
		}
		written += recorded("etl.schema_migrations", m.version, path.Base(m.Name), sum(m.Text))
		steps = append(steps, step{Change: Change{m.Name, written}, table: true, apply: func(ctx context.Context) error {
			if err := w.run(ctx, m.Script); err != nil {
				return err
			}
			return w.exec(ctx, "record "+m.Name, "INSERT INTO etl.schema_migrations SELECT {version:UInt32}, {name:String}, {checksum:String}, now64(6)",
				Params{"version": strconv.FormatUint(uint64(m.version), 10), "name": path.Base(m.Name), "checksum": sum(m.Text)})
		}})
	}
	return steps, nil
}

// SchemaNewerError says that a warehouse, or a backup, was migrated by a newer program.
type SchemaNewerError struct{ Version uint32 }

func (e *SchemaNewerError) Error() string {
	return fmt.Sprintf("the schema has migration %d, which this program does not know: it is newer; use the partnerplus that made it, or a newer one", e.Version)
}

// unapplied gives the migrations that a table of those applied does not have; all where it names no table. It returns a
// SchemaNewerError where the table has one that this program does not know.
func (w *Warehouse) unapplied(ctx context.Context, table string) ([]migration, error) {
	scripts, err := w.form.Scripts("migrations", w.scripts...)
	if err != nil {
		return nil, err
	}
	applied := map[uint32]string{}
	if table != "" {
		var rows []struct {
			Version  uint32 `ch:"version"`
			Checksum string `ch:"checksum"`
		}
		if err := w.selectInto(ctx, "read the schema's version", "SELECT version, checksum FROM "+table+" FINAL", nil, &rows); err != nil {
			return nil, err
		}
		for _, row := range rows {
			applied[row.Version] = row.Checksum
		}
	}
	var pending []migration
	for _, script := range scripts {
		m, err := numbered(script)
		if err != nil {
			return nil, err
		}
		checksum, done := applied[m.version]
		delete(applied, m.version)
		switch {
		case !done:
			pending = append(pending, m)
		case checksum != sum(m.Text):
			return nil, fmt.Errorf("migration %s was applied with another content; migrations only go forward: restore the file, and put the change into a new one", m.Name)
		}
	}
	if len(applied) > 0 {
		return nil, &SchemaNewerError{slices.Max(slices.Collect(maps.Keys(applied)))}
	}
	return pending, nil
}

func (w *Warehouse) planViews(ctx context.Context, fresh, rebuilt bool) ([]step, error) {
	applied := map[string]string{}
	if !fresh {
		var rows []struct {
			Object   string `ch:"object"`
			Checksum string `ch:"checksum"`
		}
		// What somebody dropped by hand is made again.
		if err := w.selectInto(ctx, "read the views applied", `
			SELECT o.object AS object, o.checksum AS checksum
			FROM etl.schema_objects AS o FINAL
			WHERE checksum != '' AND object IN (SELECT concat(database, '.', name) FROM system.tables)`, nil, &rows); err != nil {
			return nil, err
		}
		for _, row := range rows {
			applied[row.Object] = row.Checksum
		}
	}
	var steps []step
	known := map[string]bool{}
	for _, folder := range repeatable {
		scripts, err := w.form.Scripts(folder, w.scripts...)
		if err != nil {
			return nil, err
		}
		for _, script := range scripts {
			view, checksum := script.View(), sum(script.Text)
			known[view] = true
			if applied[view] == checksum && !rebuilt {
				continue
			}
			written, err := w.form.Written(script)
			if err != nil {
				return nil, err
			}
			steps = append(steps, step{
				Change: Change{script.Name, written + recorded("etl.schema_objects", view, checksum)}, view: view, checksum: checksum,
				apply: func(ctx context.Context) error { return w.run(ctx, script) },
			})
		}
	}
	for view := range applied {
		if known[view] {
			continue
		}
		database, name, _ := strings.Cut(view, ".")
		drop := sql.With("DROP VIEW IF EXISTS {database:Identifier}.{name:Identifier} SYNC", "database", database, "name", name)
		// Before the others: a metric that is gone must not be computed any more.
		steps = append([]step{{
			Change: Change{"drop " + view, drop + ";\n" + recorded("etl.schema_objects", view, "")}, view: view,
			apply: func(ctx context.Context) error {
				return w.do(ctx, "drop "+view, func(ctx context.Context) error { return w.define(ctx, drop) })
			},
		}}, steps...)
	}
	return steps, nil
}

// recordObjects records checksums by object.
func (w *Warehouse) recordObjects(ctx context.Context, checksums map[string]string) error {
	text, err := json.Marshal(checksums)
	if err != nil {
		return fmt.Errorf("record the views applied: %w", err)
	}
	return w.exec(ctx, "record the views applied", sql.Text("load/record_objects.sql"), Params{"objects": string(text)})
}

func (w *Warehouse) planSettings(ctx context.Context, fresh bool, reporting Reporting) ([]step, error) {
	if !fresh {
		var rows []struct {
			Timezone string `ch:"timezone"`
			Currency string `ch:"reporting_currency"`
		}
		if err := w.selectInto(ctx, "read the settings", "SELECT timezone, reporting_currency FROM etl.settings ORDER BY changed_at DESC LIMIT 1", nil, &rows); err != nil {
			return nil, err
		}
		if len(rows) == 1 && rows[0].Timezone == reporting.Timezone && rows[0].Currency == reporting.Currency {
			return nil, nil
		}
	}
	shown := "INSERT INTO etl.settings SELECT now64(6), '" + reporting.Timezone + "', '" + reporting.Currency + "';\n"
	return []step{{
		Change: Change{"reporting: " + reporting.Currency + ", " + reporting.Timezone, shown},
		apply: func(ctx context.Context) error {
			return w.exec(ctx, "set zone and currency", "INSERT INTO etl.settings SELECT now64(6), {timezone:String}, {currency:String}",
				Params{"timezone": reporting.Timezone, "currency": reporting.Currency})
		},
	}}, nil
}

// run runs a script, from its start again where another program that migrates got in between its statements.
func (w *Warehouse) run(ctx context.Context, script sql.Script) error {
	return w.do(ctx, "sql/"+script.Name, func(ctx context.Context) error {
		for _, statement := range script.Statements() {
			if err := w.define(ctx, statement); err != nil {
				return err
			}
			failpoint.Here(failpoint.StatementRun, script.Name)
		}
		return nil
	})
}

func numbered(script sql.Script) (migration, error) {
	number, _, _ := strings.Cut(path.Base(script.Name), "_")
	version, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return migration{}, fmt.Errorf("sql/%s: the name of a migration starts with its number: %w", script.Name, err)
	}
	return migration{script, uint32(version)}, nil
}

func sum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}
