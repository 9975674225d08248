package load_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// envHistories is the environment variable with the number of histories that TestHistories tries, such as the 200 of make histories.
const envHistories = "PARTNERPLUS_TEST_HISTORIES"

// TestHistories draws histories: deliveries of a handful of keys, corrected, moved, deleted and brought back, split into
// units that are loaded in any order, some of them twice, some failing first, and refreshed at any moment. Whatever
// happened, the figures must be those of the rows in force.
func TestHistories(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		histories := "2"
		if asked := os.Getenv(envHistories); asked != "" {
			histories = asked
		}
		must(t, checks.Value.Set(histories))
		t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) })
	}
	w := warehousetest.Migrated(t, utc)
	rapid.Check(t, func(t *rapid.T) {
		empty(t, w)
		h := &history{w: w, reporting: load.Reporting{Timezone: rapid.SampledFrom(zones).Draw(t, "zone"), Currency: "USD"}}
		h.migrate(t)
		units := drawUnits(t)
		order := rapid.Permutation(indices(len(units))).Draw(t, "order")
		again := rapid.SliceOfN(rapid.IntRange(0, len(units)-1), 0, 2).Draw(t, "again")
		for i, n := range append(order, again...) {
			h.load(t, units[n], fmt.Sprintf("%d: ", i))
			switch rapid.IntRange(0, 9).Draw(t, "then") {
			case 0, 1, 2, 3, 4, 5:
				h.compare(t)
			case 6:
				h.reporting = load.Reporting{Timezone: rapid.SampledFrom(zones).Draw(t, "other zone"), Currency: rapid.SampledFrom([]string{"USD", "EUR"}).Draw(t, "other currency")}
				h.migrate(t)
			}
		}
		h.compare(t)
		if months := refresh(t, w); months != 0 {
			t.Errorf("%d months were recomputed though nothing was touched", months)
		}
		// What was carried from refresh to refresh is what the facts alone give.
		id := newID()
		must(t, w.Reconcile(t.Context(), id, time.Time{}))
		if differences, err := w.Differences(t.Context(), id); err != nil || len(differences) > 0 {
			t.Errorf("%d rows are not what the facts give, such as %+v (%v)", len(differences), differences[:min(3, len(differences))], err)
		}
	})
}

var zones = []string{"UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"}

type history struct {
	w         *load.Warehouse
	reporting load.Reporting
	brought   []delivery // by all units committed
}

func (h *history) migrate(t *rapid.T) {
	_, err := h.w.Migrate(t.Context(), h.reporting)
	must(t, err)
}

type drawn struct {
	name      string
	delivered time.Time
	facts     []fact
}

func (h *history) load(t *rapid.T, u drawn, label string) {
	unit := newUnit(u.name, u.delivered)
	if rapid.IntRange(0, 9).Draw(t, label+"trouble") == 0 {
		s, _ := stage(t, h.w, unit, u.facts...)
		if rapid.Bool().Draw(t, label+"fails") {
			unit.Version = "v1"
			must(t, s.Fail(t.Context(), load.UnitRecord{Unit: unit, Error: "trouble"}))
		} else {
			s.Discard(t.Context())
		}
		unit = newUnit(u.name, u.delivered)
	}
	s, tallies := stage(t, h.w, unit, u.facts...)
	commit(t, s, unit, tallies)
	for i, f := range u.facts {
		h.brought = append(h.brought, delivery{row: row{fact: f}, delivered: u.delivered, place: i})
	}
}

// compare refreshes, and holds every figure against the model's.
func (h *history) compare(t *rapid.T) {
	refresh(t, h.w)
	want := answersOf(inForce(h.brought), h.reporting.Timezone, h.reporting.Currency)
	got := answers{
		records:    h.table(t, "kpi.metric_monthly", recordColumns),
		exceptions: h.table(t, "kpi.exceptions", exceptionColumns),
		lens:       h.table(t, "kpi.portfolio_lens", lensColumns),
	}
	complain(t, want.differences(got, near))
	complain(t, want.findings.differences(findingColumns, h.table(t, "kpi.findings", findingColumns), near))
	if t.Failed() {
		for _, r := range inForce(h.brought) {
			t.Logf("in force: %+v", r.fact)
		}
		t.FailNow()
	}
}

