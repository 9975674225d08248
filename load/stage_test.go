package load_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

const stagesLeft = "SELECT count() FROM system.tables WHERE database = 'etl' AND name LIKE 'stage_%'"

var noon = at("2024-03-01 12:00")

func TestStage(t *testing.T) {
	t.Parallel()
	each(t, map[string]func(*testing.T, *load.Warehouse){
		"stage is invisible until commit": stageIsInvisibleUntilCommit,
		"discard":                         discard,
		"fail":                            fail,
		"conservation":                    conservation,
		"several batches":                 severalBatches,
		"many rejects":                    manyRejects,
		"rejects of earlier attempts":     rejectsOfEarlierAttempts,
		"names":                           names,
		"empty unit":                      emptyUnit,
		"provenance":                      provenance,
		"dead stage":                      deadStage,
		"what is old":                     retention,
	})
}

func stageIsInvisibleUntilCommit(t *testing.T, w *load.Warehouse) {
	unit := newUnit("u", noon)
	s, tallies := stage(t, w, unit,
		fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-01-10")},
		fact{Entity: "members", Member: "m", Joined: at("2024-01-01")})
	const all = "SELECT (SELECT count() FROM warehouse.awards), (SELECT count() FROM warehouse.members), (SELECT count() FROM etl.units), (SELECT count() FROM etl.touched_months FINAL WHERE source = 's')"
	expect(t, w, all, "0|0|0|0")
	if loaded := commit(t, s, unit, tallies); loaded != (load.Loaded{Rows: 2}) {
		t.Errorf("%+v were loaded", loaded)
	}
	expect(t, w, all, "1|1|1|2")
	expect(t, w, stagesLeft, "0")
}

