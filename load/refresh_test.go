package load_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
)

func award(id, member string, amount int64, when string) fact {
	return fact{Entity: "awards", ID: id, Member: member, Amount: amount * dollar, At: at(when), Version: 1}
}

func view(id, member, visitor, when string) fact {
	return fact{Entity: "portal_events", ID: id, Member: member, Visitor: visitor, At: at(when), Version: 1}
}

func (f fact) as(change func(*fact)) fact {
	f.Version++
	change(&f)
	return f
}

// refreshes wants so many months to be recomputed, and none once more.
func refreshes(t tb, w *load.Warehouse, want int) {
	t.Helper()
	if months := refresh(t, w); months != want {
		t.Errorf("%d months were recomputed, want %d", months, want)
	}
	if months := refresh(t, w); months != 0 {
		t.Errorf("%d months were recomputed again", months)
	}
}

// metric wants a metric of a scope, such as "program p", by month.
func metric(t tb, w *load.Warehouse, metric, scope string, want ...string) {
	t.Helper()
	expect(t, w, fmt.Sprintf(`SELECT formatDateTime(month, '%%Y-%%m'), value FROM kpi.metric_monthly
		WHERE metric = '%s' AND population = '' AND arrayStringConcat(arrayFilter(x -> x != '', [toString(scope), program_id, org_id, segment]), ' ') = '%s' ORDER BY month`, metric, scope), want...)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	each(t, map[string]func(*testing.T, *load.Warehouse){
		"nothing was touched":              nothingTouched,
		"no events":                        noEvents,
		"a moved row":                      movedRow,
		"an emptied month":                 emptiedMonth,
		"no event is left":                 emptiedWarehouse,
		"what a dead run left":             deadRun,
		"a unit that is not in the ledger": unitNotInLedger,
		"a failed unit's months":           failedUnit,
		"a rate that arrives later":        lateRate,
		"a rate corrected":                 correctedRate,
		"a session over the month's end":   bridgedSessions,
		"the nameless visitor":             namelessVisitor,
		"members change":                   changedMembers,
		"many months":                      manyMonths,
		"a refresh overtaken":              overtaken,
		"a refresh overtaken for ever":     overtakenAlways,
		"a refresh that dies":              deadRefresh,
		"old editions":                     oldEditions,
		"refreshes at once":                refreshesAtOnce,
	})
}

func nothingTouched(t *testing.T, w *load.Warehouse) {
	refreshes(t, w, 0)
	deliver(t, w, "u", noon, award("a", "m", 1, "2024-01-10"))
	refreshes(t, w, 1)
	const computed = "SELECT edition, run_id, newest_event, newest_month, refreshed_at, (SELECT count() FROM kpi.metric_monthly) FROM kpi.as_of"
	before := lines(t, w, computed)
	refreshes(t, w, 0)
	expect(t, w, computed, before...)
	deliver(t, w, "members", noon, fact{Entity: "members", Member: "m", Joined: at("2024-01-01")})
	refreshes(t, w, 0) // no month of events, but the members
	metric(t, w, "total_users", "portfolio", "2024-01|1")
}

// noEvents: without events there is no newest month, and no row, even of members from before 1970.
func noEvents(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u", noon, fact{Entity: "members", Member: "m", Joined: at("1960-01-01")}, fact{Entity: "organisations", Org: "o", Joined: at("2024-01-01")})
	refreshes(t, w, 0)
	expect(t, w, "SELECT count() FROM kpi.metric_monthly", "0")
}

func movedRow(t *testing.T, w *load.Warehouse) {
	a := award("a", "m", 1, "2024-01-10")
	deliver(t, w, "u1", noon, a, award("b", "m", 10, "2024-01-11"), award("c", "m", 100, "2024-03-01"))
	refreshes(t, w, 2)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|11", "2024-02|0", "2024-03|100")
	deliver(t, w, "u2", noon.Add(1), a.as(func(f *fact) { f.At = at("2024-02-10") }))
	refreshes(t, w, 2)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|10", "2024-02|1", "2024-03|100")
	metric(t, w, "unspent_dollars", "portfolio", "2024-01|10", "2024-02|11", "2024-03|111")
}

