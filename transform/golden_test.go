package transform

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden maps one awkward batch, and compares all that comes out of it.
func TestGolden(t *testing.T) {
	t.Parallel()
	mem := checked(t)
	m := mustCompile(t, `
entity: redemptions
where:
  - {column: status, not_in: [void, test]}
  - {column: total, empty: false}
columns:
  program_id: {from: program, map: {"": default}, map_else: $keep}
  redemption_id: {join: [order, line], separator: "-"}
  org_id: {from: store, lookup: stores, default: ""}
  member_id: {from: card, trim: true}
  kind: {from: type, nulls: ["-"], map: {S: redemption, R: refund}}
  amount: {from: total, trim: true, scale: "0.01", round: true, negative: refund}
  currency: {from: ccy, default: CAD}
  category: cat
  redeemed_at: {from: at, time: {format: 2006-01-02 15:04, zone: America/Toronto}}
  version: {from: changed, time: {}}
  is_deleted: gone
`, map[string]Lookup{"stores": {"17": "Ontario"}})
	rows := textRecord(t, mem, "order|line|program|store|card|type|total|ccy|cat|at|changed|gone|status",
		"A|1||17| 001 |S|1050|CAD|food|2024-01-31 23:59|2024-02-01|0|",
		"A|2|gold|18|001|S|-250.5|USD|食品 \"x\"|2024-07-01 00:00|2024-07-01T00:00:00Z|true|",
		"A|3||17|001|-|1|"+null+"||2024-11-03 01:30||"+null+"|ok",
		"A|4||17|   |S|1|CAD||2024-01-31 10:00||0|",
		"||gold|17|001|X|x|CAD||x||0|",
		"A|5||17|001|R|12,50|CAD||2024-01-31 10:00||0|",
		"A|6||17|001|S|12|CAD||2024-03-10 02:15||0|",
		"A|7||17|001|S|12|CAD||2024-01-31 10:00||0|void",
		"A|8||17|001|S|"+null+"|CAD||2024-01-31 10:00||0|",
		"A|9||17|001|S|99999999999999995|CAD||2024-01-31 10:00|soon|0|",
		"A|10||17|a\xffb|S|1e40|CAD||2024-01-31 10:00||0|",
		"A|11||17|001|S|0.4|CAD||2024-01-31 10:00||maybe|",
	)
	t.Cleanup(rows.Release)
	result := apply(t, m, mem, rows, place(rows))

	var out bytes.Buffer
	fmt.Fprintf(&out, "# %d rows, %d filtered, Σ amount %s\n", result.Record.NumRows(), result.Filtered, scaledText(int64(result.Amount.LowBits()), 4))
	for i := range int(result.Record.NumRows()) {
		var values []string
		for _, f := range result.Record.Schema().Fields() {
			values = append(values, f.Name+"="+show(result.Record, f.Name)[i])
		}
		fmt.Fprintln(&out, strings.Join(values, " | "))
	}
	fmt.Fprintf(&out, "# %d rejects\n", len(result.Rejects))
	for _, r := range result.Rejects {
		if !json.Valid([]byte(r.Raw)) {
			t.Errorf("not JSON: %s", r.Raw)
		}
		fmt.Fprintf(&out, "%d [%s] %s\n    %s\n", r.Position, r.Rule, r.Reason, r.Raw)
	}

	const file = "testdata/redemptions.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error(diff)
	}
}