// table reads a view.
func (h *history) table(t *rapid.T, view string, c columns) table {
	answer, err := h.w.Ask(t.Context(), "JSONEachRow", "SELECT "+strings.Join(slices.Concat(c.key, c.fields), ", ")+" FROM "+view, false, false)
	must(t, err)
	defer func() { _ = answer.Close() }()
	var all []map[string]any
	rows := json.NewDecoder(answer)
	rows.UseNumber()
	for {
		var row map[string]any
		if err := rows.Decode(&row); errors.Is(err, io.EOF) {
			return table{}.read(c, all)
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
}

// near compares two texts: numbers within 1e-11, or 1e-9 of the one wanted; all else exactly.
func near(want, got string) bool {
	if same(want, got) {
		return true
	}
	x, okX := new(big.Rat).SetString(want)
	y, okY := new(big.Rat).SetString(got)
	if !okX || !okY {
		return false
	}
	off := magnitude(difference(x, y))
	return atMost(off, exactly("1e-11")) || atMost(off, product(exactly("1e-9"), magnitude(x)))
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// drawUnits draws rows and splits them into units, each delivered at a time of its own: rows of all kinds, stories that
// take several rows, and what is corrected or taken back later.
func drawUnits(t *rapid.T) []drawn {
	units := make([]drawn, rapid.IntRange(2, 5).Draw(t, "units"))
	for i := range units {
		units[i] = drawn{name: fmt.Sprintf("unit %d", i), delivered: at("2025-06-01").Add(time.Duration(i) * time.Microsecond)}
	}
	deliver := func(label string, facts ...fact) {
		u := &units[rapid.IntRange(0, len(units)-1).Draw(t, label)]
		u.facts = append(u.facts, facts...)
	}
	facts := rapid.SliceOfN(rapid.Custom(drawFact), 15, 40).Draw(t, "facts")
	for _, f := range facts {
		deliver("unit", f)
	}
	for _, story := range rapid.SliceOfN(rapid.Custom(drawStory), 1, 4).Draw(t, "stories") {
		deliver("unit of the story", story...)
		if rapid.IntRange(0, 3).Draw(t, "all is taken back") == 0 {
			deliver("unit that takes it back", deleted(story)...)
		}
		facts = append(facts, story...)
	}
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(facts)-1), 0, 6).Draw(t, "corrected") {
		deliver("unit of the correction", drawCorrection(t, facts[i]))
	}
	return slices.DeleteFunc(units, func(u drawn) bool { return len(u.facts) == 0 })
}

// deleted gives rows that delete the keys of others.
func deleted(facts []fact) []fact {
	deletes := slices.Clone(facts)
	for i := range deletes {
		deletes[i].Version, deletes[i].Deleted = deletes[i].Version+1, true
	}
	return deletes
}

// drawCorrection draws another row of the same key.
func drawCorrection(t *rapid.T, f fact) fact {
	f.Version += rapid.Uint64Range(0, 2).Draw(t, "newer by")
	switch sample(t, "correction", "deleted", "time", "amount", "place") {
	case "deleted":
		f.Deleted = true
	case "time":
		f.At, f.Joined, f.Left = drawTime(t, f.Entity), drawDay(t, "joined", 4), drawDay(t, "left", 1)
	case "amount":
		f.Amount, f.Rate = drawAmount(t), drawRate(t)
	case "place":
		f.Segment = sample(t, "segment", "", "s1", "s2")
		if f.Entity != "organisations" {
			f.Org = drawOrg(t)
		}
		if f.Entity != "members" {
			f.Member = drawMember(t)
		}
	}
	return f
}

// sample draws one of the texts.
func sample(t *rapid.T, label string, texts ...string) string {
	return rapid.SampledFrom(texts).Draw(t, label)
}

func drawFact(t *rapid.T) fact {
	f := fact{
		Entity:  sample(t, "entity", "awards", "awards", "awards", "redemptions", "redemptions", "portal_sessions", "portal_events", "portal_events", "members", "organisations", "fx_rates", "fx_rates"),
		Program: sample(t, "program", "p", "p", "p", "q"), Org: drawOrg(t), Member: drawMember(t),
		Version: rapid.Uint64Range(1, 3).Draw(t, "version"), Deleted: rapid.IntRange(0, 9).Draw(t, "deleted") == 0,
	}
	switch f.Entity {
	case "awards":
		f.ID, f.Kind = drawID(t, "a", 6), sample(t, "kind", "award", "award", "award", "reversal", "expiry")
	case "redemptions":
		f.ID, f.Kind = drawID(t, "r", 3), sample(t, "kind", "redemption", "redemption", "refund")
	case "portal_sessions":
		f.ID, f.Member, f.Views = drawID(t, "s", 3), sample(t, "own", f.Member, f.Member, ""), 3
	case "portal_events":
		f.ID, f.Member, f.Visitor = drawID(t, "e", 6), sample(t, "own", f.Member, ""), sample(t, "visitor", "", "v1", "m1")
	case "members":
		f.Segment, f.Joined, f.Left = sample(t, "segment", "", "s1", "s2"), drawDay(t, "joined", 4), drawDay(t, "left", 1)
	case "organisations":
		f.Org = sample(t, "own", "o1", "o2", "O1", "o3")
		f.Joined, f.Left = drawDay(t, "joined", 4), drawDay(t, "left", 1)
	case "fx_rates":
		f.Day = at("2023-11-20").AddDate(0, 0, 35*rapid.IntRange(0, 10).Draw(t, "day"))
		f.Rate = drawRate(t)
	}
	f.Currency = sample(t, "currency", "USD", "USD", "EUR", "JPY")
	f.Amount = drawAmount(t)
	f.At = drawTime(t, f.Entity)
	return f
}

func drawOrg(t *rapid.T) string { return sample(t, "org", "", "o1", "o2", "O1") }
func drawMember(t *rapid.T) string {
	return sample(t, "member", "m1", "m2", "m3", "M1", "m4", "m5", "m6")
}

func drawAmount(t *rapid.T) int64 {
	return rapid.SampledFrom([]int64{0, 1, 5_000, dollar, 3*dollar + 3333, 100 * dollar, 12_345_678}).Draw(t, "amount")
}

func drawRate(t *rapid.T) int64 {
	return rapid.SampledFrom([]int64{oneToOne, 50_000_000, 110_000_000, 5_000, 123_456_789, 1, 733_999_999}).Draw(t, "rate")
}

func drawID(t *rapid.T, prefix string, most int) string {
	return fmt.Sprint(prefix, rapid.IntRange(1, most).Draw(t, "id"))
}

// drawTime draws an instant of some 16 months, often near where a month begins in one zone or another; page views also
// lie closely together.
func drawTime(t *rapid.T, entity string) time.Time {
	months := rapid.IntRange(0, 15)
	if entity == "portal_events" {
		months = rapid.IntRange(3, 4)
	}
	first := at("2023-12-01").AddDate(0, months.Draw(t, "month"), 0)
	switch rapid.IntRange(0, 2).Draw(t, "near") {
	case 0:
		return first.Add(time.Duration(rapid.IntRange(-4, 4).Draw(t, "quarters of an hour")) * 15 * time.Minute)
	case 1:
		return first.Add(time.Duration(rapid.IntRange(-12, 12).Draw(t, "hours"))*time.Hour - time.Microsecond)
	}
	return first.AddDate(0, 0, rapid.IntRange(0, 27).Draw(t, "days"))
}

// drawDay draws a day, or NULL: of 5 times so many are days.
func drawDay(t *rapid.T, label string, days int) time.Time {
	if rapid.IntRange(1, 5).Draw(t, label+" is known") > days {
		return time.Time{}
	}
	first := at("2023-10-01").AddDate(0, rapid.IntRange(0, 20).Draw(t, label+" month"), 0)
	return first.AddDate(0, 0, rapid.SampledFrom([]int{-1, 0, 14}).Draw(t, label+" day"))
}
