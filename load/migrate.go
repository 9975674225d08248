package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
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
	Name string // file below sql/, or what else changes
	SQL  string
}

// repeatable are the folders of views, in the order in which they stand on each other.
var repeatable = []string{"core", "metrics", "rules", "kpi", "checks"}

type migration struct {
	sql.Script
	version uint32
}

// Migrate brings the schema and the reporting settings up to date, and returns what it changed. It may be run at any
// time, by several at once, and goes on where a crash ended it. A schema newer than this program is an error.
func (w *Warehouse) Migrate(ctx context.Context, reporting Reporting) ([]Change, error) {
	if err := w.checkForm(ctx); err != nil {
		return nil, err
	}
	bootstrap, err := w.form.Scripts("bootstrap", w.scripts...)
	if err != nil {
		return nil, err
	}
	for _, script := range bootstrap {
		if err := w.run(ctx, script); err != nil {
			return nil, err
		}
	}
	failpoint.Here(failpoint.Bootstrapped)
	plan, err := w.plan(ctx, reporting)
	if err != nil {
		return nil, err
	}
	crashed, err := w.isUnfinished(ctx)
	if err != nil || len(plan) == 0 && !crashed {
		return nil, err
	}
	if err := w.recordObjects(ctx, map[string]string{unfinished: "begun"}); err != nil {
		return nil, err
	}
	failpoint.Here(failpoint.MigrationBegun)
	var done []Change
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
	if err := w.exec(ctx, "touch every month", sql.Text("load/touched_everything.sql"), nil); err != nil {
		return done, err
	}
	failpoint.Here(failpoint.EverythingTouched)
	err = w.recordObjects(ctx, map[string]string{unfinished: ""})
	failpoint.Here(failpoint.Migrated)
	return done, err
}

// unfinished is the object in etl.schema_objects that has a checksum while a migration has not yet touched the months:
// after a crash nothing else tells that they are to be recomputed, since the changes themselves may all be applied.
const unfinished = "(migration under way)"

func (w *Warehouse) isUnfinished(ctx context.Context) (bool, error) {
	var rows []struct {
		Objects uint64 `ch:"objects"`
	}
	err := w.selectInto(ctx, "look for an unfinished migration",
		"SELECT count() AS objects FROM etl.schema_objects FINAL WHERE object = {object:String} AND checksum != ''", Params{"object": unfinished}, &rows)
	return err == nil && rows[0].Objects > 0, err
}

// Pending tells what Migrate would change.
func (w *Warehouse) Pending(ctx context.Context, reporting Reporting) ([]Change, error) {
	steps, err := w.plan(ctx, reporting)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, len(steps))
	for i, s := range steps {
		changes[i] = s.Change
	}
	return changes, nil
}

type step struct {
	Change
	apply          func(context.Context) error
	view, checksum string // of a view: what is recorded of it once all is applied; no checksum where it is gone
}

func (w *Warehouse) plan(ctx context.Context, reporting Reporting) ([]step, error) {
	fresh, err := w.isFresh(ctx)
	if err != nil {
		return nil, err
	}
	migrations, err := w.planMigrations(ctx, fresh)
	if err != nil {
		return nil, err
	}
	views, err := w.planViews(ctx, fresh, len(migrations) > 0)
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

// isFresh reports whether nothing was ever migrated here.
func (w *Warehouse) isFresh(ctx context.Context) (bool, error) {
	var rows []struct {
		Tables uint64 `ch:"tables"`
	}
	err := w.selectInto(ctx, "look for the schema",
		"SELECT count() AS tables FROM system.tables WHERE database = 'etl' AND name IN ('schema_migrations', 'schema_objects')", nil, &rows)
	return err == nil && rows[0].Tables < 2, err
}

func (w *Warehouse) planMigrations(ctx context.Context, fresh bool) ([]step, error) {
	scripts, err := w.form.Scripts("migrations", w.scripts...)
	if err != nil {
		return nil, err
	}
	applied := map[uint32]string{}
	if !fresh {
		var rows []struct {
			Version  uint32 `ch:"version"`
			Checksum string `ch:"checksum"`
		}
		if err := w.selectInto(ctx, "read the schema's version", "SELECT version, checksum FROM etl.schema_migrations FINAL", nil, &rows); err != nil {
			return nil, err
		}
		for _, row := range rows {
			applied[row.Version] = row.Checksum
		}
	}
	var steps []step
	for _, script := range scripts {
		m, err := numbered(script)
		if err != nil {
			return nil, err
		}
		checksum, done := applied[m.version]
		delete(applied, m.version)
		if done && checksum == sum(m.Text) {
			continue
		}
		if done {
			return nil, fmt.Errorf("migration %s was applied with another content; migrations only go forward: restore the file, and put the change into a new one", m.Name)
		}
		written, err := w.form.Written(m.Script)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{Change: Change{m.Name, written}, apply: func(ctx context.Context) error {
			if err := w.run(ctx, m.Script); err != nil {
				return err
			}
			return w.exec(ctx, "record "+m.Name, "INSERT INTO etl.schema_migrations SELECT {version:UInt32}, {name:String}, {checksum:String}, now64(6)",
				Params{"version": strconv.FormatUint(uint64(m.version), 10), "name": path.Base(m.Name), "checksum": sum(m.Text)})
		}})
	}
	for version := range applied {
		return nil, fmt.Errorf("the warehouse's schema has migration %d, which this program does not know: it is newer; use a newer partnerplus", version)
	}
	return steps, nil
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
				Change: Change{script.Name, written}, view: view, checksum: checksum,
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
			Change: Change{"drop " + view, drop}, view: view,
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
	return []step{{
		Change: Change{Name: "reporting: " + reporting.Currency + ", " + reporting.Timezone},
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