func emptiedMonth(t *testing.T, w *load.Warehouse) {
	first, middle, last := award("a", "m", 1, "2024-01-10"), award("b", "m", 10, "2024-03-10"), award("c", "m", 100, "2024-05-10")
	deliver(t, w, "u1", noon, first, middle, last)
	refreshes(t, w, 3)
	gone := func(f *fact) { f.Deleted = true }
	deliver(t, w, "u2", noon, middle.as(gone))
	refreshes(t, w, 1)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|1", "2024-02|0", "2024-03|0", "2024-04|0", "2024-05|100")
	deliver(t, w, "u3", noon, last.as(gone))
	refreshes(t, w, 1)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|1")
	deliver(t, w, "u4", noon, award("d", "m", 7, "2024-02-10"), first.as(gone))
	refreshes(t, w, 2)
	metric(t, w, "dollars_awarded", "portfolio", "2024-02|7")
	metric(t, w, "total_users", "program p", "2024-02|1")
}

func emptiedWarehouse(t *testing.T, w *load.Warehouse) {
	a := award("a", "m", 1, "2024-01-10")
	deliver(t, w, "u1", noon, a)
	refreshes(t, w, 1)
	deliver(t, w, "u2", noon, a.as(func(f *fact) { f.Deleted = true }))
	refreshes(t, w, 1)
	expect(t, w, "SELECT (SELECT count() FROM kpi.metric_monthly), (SELECT count() FROM kpi.member_monthly), (SELECT count() FROM kpi.exceptions), (SELECT count() FROM kpi.as_of)", "0|0|0|0")
}

func deadRun(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u1", noon, award("a", "m", 1, "2024-01-10"))
	// Its run died here. The next one loads something else.
	deliver(t, w, "u2", noon, award("b", "m", 10, "2024-02-10"))
	refreshes(t, w, 2)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|1", "2024-02|10")
}

// unitNotInLedger: a load died after its months were touched. Its rows may come in until its stage is gone.
func unitNotInLedger(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u1", noon, award("a", "m", 1, "2024-01-10"))
	refreshes(t, w, 1)
	unit := newUnit("u2", noon)
	dying, _ := stage(t, w, unit, award("b", "m", 10, "2024-01-10"))
	change(t, w, "INSERT INTO etl.touched_months SELECT '2024-01-01', 's', 'u2', 'v1', '"+unit.LoadID+"', 0, now64(6)")
	for range 3 {
		if months := refresh(t, w); months != 1 {
			t.Errorf("%d months were recomputed, want January", months)
		}
	}
	deliver(t, w, "u2", noon, award("b", "m", 10, "2024-01-10"))
	if months := refresh(t, w); months != 1 {
		t.Errorf("%d months were recomputed, want January", months)
	}
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|11")
	dying.Discard(t.Context())
	refreshes(t, w, 1)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|11")
}

// failedUnit: what another load of the unit became says nothing about the one under way.
func failedUnit(t *testing.T, w *load.Warehouse) {
	unit := newUnit("u", noon)
	dying, _ := stage(t, w, unit, award("b", "m", 10, "2024-01-10"))
	change(t, w, "INSERT INTO etl.touched_months SELECT '2024-01-01', 's', 'u', 'v1', '"+unit.LoadID+"', 0, now64(6)")
	other := newUnit("u", noon)
	other.Version = "v1"
	must(t, w.Stage(other).Fail(t.Context(), load.UnitRecord{Unit: other}))
	for range 2 {
		if months := refresh(t, w); months != 1 {
			t.Errorf("%d months were recomputed, want January", months)
		}
	}
	dying.Discard(t.Context())
	refreshes(t, w, 1)
}

