package transform

import (
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
)

// TestColumns maps one raw column v of one row into one canonical column.
func TestColumns(t *testing.T) {
	t.Parallel()
	lookups := map[string]Lookup{"orgs": {"a": "A", "": "nobody"}, "few": {"a": "A"}}
	long := strings.Repeat("é", 150)
	tests := []struct {
		name, column, spec, raw string
		want                    string // the value, or else
		reason                  string // the reject's reason
	}{
		{"text as it stands", "org_id", "v", " A b ", " A b ", ""},
		{"empty text is no value", "org_id", "{from: v, default: x}", "", "x", ""},
		{"null text is empty", "org_id", "v", null, "", ""},
		{"null text has a default", "org_id", "{from: v, default: x}", null, "x", ""},
		{"empty as no value", "org_id", "{from: v, nulls: [''], default: x}", "", "x", ""},
		{"text trimmed", "org_id", "{from: v, trim: true}", " A\t", "A", ""},
		{"texts that mean null", "org_id", "{from: v, nulls: [N/A, '-'], default: none}", "N/A", "none", ""},
		{"required by the mapping", "org_id", "{from: v, required: true}", "", "", "org_id is empty"},
		{"key", "award_id", "v", "", "", "award_id is empty"},
		{"null key", "award_id", "v", null, "", "award_id is empty"},
		{"key trimmed to nothing", "award_id", "{from: v, trim: true}", "  ", "", "award_id is empty"},
		{"bad UTF-8", "org_id", "v", "a\xff", "", `org_id: "a\xff" is not valid UTF-8; the source has to be read in its own encoding`},
		{"NUL", "org_id", "v", "a\x00", "", `org_id: "a\x00" holds a NUL character`},
		{"too long", "org_id", "v", strings.Repeat("x", 1<<20+1), "", `org_id: "` + strings.Repeat("x", 100) + `"… is too long: 1048577 bytes, at most 1048576 are taken`},

		{"map", "kind", `{from: v, map: {"1": award, "2": reversal}}`, "2", "reversal", ""},
		{"map misses", "kind", `{from: v, map: {"1": award, "2": reversal}}`, "3", "", `kind: "3" is not in the map (1, 2)`},
		{"map of null", "kind", `{from: v, map: {"": reversal}}`, null, "reversal", ""},
		{"map without null", "kind", `{from: v, map: {"2": reversal}}`, null, "", "kind is empty"},
		{"map else", "kind", `{from: v, map: {"2": reversal}, map_else: award}`, "9", "award", ""},
		{"map else keeps", "kind", `{from: v, map: {"2": reversal}, map_else: $keep}`, "expiry", "expiry", ""},
		{"not allowed", "kind", "v", "gift", "", `kind: "gift" is not one of award, reversal, expiry`},
		{"lookup", "org_id", "{from: v, lookup: orgs}", "a", "A", ""},
		{"lookup of empty", "org_id", "{from: v, lookup: orgs}", "", "nobody", ""},
		{"lookup of null", "org_id", "{from: v, lookup: orgs}", null, "nobody", ""},
		{"lookup misses", "org_id", "{from: v, lookup: few}", "b", "", `org_id: "b" is not in the lookup few`},
		{"lookup default", "org_id", "{from: v, lookup: few, default: other}", "b", "other", ""},
		{"map then lookup", "org_id", "{from: v, map: {x: a}, lookup: few}", "x", "A", ""},

		{"amount", "amount", "v", "12.50", "12.5000", ""},
		{"amount zero", "amount", "v", "-0", "0.0000", ""},
		{"amount with exponent", "amount", "v", "1.5e3", "1500.0000", ""},
		{"amount with a comma", "amount", "v", "12,50", "", `amount: "12,50" is not a decimal number`},
		{"amount with a space", "amount", "v", " 1", "", `amount: " 1" is not a decimal number`},
		{"amount trimmed", "amount", "{from: v, trim: true}", " 1 ", "1.0000", ""},
		{"amount empty", "amount", "v", "", "", "amount is empty"},
		{"amount default", "amount", "{from: v, default: '7'}", "", "7.0000", ""},
		{"amount too precise", "amount", "v", "1.23456", "", `amount: "1.23456" has more than 4 decimals; set round to round it`},
		{"amount with zeros", "amount", "v", "1.234500", "1.2345", ""},
		{"amount rounded", "amount", "{from: v, round: true}", "1.00005", "1.0001", ""},
		{"amount largest", "amount", "v", "99999999999999.9999", "99999999999999.9999", ""},
		{"amount too large", "amount", "v", "100000000000000", "", `amount: "100000000000000" is too large: at most 14 digits fit before the point`},
		{"amount scaled", "amount", "{from: v, scale: '0.18'}", "505", "90.9000", ""},
		{"amount scaled too precise", "amount", "{from: v, scale: '0.33333'}", "1", "", `amount: "1" × 0.33333 has more than 4 decimals; set round to round it`},
		{"amount negative", "amount", "v", "-5", "", `amount: "-5" is negative; set negative to absolute, or to the kind of such rows`},
		{"amount absolute", "amount", "{from: v, negative: absolute}", "-5", "5.0000", ""},
		{"amount negated", "amount", "{from: v, negate: true}", "-5", "5.0000", ""},
		{"amount negated below zero", "amount", "{from: v, negate: true}", "5", "", `amount: "5" is negative once negated; set negative to absolute, or to the kind of such rows`},
		{"reasons are short", "amount", "v", long, "", `amount: "` + long[:200] + `"… is not a decimal number`},

		{"time", "awarded_at", "v", "2024-01-31T10:11:12.1234567+01:00", "2024-01-31T09:11:12.123456", ""},
		{"time of a date", "awarded_at", "v", "2024-01-31", "2024-01-31T00:00:00", ""},
		{"time of a date in a zone", "awarded_at", "{from: v, time: {zone: America/Toronto}}", "2024-01-31", "2024-01-31T05:00:00", ""},
		{"time in a gap", "awarded_at", "{from: v, time: {zone: America/Toronto}}", "2024-03-10 02:30:00", "", `awarded_at: "2024-03-10 02:30:00" does not exist in America/Toronto: clocks were set forward`},
		{"time twice", "awarded_at", "{from: v, time: {zone: America/Toronto}}", "2024-11-03 01:30:00", "2024-11-03T05:30:00", ""},
		{"date without midnight", "awarded_at", "{from: v, time: {zone: America/Sao_Paulo}}", "2018-11-04", "2018-11-04T03:00:00", ""},
		{"no such day", "awarded_at", "v", "2023-02-29", "", `awarded_at: "2023-02-29" is not a time such as 2024-01-31`},
		{"too early", "awarded_at", "v", "1899-12-31", "", `awarded_at: "1899-12-31" is outside the years 1900 to 2299`},
		{"unix", "awarded_at", "{from: v, time: {format: unix}}", "1706695872.5", "2024-01-31T10:11:12.5", ""},
		{"unix_ms", "awarded_at", "{from: v, time: {format: unix_ms}}", "1706695872500", "2024-01-31T10:11:12.5", ""},
		{"unix_us", "awarded_at", "{from: v, time: {format: unix_us}}", "1706695872500000", "2024-01-31T10:11:12.5", ""},
		{"unix_ns", "awarded_at", "{from: v, time: {format: unix_ns}}", "1706695872500000999", "2024-01-31T10:11:12.5", ""},
		{"unix before 1970", "awarded_at", "{from: v, time: {format: unix}}", "-0.0000001", "1969-12-31T23:59:59.999999", ""},
		{"unix too late", "awarded_at", "{from: v, time: {format: unix}}", "1e15", "", `awarded_at: "1e15" is outside the years 1900 to 2299`},
		{"unix not a number", "awarded_at", "{from: v, time: {format: unix}}", "now", "", `awarded_at: "now" is not a time in unix format`},
		{"layout", "awarded_at", "{from: v, time: {format: '02/01/2006 15:04', zone: Europe/Paris}}", "31/01/2024 10:11", "2024-01-31T09:11:00", ""},
		{"layout with an offset", "awarded_at", "{from: v, time: {format: '02/01/2006 15:04 -0700', zone: Europe/Paris}}", "31/01/2024 10:11 -0500", "2024-01-31T15:11:00", ""},
		{"layout in a gap", "awarded_at", "{from: v, time: {format: '02/01/2006 15:04', zone: Europe/Paris}}", "31/03/2024 02:30", "", `awarded_at: "31/03/2024 02:30" does not exist in Europe/Paris: clocks were set forward`},
		{"layout, no such day", "awarded_at", "{from: v, time: {format: '02/01/2006'}}", "30/02/2024", "", `awarded_at: "30/02/2024" is not a time in the format "02/01/2006"`},

		{"version", "version", "v", "18446744073709551615", "18446744073709551615", ""},
		{"version is a time", "version", "v", "2024-03-01 10:00:00", "", `version: "2024-03-01 10:00:00" is not an unsigned integer; set time: {format: iso} to take the time for the version`},
		{"version negative", "version", "v", "-1", "", `version: "-1" is not an unsigned integer`},
		{"version of a time", "version", "{from: v, time: {}}", "2024-01-31", "1706659200000000", ""},
		{"version before 1970", "version", "{from: v, time: {}}", "1969-01-31", "", `version: "1969-01-31" is before 1970, too early for a version`},
		{"version without value", "version", "v", "", "1714979289123456", ""},
		{"flag", "is_deleted", "v", "TRUE", "1", ""},
		{"flag without value", "is_deleted", "v", null, "0", ""},
		{"no flag", "is_deleted", "v", "yes", "", `is_deleted: "yes" is not a flag: 0, 1, true or false`},
		{"row", "org_id", "$row", "x", "1", ""},
		{"unit", "org_id", "$unit", "x", "2024/05.csv", ""},
		{"delivered", "org_id", "$delivered", "x", "2024-05-06T07:08:09.123456Z", ""},
		{"join", "org_id", "{join: [v, $row, id], separator: '-'}", "a", "a-1-i", ""},
		{"join keeps empty parts", "org_id", "{join: [v, id]}", null, "/i", ""},
		{"join of nothing", "award_id", "{join: [v, $row]}", "", "", "award_id is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mem := checked(t)
			m := mustCompile(t, awardsYAML(map[string]string{tt.column: tt.spec}), lookups)
			rows := textRecord(t, mem, "v|id", tt.raw+"|i")
			t.Cleanup(rows.Release)
			result := apply(t, m, mem, rows, place(rows))
			if tt.reason != "" {
				if len(result.Rejects) != 1 {
					t.Fatalf("got no reject but %q", show(result.Record, tt.column))
				}
				got := result.Rejects[0]
				if got.Reason != tt.reason || got.Column != tt.column || got.Entity != "awards" || got.Position != 1 {
					t.Errorf("got reject of %s %s %d: %s\nwant %s", got.Entity, got.Column, got.Position, got.Reason, tt.reason)
				}
				return
			}
			if len(result.Rejects) > 0 {
				t.Fatalf("rejected: %s", result.Rejects[0].Reason)
			}
			if got := show(result.Record, tt.column)[0]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestOtherEntities covers the types that awards lack.
func TestOtherEntities(t *testing.T) {
	t.Parallel()
	const sessions = `{entity: portal_sessions, columns: {program_id: {value: p}, session_id: $row, started_at: {value: 2024-01-31}, `
	const members = `{entity: members, columns: {program_id: {value: p}, member_id: $row, `
	const rates = `{entity: fx_rates, columns: {currency: {value: USD}, day: {value: 2024-01-31}, `
	tests := []struct{ name, column, spec, raw, want, reason string }{
		{"count", "page_views", sessions + "page_views: v}}", "3", "3", ""},
		{"count without value", "page_views", sessions + "page_views: v}}", "", "0", ""},
		{"count with decimals", "page_views", sessions + "page_views: v}}", "3.0", "", `page_views: "3.0" is not an unsigned integer`},
		{"seconds", "duration_s", sessions + "duration_s: {from: v, scale: '0.001'}}}", "1500", "1.500000", ""},
		{"seconds negative", "duration_s", sessions + "duration_s: v}}", "-1", "", `duration_s: "-1" is negative`},
		{"rate", "rate", rates + "rate: v}}", "1.34567891", "1.34567891", ""},
		{"rate zero", "rate", rates + "rate: v}}", "0", "", `rate: "0" is not above zero`},
		{"day", "joined_on", members + "joined_on: v}}", "2024-01-31", "2024-01-31", ""},
		{"day null", "joined_on", members + "joined_on: v}}", "", "null", ""},
		{"day of a time", "joined_on", members + "joined_on: {from: v, time: {zone: America/Toronto}}}}", "2024-01-31T03:00:00Z", "2024-01-30", ""},
		{"day of a local time", "joined_on", members + "joined_on: {from: v, time: {zone: America/Toronto}}}}", "2024-01-31T03:00:00", "2024-01-31", ""},
		{"day of an unasked time", "joined_on", members + "joined_on: v}}", "2024-01-31T03:00:00Z", "", `joined_on: "2024-01-31T03:00:00Z" has a time of day; give the column a time with its zone to take the date`},
		{"day of a layout", "joined_on", members + "joined_on: {from: v, time: {format: 02/01/2006}}}}", "31/01/2024", "2024-01-31", ""},
		{"no day", "joined_on", members + "joined_on: v}}", "2024-02-30", "", `joined_on: "2024-02-30" is not a date such as 2024-01-31`},
		{"date parts", "joined_on", members + "joined_on: {date_from: {year: v, month: 2, day: 29}}}}", "2024", "2024-02-29", ""},
		{"date parts, no such day", "joined_on", members + "joined_on: {date_from: {year: v, month: 2, day: 29}}}}", "2023", "", "joined_on: 2023-02-29 is not a date"},
		{"date parts, blank", "joined_on", members + "joined_on: {date_from: {year: v, month: 2}}}}", "", "null", ""},
		{"date parts, some blank", "joined_on", members + "joined_on: {date_from: {year: v, month: w}}}}", "2024", "", "joined_on: the month is empty"},
		{"date parts, no number", "joined_on", members + "joined_on: {date_from: {year: v, month: 1}}}}", "20x4", "", `joined_on: the year "20x4" is not a number of up to four digits`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mem := checked(t)
			rows := textRecord(t, mem, "v|w", tt.raw+"|")
			t.Cleanup(rows.Release)
			result := apply(t, mustCompile(t, tt.spec, nil), mem, rows, place(rows))
			got, reason := "", ""
			if len(result.Rejects) > 0 {
				reason = result.Rejects[0].Reason
			} else {
				got = show(result.Record, tt.column)[0]
			}
			if got != tt.want || reason != tt.reason {
				t.Errorf("got %q, reason %q\nwant %q, %q", got, reason, tt.want, tt.reason)
			}
		})
	}
}

func TestNegativeBecomesKind(t *testing.T) {
	t.Parallel()
	mem := checked(t)
	m := mustCompile(t, awardsYAML(map[string]string{
		"kind":   "{from: k, map: {a: award, e: expiry}}",
		"amount": "{from: v, negative: reversal}",
	}), nil)
	rows := textRecord(t, mem, "id|k|v", "1|a|5", "2|e|-3.5", "3|x|-1", "4|e|1", "5|a|-x")
	t.Cleanup(rows.Release)
	result := apply(t, m, mem, rows, place(rows))
	if diff := cmp.Diff([]string{"award", "reversal", "expiry"}, show(result.Record, "kind")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"5.0000", "3.5000", "1.0000"}, show(result.Record, "amount")); diff != "" {
		t.Error(diff)
	}
	if got := result.Amount.BigInt().String(); got != "95000" {
		t.Errorf("Σ amount is %s", got)
	}
	want := []Reject{
		{"awards", 3, "kind", RuleMap, `kind: "x" is not in the map (a, e)`, `{"id":"3","k":"x","v":"-1"}`},
		{"awards", 5, "amount", RuleType, `amount: "-x" is not a decimal number`, `{"id":"5","k":"a","v":"-x"}`},
	}
	if diff := cmp.Diff(want, result.Rejects); diff != "" {
		t.Error(diff)
	}
}

func TestWhere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		condition string
		want      string // award_ids
		rejects   int
	}{
		{"{column: v, in: ['1', x]}", "1 x", 0},
		{"{column: v, not_in: ['1', x]}", "1.0 2 -3 empty null", 0},
		{"{column: v, in: ['']}", "empty null", 0},
		{"{column: v, empty: true}", "empty null", 0},
		{"{column: v, empty: false}", "1 1.0 2 -3 x", 0},
		{"{column: v, not_equal: '1'}", "2 -3 x empty null", 0},
		{"{column: v, not_equal: x}", "1 1.0 2 -3 empty null", 0},
		{"{column: v, above: '0.5'}", "1 1.0 2", 1},
		{"{column: v, below: 1}", "-3", 1},
		{"{column: $row, below: '3'}", "1 1.0", 0},
	}
	for _, tt := range tests {
		t.Run(tt.condition, func(t *testing.T) {
			t.Parallel()
			mem := checked(t)
			m := mustCompile(t, awardsYAML(map[string]string{"where": "[" + tt.condition + "]"}), nil)
			rows := textRecord(t, mem, "id|v", "1|1", "1.0|1.0", "2|2", "-3|-3", "x|x", "empty|", "null|"+null)
			t.Cleanup(rows.Release)
			result := apply(t, m, mem, rows, place(rows))
			if got := strings.Join(show(result.Record, "award_id"), " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if len(result.Rejects) != tt.rejects {
				t.Errorf("rejects: %v", result.Rejects)
			}
			for _, r := range result.Rejects {
				if want := `the condition on v: "x" is not a decimal number`; r.Reason != want || r.Column != "" {
					t.Errorf("got %s, want %s", r.Reason, want)
				}
			}
		})
	}
}

