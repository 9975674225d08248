package transform

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	lookups := map[string]Lookup{"provinces": nil}
	tests := []struct {
		column, spec string
		want         string // after "mapping awards: column …: "
	}{
		{"ammount", "v", "awards has no such column (did you mean amount?); it has program_id, award_id, org_id, member_id, kind, amount, currency, awarded_at, version, is_deleted"},
		{"org_id", "{}", "it says not where its value comes from; give one of from, value, join, date_from, expr"},
		{"org_id", "{from: a, value: b}", "from and value exclude each other; give one"},
		{"org_id", "{from: $rwo}", `"$rwo" is not known (did you mean $row?); names with $ are $row, $unit, $delivered`},
		{"org_id", "{join: []}", "join names no column"},
		{"org_id", "{join: [a, '']}", "a source column has no name"},
		{"org_id", "{from: a, separator: x}", "separator is of no use without join"},
		{"org_id", "{from: a, map_else: x}", "map_else is of no use without map"},
		{"org_id", "{from: a, lookup: province}", `lookup "province" is not known (did you mean provinces?); there are provinces`},
		{"org_id", "{from: a, scale: '2'}", "scale is for amounts only"},
		{"org_id", "{from: a, round: true}", "round is for amounts only"},
		{"org_id", "{from: a, negate: true}", "negate is for amounts of money only"},
		{"org_id", "{from: a, negative: absolute}", "negative is for amounts of money only"},
		{"org_id", "{from: a, time: {}}", "time is for dates, times and version only"},
		{"org_id", "{date_from: {year: a, month: b}}", "date_from is for dates and times only"},
		{"kind", "{value: gift}", `value: "gift" is not one of award, reversal, expiry`},
		{"kind", "{from: a, map: {x: gift}}", `map "x": "gift" is not one of award, reversal, expiry`},
		{"kind", "{from: a, map: {x: award}, map_else: gift}", `map_else: "gift" is not one of award, reversal, expiry`},
		{"kind", "{from: a, default: gift}", `default: "gift" is not one of award, reversal, expiry`},
		{"amount", "{from: a, scale: abc}", `scale "abc" is not a decimal number`},
		{"amount", "{from: a, scale: '-1'}", `scale "-1" is not above zero; use negate to turn the sign around`},
		{"amount", "{from: a, scale: '1e40'}", `scale "1e40" has more digits than the 19 that are kept exactly`},
		{"amount", "{from: a, negative: refund}", `negative "refund" is not known; it is one of reject, absolute, award, reversal, expiry`},
		{"amount", "{value: ten}", `value: "ten" is not a decimal number`},
		{"amount", "{value: ''}", `value "" is empty`},
		{"awarded_at", "{from: a, time: {zone: Mars}}", `zone "Mars" is not known; use an IANA name such as America/Toronto`},
		{"awarded_at", "{from: a, time: {format: yyyy-mm-dd}}", `time format "yyyy-mm-dd" is not known; use ` + timeFormats},
		{"awarded_at", "{from: a, time: {format: '2006-01-02 03:04'}}", `time format "2006-01-02 03:04" has hours of 1 to 12 without PM; use 15 for hours of 0 to 23`},
		{"awarded_at", "{from: a, time: {format: '2006-01-02 15:04 MST'}}", `time format "2006-01-02 15:04 MST" holds a zone's abbreviation, which is ambiguous; put an offset (-0700) in its place or set zone`},
		{"awarded_at", "{date_from: {year: a}}", "date_from needs a year and a month, each a column or a number"},
		{"awarded_at", "{date_from: {year: a, month: 13}}", "date_from: the month 13 is not between 1 and 12"},
		{"awarded_at", "{date_from: {year: a, month: b}, time: {format: unix}}", "a time format is of no use with date_from; only its zone is"},
		{"awarded_at", "{value: 2024-02-30}", `value: "2024-02-30" is not a time such as 2024-01-31`},
		{"version", "$delivered", "leave it out to take the delivery time"},
		{"is_deleted", "{from: a, default: maybe}", `default: "maybe" is not a flag: 0, 1, true or false`},
	}
	for _, tt := range tests {
		t.Run(tt.column+" "+tt.spec, func(t *testing.T) {
			t.Parallel()
			_, err := Compile(parseSpec(t, awardsYAML(map[string]string{tt.column: tt.spec})), lookups)
			if err == nil {
				t.Fatal("compiled")
			}
			if want := "mapping awards: column " + tt.column + ": " + tt.want; err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestCompileConditionErrors(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string]string{
		"{column: a}":                       "it has no test; give one of in, not_in, empty, above, below, not_equal, or an expr instead of the column",
		"{column: a, empty: true, in: [b]}": "in and empty exclude each other; write a condition for each",
		"{column: a, in: []}":               "in lists no value",
		"{column: a, above: ten}":           `above "ten" is not a decimal number`,
		"{empty: true}":                     "a source column has no name",
	} {
		_, err := Compile(parseSpec(t, awardsYAML(map[string]string{"where": "[" + condition + "]"})), nil)
		if want = "mapping awards: where condition 1: " + want; err == nil || err.Error() != want {
			t.Errorf("%s: got %v\nwant %s", condition, err, want)
		}
	}
}

func TestCompileReportsAll(t *testing.T) {
	t.Parallel()
	_, err := Compile(parseSpec(t, `
entity: awards
columns:
  amount: {from: a, scale: abc, negative: refund}
  awarded_at: {from: a, time: {zone: Mars}}
`), nil)
	var got []string
	for _, line := range strings.Split(err.Error(), "\n") {
		got = append(got, strings.Join(strings.Fields(line)[:5], " "))
	}
	want := []string{
		"mapping awards: column program_id: every", "mapping awards: column award_id: every",
		"mapping awards: column member_id: every", `mapping awards: column amount: scale`, `negative "refund" is not known;`,
		"mapping awards: column currency: every", "mapping awards: column awarded_at: zone",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff, err)
	}
	_, err = Compile(MappingSpec{Entity: "award"}, nil)
	if want := `mapping award: entity "award" is not known (did you mean awards?); it is one of programs, `; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func TestYAML(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	spec := parseSpec(t, `
entity: awards
where:
  - {column: points, not_equal: "0"}
columns:
  award_id: Award ID
  org_id: {from: org, nulls: [N/A, "-"], trim: true}
  member_id:
    from: member
    nulls: [none]
  currency: {value: 007, map: {007: CAD}}
  amount: {from: points, scale: 0.180}
  awarded_at: {date_from: {year: y, month: 2}}
`)
	want := MappingSpec{
		Entity: "awards",
		Where:  []Condition{{Column: "points", NotEqual: text("0")}},
		Columns: map[string]ColumnSpec{
			"award_id":   {From: "Award ID"},
			"org_id":     {From: "org", Nulls: []string{"N/A", "-"}, Trim: true},
			"member_id":  {From: "member", Nulls: []string{"none"}},
			"currency":   {Value: text("007"), Map: map[string]string{"007": "CAD"}},
			"amount":     {From: "points", Scale: "0.180"},
			"awarded_at": {DateFrom: &DateParts{Year: "y", Month: "2"}},
		},
	}
	if diff := cmp.Diff(want, spec); diff != "" {
		t.Error(diff)
	}
}

func TestYAMLErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"entity: awards\ncolumns:\n  amount:\n    from: a\n    scael: 1\n":           `[5:5] unknown field "scael"`,
		"entity: awards\ncolumns:\n  amount: {from: a, nulls: [x], scael: 1}\n":      `unknown field "scael"`,
		"entity: awards\ncolumns:\n  amount: {from: a, time: {fromat: unix}}\n":      `unknown field "fromat"`,
		"entity: awards\ncolumns:\n  amount: [a]\n":                                  "[3:",
		"entity: awards\ncolumns:\n  amount: {from: a, 1: x}\n":                      `[3:21] unknown field "1"`,
		"entity: awards\nwhere: [{column: a, nto_in: [b]}]\ncolumns: {amount: a}\n":  `unknown field "nto_in"`,
		"entity: awards\ncolumns: {amount: {from: a}, org_id: {from: b, from: c}}\n": "from",
	} {
		var spec MappingSpec
		err := yaml.UnmarshalWithOptions([]byte(text), &spec, yaml.Strict())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
