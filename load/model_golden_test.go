package load_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// golden is a data set with the answers of an independent program, which reports in USD.
const golden = "../test/golden/testdata/small"

// TestModel holds the model against answers that an independent program gave.
func TestModel(t *testing.T) {
	t.Parallel()
	live := inForce(goldenRows(t))
	for zone, file := range map[string]string{"UTC": "answers.json.gz", "America/New_York": "answers.America_New_York.json.gz"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			want, got := goldenAnswers(t, file), answersOf(live, zone, "USD")
			if len(want.records) == 0 || len(want.exceptions) == 0 || len(want.lens) == 0 {
				t.Fatalf("%s: %d records, %d exceptions, %d indicators", file, len(want.records), len(want.exceptions), len(want.lens))
			}
			complain(t, want.differences(got, equalNumbers))
		})
	}
}

// TestModelSeveralOrganisations is what no golden data set has: a member whom only events know, of several organisations.
// What it was awarded in one it redeems in the other: each organisation has a ledger of its own, all others the whole one.
func TestModelSeveralOrganisations(t *testing.T) {
	t.Parallel()
	got := answersOf([]row{
		{fact: fact{Entity: "awards", Program: "p", ID: "a", Org: "o1", Member: "m", Kind: "award", Currency: "USD", Amount: 10 * dollar, At: at("2024-01-10")}},
		{fact: fact{Entity: "redemptions", Program: "p", ID: "r", Org: "o2", Member: "m", Kind: "redemption", Currency: "USD", Amount: 10 * dollar, At: at("2024-01-20")}},
		{fact: fact{Entity: "awards", Program: "p", ID: "b", Org: "o2", Member: "m", Kind: "award", Currency: "USD", Amount: 3 * dollar, At: at("2024-01-30")}},
	}, "UTC", "USD")
	for _, want := range []struct{ scope, program, org, totalUsers, unspent, liability, days string }{
		{"portfolio", "", "", "1", "3", "3", "10"},
		{"program", "p", "", "1", "3", "3", "10"},
		{"organisation", "p", "o1", "1", "10", "10", null},
		{"organisation", "p", "o2", "1", "-7", "0", null}, // the award of 3 fills the overdraft of 10
	} {
		for name, value := range map[string]string{
			"total_users": want.totalUsers, "unspent_dollars": want.unspent, "liability_0_30": want.liability, "days_to_redeem_p50": want.days,
		} {
			key := keyOf([]string{"2024-01-01", want.scope, want.program, want.org, "", "", name})
			fields := got.records[key]
			if fields == nil {
				t.Errorf("%s is missing", key)
			} else if i := slices.Index(recordColumns.fields, "value"); !equalNumbers(value, fields[i]) {
				t.Errorf("%s is %s, want %s", key, fields[i], value)
			}
		}
	}
}

// complain reports the first differences.
func complain(t tb, differences []string) {
	t.Helper()
	for i, difference := range differences {
		if i == 20 {
			t.Errorf("and %d more", len(differences)-i)
			return
		}
		t.Error(difference)
	}
}

// equalNumbers compares exactly: "1.5" is "1.50". Both programs round exact numbers to 12 decimals in the same way.
func equalNumbers(want, got string) bool {
	if want == got {
		return true
	}
	x, okX := new(big.Rat).SetString(want)
	y, okY := new(big.Rat).SetString(got)
	return okX && okY && x.Cmp(y) == 0
}

func goldenAnswers(t *testing.T, name string) answers {
	t.Helper()
	file, err := os.Open(filepath.Join(golden, name))
	must(t, err)
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	must(t, err)
	var lists struct{ Records, Exceptions, Lens []map[string]any }
	must(t, json.NewDecoder(unpacked).Decode(&lists))
	return answers{
		records:    table{}.read(recordColumns, lists.Records),
		exceptions: table{}.read(exceptionColumns, lists.Exceptions),
		lens:       table{}.read(lensColumns, lists.Lens),
	}
}

// goldenRows reads the data set, of which all was delivered at once.
func goldenRows(t *testing.T) []delivery {
	t.Helper()
	var rows []delivery
	for _, entity := range []string{"organisations", "members", "awards", "redemptions", "portal_sessions", "portal_events", "fx_rates"} {
		file, err := os.Open(filepath.Join(golden, entity+".csv"))
		must(t, err)
		lines, err := csv.NewReader(file).ReadAll()
		_ = file.Close()
		must(t, err)
		for i, line := range lines[1:] {
			values := map[string]string{}
			for column, name := range lines[0] {
				values[name] = line[column]
			}
			rows = append(rows, delivery{row: goldenRow(t, entity, values), place: i})
		}
	}
	return rows
}

// goldenRow reads a row of canonical columns; columns that its entity lacks are empty.
func goldenRow(t *testing.T, entity string, values map[string]string) row {
	t.Helper()
	first := func(columns ...string) string {
		for _, column := range columns {
			if values[column] != "" {
				return values[column]
			}
		}
		return ""
	}
	day := func(column string) time.Time {
		if values[column] == "" {
			return time.Time{}
		}
		return at(values[column])
	}
	number := func(column string, scale int64) int64 {
		if values[column] == "" {
			return 0
		}
		scaled := product(exactly(values[column]), big.NewRat(scale, 1))
		if !scaled.IsInt() {
			t.Fatalf("%s: %s has too many places", column, values[column])
		}
		return scaled.Num().Int64()
	}
	r := row{
		fact: fact{
			Entity: entity, Program: values["program_id"], ID: first("award_id", "redemption_id", "session_id", "event_id"),
			Org: values["org_id"], Member: values["member_id"], Segment: values["segment"], Visitor: values["visitor_id"],
			Kind: values["kind"], Currency: values["currency"], Amount: number("amount", dollar), Rate: number("rate", oneToOne),
			Day: day("day"), Joined: day("joined_on"), Left: day("left_on"), Views: uint64(number("page_views", 1)),
			Deleted: values["is_deleted"] == "1",
		},
		lasted: time.Duration(number("duration_s", int64(time.Second))),
	}
	version, err := strconv.ParseUint(values["version"], 10, 64)
	must(t, err)
	r.Version = version
	if instant := first("awarded_at", "redeemed_at", "started_at", "occurred_at"); instant != "" {
		if !strings.HasSuffix(instant, "Z") && !strings.ContainsAny(instant[len(time.DateOnly):], "+-") {
			instant += "Z" // times without an offset are UTC
		}
		r.At, err = time.Parse(time.RFC3339, instant)
		must(t, err)
	}
	return r
}
