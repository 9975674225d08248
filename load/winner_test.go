package load_test

import (
	"testing"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

var utc = load.Reporting{Timezone: "UTC", Currency: "USD"}

// TestWinner loads deliveries of one award in every order: the facts in force, and after a merge what is left of them,
// are the same.
func TestWinner(t *testing.T) {
	t.Parallel()
	award := func(amount int64, version uint64) fact {
		return fact{Entity: "awards", ID: "a", Member: "m", Amount: amount * dollar, At: at("2024-01-10"), Version: version}
	}
	deleted := func(amount int64, version uint64) fact {
		f := award(amount, version)
		f.Deleted = true
		return f
	}
	type unit struct {
		name      string
		delivered string
		facts     []fact
	}
	const early, late = "2024-02-01", "2024-02-02"
	tests := map[string]struct {
		units []unit
		want  []string // amounts in force
	}{
		"higher version, delivered earlier": {[]unit{{"u1", early, []fact{award(1, 2)}}, {"u2", late, []fact{award(2, 1)}}}, []string{"1"}},
		"higher version, delivered later":   {[]unit{{"u1", early, []fact{award(1, 1)}}, {"u2", late, []fact{award(2, 2)}}}, []string{"2"}},
		"equal versions: later delivery":    {[]unit{{"u1", early, []fact{award(1, 7)}}, {"u2", late, []fact{award(2, 7)}}}, []string{"2"}},
		"one microsecond later":             {[]unit{{"u1", "2024-02-01 00:00:00.000001", []fact{award(1, 7)}}, {"u2", early, []fact{award(2, 7)}}}, []string{"1"}},
		"later row of the unit":             {[]unit{{"u1", early, []fact{award(1, 7), award(2, 7), award(3, 6)}}}, []string{"2"}},
		"later row of the unit, though another entity's rows are between": {[]unit{{"u1", early, []fact{
			award(1, 7), {Entity: "redemptions", ID: "r", Member: "m", At: at("2024-01-10")}, award(2, 7)}}}, []string{"2"}},
		"delivery counts more than the row":        {[]unit{{"u1", early, []fact{award(1, 7), award(2, 7)}}, {"u2", late, []fact{award(3, 7)}}}, []string{"3"}},
		"version counts more than the delivery":    {[]unit{{"u1", "1970-01-01", []fact{award(1, 8)}}, {"u2", "2199-01-01", []fact{award(2, 7)}}}, []string{"1"}},
		"largest version":                          {[]unit{{"u1", early, []fact{award(1, 1<<64-1)}}, {"u2", late, []fact{award(2, 1<<63)}}}, []string{"1"}},
		"delivered before 1970":                    {[]unit{{"u1", "1969-12-31 23:59:59.5", []fact{award(1, 1)}}, {"u2", late, []fact{award(2, 1)}}}, []string{"2"}},
		"a higher version deletes":                 {[]unit{{"u1", early, []fact{award(1, 1)}}, {"u2", late, []fact{deleted(0, 2)}}}, nil},
		"a lower version does not delete":          {[]unit{{"u1", early, []fact{award(1, 2)}}, {"u2", late, []fact{deleted(0, 1)}}}, []string{"1"}},
		"equal versions: a later delivery deletes": {[]unit{{"u1", early, []fact{award(1, 1)}}, {"u2", late, []fact{deleted(0, 1)}}}, nil},
		"a higher version resurrects": {[]unit{
			{"u1", early, []fact{award(1, 1)}}, {"u2", late, []fact{deleted(0, 2)}}, {"u3", "2024-01-20", []fact{award(3, 3)}}}, []string{"3"}},
		"deleted and resurrected within a unit": {[]unit{{"u1", early, []fact{deleted(0, 1), award(5, 1)}}}, []string{"5"}},
		"a delete of what never was":            {[]unit{{"u1", early, []fact{deleted(0, 1)}}}, nil},
		"ids compare exactly": {[]unit{{"u1", early, []fact{award(1, 1),
			{Entity: "awards", ID: "A", Member: "m", Amount: 2 * dollar, At: at("2024-01-10")},
			{Entity: "awards", ID: "a ", Member: "m", Amount: 3 * dollar, At: at("2024-01-10")},
			{Entity: "awards", Program: "P", ID: "a", Member: "m", Amount: 4 * dollar, At: at("2024-01-10")}}}}, []string{"1", "2", "3", "4"}},
	}
	w := warehousetest.Migrated(t, utc)
	const inForce = "SELECT toString(amount) AS shown FROM warehouse.awards FINAL ORDER BY shown"
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			permutations(len(test.units), func(order []int) {
				change(t, w, "TRUNCATE TABLE warehouse.awards")
				for _, i := range append(order, order...) { // each unit twice
					u := test.units[i]
					deliver(t, w, u.name, at(u.delivered), u.facts...)
				}
				expect(t, w, inForce, test.want...)
				change(t, w, "OPTIMIZE TABLE warehouse.awards FINAL")
				expect(t, w, inForce, test.want...)
			})
		})
	}
}

func permutations(n int, try func([]int)) {
	var choose func([]int)
	choose = func(chosen []int) {
		if len(chosen) == n {
			try(chosen)
			return
		}
	next:
		for i := range n {
			for _, c := range chosen {
				if c == i {
					continue next
				}
			}
			choose(append(chosen[:len(chosen):len(chosen)], i))
		}
	}
	choose(nil)
}

// TestReplayAfterCorrection replays an old file once its correction is in: nothing changes.
func TestReplayAfterCorrection(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, utc)
	old := fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-01-10"), Version: 1}
	corrected := old
	corrected.Amount, corrected.At, corrected.Version = 2*dollar, at("2024-02-10"), 2
	const figures = "SELECT month, value FROM kpi.metric_monthly WHERE scope = 'portfolio' AND metric = 'dollars_awarded' ORDER BY month"

	deliver(t, w, "jan.csv", at("2024-02-01"), old)
	refresh(t, w)
	expect(t, w, figures, "2024-01-01|1")
	deliver(t, w, "feb.csv", at("2024-03-01"), corrected)
	refresh(t, w)
	expect(t, w, figures, "2024-02-01|2")
	deliver(t, w, "jan.csv", at("2024-02-01"), old)
	if months := refresh(t, w); months != 2 {
		t.Errorf("%d months were recomputed, want January and February", months)
	}
	expect(t, w, figures, "2024-02-01|2")
}

// TestMendedMapping loads a unit once more under a mended mapping: the rows as they are now replace those from before,
// though version, delivery and place are the same.
func TestMendedMapping(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, utc)
	f := fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-01-10"), Version: 1}
	for _, amount := range []int64{1, 3, 2} {
		f.Amount = amount * dollar
		deliver(t, w, "u", at("2024-02-01"), f)
	}
	expect(t, w, "SELECT amount FROM warehouse.awards FINAL", "2")
	change(t, w, "OPTIMIZE TABLE warehouse.awards FINAL")
	expect(t, w, "SELECT amount FROM warehouse.awards FINAL", "2")
}