func discard(t *testing.T, w *load.Warehouse) {
	s, _ := stage(t, w, newUnit("u", noon), fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-01-10")})
	must(t, s.Reject(t.Context(), 1, []transform.Reject{{Entity: "awards", Position: 2, Reason: "bad"}}))
	s.Discard(t.Context())
	for _, table := range []string{"warehouse.awards", "etl.units", "etl.unit_entities", "etl.rejects", "etl.touched_months"} {
		expect(t, w, "SELECT count() FROM "+table, "0")
	}
	expect(t, w, stagesLeft, "0")
	if months := refresh(t, w); months != 0 {
		t.Errorf("%d months were recomputed", months)
	}
}

func fail(t *testing.T, w *load.Warehouse) {
	unit := newUnit("u", noon)
	s, _ := stage(t, w, unit, fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-01-10")})
	must(t, s.Reject(t.Context(), 1, []transform.Reject{
		{Entity: "awards", Position: 2, Column: "amount", Reason: "too \"much\"\n", Raw: `{"amount":"\t9e99"}`}, {Position: 3, Reason: "unreadable", Raw: "\x00\xff"}}))
	unit.Version = "v1"
	must(t, s.Fail(t.Context(), load.UnitRecord{Unit: unit, Rows: 3, Malformed: 1, Error: "it's \\ too bad\n"}))
	expect(t, w, "SELECT (SELECT count() FROM warehouse.awards), (SELECT count() FROM etl.touched_months FINAL WHERE source = 's'), (SELECT count() FROM etl.unit_entities)", "0|0|0")
	expect(t, w, stagesLeft, "0")
	expect(t, w, "SELECT status, rows_read, rows_malformed, hex(error) FROM etl.units", fmt.Sprintf("failed|3|1|%X", "it's \\ too bad\n"))
	rejects, err := w.Rejects(t.Context(), load.RejectFilter{Source: "s", Run: unit.RunID}, 10)
	must(t, err)
	if len(rejects) != 2 || rejects[0].Column != "amount" || rejects[0].Reason != "too \"much\"\n" || rejects[0].Raw != `{"amount":"\t9e99"}` || rejects[1].Raw != "\x00\xff" {
		t.Errorf("rejects are %+v", rejects)
	}
	// It is no loaded unit, so it is tried again.
	units, err := w.Units(t.Context(), "s")
	must(t, err)
	if len(units) != 1 || units[0].Status != load.StatusFailed {
		t.Errorf("the ledger has %+v", units)
	}
}

func conservation(t *testing.T, w *load.Warehouse) {
	unit := newUnit("u", noon)
	award := func(id string, amount int64, version uint64) fact {
		return fact{Entity: "awards", ID: id, Member: "m", Amount: amount, At: at("2024-01-10"), Version: version}
	}
	deleted := award("d", 7*dollar, 5)
	deleted.Deleted = true
	s, tallies := stage(t, w, unit,
		award("a", 1, 1), award("a", 20, 3), award("a", 300, 2), award("b", 4000, 1), award("d", 50_000, 1), deleted,
		fact{Entity: "members", Member: "m"}, fact{Entity: "members", Member: "m"},
		fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-01-01"), Rate: 1}, fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-01-02"), Rate: 1})
	must(t, s.Reject(t.Context(), 1, []transform.Reject{{Entity: "awards", Position: 11}, {Entity: "awards", Position: 12}}))
	tallies[0].Read, tallies[0].Filtered, tallies[0].Rejected = 13, 5, 2
	tallies = append(tallies, load.Tally{Mapping: 4, Entity: "programs", Read: 1, Filtered: 1}) // none of its rows came through
	if loaded := commit(t, s, unit, tallies); loaded != (load.Loaded{Rows: 3 + 1 + 2, Superseded: 3 + 1}) {
		t.Errorf("%+v were loaded", loaded)
	}
	expect(t, w, `SELECT mapping, entity, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded
		FROM etl.unit_entities FINAL ORDER BY mapping`,
		"1|awards|13|5|3|3|2|12.4321|7.402|5.0301", "2|members|10|8|1|1|0|0|0|0", "3|fx_rates|10|8|2|0|0|0|0|0", "4|programs|1|1|0|0|0|0|0|0")
	// Loaded again, it brings the same, and is counted once.
	s, tallies = stage(t, w, unit, award("a", 1, 1))
	commit(t, s, unit, tallies)
	expect(t, w, "SELECT rows_in, rows_loaded, amount_in FROM etl.unit_entities FINAL WHERE mapping = 1", "1|1|0.0001")
	expect(t, w, "SELECT count() FROM etl.units FINAL", "1")
}

// severalBatches streams batches of growing and shrinking length, some of them empty.
func severalBatches(t *testing.T, w *load.Warehouse) {
	unit := newUnit("u", noon)
	s := w.Stage(unit)
	awards, _ := transform.EntityByName("awards")
	row := uint64(0)
	for _, n := range []int{0, 3, 1, 5000, 0, 2} {
		var facts []fact
		for range n {
			row++
			facts = append(facts, fact{ID: fmt.Sprint(row), Member: "m", Amount: 1, At: at("2024-01-10"), Row: row})
		}
		batch := record(awards, facts)
		must(t, s.Append(t.Context(), 1, awards, batch))
		batch.Release()
	}
	if loaded := commit(t, s, unit, []load.Tally{{Mapping: 1, Entity: "awards"}}); loaded.Rows != row {
		t.Errorf("%d rows were loaded, want %d", loaded.Rows, row)
	}
	expect(t, w, "SELECT count(), uniqExact(source_row), min(unit), max(unit), sum(amount) FROM warehouse.awards FINAL", "5006|5006|u|u|0.5006")
}