func TestMissingColumns(t *testing.T) {
	t.Parallel()
	mem := checked(t)
	m := mustCompile(t, awardsYAML(map[string]string{"org_id": "{join: [orgg, $unit, id]}", "where": "[{column: state, empty: true}]"}), nil)
	if diff := cmp.Diff([]string{"id", "orgg", "state"}, sorted(m.SourceColumns())); diff != "" {
		t.Error(diff)
	}
	rows := textRecord(t, mem, "id|org", "1|x")
	t.Cleanup(rows.Release)
	_, err := m.WithAllocator(mem).Apply(rows, place(rows))
	var missing *MissingColumnError
	if !errors.As(err, &missing) || missing.Entity != "awards" || missing.Column != "orgg" {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff([]string{"id", "org"}, missing.Columns); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{`the source has no column "orgg" (did you mean org?)`, `the source has no column "state"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
	at := place(rows)
	at.Sparse = true
	result := apply(t, m, mem, rows, at)
	if got := show(result.Record, "org_id")[0]; got != "/2024/05.csv/1" {
		t.Errorf("sparse: got org_id %s", got)
	}
}

func TestApplyErrors(t *testing.T) {
	t.Parallel()
	mem := checked(t)
	rows := textRecord(t, mem, "id|id", "1|2")
	t.Cleanup(rows.Release)
	single := textRecord(t, mem, "id", "1")
	t.Cleanup(single.Release)
	plain := mustCompile(t, awardsYAML(nil), nil)
	unfilled := mustCompile(t, awardsYAML(map[string]string{"org_id": "{from: id, lookup: orgs}"}), map[string]Lookup{"orgs": nil})
	for name, tt := range map[string]struct {
		run  func() (Result, error)
		want string
	}{
		"positions":        {func() (Result, error) { return plain.Apply(single, Place{}) }, "mapping awards: the batch has 1 rows but 0 positions"},
		"duplicate column": {func() (Result, error) { return plain.Apply(rows, place(rows)) }, `mapping awards: the source has 2 columns "id"; it has to name them apart`},
		"unfilled lookup":  {func() (Result, error) { return unfilled.Apply(single, place(single)) }, "mapping awards: column org_id: lookup orgs has not been filled"},
		"delivery time": {func() (Result, error) { return plain.Apply(single, Place{Positions: []uint64{1}, Unit: "u"}) },
			"mapping awards: column version: it is not mapped, and the delivery time of unit u, which would stand in, is not known"},
	} {
		if _, err := tt.run(); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v\nwant %s", name, err, tt.want)
		}
	}
}

func TestRawIsBounded(t *testing.T) {
	t.Parallel()
	mem := memory.DefaultAllocator
	rows := textRecord(t, mem, "id|big|v", "|"+strings.Repeat("x", 70<<10)+"|<1>")
	t.Cleanup(rows.Release)
	result := apply(t, mustCompile(t, awardsYAML(nil), nil), mem, rows, place(rows))
	if got, want := result.Rejects[0].Raw, `{"id":"","v":"<1>","$truncated":true}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
