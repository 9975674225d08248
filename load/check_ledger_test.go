package load_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

// withRejects loads a unit with rows that were filtered, superseded, rejected and malformed.
func withRejects(t *testing.T, w *load.Warehouse) load.Unit {
	t.Helper()
	unit := newUnit("mixed", noon)
	s, tallies := stage(t, w, unit, entry("b1", "award", 7, "2024-01-10"), entry("b1", "award", 8, "2024-01-11"), entry("b2", "award", 9, "2024-01-12"))
	must(t, s.Reject(t.Context(), 1, []transform.Reject{{Entity: "awards", Position: 4, Column: "amount", Reason: "bad"}, {Entity: "awards", Position: 5, Column: "amount", Reason: "bad"}}))
	must(t, s.Reject(t.Context(), 0, []transform.Reject{{Position: 6, Reason: "unreadable"}}))
	tallies[0].Read, tallies[0].Filtered, tallies[0].Rejected = 25, 20, 2
	unit.Version = "v1"
	_, err := s.Commit(t.Context(), load.UnitRecord{Unit: unit, Rows: 26, Malformed: 1}, tallies)
	must(t, err)
	return unit
}

// checkConservation changes one part of the account after the other.
func checkConservation(t *testing.T, w *load.Warehouse) {
	goodFacts(t, w)
	unit := withRejects(t, w)
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 1})
	// b1 was delivered with two contents.
	verdicts(t, checked(t, w, ""), "duplicates fail 1")

	for column, problem := range map[string]string{
		"rows_in":           "the mapping was not given the rows that were read|the rows given are not those filtered, loaded, superseded and rejected",
		"rows_filtered":     "the rows given are not those filtered, loaded, superseded and rejected",
		"rows_loaded":       "the rows given are not those filtered, loaded, superseded and rejected",
		"rows_superseded":   "the rows given are not those filtered, loaded, superseded and rejected",
		"rows_rejected":     "the rows given are not those filtered, loaded, superseded and rejected|the rejects kept are not those counted",
		"amount_in":         "the amount sent is not that loaded and superseded",
		"amount_loaded":     "the amount sent is not that loaded and superseded",
		"amount_superseded": "the amount sent is not that loaded and superseded",
	} {
		change(t, w, "INSERT INTO etl.unit_entities SELECT * REPLACE ("+column+" + 1 AS "+column+", now64(6) AS updated_at) FROM etl.unit_entities FINAL WHERE unit = 'mixed'")
		result := only(t, w, "conservation", "2030-01") // units have no month
		if result.Verdict != load.VerdictFail || result.Figure != "1" {
			t.Errorf("%s + 1: %+v", column, result)
		}
		says(t, result, "s, mixed: the ")
		lists(t, w, result, "source, unit, version, mapping, entity, arrayStringConcat(problems, '|')", "s|mixed|v1|1|awards|"+problem)
		change(t, w, "INSERT INTO etl.unit_entities SELECT * REPLACE ("+column+" - 1 AS "+column+", now64(6) AS updated_at) FROM etl.unit_entities FINAL WHERE unit = 'mixed'")
	}
	verdict(t, only(t, w, "conservation", ""), "pass 0")

	// The ledger itself.
	unit.Version = "v1"
	for _, record := range []load.UnitRecord{{Unit: unit, Rows: 27, Malformed: 1}, {Unit: unit, Rows: 27, Malformed: 2}} {
		must(t, w.Record(t.Context(), record))
		result := only(t, w, "conservation", "")
		if record.Malformed == 1 {
			lists(t, w, result, "mapping, problems[1]", "1|the mapping was not given the rows that were read")
		} else {
			lists(t, w, result, "mapping, problems[1], rejects_kept", "0|the unreadable and unrouted rows kept are not those counted|1")
		}
	}
	must(t, w.Record(t.Context(), load.UnitRecord{Unit: unit, Rows: 26, Malformed: 1}))
	change(t, w, "ALTER TABLE etl.unit_entities DELETE WHERE unit = 'mixed' SETTINGS mutations_sync = 1")
	lists(t, w, only(t, w, "conservation", ""), "mapping, problems", "0|['there is no account of its rows']")
}

