package load_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// TestRepair damages what is computed, in every table of kpi_core. Reconciliation finds it, and a repair ends in the tables
// of before.
func TestRepair(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, utc)
	months(t, w)
	repairs(t, w, 0) // what nightly refreshes leave is what a repair makes
	want := tables(t, w)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *load.Warehouse)
	}{
		{"damage", repairDamage}, {"loss, beside a load", repairLoss}, {"from a month on", repairMonth}, {"cut short", repairCutShort},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, w) })
		for name, rows := range tables(t, w) {
			if diff := cmp.Diff(want[name], rows); diff != "" {
				t.Errorf("after %s, %s (-before +repaired):\n%s", test.name, name, diff)
			}
		}
	}
}

// months loads a few months with something in every table, in two steps, so that the figures were carried on.
func months(t *testing.T, w *load.Warehouse) {
	t.Helper()
	deliver(t, w, "known", noon, known...)
	deliver(t, w, "first", noon, entry("a1", "award", 100, "2024-01-10"), entry("r1", "redemption", 30, "2024-01-20"), entry("a2", "award", 50, "2024-02-10"),
		view("v1", "m", "", "2024-01-31 23:50"), view("v2", "m", "", "2024-02-01 00:10"))
	refresh(t, w)
	deliver(t, w, "second", noon, entry("a3", "award", 900, "2024-02-12"), entry("x", "expiry", 5, "2024-02-20"), entry("f", "refund", 2, "2024-02-22"),
		entry("a4", "award", 10, "2024-03-05"), entry("r2", "redemption", 20, "2024-03-06"),
		fact{Entity: "awards", ID: "i", Member: "inferred", Org: "o2", Amount: 7 * dollar, At: at("2024-03-07"), Version: 1})
	refresh(t, w)
}

// tables dumps all that an edition consists of, and all that readers see.
func tables(t *testing.T, w *load.Warehouse) map[string][]string {
	t.Helper()
	dump := map[string][]string{}
	for _, name := range lines(t, w, "SELECT name FROM system.tables WHERE database = 'kpi_core' AND endsWith(name, '_in') AND name NOT IN ('event_session_in')") {
		dump[name] = lines(t, w, "SELECT * FROM kpi_core."+name+"(edition = "+current(t, w)+") ORDER BY ALL")
	}
	// The wide views stand on kpi.metric_monthly; what checks find changes with the clock.
	for _, name := range []string{"metric_monthly", "member_monthly", "exceptions", "portfolio_lens", "liability_ageing_monthly", "lorenz_monthly", "overdrafts", "financial_monthly"} {
		dump["kpi."+name] = lines(t, w, "SELECT * FROM kpi."+name+" ORDER BY ALL")
	}
	for name, rows := range dump {
		if len(rows) == 0 && name != "kpi.overdrafts" {
			t.Errorf("%s is empty: nothing of it can be damaged", name)
		}
	}
	if len(dump) != 15+8 {
		t.Errorf("there are %d tables", len(dump))
	}
	return dump
}

func current(t *testing.T, w *load.Warehouse) string {
	t.Helper()
	return lines(t, w, "SELECT max(edition) FROM kpi_core.edition")[0]
}

// damage is one row of a table that is changed, taken away or put in.
type damage struct {
	table, where string
	column       string // that is changed
	to           string
}

func (d damage) apply(t *testing.T, w *load.Warehouse) (found, expected string) {
	t.Helper()
	value := fmt.Sprintf("SELECT toString(%s) FROM kpi_core.%s WHERE %s", d.column, d.table, d.where)
	before := lines(t, w, value)
	if len(before) != 1 {
		t.Fatalf("%s has %d rows with %s", d.table, len(before), d.where)
	}
	change(t, w, fmt.Sprintf("ALTER TABLE kpi_core.%s UPDATE %s = %s WHERE %s SETTINGS mutations_sync = 2", d.table, d.column, d.to, d.where))
	return lines(t, w, value)[0], before[0]
}

