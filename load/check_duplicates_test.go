package load_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

const (
	allDuplicates = "SELECT entity, key, version, rows, contents FROM kpi.duplicates"
	redelivered   = "SELECT count() FROM etl.redelivered FINAL"
)

// amounted is the award a of that amount and version.
func amounted(dollars int64, version uint64) fact {
	f := entry("a", "award", dollars, "2024-01-10")
	f.Version = version
	return f
}

func checkDuplicates(t *testing.T, w *load.Warehouse) {
	goodFacts(t, w)
	identical := entry("same", "award", 1, "2024-01-10")
	deliver(t, w, "u1", noon, amounted(1, 1), identical)
	deliver(t, w, "u2", noon.Add(time.Hour), identical, amounted(2, 2))
	verdicts(t, checked(t, w, "")) // neither a repeat nor a correction is one
	expect(t, w, allDuplicates)
	moved := amounted(3, 2)
	moved.At = at("2024-02-10")
	deliver(t, w, "u3", noon.Add(2*time.Hour), moved)
	result := only(t, w, "duplicates", "")
	verdict(t, result, "fail 1")
	lists(t, w, result, "entity, key, version, rows, contents, months, deliveries",
		"awards|['p','a']|2|2|2|['2024-01-01','2024-02-01']|['s, u2, row 2','s, u3, row 1']")
	says(t, result, "different content: 1, such as version 2 of awards p a")
	// It stays one when a higher version supersedes it; a third delivery of it counts.
	deliver(t, w, "u4", noon, amounted(4, 3))
	deliver(t, w, "u5", noon, amounted(2, 2))
	expect(t, w, allDuplicates, "awards|['p','a']|2|3|2")
	for month, want := range map[string][]string{"2024-01": {"awards"}, "2024-02": {"awards"}, "2024-03": nil} {
		result = only(t, w, "duplicates", month)
		lists(t, w, result, "entity", want...)
		if failed := result.Verdict == load.VerdictFail; failed != (want != nil) {
			t.Errorf("%s: %+v", month, result)
		}
	}
	// Within a unit, in its rows' order or not.
	deliver(t, w, "u6", noon, amounted(5, 6), identical, amounted(5, 7), amounted(6, 6), amounted(6, 6))
	expect(t, w, allDuplicates, "awards|['p','a']|2|3|2", "awards|['p','a']|6|3|2")
}

// checkDuplicatesAfterAMerge: what a merge has dropped is not forgotten.
func checkDuplicatesAfterAMerge(t *testing.T, w *load.Warehouse) {
	merge := func() { change(t, w, "OPTIMIZE TABLE warehouse.awards FINAL") }
	for i, f := range []fact{amounted(1, 1), amounted(1, 1), amounted(2, 2), amounted(9, 9), amounted(3, 1), amounted(2, 2)} {
		deliver(t, w, fmt.Sprint("u", i), noon.Add(time.Duration(i)*time.Hour), f)
		merge()
		merge()
	}
	expect(t, w, "SELECT count(), any(version) FROM warehouse.awards", "1|9")
	expect(t, w, allDuplicates, "awards|['p','a']|1|3|2")
}

// checkDuplicatesOfEveryEntity delivers each entity's key twice, with other content, in other units.
func checkDuplicatesOfEveryEntity(t *testing.T, w *load.Warehouse) {
	var want []string
	keys := map[string]string{
		"programs": "['p']", "organisations": "['p','o']", "members": "['p','m']", "fx_rates": "['EUR','2024-01-10']", "awards": "['p','x']", "redemptions": "['p','x']",
		"portal_sessions": "['p','x']", "portal_events": "['p','x']",
	}
	for _, e := range transform.Entities {
		f := fact{Entity: e.Name, ID: "x", Member: "m", Org: "o", Currency: "EUR", Rate: 1, At: at("2024-01-10"), Day: at("2024-01-10"), Version: 1 << 63}
		deliver(t, w, "u1", noon, f)
		deliver(t, w, "u2", noon, f)
		expect(t, w, allDuplicates, want...)
		f.Deleted = true
		deliver(t, w, "u3", noon, f)
		want = append(want, e.Name+"|"+keys[e.Name]+"|9223372036854775808|3|2")
		slices.Sort(want)
		expect(t, w, allDuplicates, want...)
	}
	// A dimension has no month: it counts for each.
	result := only(t, w, "duplicates", "2030-01")
	lists(t, w, result, "entity, months", "fx_rates|[]", "members|[]", "organisations|[]", "programs|[]")
	if result.Figure != "4" {
		t.Errorf("duplicates are %+v", result)
	}
}