// checkConservationOfRejects loses rejects, and has two mappings of one entity reject the same row.
func checkConservationOfRejects(t *testing.T, w *load.Warehouse) {
	unit := newUnit("u", noon)
	s := w.Stage(unit)
	bad := []transform.Reject{{Entity: "awards", Position: 1, Column: "amount", Reason: "bad"}}
	must(t, s.Reject(t.Context(), 1, bad))
	must(t, s.Reject(t.Context(), 2, bad))
	unit.Version = "v1"
	_, err := s.Commit(t.Context(), load.UnitRecord{Unit: unit, Rows: 1}, []load.Tally{{Mapping: 1, Entity: "awards", Read: 1, Rejected: 1}, {Mapping: 2, Entity: "awards", Read: 1, Rejected: 1}})
	must(t, err)
	change(t, w, "OPTIMIZE TABLE etl.rejects FINAL")
	verdict(t, only(t, w, "conservation", ""), "pass 0")
	change(t, w, "ALTER TABLE etl.rejects DELETE WHERE mapping = 2 SETTINGS mutations_sync = 1")
	results := checked(t, w, "")
	verdicts(t, results, "conservation fail 1")
	lists(t, w, results["conservation"], "mapping, rows_rejected, rejects_kept, problems[1]", "2|1|0|the rejects kept are not those counted")
}

// checkConservationOfACrash: a load again that ended between its account and the ledger is no loss; neither is a mapping
// that has left the config.
func checkConservationOfACrash(t *testing.T, w *load.Warehouse) {
	goodFacts(t, w)
	unit := withRejects(t, w)
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 1})
	again := newUnit(unit.Name, noon)
	s, tallies := stage(t, w, again, entry("b1", "award", 7, "2024-01-10"), entry("b1", "award", 8, "2024-01-11"), entry("b2", "award", 9, "2024-01-12"),
		fact{Entity: "members", Member: "n", Version: 1})
	tallies[0].Read, tallies[1].Read, tallies[0].Filtered, tallies[1].Filtered = 25, 25, 22, 24
	again.Version = "v1"
	_, err := s.Commit(t.Context(), load.UnitRecord{Unit: again, Rows: 26, Malformed: 1}, tallies)
	must(t, err)
	// Its unreadable row was not kept this time.
	lists(t, w, only(t, w, "conservation", ""), "mapping, problems[1]", "0|the unreadable and unrouted rows kept are not those counted")
	// As if the ledger had not been reached.
	change(t, w, "ALTER TABLE etl.units DELETE WHERE load_id = '"+again.LoadID+"' SETTINGS mutations_sync = 1")
	unit.Version = "v1"
	must(t, w.Record(t.Context(), load.UnitRecord{Unit: unit, Rows: 26, Malformed: 1}))
	both := []string{"conservation", "duplicates"}
	verdicts(t, check(t, w, "", both), "duplicates fail 1")
	// Loaded once more, under a config with one mapping less.
	withRejects(t, w)
	expect(t, w, "SELECT count() FROM etl.unit_entities FINAL WHERE unit = 'mixed'", "2")
	verdicts(t, check(t, w, "", both), "duplicates fail 1")
}

