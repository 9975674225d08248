package load_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
	"github.com/partnerplus/warehouse/transform"
)

// whatLoadsLeave are the tables that loads write, without what tells one load from another.
var whatLoadsLeave = []string{
	"SELECT * EXCEPT run_id FROM warehouse.awards FINAL ORDER BY ALL",
	"SELECT * EXCEPT run_id FROM warehouse.redemptions FINAL ORDER BY ALL",
	"SELECT * EXCEPT run_id FROM warehouse.portal_events FINAL ORDER BY ALL",
	"SELECT * EXCEPT run_id FROM warehouse.members FINAL ORDER BY ALL",
	"SELECT * EXCEPT run_id FROM warehouse.fx_rates FINAL ORDER BY ALL",
	"SELECT * EXCEPT (run_id, load_id, updated_at) FROM etl.units FINAL ORDER BY ALL",
	"SELECT * EXCEPT (run_id, load_id, updated_at) FROM etl.unit_entities FINAL ORDER BY ALL",
	"SELECT * EXCEPT (id, run_id, load_id) FROM etl.standing_rejects ORDER BY ALL",
	"SELECT * EXCEPT run_at FROM etl.redelivered FINAL ORDER BY ALL",
	"SELECT DISTINCT month FROM etl.touched_months FINAL WHERE settled = 0 ORDER BY ALL",
	"SELECT * FROM kpi.duplicates ORDER BY ALL",
	"SELECT * FROM kpi.unconserved_units ORDER BY ALL",
	stagesLeft,
}

// TestLots draws units, some with keys of others and some with rejects, and loads them one by one and in lots: whatever the
// lots are, the same is left behind.
func TestLots(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		must(t, checks.Value.Set("2"))
		t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) })
	}
	w := warehousetest.Migrated(t, utc)
	rapid.Check(t, func(t *rapid.T) {
		units := drawUnits(t)
		leaves := func(lots [][]drawn) [][]string {
			empty(t, w)
			for _, lot := range lots {
				loadLot(t, w, lot)
			}
			var left [][]string
			for _, statement := range whatLoadsLeave {
				left = append(left, lines(t, w, statement))
			}
			return left
		}
		want := leaves(slices.Collect(slices.Chunk(units, 1)))
		cut := rapid.IntRange(0, len(units)-1).Draw(t, "the second lot begins")
		got := leaves(slices.DeleteFunc([][]drawn{units[:cut], units[cut:]}, func(lot []drawn) bool { return len(lot) == 0 }))
		for i, statement := range whatLoadsLeave {
			if diff := cmp.Diff(want[i], got[i]); diff != "" {
				t.Errorf("%s\n(-one by one +in lots):\n%s", statement, diff)
			}
		}
	})
}

// loadLot loads units together, each with a mapping for each entity, and a reject.
func loadLot(t tb, w *load.Warehouse, lot []drawn) {
	var s *load.Stage
	var brought []load.Brought
	id, run := newID(), newID()
	for _, u := range lot {
		unit := load.Unit{Source: "s", Name: u.name, RunID: run, LoadID: id, Delivered: u.delivered}
		if s == nil {
			s = w.Stage(unit)
		} else {
			s.Next(unit)
		}
		unit.Version = "version of " + u.name
		b := load.Brought{Record: load.UnitRecord{Unit: unit, Rows: uint64(len(u.facts)) + 1, Mapping: "m"}}
		for i, e := range transform.Entities {
			tally := load.Tally{Mapping: i + 1, Entity: e.Name, Read: uint64(len(u.facts)) + 1}
			var own []fact
			for k, f := range u.facts {
				if f.Entity == e.Name {
					f.Row = uint64(k) + 1
					own = append(own, f)
					if _, counts := e.Column("amount"); counts {
						tally.Amount = tally.Amount.Add(decimal128.FromI64(f.Amount))
					}
				}
			}
			if i == 0 {
				must(t, s.Reject(t.Context(), 1, []transform.Reject{{Entity: e.Name, Position: uint64(len(u.facts)) + 1, Reason: "of " + u.name}}))
				tally.Rejected = 1
			}
			tally.Filtered = tally.Read - tally.Rejected - uint64(len(own))
			b.Tallies = append(b.Tallies, tally)
			rows := record(e, own)
			err := s.Append(t.Context(), i+1, e, rows)
			rows.Release()
			must(t, err)
		}
		brought = append(brought, b)
	}
	_, err := s.CommitAll(t.Context(), brought)
	must(t, err)
}