// checkDuplicatesByContent changes one column at a time: those of the contract are content, those of the load are not.
func checkDuplicatesByContent(t *testing.T, w *load.Warehouse) {
	award := fact{Entity: "awards", ID: "x", Member: "m", Org: "o", Amount: 50 * dollar, At: at("2024-01-10"), Version: 1}
	member := fact{Entity: "members", Member: "x", Joined: at("2024-01-01"), Left: at("2024-02-01"), Version: 1}
	for name, test := range map[string]struct {
		of     fact
		change func(*fact)
	}{
		"org":      {award, func(f *fact) { f.Org = "" }},
		"member":   {award, func(f *fact) { f.Member = "M" }},
		"kind":     {award, func(f *fact) { f.Kind = "expiry" }},
		"amount":   {award, func(f *fact) { f.Amount++ }},
		"currency": {award, func(f *fact) { f.Currency = "EUR" }},
		"time":     {award, func(f *fact) { f.At = f.At.Add(time.Microsecond) }},
		"deleted":  {award, func(f *fact) { f.Deleted = true }},
		"segment":  {member, func(f *fact) { f.Segment = "x" }},
		"no join":  {member, func(f *fact) { f.Joined = time.Time{} }},
		"stays":    {member, func(f *fact) { f.Left = time.Time{} }},
		"neither":  {member, func(f *fact) { f.Joined, f.Left = time.Time{}, f.Joined }},
	} {
		empty(t, w)
		deliver(t, w, "u1", noon, test.of)
		other := test.of
		other.Row = 7
		deliver(t, w, "u2", noon.Add(time.Hour), other)
		expect(t, w, allDuplicates)
		test.change(&other)
		deliver(t, w, "u3", noon.Add(2*time.Hour), other)
		if got := lines(t, w, "SELECT rows, contents FROM kpi.duplicates"); !slices.Equal(got, []string{"3|2"}) {
			t.Errorf("%s: %q", name, got)
		}
		if name == "segment" {
			if message := only(t, w, "duplicates", "").Message; !strings.HasSuffix(message, "such as version 1 of members") {
				t.Errorf("the message shows which member: %s", message)
			}
		}
	}
}

// checkDuplicatesOfLoadsAgain: loading again adds nothing, neither does a file that grows, nor one with new keys only.
func checkDuplicatesOfLoadsAgain(t *testing.T, w *load.Warehouse) {
	first := []fact{amounted(1, 1), entry("b", "award", 2, "2024-01-10")}
	for range 3 {
		deliver(t, w, "u1", noon, first...)
	}
	deliver(t, w, "u2", noon, entry("c", "award", 3, "2024-01-10"))
	grown := slices.Concat(first, []fact{entry("d", "award", 4, "2024-01-10")})
	deliver(t, w, "u1", noon.Add(time.Hour), grown...)
	expect(t, w, redelivered, "0")
	// A row that moved within its file is delivered a second time, and no third time.
	moved := []fact{grown[2], grown[0], grown[1]}
	for range 3 {
		deliver(t, w, "u1", noon.Add(2*time.Hour), moved...)
		expect(t, w, redelivered, "6")
	}
	expect(t, w, allDuplicates)
}

// checkDuplicatesOfMendedMappings: a delivery that is standardised anew is no second delivery, but a file that was
// delivered with other content is one.
func checkDuplicatesOfMendedMappings(t *testing.T, w *load.Warehouse) {
	redeliver := func(name, version string, delivered time.Time, f fact) {
		unit := newUnit(name, delivered)
		s, tallies := stage(t, w, unit, f)
		unit.Version = version
		_, err := s.Commit(t.Context(), load.UnitRecord{Unit: unit, Rows: 1}, tallies)
		must(t, err)
	}
	// A file: the delivery is the same.
	for _, dollars := range []int64{1, 3, 2} {
		redeliver("file", "v1", noon, amounted(dollars, 1))
	}
	expect(t, w, allDuplicates)
	// Another unit brings the row as it is now, then as it never was.
	redeliver("other", "v1", noon.Add(time.Hour), amounted(2, 1))
	expect(t, w, allDuplicates)
	redeliver("other", "v2", noon.Add(2*time.Hour), amounted(1, 1))
	expect(t, w, allDuplicates, "awards|['p','a']|1|3|2")
	empty(t, w)

	// An API: asked again, it answers the same at another time.
	for i, dollars := range []int64{1, 3, 2} {
		redeliver("window", "v1", noon.Add(time.Duration(i)*time.Hour), amounted(dollars, 1))
	}
	expect(t, w, allDuplicates)
	redeliver("window", "v1", noon.Add(5*time.Hour), amounted(2, 1))
	redeliver("other", "v1", noon.Add(6*time.Hour), amounted(2, 1))
	redeliver("window", "v1", noon.Add(7*time.Hour), amounted(2, 1))
	expect(t, w, allDuplicates)
	// It answers something else, with the same version of the row.
	redeliver("window", "v2", noon.Add(8*time.Hour), amounted(9, 1))
	expect(t, w, allDuplicates, "awards|['p','a']|1|3|2")
}

// checkDuplicatesOfWhatNeverShows: what was staged and given up was not delivered.
func checkDuplicatesOfWhatNeverShows(t *testing.T, w *load.Warehouse) {
	deliver(t, w, "u1", noon, amounted(1, 1))
	s, _ := stage(t, w, newUnit("u2", noon), amounted(2, 1))
	s.Discard(t.Context())
	unit := newUnit("u3", noon)
	s, _ = stage(t, w, unit, amounted(3, 1))
	unit.Version = "v1"
	must(t, s.Fail(t.Context(), load.UnitRecord{Unit: unit}))
	expect(t, w, redelivered, "0")
	expect(t, w, allDuplicates)
}

// checkDuplicatesAtOnce: units that bring the same key at the same time do not miss each other.
func checkDuplicatesAtOnce(t *testing.T, w *load.Warehouse) {
	const atOnce = 6
	var stages []func()
	for i := range atOnce {
		unit := newUnit(fmt.Sprint("u", i), noon)
		s, tallies := stage(t, w, unit, amounted(int64(i), 1))
		unit.Version = "v1"
		stages = append(stages, func() {
			if _, err := s.Commit(t.Context(), load.UnitRecord{Unit: unit, Rows: 1}, tallies); err != nil {
				t.Error(err)
			}
		})
	}
	var all sync.WaitGroup
	for _, commit := range stages {
		all.Go(commit)
	}
	all.Wait()
	expect(t, w, allDuplicates, fmt.Sprintf("awards|['p','a']|1|%[1]d|%[1]d", atOnce))
}