// manyRejects keeps more rejects than are held in memory.
func manyRejects(t *testing.T, w *load.Warehouse) {
	unit := newUnit("u", noon)
	s := w.Stage(unit)
	for from := range uint64(5) {
		var some []transform.Reject
		for i := range uint64(900) {
			some = append(some, transform.Reject{Entity: "awards", Position: from*900 + i + 1, Reason: "bad"})
		}
		must(t, s.Reject(t.Context(), 1, some))
	}
	expect(t, w, "SELECT count() FROM etl.open_rejects", "0") // not before the ledger names them
	commit(t, s, unit, []load.Tally{{Mapping: 1, Entity: "awards", Rejected: 4500}})
	expect(t, w, "SELECT count(), uniqExact(position) FROM etl.open_rejects", "4500|4500")
}

func rejectsOfEarlierAttempts(t *testing.T, w *load.Warehouse) {
	const open = "SELECT unit, position FROM etl.open_rejects ORDER BY unit, position"
	try := func(name, version string, failed bool, positions ...uint64) {
		unit := newUnit(name, noon)
		s := w.Stage(unit)
		for _, position := range positions {
			must(t, s.Reject(t.Context(), 1, []transform.Reject{{Entity: "awards", Position: position, Reason: "bad"}}))
		}
		unit.Version = version
		if failed {
			must(t, s.Fail(t.Context(), load.UnitRecord{Unit: unit, Rows: uint64(len(positions))}))
			return
		}
		_, err := s.Commit(t.Context(), load.UnitRecord{Unit: unit}, nil)
		must(t, err)
	}
	try("other", "v1", false, 9)
	try("u", "v1", true, 1, 2, 3)
	expect(t, w, open, "other|9", "u|1", "u|2", "u|3")
	try("u", "v1", false, 2)
	expect(t, w, open, "other|9", "u|2")
	try("u", "v2", false, 4)
	expect(t, w, open, "other|9", "u|4")
	try("u", "v2", false)
	expect(t, w, open, "other|9")
	reasons, err := w.RejectReasons(t.Context(), load.RejectFilter{})
	must(t, err)
	if len(reasons) != 1 || reasons[0].Rejects != 1 {
		t.Errorf("reasons are %+v", reasons)
	}
}

