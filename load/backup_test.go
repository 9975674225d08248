package load_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
	"github.com/partnerplus/warehouse/transform"
)

// backedUp is what is compared of two warehouses: the facts, the ledger with the accounts, and all figures.
func backedUp(t *testing.T, w *load.Warehouse) map[string][]string {
	t.Helper()
	tables := map[string]string{
		"warehouse.awards":      "SELECT * EXCEPT (run_id, delivered_at) FROM warehouse.awards FINAL ORDER BY ALL",
		"warehouse.redemptions": "SELECT * EXCEPT (run_id, delivered_at) FROM warehouse.redemptions FINAL ORDER BY ALL",
		"warehouse.members":     "SELECT * EXCEPT (run_id, delivered_at) FROM warehouse.members FINAL ORDER BY ALL",
		"etl.units":             "SELECT source, unit, version, status, rows_read FROM etl.units FINAL ORDER BY ALL",
		"etl.unit_entities":     "SELECT source, unit, version, mapping, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_loaded FROM etl.unit_entities FINAL ORDER BY ALL",
		"etl.open_rejects":      "SELECT source, unit, mapping, position, reason, raw FROM etl.open_rejects ORDER BY ALL",
		"etl.closed_figures":    "SELECT * FROM etl.closed_figures FINAL WHERE month < '2024-03-01' ORDER BY ALL",
		"kpi.restatements":      "SELECT * FROM kpi.restatements WHERE month < '2024-03-01' ORDER BY ALL",
		"kpi.duplicates":        "SELECT entity, key, version, rows, contents FROM kpi.duplicates ORDER BY ALL",
	}
	// Those that all other views stand on.
	for _, view := range []string{"metric_monthly", "member_monthly", "lorenz_monthly", "liability_ageing_monthly", "exceptions", "portfolio_lens"} {
		tables["kpi."+view] = "SELECT * FROM kpi." + view + " ORDER BY ALL"
	}
	all := map[string][]string{}
	for name, statement := range tables {
		all[name] = lines(t, w, statement)
	}
	return all
}

// offer is a unit that a source offers: what each run looks for in the ledger.
type offer struct {
	name  string
	facts []fact
}

// run loads what the ledger does not have, as a run does.
func (d offer) run(t *testing.T, w *load.Warehouse) {
	t.Helper()
	if lines(t, w, "SELECT count() FROM etl.units FINAL WHERE status = 'loaded' AND unit = '"+d.name+"'")[0] != "0" {
		return
	}
	d.load(t, w)
}

func (d offer) load(t *testing.T, w *load.Warehouse) {
	t.Helper()
	unit := newUnit(d.name, noon)
	s, tallies := stage(t, w, unit, d.facts...)
	must(t, s.Reject(t.Context(), 1, []transform.Reject{{Entity: tallies[0].Entity, Position: 99, Column: "amount", Reason: "no number", Raw: `{"id":"` + d.name + `"}`}}))
	for i := range tallies { // the row that is rejected
		tallies[i].Read++
		if i > 0 {
			tallies[i].Filtered++
		}
	}
	tallies[0].Rejected = 1
	commit(t, s, unit, tallies)
}