// repairDamage changes a row of every table, and puts one in that should not be there.
func repairDamage(t *testing.T, w *load.Warehouse) {
	edition := "edition = " + current(t, w)
	february := edition + " AND month = '2024-02-01'"
	portfolio := february + " AND scope = 'portfolio'"
	damages := []damage{
		{"entry", february + " AND event_id = 'a2'", "amount_reporting", "amount_reporting + 0.0001"},
		{"visit", february, "page_views", "page_views + 1"},
		{"activity", february + " AND org_id = 'o'", "awarded", "awarded + 1"},
		{"mention", february + " AND org_id = 'o'", "last_event_at", "last_event_at + INTERVAL 1 SECOND"},
		{"member", edition + " AND member_id = 'm'", "segment", "'gold'"},
		{"organisation", edition + " AND org_id = 'o'", "joined_on", "'2023-12-02'"},
		{"member_month", february, "awarded_to_date", "awarded_to_date + 1"},
		{"redeemed_lot", edition + " AND month = '2024-01-01'", "dollars", "dollars - 1"},
		{"conversion", portfolio, "cohort", "cohort + 1"},
		{"scope_flow", portfolio, "unspent", "unspent + 1"},
		{"scope_month", portfolio, "total_users", "total_users + 1"},
		{"metric_month", portfolio + " AND metric = 'dollars_awarded'", "value", "value + 1"},
		{"exception", portfolio + " AND rule = 'material_movement' AND metric = 'dollars_awarded'", "observed", "observed + 1"},
		{"lens", february + " AND indicator = 'liability'", "status", "'good night'"},
		{"edition", edition, "newest_event", "newest_event + INTERVAL 1 SECOND"},
	}
	found, expected := make([]string, len(damages)), make([]string, len(damages))
	for i, d := range damages {
		found[i], expected[i] = d.apply(t, w)
	}
	bogus := [][2]string{
		{"entry", "'bogus' AS event_id"}, {"visit", "'bogus' AS visitor"}, {"activity", "'bogus' AS member_id"}, {"mention", "'bogus' AS org_id"}, {"member", "'bogus' AS member_id"},
		{"organisation", "'bogus' AS org_id"}, {"member_month", "'bogus' AS member_id"}, {"redeemed_lot", "'bogus' AS org_id"}, {"conversion", "'bogus' AS program_id"}, {"scope_flow", "'bogus' AS program_id"},
		{"distribution_month", "'bogus' AS population"}, {"scope_month", "'bogus' AS program_id"}, {"metric_month", "'bogus' AS metric"}, {"exception", "'bogus' AS rule"}, {"lens", "'bogus' AS indicator"},
	}
	for _, b := range bogus {
		change(t, w, fmt.Sprintf("INSERT INTO kpi_core.%s SELECT * REPLACE (%s) FROM kpi_core.%[1]s WHERE %[3]s LIMIT 1", b[0], b[1], edition))
	}
	change(t, w, "INSERT INTO kpi_core.lens SELECT * FROM kpi_core.lens WHERE "+edition+" AND month = '2024-01-01' AND indicator = 'growth'") // a row twice
	// Of February, the distribution of the first edition.
	first := lines(t, w, "SELECT min(edition) FROM kpi_core.edition")[0]
	change(t, w, "ALTER TABLE kpi_core.edition_part UPDATE part = "+first+" WHERE "+edition+" AND table = 'distribution_month' AND month = '2024-02-01' SETTINGS mutations_sync = 2")

	differences := differs(t, w, "kpi.metric_monthly of 2024-02, scope portfolio, metric dollars_awarded: value is 951 instead of 950")
	for i, d := range damages {
		if !slices.ContainsFunc(differences, func(f load.Difference) bool {
			return f.Table == d.table && f.Found[d.column] == found[i] && f.Expected[d.column] == expected[i] && len(f.Found) == len(f.Expected) && (len(f.Found) == 1 || d.table == "edition")
		}) {
			t.Errorf("%s: %s was changed from %s to %s: not found", d.table, d.column, expected[i], found[i])
		}
	}
	for _, b := range bogus {
		if !slices.ContainsFunc(differences, func(f load.Difference) bool {
			return f.Table == b[0] && strings.Contains(f.Key, " bogus") && len(f.Found) > 0 && len(f.Expected) == 0
		}) {
			t.Errorf("%s has a row that should not be there: not found", b[0])
		}
	}
	swapped := 0
	for _, f := range differences {
		switch {
		case f.Table == "distribution_month" && f.Month == "2024-02" && f.Found["mean"] != f.Expected["mean"]:
			swapped++
		case f.Table == "lens" && f.Key == "indicator growth" && f.Found["rows"] == "2":
			swapped++
		}
	}
	if swapped != 3*2+1 { // both populations in the three scopes that there are
		t.Errorf("%d rows of another edition, or twice", swapped)
	}
	if t.Failed() {
		for _, f := range differences {
			t.Logf("found: %+v", f)
		}
	}
	repairs(t, w, -1)
}

