package golden

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

// findings are what the reference program finds for three of the checks, and overdrafts, each item as one line.
type findings struct{ negative, orphans, duplicates, overdrafts []string }

func referenceFindings(t *testing.T, path string) findings {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Negative   []map[string]any `json:"negative_balance"`
		Orphans    []map[string]any `json:"orphans"`
		Overdrafts []map[string]any `json:"overdrafts"`
		Duplicates []struct {
			Entity                  string
			Key                     map[string]string
			Version, Rows, Contents json.Number
		} `json:"duplicates"`
	}
	if err := json.NewDecoder(unpacked).Decode(&document); err != nil {
		t.Fatal(err)
	}
	var l findings
	for _, n := range document.Negative {
		l.negative = append(l.negative, fmt.Sprintln(n["month"], n["program_id"], n["member_id"], n["currency"], n["balance"]))
	}
	for _, o := range document.Overdrafts {
		l.overdrafts = append(l.overdrafts, fmt.Sprintln(o["program_id"], o["member_id"], o["kind"], o["event_id"], o["at"], o["overdrawn"]))
	}
	for _, o := range document.Orphans {
		l.orphans = append(l.orphans, fmt.Sprintln(o["entity"], o["program_id"], o["event_id"], o["org_id"], o["unknown"]))
	}
	for _, d := range document.Duplicates {
		entity, _ := transform.EntityByName(d.Entity)
		var key []any
		for _, column := range entity.Keys() {
			key = append(key, d.Key[column])
		}
		l.duplicates = append(l.duplicates, fmt.Sprintln(d.Entity, key, d.Version, d.Rows, d.Contents))
	}
	return l
}

// compareChecks compares what three checks and the overdrafts list with the reference program's lists.
func compareChecks(t *testing.T, w *load.Warehouse, path string) {
	var got findings
	for _, n := range rows[map[string]any](t, w, "SELECT * EXCEPT balance, toDecimalString(balance, 4) AS balance FROM kpi.negative_balances") {
		got.negative = append(got.negative, fmt.Sprintln(n["month"], n["program_id"], n["member_id"], n["currency"], n["balance"]))
	}
	for _, o := range rows[map[string]any](t, w, `SELECT * EXCEPT (at, overdrawn), toDecimalString(overdrawn, 4) AS overdrawn,
		concat(replaceOne(toString(toDateTime64(at, 3, 'UTC')), ' ', 'T'), 'Z') AS at FROM kpi.overdrafts`) {
		got.overdrafts = append(got.overdrafts, fmt.Sprintln(o["program_id"], o["member_id"], o["kind"], o["event_id"], o["at"], o["overdrawn"]))
	}
	for _, o := range rows[map[string]any](t, w, "SELECT * FROM kpi.orphans") {
		got.orphans = append(got.orphans, fmt.Sprintln(o["entity"], o["program_id"], o["event_id"], o["org_id"], o["unknown"]))
	}
	for _, d := range rows[map[string]any](t, w, "SELECT * FROM kpi.duplicates") {
		got.duplicates = append(got.duplicates, fmt.Sprintln(d["entity"], d["key"], d["version"], d["rows"], d["contents"]))
	}
	for _, view := range []string{"kpi.unreconciled", "kpi.unconserved_units"} {
		if found := rows[map[string]any](t, w, "SELECT * FROM "+view); len(found) > 0 {
			t.Errorf("%s has %d rows, such as %v", view, len(found), found[0])
		}
	}
	want := referenceFindings(t, path)
	for name, pair := range map[string][2][]string{
		"negative_balance": {want.negative, got.negative}, "orphans": {want.orphans, got.orphans}, "duplicates": {want.duplicates, got.duplicates},
		"overdrafts": {want.overdrafts, got.overdrafts},
	} {
		slices.Sort(pair[0])
		slices.Sort(pair[1])
		if len(pair[0]) == 0 {
			t.Errorf("%s: there is nothing to compare with", name)
		}
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