// TestBackup takes a backup in the middle of a load, while another program loads too, and restores it into an empty
// warehouse: after the next run there, everything is as it is here.
func TestBackup(t *testing.T) {
	t.Parallel()
	from, to := folder(warehousetest.Dir(t)), folder(warehousetest.Dir(t))
	warehousetest.CopySchema(t, string(from))
	e := from.start(t)
	w, beside := connected(t, e), connected(t, e)
	_, err := w.Migrate(t.Context(), utc)
	must(t, err)
	place := load.BackupPlace{}
	if err := w.Restore(t.Context(), place, "nowhere", false, utc); !errors.Is(err, load.ErrNoBackup) {
		t.Errorf("a schema without rows is in the way: %v", err)
	}

	var offered []offer
	brings := func(w *load.Warehouse, name string, facts ...fact) {
		o := offer{name, facts}
		offered = append(offered, o)
		o.run(t, w)
	}
	award := func(id, day string, dollars int64, version, row uint64) fact {
		return fact{Entity: "awards", ID: id, Member: "m", Org: "o", Amount: dollars * dollar, At: at(day), Version: version, Row: row}
	}
	brings(w, "first", award("a1", "2024-01-05", 10, 1, 1), award("a2", "2024-02-05", 10, 1, 2), fact{Entity: "members", Member: "m", Org: "o", Segment: "gold", Joined: at("2024-01-01")})
	refresh(t, w)
	warehousetest.CloseMonth(t, w, at("2024-01-01"), "me", "")
	whole, err := w.Backup(t.Context(), place, "whole", "")
	must(t, err)
	if whole.Finished == nil || whole.Bytes == 0 {
		t.Errorf("the backup is %+v", whole)
	}

	// After each part that is taken a unit comes in, with a key of its own, one that replaces what is there, and another
	// content of a version that is there. The first unit is loaded again: its account is replaced.
	n := 0
	w.OnBackedUp(func(part string) {
		n++
		name, row := "after-"+part, uint64(10*n)
		brings(beside, name, award(name, "2024-03-05", 10, 1, row), award("a2", "2024-02-06", 10, row, row+1), award("a1", "2024-01-05", int64(n), 1, row+2),
			fact{Entity: "redemptions", ID: name, Member: "m", Org: "o", Amount: dollar, At: at("2024-03-06")})
		offered[0].load(t, beside)
		if part == "4-facts" {
			refresh(t, beside)
			warehousetest.CloseMonth(t, beside, at("2024-03-01"), "me", "") // is not in the backup
		}
	})
	w.OnCompared(func() { // the load has noted the months that it touches, and its rows are not there yet
		w.OnCompared(nil)
		base, err := w.NewestWhole(t.Context(), place)
		must(t, err)
		_, err = w.Backup(t.Context(), place, "more", base)
		must(t, err)
	})
	brings(w, "around", award("around", "2024-04-05", 10, 1, 1), award("a1", "2024-01-07", 7, 9, 2))
	refresh(t, w)
	want := backedUp(t, w)
	for name, rows := range want {
		if len(rows) == 0 {
			t.Errorf("%s is empty: it compares nothing", name)
		}
	}

	if _, err := w.Backup(t.Context(), place, "whole", ""); !errors.Is(err, load.ErrBackupExists) {
		t.Errorf("a name twice: %v", err)
	}
	if _, err := w.Backup(t.Context(), place, "../whole", ""); !errors.Is(err, load.ErrBackupName) {
		t.Errorf("a name that leads elsewhere: %v", err)
	}
	backups, err := w.Backups(t.Context())
	must(t, err)
	if len(backups) != 2 || backups[0].Name != "more" || backups[0].Base != "whole" || backups[0].Place != "folder" || backups[1].Finished == nil {
		t.Errorf("the list is %+v", backups)
	}
	refusal(t, w.Restore(t.Context(), place, "more", false, utc), new(*load.NotEmptyError))

	other := connected(t, to.start(t))
	if err := other.Restore(t.Context(), place, "more", false, utc); !errors.Is(err, load.ErrNoBackup) || !strings.HasPrefix(err.Error(), "backup more (folder): ") {
		t.Errorf("a backup that is not there: %v", err)
	}
	if none, err := other.Backups(t.Context()); err != nil || len(none) > 0 {
		t.Errorf("an empty warehouse lists %+v: %v", none, err)
	}
	must(t, os.CopyFS(to.backups(), os.DirFS(from.backups())))
	cut, kill := context.WithCancel(t.Context())
	other.OnRestored(func(part string) {
		if part == "4-facts" {
			kill()
		}
	})
	if err := other.Restore(cut, place, "more", false, utc); !errors.Is(err, context.Canceled) {
		t.Errorf("a restore that is cut short: %v", err)
	}
	other.OnRestored(nil)
	if _, err := other.Migrate(t.Context(), utc); !errors.Is(err, load.ErrHalfRestored) {
		t.Errorf("migrating a half: %v", err)
	}
	if _, err := other.Pending(t.Context(), utc); !errors.Is(err, load.ErrHalfRestored) {
		t.Errorf("what is pending in a half: %v", err)
	}
	refusal(t, other.Restore(t.Context(), place, "more", false, utc), new(*load.NotEmptyError))
	must(t, other.Restore(t.Context(), place, "more", true, utc))
	if changes, err := other.Migrate(t.Context(), utc); err != nil || len(changes) > 0 {
		t.Errorf("restored, it is migrated: %v, %v", changes, err)
	}
	restored, err := other.Backups(t.Context())
	must(t, err)
	if len(restored) != 2 || restored[0].Name != "more" || restored[0].Finished == nil || restored[0].Bytes != backups[0].Bytes {
		t.Errorf("the list there is %+v, and %+v here", restored, backups)
	}
	expect(t, other, "SELECT unit FROM etl.units FINAL ORDER BY unit", "after-1-progress", "first")
	expect(t, other, "SELECT count() > 0 FROM etl.rejects WHERE unit = 'after-4-facts'", "1") // of a load that the ledger does not name
	expect(t, other, "SELECT * FROM kpi.unconserved_units")
	for _, o := range offered {
		o.run(t, other)
	}
	refresh(t, other)
	if diff := cmp.Diff(want, backedUp(t, other)); diff != "" {
		t.Errorf("after the next run (-here +restored):\n%s", diff)
	}

	verified, err := other.VerifyBackup(t.Context(), place, "whole")
	must(t, err)
	if !slices.Contains(verified, load.Verified{Table: "warehouse.awards", Rows: 2}) {
		t.Errorf("verified: %+v", verified)
	}
	damaged, err := filepath.Glob(filepath.Join(to.backups(), "whole", "4-facts", "data", "warehouse", "awards", "*", "data.bin"))
	must(t, err)
	for _, damage := range []func(path string, content []byte) error{
		func(path string, content []byte) error {
			content[len(content)/2] ^= 1
			return os.WriteFile(path, content, 0o600)
		},
		func(path string, content []byte) error { return os.WriteFile(path, content[:len(content)/2], 0o600) },
		func(path string, _ []byte) error { return os.Remove(path) },
	} {
		for _, path := range damaged {
			content, err := os.ReadFile(path)
			must(t, err)
			must(t, damage(path, content))
		}
		if _, err := other.VerifyBackup(t.Context(), place, "whole"); !errors.Is(err, load.ErrBackupDamaged) || !strings.Contains(err.Error(), "backup whole: warehouse.awards") {
			t.Errorf("a damaged backup: %v", err)
		}
	}
	must(t, os.RemoveAll(filepath.Join(to.backups(), "whole", "6-computed"))) // as if it had been cut short
	if err := other.Restore(t.Context(), place, "whole", true, utc); !errors.Is(err, load.ErrNoBackup) {
		t.Errorf("half a backup: %v", err)
	}
	expect(t, other, "SELECT count() > 0 FROM warehouse.awards", "1") // nothing was dropped for it
	expect(t, other, "SELECT count() FROM system.databases WHERE name = 'backup_check'", "0")
}

// folder is that of an embedded engine.
type folder string

func (f folder) backups() string { return filepath.Join(string(f), "backups") }

func (f folder) start(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open(context.Background(), engine.Options{Dir: string(f)})
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	return e
}

func connected(t *testing.T, e *engine.Engine) *load.Warehouse {
	t.Helper()
	w, err := load.Open(e.DSN(), load.PublishAtOnce())
	must(t, err)
	t.Cleanup(func() { must(t, w.Close()) })
	return w
}

// refusal wants an error of a type.
func refusal(t *testing.T, err error, kind any) {
	t.Helper()
	if !errors.As(err, kind) {
		t.Errorf("%v is not a %T", err, kind)
	}
}