// repairLoss takes away partitions of months, parts of the edition, and rows. While a repair computes, a load comes in and is
// refreshed by its own run: that refresh repairs, too.
func repairLoss(t *testing.T, w *load.Warehouse) {
	edition := "edition = " + current(t, w)
	var gone []string
	for _, table := range []string{"entry", "member_month", "visit"} {
		gone = append(gone, table)
		id := lines(t, w, "SELECT DISTINCT partition_id FROM system.parts WHERE active AND database = 'kpi_core' AND table = '"+table+"' AND partition = '(\\'2024-02-01\\',"+current(t, w)+")'")
		change(t, w, "ALTER TABLE kpi_core."+table+" DROP PARTITION ID '"+id[0]+"'")
	}
	for _, table := range []string{"activity", "lens", "scope_month"} {
		gone = append(gone, table)
		change(t, w, "ALTER TABLE kpi_core.edition_part DELETE WHERE "+edition+" AND table = '"+table+"' AND month = '2024-02-01' SETTINGS mutations_sync = 2")
	}
	for _, table := range []string{"mention", "member", "organisation", "redeemed_lot", "conversion", "scope_flow", "distribution_month", "metric_month", "exception"} {
		gone = append(gone, table)
		change(t, w, "ALTER TABLE kpi_core."+table+" DELETE WHERE "+edition+" AND program_id = 'p' SETTINGS mutations_sync = 2")
	}
	found := map[string]bool{}
	for _, f := range differs(t, w, "kpi.metric_monthly of 2023-12, scope organisation, program_id p, org_id o, metric active_users: missing") {
		if len(f.Found) == 0 && len(f.Expected) > 0 {
			found[f.Table] = true
		}
	}
	if delete(found, "kpi.metric_monthly"); len(found) != len(gone) {
		t.Errorf("rows are gone in %q, found in %q", gone, slices.Sorted(maps.Keys(found)))
	}
	w.OnComputed(func() {
		w.OnComputed(nil)
		deliver(t, w, "third", noon, entry("a4", "award", 10, "2024-03-05")) // as it was
		if months := refresh(t, w); months != 3 {
			t.Errorf("the run beside recomputed %d months, want all", months)
		}
	})
	repaired, err := w.Repair(t.Context(), newID(), time.Time{})
	must(t, err)
	if len(repaired.Differences) == 0 {
		t.Error("nothing was repaired")
	}
	refreshes(t, w, 0)

	// The message shows no member, whose rows the query lists.
	edition = "edition = " + current(t, w)
	change(t, w, "INSERT INTO kpi_core.member_month SELECT * REPLACE ('bogus' AS member_id) FROM kpi_core.member_month WHERE "+edition+" LIMIT 1")
	differences := differs(t, w, "such as member_month of ")
	if message := only(t, w, "reconciliation", "").Message; len(differences) != 1 || !strings.Contains(differences[0].Key, "bogus") || strings.Contains(message, "bogus") {
		t.Errorf("%s\n%+v", message, differences)
	}
	repairs(t, w, -1)
}

