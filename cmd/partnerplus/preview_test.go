package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shownPreview is what -o json gives.
type shownPreview struct {
	Source, Unit, Format, Encoding string
	Units, Read                    int
	Unmapped                       []string
	Rows                           []shownRow
}

type shownRow struct {
	Unit      string
	Position  uint64
	Raw       map[string]*string
	Malformed *struct{ Reason string }
	Unrouted  *struct{ Rule string }
	Text      string
	Rows      []struct {
		Mapping int
		Entity  string
		Values  map[string]*string
		Reject  *struct{ Column, Rule, Reason string }
		LeftOut bool `json:"left_out"`
	}
}

func previewed(t *testing.T, dir, source string, args ...string) shownPreview {
	t.Helper()
	var shown shownPreview
	command(t, dir, exitDone, append([]string{"preview", source, "-o", "json"}, args...)...).json(t, &shown)
	return shown
}

const ledgerConfig = header + `  ledger:
    file: {path: ledger}
    mappings:
      - entity: awards
        where: [{column: Type, in: [earn]}]
        columns: {program_id: {value: p}, award_id: {join: [Member, $row]}, member_id: Member, amount: Amount, currency: {value: USD}, awarded_at: At}
      - entity: redemptions
        where: [{column: Type, in: [burn]}]
        columns: {program_id: {value: p}, redemption_id: {join: [Member, $row]}, member_id: Member, amount: Amount, currency: {value: USD}, redeemed_at: At}
`

func TestPreviewShowsRawBesideStandardised(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"partnerplus.yaml": ledgerConfig,
		"ledger/a.csv":     "Type,Member,Amount,At,Note\n",
		"ledger/b.csv":     "Type,Member,Amount,At,Note\nearn,M-1,1.5,2024-01-31,\"a\nb\"\nburn,M-2,x,2024-02-01,\nnote,M-3,0,2024-02-01,\nearn,M-4\nburn,M-5,2,2024-02-02,\n",
		"ledger/c.csv":     "Type,Member,Amount,At,Note\nearn,,3,2024-03-01,\n",
	})
	setTimes(t, dir, "ledger/a.csv", "ledger/b.csv", "ledger/c.csv")

	o := command(t, dir, exitDone, "preview", "ledger")
	o.says(t, "ledger: unit b.csv (of 3), csv, utf-8",
		"award_id    M-1/1", "← Member = M-1, $row", "amount      1.5", "← Amount = 1.5", "currency    USD", "(constant)", "kind        award", "(default)",
		"2. redemptions: left out",
		"2. redemptions: REJECTED by amount", `"x" is not a decimal number`,
		"row 3: left out by every mapping",
		"row 4: not readable: 2 fields", "earn,M-4",
		"1 not read by any mapping: Note")
	o.hides(t, "org_id", "is_deleted", "\x1b[")

	all := previewed(t, dir, "ledger")
	if all.Unit != "b.csv" || all.Units != 3 || all.Read != 5 || len(all.Rows) != 5 || all.Format != "csv" {
		t.Fatalf("%+v", all)
	}
	if first := all.Rows[0]; *first.Raw["Note"] != "a\nb" || *first.Rows[0].Values["amount"] != "1.5" || !first.Rows[1].LeftOut {
		t.Errorf("row 1: %+v", first)
	}
	if second := all.Rows[1]; second.Rows[1].Reject == nil || second.Rows[1].Reject.Column != "amount" || *second.Raw["Amount"] != "x" {
		t.Errorf("row 2: %+v", second)
	}
	if fourth := all.Rows[3]; fourth.Position != 4 || fourth.Malformed == nil || fourth.Text != "earn,M-4" {
		t.Errorf("row 4: %+v", fourth)
	}

	if one := previewed(t, dir, "ledger", "-n", "1", "--mapping", "2"); len(one.Rows) != 1 || one.Read != 1 || len(one.Rows[0].Rows) != 1 || one.Rows[0].Rows[0].Mapping != 2 {
		t.Errorf("one row of one mapping: %+v", one)
	}
	if third := previewed(t, dir, "ledger", "--unit", "c.csv"); len(third.Rows) != 1 || third.Rows[0].Rows[0].Reject.Column != "award_id" {
		t.Errorf("a unit by name: %+v", third)
	}
	rejected := previewed(t, dir, "ledger", "--rejected")
	if rejected.Read != 6 || len(rejected.Rows) != 3 || rejected.Rows[0].Position != 2 || rejected.Rows[1].Position != 4 || rejected.Rows[2].Unit != "c.csv" {
		t.Errorf("rejected rows of all units: %+v", rejected)
	}
	if two := previewed(t, dir, "ledger", "--rejected", "-n", "2"); len(two.Rows) != 2 || two.Unit != "b.csv" {
		t.Errorf("two rejected rows: %+v", two)
	}
	command(t, dir, exitDone, "preview", "ledger", "--rejected").says(t, "6 rows looked at, 3 rejected ones shown", "\nunit c.csv")

	write(t, dir, map[string]string{"partnerplus.yaml": strings.Replace(ledgerConfig, "    mappings:", "    unrouted: reject\n    mappings:", 1)})
	command(t, dir, exitDone, "preview", "ledger").says(t, "row 3: REJECTED (unrouted): no mapping takes the row")
	if unrouted := previewed(t, dir, "ledger", "--rejected"); len(unrouted.Rows) != 4 || unrouted.Rows[1].Unrouted == nil || unrouted.Rows[1].Unrouted.Rule != "unrouted" {
		t.Errorf("a row that no mapping takes: %+v", unrouted)
	}

	command(t, dir, exitFailed, "preview", "ledger", "--unit", "d.csv").says(t, `no unit "d.csv"`, "a.csv, b.csv, c.csv")
	command(t, dir, exitFailed, "preview", "ledger", "--mapping", "3").says(t, "no mapping 3", "from 1 to 2")
	command(t, dir, exitUsage, "preview", "ledger", "--mapping", "-1").says(t, "from 1")
	command(t, dir, exitUsage, "preview", "ledger", "-n", "10001").says(t, "at most 10000")
	command(t, dir, exitFailed, "preview", "ledger", "--unit", "a.csv").says(t, "has a row")
}

// setTimes makes each file an hour younger than the one before.
func setTimes(t *testing.T, dir string, names ...string) {
	t.Helper()
	for i, name := range names {
		at := deliveredAt(i)
		if err := os.Chtimes(filepath.Join(dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func deliveredAt(hour int) time.Time { return time.Date(2024, 6, 1, hour, 0, 0, 0, time.UTC) }