func lateRate(t *testing.T, w *load.Warehouse) {
	euros := award("a", "m", 10, "2024-02-10")
	euros.Currency, euros.Org = "EUR", "o"
	deliver(t, w, "u1", noon, award("b", "n", 1, "2024-01-10"), euros)
	refreshes(t, w, 2)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|1") // it counts nowhere: February has not come
	metric(t, w, "total_organisations", "portfolio", "2024-01|0")
	status, err := w.Status(t.Context(), "", 10)
	must(t, err)
	if status.Unrated != 1 {
		t.Errorf("%d entries are without a rate", status.Unrated)
	}
	deliver(t, w, "fx", noon, fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-02-10"), Rate: 150_000_000})
	refreshes(t, w, 1)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|1", "2024-02|15")
	metric(t, w, "total_organisations", "portfolio", "2024-01|0", "2024-02|1")
	// The rate goes again, and the entry with it.
	deliver(t, w, "fx2", noon, fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-02-10"), Version: 1, Deleted: true})
	refreshes(t, w, 1)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|1")
}

func correctedRate(t *testing.T, w *load.Warehouse) {
	euros := func(id, when string) fact {
		return award(id, "m", 10, when).as(func(f *fact) { f.Currency = "EUR" })
	}
	rate := func(day string, rate int64, version uint64) fact {
		return fact{Entity: "fx_rates", Currency: "EUR", Day: at(day), Rate: rate * 1_000_000, Version: version}
	}
	deliver(t, w, "u1", noon, euros("a", "2024-01-20"), euros("b", "2024-02-09 23:59"), euros("c", "2024-02-10"), euros("d", "2024-03-10"), euros("e", "2024-04-10"),
		rate("2024-01-01", 100, 1), rate("2024-02-10", 200, 1), rate("2024-04-01", 300, 1))
	refreshes(t, w, 4)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|10", "2024-02|30", "2024-03|20", "2024-04|30")
	deliver(t, w, "u2", noon, rate("2024-02-10", 250, 2))
	refreshes(t, w, 3) // from that day on
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|10", "2024-02|35", "2024-03|25", "2024-04|30")
}

func bridgedSessions(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u1", noon, view("e1", "", "v", "2024-01-31 23:40"), view("e2", "m", "v", "2024-02-01 00:15"), view("e3", "", "v", "2024-02-01 00:50"))
	refreshes(t, w, 2)
	metric(t, w, "sessions", "portfolio", "2024-01|1", "2024-02|2")
	metric(t, w, "active_users", "portfolio", "2024-01|0", "2024-02|1")
	// A page view in between makes one session of the first two, which begins in January.
	bridge := view("e4", "", "v", "2024-02-01 00:00")
	deliver(t, w, "u2", noon, bridge)
	refreshes(t, w, 2)
	metric(t, w, "sessions", "portfolio", "2024-01|1", "2024-02|1")
	metric(t, w, "active_users", "portfolio", "2024-01|1", "2024-02|0")
	// It turns out to be another visitor's.
	deliver(t, w, "u3", noon, bridge.as(func(f *fact) { f.Visitor = "w" }))
	refreshes(t, w, 2)
	metric(t, w, "sessions", "portfolio", "2024-01|1", "2024-02|3")
	metric(t, w, "active_users", "portfolio", "2024-01|0", "2024-02|1")
}

func namelessVisitor(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u1", noon,
		view("e1", "", "", "2024-01-31 23:40"), view("e2", "", "", "2024-02-01 00:09"), view("e3", "", "", "2024-02-01 00:39"), // a gap of 30:00
		view("e4", "m", "", "2024-01-31 23:50"),
		view("e5", "", "m", "2024-01-31 23:51"), // a visitor of the name is not the member
		view("e6", "", "", "2024-01-31 23:45").as(func(f *fact) { f.Program = "q" }))
	refreshes(t, w, 2)
	metric(t, w, "sessions", "portfolio", "2024-01|4", "2024-02|1")
	metric(t, w, "sessions", "program q", "2024-01|1", "2024-02|0")
	metric(t, w, "active_users", "portfolio", "2024-01|1", "2024-02|0")
	deliver(t, w, "u2", noon, view("e7", "", "", "2024-02-01 00:30"))
	refreshes(t, w, 2)
	metric(t, w, "sessions", "portfolio", "2024-01|4", "2024-02|0")
}

func changedMembers(t *testing.T, w *load.Warehouse) {
	a := award("a", "m", 10, "2024-01-10").as(func(f *fact) { f.Org = "o1" })
	deliver(t, w, "u1", noon, a, award("b", "n", 1, "2024-02-10"))
	refreshes(t, w, 2)
	metric(t, w, "dollars_awarded", "organisation p o1", "2024-01|10", "2024-02|0")
	metric(t, w, "total_users", "organisation p o1", "2024-01|1", "2024-02|1")
	m := fact{Entity: "members", Member: "m", Org: "o2", Segment: "s", Joined: at("2023-12-15")}
	for i, org := range []string{"o2", "o3", ""} {
		m = m.as(func(f *fact) { f.Org = org })
		deliver(t, w, fmt.Sprint("m", i), noon, m)
		refreshes(t, w, 0)
		metric(t, w, "dollars_awarded", "organisation p o1", "2024-01|0", "2024-02|0") // an organisation that the event names
		metric(t, w, "dollars_awarded", "segment p s", "2023-12|0", "2024-01|10", "2024-02|0")
		if org != "" {
			metric(t, w, "dollars_awarded", "organisation p "+org, "2023-12|0", "2024-01|10", "2024-02|0")
		}
	}
	metric(t, w, "dollars_awarded", "organisation p o2")
	metric(t, w, "total_users", "portfolio", "2023-12|1", "2024-01|1", "2024-02|2")
	deliver(t, w, "gone", noon, m.as(func(f *fact) { f.Deleted = true }))
	refreshes(t, w, 0)
	metric(t, w, "dollars_awarded", "organisation p o1", "2024-01|10", "2024-02|0")
	metric(t, w, "dollars_awarded", "segment p s")
	metric(t, w, "total_users", "portfolio", "2024-01|1", "2024-02|2")
}

func manyMonths(t *testing.T, w *load.Warehouse) {
	var facts []fact
	for i := range 30 {
		facts = append(facts, award(fmt.Sprint(i), "m", 1, at("2022-01-10").AddDate(0, i, 0).Format(time.DateOnly)))
	}
	deliver(t, w, "u", noon, facts...)
	refreshes(t, w, 30)
	expect(t, w, "SELECT count(), sum(value) FROM kpi.metric_monthly WHERE metric = 'dollars_awarded' AND scope = 'portfolio'", "30|30")
	expect(t, w, stagesLeft, "0")
}

// overtaken: between computing January and publishing it, another run loads and refreshes the same month, and settles it.
func overtaken(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u1", noon, award("a", "m", 1, "2024-01-10"))
	w.OnComputed(func() {
		w.OnComputed(nil)
		deliver(t, w, "u2", noon, award("b", "m", 10, "2024-01-11"))
		refresh(t, w)
		metric(t, w, "dollars_awarded", "portfolio", "2024-01|11")
	})
	refreshes(t, w, 0) // the other run did it
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|11")
}

// overtakenAlways: another run loads whenever this one has computed, so that it would show half of a load.
func overtakenAlways(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u1", noon, award("a", "m", 1, "2024-01-10"))
	refreshes(t, w, 1)
	loads := 0
	w.OnComputed(func() {
		loads++
		deliver(t, w, fmt.Sprint("more ", loads), noon, award(fmt.Sprint(loads), "m", 10, "2024-02-11"))
	})
	deliver(t, w, "u2", noon, award("b", "m", 1, "2024-01-11"))
	if _, err := w.Refresh(t.Context(), newID()); !errors.Is(err, load.ErrOvertaken) {
		t.Errorf("the refresh ended with %v", err)
	}
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|1") // as before
	w.OnComputed(nil)
	refreshes(t, w, 2)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|2", fmt.Sprintf("2024-02|%d", 10*loads))
}

// deadRefresh: the run dies once it has computed. Nothing of it is seen, and the next one does it all.
func deadRefresh(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u1", noon, award("a", "m", 1, "2024-01-10"))
	refreshes(t, w, 1)
	deliver(t, w, "u2", noon, award("b", "m", 10, "2024-01-11"))
	dying, die := context.WithCancel(t.Context())
	w.OnComputed(func() {
		w.OnComputed(nil)
		die()
	})
	if _, err := w.Refresh(dying, newID()); err == nil {
		t.Fatal("the run did not die")
	}
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|1")
	expect(t, w, "SELECT uniqExact(edition) FROM kpi_core.metric_month", "1")
	refreshes(t, w, 1)
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|11")
}

// oldEditions: of all editions, the last three stay.
func oldEditions(t *testing.T, w *load.Warehouse) {
	for i := range 6 {
		deliver(t, w, fmt.Sprint("u", i), noon, award(fmt.Sprint(i), "m", 1, "2024-01-10"), award("one", "m", 1, "2023-12-10"))
		refresh(t, w)
	}
	metric(t, w, "dollars_awarded", "portfolio", "2023-12|1", "2024-01|6")
	for _, table := range []string{"entry", "member_month", "member", "metric_month", "edition_part"} {
		expect(t, w, "SELECT uniqExact(edition) FROM kpi_core."+table, "3")
	}
}

// refreshesAtOnce loads and refreshes from several goroutines.
func refreshesAtOnce(t *testing.T, w *load.Warehouse) {
	const pipelines, units = 3, 2
	var group sync.WaitGroup
	for p := range pipelines {
		group.Go(func() {
			for u := range units {
				id := fmt.Sprint(p, "-", u)
				unit := newUnit(id, noon)
				s, tallies := stage(t, w, unit, award(id, "m", 1, fmt.Sprintf("2024-%02d-10", 1+u%2)))
				commit(t, s, unit, tallies)
				if _, err := w.Refresh(t.Context(), newID()); err != nil && !errors.Is(err, load.ErrOvertaken) {
					t.Errorf("refresh: %v", err)
				}
			}
		})
	}
	group.Wait()
	refresh(t, w) // where each was overtaken by another
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|3", "2024-02|3")
	refreshes(t, w, 0)
	expect(t, w, stagesLeft, "0")
}