// TestTwoProcesses lets another process do something between the moment when a load looks at the facts and the one when its
// rows become visible.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	dsn := warehousetest.MigratedDSN(t, utc)
	open := func() *load.Warehouse {
		w, err := load.Open(dsn, load.PublishAtOnce())
		must(t, err)
		t.Cleanup(func() { _ = w.Close() })
		return w
	}
	one, other := open(), open()
	for name, test := range map[string]func(*testing.T, *load.Warehouse, *load.Warehouse){
		"the same key":           sameKeyAtOnce,
		"a key that moves":       keyMovesMeanwhile,
		"rates and entries":      ratesAndEntriesAtOnce,
		"a refresh in between":   refreshInBetween,
		"a refresh before a lot": refreshBeforeALot,
		"the same unit":          sameUnitAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			empty(t, one)
			test(t, one, other)
			one.OnCompared(nil)
		})
	}
}

func meanwhile(w *load.Warehouse, do func()) {
	w.OnCompared(func() {
		w.OnCompared(nil)
		do()
	})
}

// sameKeyAtOnce: each has looked before the other's row was visible.
func sameKeyAtOnce(t *testing.T, one, other *load.Warehouse) {
	meanwhile(one, func() { deliver(t, other, "u2", noon, award("a", "m", 2, "2024-01-10")) })
	deliver(t, one, "u1", noon.Add(1), award("a", "m", 1, "2024-01-10"))
	expect(t, one, "SELECT key, contents FROM kpi.duplicates", "['p','a']|2")
}

// keyMovesMeanwhile: the row that is replaced was not where it stands now, and its month was recomputed with it.
func keyMovesMeanwhile(t *testing.T, one, other *load.Warehouse) {
	a := award("a", "m", 1, "2024-01-10")
	deliver(t, one, "u0", noon, a, award("b", "m", 5, "2024-01-10"))
	refreshes(t, one, 1)
	meanwhile(one, func() {
		deliver(t, other, "u2", noon, a.as(func(f *fact) { f.At = at("2024-02-10") }))
		refresh(t, other)
		metric(t, other, "dollars_awarded", "portfolio", "2024-01|5", "2024-02|1")
	})
	a.Version++
	deliver(t, one, "u1", noon, a.as(func(f *fact) { f.At = at("2024-03-10") }))
	refresh(t, one)
	metric(t, one, "dollars_awarded", "portfolio", "2024-01|5", "2024-02|0", "2024-03|1")
}

// ratesAndEntriesAtOnce: a rate touches the months of entries that it has not seen.
func ratesAndEntriesAtOnce(t *testing.T, one, other *load.Warehouse) {
	meanwhile(one, func() {
		deliver(t, other, "u2", noon, award("a", "m", 1, "2024-02-10").as(func(f *fact) { f.Currency = "EUR" }))
		refresh(t, other)
	})
	deliver(t, one, "u1", noon, fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-01-10"), Rate: 150_000_000})
	refresh(t, one)
	metric(t, one, "dollars_awarded", "portfolio", "2024-02|1.5")
}

// refreshInBetween: a unit that is in the ledger is loaded again; a refresh sees that it touches the month, but not yet its
// rows.
func refreshInBetween(t *testing.T, one, other *load.Warehouse) {
	deliver(t, one, "u", noon, award("a", "m", 1, "2024-01-10"))
	refreshes(t, one, 1)
	meanwhile(one, func() {
		if months := refresh(t, other); months != 1 {
			t.Errorf("%d months were recomputed, want January", months)
		}
	})
	deliver(t, one, "u", noon, award("a", "m", 1, "2024-01-10"), award("b", "m", 10, "2024-01-11"))
	refreshes(t, one, 1)
	metric(t, one, "dollars_awarded", "portfolio", "2024-01|11")
}

// refreshBeforeALot: a refresh has computed when rows become visible, and the ledger has them before it settles.
func refreshBeforeALot(t *testing.T, one, other *load.Warehouse) {
	deliver(t, one, "u", noon, award("a", "m", 1, "2024-01-10"))
	other.OnComputed(func() {
		other.OnComputed(nil)
		loadLot(t, one, []drawn{
			{name: "v", delivered: noon, facts: []fact{award("b", "m", 10, "2024-01-11")}},
			{name: "w", delivered: noon.Add(time.Second), facts: []fact{award("c", "m", 100, "2024-02-11")}},
		})
	})
	refreshes(t, other, 2) // it begins again
	metric(t, one, "dollars_awarded", "portfolio", "2024-01|11", "2024-02|100")
}

// sameUnitAtOnce: two processes load one unit, one of them under a mended mapping, and the other's load is settled before
// this one's rows come in.
func sameUnitAtOnce(t *testing.T, one, other *load.Warehouse) {
	meanwhile(one, func() {
		deliver(t, other, "u", noon, award("a", "m", 1, "2024-01-10"))
		refresh(t, other)
	})
	deliver(t, one, "u", noon, award("a", "m", 7, "2024-01-10"))
	refresh(t, one)
	expect(t, one, "SELECT amount FROM warehouse.awards FINAL", fmt.Sprint(7))
	metric(t, one, "dollars_awarded", "portfolio", "2024-01|7")
}