func checkFreshness(t *testing.T, w *load.Warehouse) {
	now := time.Now().UTC()
	limit := func(name string, within time.Duration) load.SourceLimits {
		return load.SourceLimits{Name: name, FreshWithin: within, MaxShare: 1}
	}
	record := func(source, unit string, ago time.Duration, rows, malformed uint64, failed bool) {
		must(t, w.Record(t.Context(), load.UnitRecord{
			Unit:   load.Unit{Source: source, Name: unit, Version: "v1", RunID: newID(), LoadID: newID(), Delivered: now.Add(-ago)},
			Failed: failed, Rows: rows, Malformed: malformed,
		}))
	}
	day := 24 * time.Hour
	declare(t, w, limit("in-time", day), limit("late", day), limit("no-limit", 0), limit("never", day), limit("never-no-limit", 0), limit("empty", day), limit("failed", day),
		limit("unreadable", day), limit("hasty", 90*time.Second))
	record("in-time", "old", 30*day, 1, 0, false)
	record("in-time", "new", day-time.Hour, 1, 0, false)
	record("late", "old", 30*day, 1, 0, false)
	record("late", "new", day+time.Hour, 1, 0, false)
	record("hasty", "new", 3*time.Minute, 1, 0, false)
	record("no-limit", "old", 1000*day, 1, 0, false)
	record("empty", "new", time.Hour, 0, 0, false)
	record("failed", "new", time.Hour, 1, 0, true)
	record("unreadable", "new", time.Hour, 1, 1, false)
	record("left-the-config", "old", 1000*day, 1, 0, false)
	freshness := only(t, w, "freshness", "2024-01")
	verdict(t, freshness, "fail 7")
	lists(t, w, freshness, "source, hours_ago, limit_hours", "empty|~|24", "failed|~|24", "hasty|0|0.025", "late|25|24", "never|~|24", "never-no-limit|~|~", "unreadable|~|24")
	says(t, freshness, " UTC, limit 1.5 min", " UTC, limit 24 h", "never never delivered a row")
	for _, source := range []string{"empty", "failed", "hasty", "late", "never", "never-no-limit", "unreadable"} {
		record(source, "newest", 0, 1, 0, false)
	}
	verdict(t, only(t, w, "freshness", ""), "pass 0")
}

// everyDay gives an award on each day of a period for which the filter holds.
func everyDay(from, to string, holds func(time.Time) bool) []fact {
	var facts []fact
	for day := at(from); !day.After(at(to)); day = day.AddDate(0, 0, 1) {
		if holds(day) {
			facts = append(facts, entry(day.Format("d-2006-01-02"), "award", 1, day.Format(time.DateOnly)))
		}
	}
	return facts
}

func isWeekday(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// checkCompleteness: a source that delivers on weekdays lacks the weekdays it lacks, and no weekend.
func checkCompleteness(t *testing.T, w *load.Warehouse) {
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 1})
	// January and February 2024 begin on a Monday and a Thursday. Tuesdays are there 7 of 9 times: not usual.
	unusual := []string{"2024-01-09", "2024-01-16"}
	missing := []string{"2024-01-10", "2024-02-15"}
	deliver(t, w, "known", noon, known...)
	deliver(t, w, "u", noon, everyDay("2024-01-01", "2024-02-29", func(day time.Time) bool {
		for _, out := range append(missing, unusual...) {
			if day.Format(time.DateOnly) == out {
				return false
			}
		}
		return isWeekday(day)
	})...)
	results := checked(t, w, "")
	verdicts(t, results, "completeness warn 2")
	lists(t, w, results["completeness"], "month, source, day, weekday, usual_share, first_day, last_day",
		"2024-01-01|s|2024-01-10|Wednesday|0.8888|2024-01-01|2024-02-29", "2024-02-01|s|2024-02-15|Thursday|0.8888|2024-01-01|2024-02-29")
	says(t, results["completeness"], "2 in 1 sources", "Wednesday, 2024-01-10 of s")
	lists(t, w, only(t, w, "completeness", "2024-02"), "day", "2024-02-15")
	// A source that has left the config cannot be mended.
	declare(t, w)
	verdict(t, only(t, w, "completeness", ""), "pass 0")
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 1})
	// Days that come late are there.
	deliver(t, w, "late", noon, entry("l1", "award", 1, missing[0]), entry("l2", "award", 1, missing[1]), entry("l3", "award", 1, unusual[0]))
	lists(t, w, only(t, w, "completeness", ""), "day, weekday", "2024-01-16|Tuesday") // 8 of 9 Tuesdays are usual now
}