// differs wants reconciliation to fail and to say something, and gives what it found.
func differs(t *testing.T, w *load.Warehouse, says string) []load.Difference {
	t.Helper()
	result := only(t, w, "reconciliation", "")
	if result.Verdict != load.VerdictFail || !strings.Contains(result.Message, says) || !strings.HasSuffix(result.Message, "; partnerplus repair computes them again from the facts") {
		t.Errorf("reconciliation: %s: %s\nwant: %s", result.Verdict, result.Message, says)
	}
	differences, err := w.Differences(t.Context(), lines(t, w, "SELECT argMax(check_id, checked_at) FROM etl.checks")[0])
	must(t, err)
	if listed := lines(t, w, "SELECT count() FROM ("+result.Query+")"); listed[0] != fmt.Sprint(len(differences)) {
		t.Errorf("it lists %s rows, and found %d", listed[0], len(differences))
	}
	return differences
}

// repairs wants a repair of everything to change so many rows; some, where it is -1.
func repairs(t *testing.T, w *load.Warehouse, want int) {
	t.Helper()
	repaired, err := w.Repair(t.Context(), newID(), time.Time{})
	must(t, err)
	if rows := int(load.RowsThatDiffer(repaired.Differences)); repaired.Months != 3 || repaired.Differences == nil || want >= 0 && rows != want || want < 0 && rows == 0 {
		t.Errorf("%d months were recomputed, %d rows changed, want %d: %+v", repaired.Months, rows, want, repaired.Differences)
	}
}

// repairMonth: a month is repaired with all that is carried on from it; earlier ones stay as they are.
func repairMonth(t *testing.T, w *load.Warehouse) {
	change(t, w, "ALTER TABLE kpi_core.entry UPDATE amount_reporting = amount_reporting + 1 WHERE 1 SETTINGS mutations_sync = 2")
	change(t, w, "ALTER TABLE kpi_core.scope_flow UPDATE unspent = unspent + 1 WHERE month >= '2024-02-01' SETTINGS mutations_sync = 2")
	change(t, w, "ALTER TABLE kpi_core.edition_part DELETE WHERE month = '2024-02-01' AND table IN ('activity', 'member_month') SETTINGS mutations_sync = 2")
	if _, err := w.Repair(t.Context(), newID(), at("2024-04-01")); !errors.Is(err, load.ErrNoSuchMonth) || err.Error() != "there are no figures of that month: 2024-04" {
		t.Errorf("a month that has not come: %v", err)
	}
	repaired, err := w.Repair(t.Context(), newID(), at("2024-02-01"))
	must(t, err)
	if repaired.Months != 2 || len(repaired.Differences) == 0 {
		t.Errorf("repaired: %+v", repaired)
	}
	id := newID()
	must(t, w.Reconcile(t.Context(), id, time.Time{}))
	left, err := w.Differences(t.Context(), id)
	must(t, err)
	for _, d := range left {
		if d.Month != "2024-01" || d.Table != "entry" {
			t.Errorf("left: %+v", d)
		}
	}
	if len(left) != 2 {
		t.Errorf("%d rows of January differ, want its two entries: %+v", len(left), left)
	}
	repaired, err = w.Repair(t.Context(), newID(), at("2024-01-01"))
	must(t, err)
	if repaired.Months != 3 {
		t.Errorf("repaired: %+v", repaired)
	}
}

// repairCutShort: a repair that was ended before it published is finished by the next run.
func repairCutShort(t *testing.T, w *load.Warehouse) {
	change(t, w, "ALTER TABLE kpi_core.metric_month UPDATE value = value + 1 WHERE metric = 'dollars_awarded' SETTINGS mutations_sync = 2")
	ctx, end := context.WithCancel(t.Context())
	w.OnComputed(end)
	defer w.OnComputed(nil)
	if _, err := w.Repair(ctx, newID(), at("2024-02-01")); !errors.Is(err, context.Canceled) {
		t.Errorf("a repair that is ended: %v", err)
	}
	w.OnComputed(nil)
	if months := refresh(t, w); months != 2 {
		t.Errorf("%d months were recomputed, want February and March", months)
	}
}