var awkward = []string{
	"plain", "2024/01/ü ☃ 日本.csv", "it's", `"quoted"`, `back\slash\n`, `\`, "tab\there", "new\nline\r", `\N`, "NULL", "null", "?a=b&c=%2F+#", "{x:String}", " ", strings.Repeat("long", 2000),
}

// names loads units whose names have everything that could be misread, and finds them again.
func names(t *testing.T, w *load.Warehouse) {
	for i, name := range awkward {
		unit := newUnit(name, noon)
		unit.Source = "source of " + name
		s, tallies := stage(t, w, unit, fact{Entity: "awards", Program: name, ID: name, Member: name, Org: name, Name: name, Amount: dollar, At: at("2024-01-10")})
		must(t, s.Reject(t.Context(), 1, []transform.Reject{{Entity: "awards", Position: 2, Reason: name, Raw: name}}))
		unit.Version = name
		_, err := s.Commit(t.Context(), load.UnitRecord{Unit: unit, Mapping: name, Error: name, Rows: uint64(i)}, tallies)
		must(t, err)
		units, err := w.Units(t.Context(), unit.Source)
		must(t, err)
		if len(units) != 1 || units[0].Name != name || units[0].Version != name || units[0].Mapping != name || !units[0].Delivered.Equal(noon) || units[0].Rows != uint64(i) {
			t.Errorf("%q: the ledger has %+v", name, units)
		}
		rejects, err := w.Rejects(t.Context(), load.RejectFilter{Source: unit.Source}, 10)
		must(t, err)
		if len(rejects) != 1 || rejects[0].Unit != name || rejects[0].Raw != name || rejects[0].Reason != name {
			t.Errorf("%q: the rejects are %+v", name, rejects)
		}
	}
	expect(t, w, "SELECT count() FROM warehouse.awards FINAL WHERE unit = award_id AND source = concat('source of ', unit) AND program_id = unit AND length(run_id) = 36", fmt.Sprint(len(awkward)))
	if months := refresh(t, w); months != 1 {
		t.Errorf("%d months were recomputed", months)
	}
	if months := refresh(t, w); months != 0 {
		t.Errorf("%d months were recomputed again: their units were not found in the ledger", months)
	}
	expect(t, w, "SELECT count() FROM kpi.metric_monthly WHERE scope = 'organisation' AND metric = 'dollars_awarded' AND value = 1", fmt.Sprint(len(awkward)))
	must(t, w.RecordRun(t.Context(), load.Run{ID: newID(), Job: `\N`, Started: noon, Status: "done", Error: "a\tb\\N\n"}))
	status, err := w.Status(t.Context(), "", 1)
	must(t, err)
	if run := status.Runs[0]; run.Job != `\N` || !run.Started.Equal(noon) || run.Error != "a\tb\\N\n" {
		t.Errorf("the run is %+v", run)
	}
	expect(t, w, "SELECT finished_at FROM etl.runs", "~")
}

func emptyUnit(t *testing.T, w *load.Warehouse) {
	unit := newUnit("u", noon)
	s := w.Stage(unit)
	awards, _ := transform.EntityByName("awards")
	nothing := record(awards, nil)
	must(t, s.Append(t.Context(), 1, awards, nothing))
	nothing.Release()
	if loaded := commit(t, s, unit, []load.Tally{{Mapping: 1, Entity: "awards"}}); loaded != (load.Loaded{}) {
		t.Errorf("%+v were loaded", loaded)
	}
	expect(t, w, "SELECT unit, version, status, rows_read FROM etl.units", "u|v1|loaded|0")
	expect(t, w, "SELECT rows_in, rows_loaded FROM etl.unit_entities", "0|0")
	if months := refresh(t, w); months != 0 {
		t.Errorf("%d months were recomputed", months)
	}
}

func provenance(t *testing.T, w *load.Warehouse) {
	delivered := at("2024-03-01 12:34:56.654321").In(time.FixedZone("", -7*3600))
	var facts []fact
	for _, e := range transform.Entities {
		f := fact{Entity: e.Name, ID: "x", Member: "m", Org: "o", Currency: "EUR", Rate: 1, At: at("2024-01-10"), Day: at("2024-01-10"), Version: 1 << 63}
		facts = append(facts, f)
	}
	unit := newUnit("u", delivered)
	s, tallies := stage(t, w, unit, facts...)
	commit(t, s, unit, tallies)
	for i, e := range transform.Entities {
		expect(t, w, "SELECT source, unit, run_id, delivered_at, source_row, version, is_deleted FROM warehouse."+e.Name,
			fmt.Sprintf("s|u|%s|2024-03-01 12:34:56.654321|%d|9223372036854775808|0", unit.RunID, i+1))
	}
	expect(t, w, "SELECT delivered_at, window_to FROM etl.units", "2024-03-01 12:34:56.654321|~")
}

// deadStage leaves a stage behind, as a crash does: it is invisible, and the unit loads all the same.
func deadStage(t *testing.T, w *load.Warehouse) {
	f := fact{Entity: "awards", ID: "a", Member: "m", Amount: dollar, At: at("2024-01-10")}
	dead, _ := stage(t, w, newUnit("u", noon), f)
	deliver(t, w, "u", noon, f)
	must(t, w.Sweep(t.Context())) // it is not a day old
	expect(t, w, stagesLeft, "1")
	expect(t, w, "SELECT count() FROM warehouse.awards", "1")
	table := lines(t, w, "SELECT name FROM system.tables WHERE database = 'etl' AND name LIKE 'stage_%'")[0]
	place, _, _ := strings.Cut(load.OwnerOf(os.Getpid()), "_")
	change(t, w, "ALTER TABLE etl."+table+" MODIFY COMMENT 'Owner: "+place+"_1_1'") // the first process started at another time
	must(t, w.Sweep(t.Context()))
	expect(t, w, stagesLeft, "0")
	dead.Discard(t.Context())
}