// checkCompletenessInShort: a weekday that has not passed four times is not usual yet.
func checkCompletenessInShort(t *testing.T, w *load.Warehouse) {
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 1})
	// Five Mondays, of which the third is missing: 4 of 5 are 80 %. Three of four would not be.
	mondays := func(n int) []fact {
		return everyDay("2024-01-01", at("2024-01-01").AddDate(0, 0, 7*(n-1)).Format(time.DateOnly), func(day time.Time) bool {
			return day.Weekday() == time.Monday && day != at("2024-01-15")
		})
	}
	for n, want := range map[int]string{4: "0", 5: "1"} {
		change(t, w, "TRUNCATE TABLE warehouse.awards")
		deliver(t, w, fmt.Sprint("u", n), noon, mondays(n)...)
		if got := only(t, w, "completeness", "").Figure; got != want {
			t.Errorf("%d Mondays: %s days are missing, want %s", n, got, want)
		}
	}
}

func checkRejects(t *testing.T, w *load.Warehouse) {
	ten := uint64(10)
	declare(t, w, load.SourceLimits{Name: "good", MaxShare: 0.1}, load.SourceLimits{Name: "bad", MaxShare: 0.1}, load.SourceLimits{Name: "failed", MaxShare: 0.5},
		load.SourceLimits{Name: "many", MaxShare: 0.5, MaxRows: &ten}, load.SourceLimits{Name: "clean", MaxShare: 0})
	try := func(source, name, version string, rows, rejected int, fails bool) {
		unit := newUnit(name, noon)
		unit.Source = source
		s := w.Stage(unit)
		var rejects []transform.Reject
		for i := range rejected {
			rejects = append(rejects, transform.Reject{Entity: "awards", Position: uint64(i) + 1, Reason: "bad"})
		}
		must(t, s.Reject(t.Context(), 1, rejects))
		unit.Version = version
		record := load.UnitRecord{Unit: unit, Rows: uint64(rows)}
		if fails {
			must(t, s.Fail(t.Context(), record))
			return
		}
		_, err := s.Commit(t.Context(), record, []load.Tally{{Mapping: 1, Entity: "awards", Read: uint64(rows), Filtered: uint64(rows - rejected), Rejected: uint64(rejected)}})
		must(t, err)
	}
	try("good", "u1", "v1", 100, 20, false)
	try("good", "u1", "v2", 100, 10, false) // only the newest version of a unit counts
	try("clean", "u1", "v1", 100, 0, false)
	result := only(t, w, "rejects", "")
	verdict(t, result, "pass 10")
	lists(t, w, result, "source, rows_read, rows_rejected, share, max_share, failed_units, is_beyond", "good|100|10|0.1|0.1|0|0")

	try("bad", "u1", "v1", 100, 9, false)
	try("bad", "u2", "v1", 10, 3, false)
	try("failed", "u1", "v1", 1000, 0, false)
	try("failed", "u2", "v1", 10, 6, true)
	try("many", "u1", "v1", 1000, 11, true)
	result = only(t, w, "rejects", "2024-01")
	verdict(t, result, "fail 39")
	says(t, result, "rejected rows: 39; sources beyond their limit: 3", "bad: 12 of 110", "failed: 6 of 1010, units that failed whole: 1", "many: 11 of 1000, units that failed whole: 1")
	lists(t, w, result, "source, rows_rejected, failed_units, is_beyond", "bad|12|0|1", "failed|6|1|1", "good|10|0|0", "many|11|1|1")
	// A unit that failed for another reason is not beyond its limit.
	try("failed", "u2", "v2", 10, 1, true)
	lists(t, w, only(t, w, "rejects", ""), "source, is_beyond", "bad|1", "failed|0", "good|0", "many|1")
}
