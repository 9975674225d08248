package transform

import (
	"fmt"
	"strings"
	"testing"
)

// stepCase maps one raw column v of one row.
type stepCase struct {
	column, spec, raw string
	want              string // the value, or else
	rule, reason      string
}

func checkSteps(t *testing.T, mapping func(column, spec string) string, tests []stepCase) {
	t.Helper()
	lookups := map[string]Lookup{"stores": {"17": "x"}}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s %.30s", tt.column, tt.spec, tt.raw), func(t *testing.T) {
			t.Parallel()
			mem := checked(t)
			rows := textRecord(t, mem, "v|id", tt.raw+"|i")
			t.Cleanup(rows.Release)
			result := apply(t, mustCompile(t, mapping(tt.column, tt.spec), lookups), mem, rows, place(rows))
			got := stepCase{column: tt.column, spec: tt.spec, raw: tt.raw}
			if len(result.Rejects) > 0 {
				got.rule, got.reason = result.Rejects[0].Rule, result.Rejects[0].Reason
			} else {
				got.want = show(result.Record, tt.column)[0]
			}
			if got != tt {
				t.Errorf("got  %+v\nwant %+v", got, tt)
			}
		})
	}
}

func awardsColumn(column, spec string) string {
	return awardsYAML(map[string]string{column: spec})
}

func TestSteps(t *testing.T) {
	t.Parallel()
	const notSaid = " is not a decimal number as number says"
	checkSteps(t, awardsColumn, []stepCase{
		{"org_id", `{from: v, extract: "id '([0-9]+)'"}`, "The user with id '12' viewed", "12", "", ""},
		{"org_id", `{from: v, extract: "[0-9]+", default: none}`, "nobody", "none", "", ""},
		{"member_id", `{from: v, extract: "id '([0-9]+)'"}`, "The user with id '-1' viewed", "", "required", "member_id is empty: extract finds nothing in \"The user with id '-1' viewed\""},
		{"org_id", "{from: v, trim: true, case: upper}", " é1 ", "É1", "", ""},
		{"org_id", "{from: v, case: lower, map: {a: b}}", "A", "b", "", ""},
		{"org_id", "{from: v, whole: true}", "17850.0", "17850", "", ""},
		{"org_id", "{from: v, whole: true}", "17850", "17850", "", ""},
		{"org_id", "{from: v, whole: true}", "00123.00", "00123", "", ""},
		{"org_id", "{from: v, whole: true}", "1.785E4", "17850", "", ""},
		{"org_id", "{from: v, whole: true}", "-.0", "0", "", ""},
		{"org_id", "{from: v, whole: true}", "", "", "", ""},
		{"org_id", "{from: v, whole: true, nulls: [nan]}", "nan", "", "", ""},
		{"org_id", "{from: v, whole: true}", "17850.5", "", "type", `org_id: "17850.5" is not a whole number`},
		{"org_id", "{from: v, whole: true}", "C17850", "", "type", `org_id: "C17850" is not a whole number`},
		{"org_id", "{from: v, whole: true}", "1e-1", "", "type", `org_id: "1e-1" is not a whole number`},
		{"org_id", "{from: v, whole: true, lookup: stores}", "17.0", "x", "", ""},

		{"amount", `{from: v, number: {decimal: ",", thousands: "."}}`, "1.234.567,89", "1234567.8900", "", ""},
		{"amount", `{from: v, number: {decimal: ","}}`, "12,50", "12.5000", "", ""},
		{"amount", `{from: v, number: {decimal: ","}}`, "12.50", "", "type", `amount: "12.50"` + notSaid},
		{"amount", `{from: v, number: {decimal: ",", thousands: "."}}`, "1.23", "", "type", `amount: "1.23"` + notSaid},
		{"amount", `{from: v, number: {thousands: ","}}`, "1,234", "1234.0000", "", ""},
		{"amount", `{from: v, number: {thousands: ","}}`, "1234.5", "1234.5000", "", ""},
		{"amount", `{from: v, number: {thousands: ","}}`, "1,2345", "", "type", `amount: "1,2345"` + notSaid},
		{"amount", `{from: v, number: {thousands: ","}}`, "1234,567", "", "type", `amount: "1234,567"` + notSaid},
		{"amount", `{from: v, number: {thousands: ","}}`, "1,234.5,6", "", "type", `amount: "1,234.5,6"` + notSaid},
		{"amount", `{from: v, number: {thousands: ","}}`, ",234", "", "type", `amount: ",234"` + notSaid},
		{"amount", `{from: v, number: {thousands: " "}}`, "1 234 567", "1234567.0000", "", ""},
		{"amount", `{from: v, number: {thousands: " "}}`, "1\u00a0234\u202f567", "", "type", `amount: "1\u00a0234\u202f567"` + notSaid},
		{"amount", `{from: v, number: {thousands: " ", decimal: ",", symbols: [€]}}`, "1\u202f234,50\u00a0€", "1234.5000", "", ""},
		{"amount", `{from: v, number: {thousands: "'", symbols: [CHF]}}`, "CHF 1'234.50", "1234.5000", "", ""},
		{"amount", `{from: v, number: {thousands: ",", symbols: [$, USD]}}`, "$1,234.50 USD", "1234.5000", "", ""},
		{"amount", `{from: v, number: {symbols: [$]}}`, "€5", "", "type", `amount: "€5"` + notSaid},
		{"amount", `{from: v, number: {symbols: [$], accounting: true}, negative: absolute}`, "($12.50)", "12.5000", "", ""},
		{"amount", `{from: v, number: {accounting: true}, negative: absolute}`, "12.50-", "12.5000", "", ""},
		{"amount", `{from: v, number: {accounting: true}}`, "(12.50)", "", "negative", `amount: "(12.50)" is negative; set negative to absolute, or to the kind of such rows`},
		{"amount", `{from: v, number: {accounting: true}}`, "-12.50-", "", "type", `amount: "-12.50-"` + notSaid},
		{"amount", `{from: v, number: {accounting: true}}`, "(-12.50)", "", "type", `amount: "(-12.50)"` + notSaid},
		{"amount", `{from: v, number: {symbols: [€]}, negate: true}`, "-€5", "5.0000", "", ""},
		{"amount", `{from: v, number: {symbols: [€]}, negate: true}`, "€ -5", "5.0000", "", ""},
		{"amount", `{from: v, number: {symbols: [€]}}`, "€", "", "type", `amount: "€"` + notSaid},
		{"amount", `{from: v, number: {}}`, "-", "", "type", `amount: "-"` + notSaid},

		{"awarded_at", `{from: v, time: {formats: [2006-01-02, "2/1/06, 15:04"]}}`, "2024-02-29", "2024-02-29T00:00:00", "", ""},
		{"awarded_at", `{from: v, time: {formats: [2006-01-02, "2/1/06, 15:04"], zone: Asia/Muscat}}`, "29/02/24, 04:30", "2024-02-29T00:30:00", "", ""},
		{"awarded_at", `{from: v, time: {formats: [iso, "2/1/06, 15:04"]}}`, "29/02/18, 10:00", "", "type", `awarded_at: "29/02/18, 10:00" is not a time in any of the time formats`},
		{"awarded_at", `{from: v, time: {format: "1/2/2006 3:04:05 PM"}}`, "12/9/2011 1:05:06 PM", "2011-12-09T13:05:06", "", ""},
		{"awarded_at", `{from: v, trim: true, time: {format: "2 Jan 2006"}}`, " 9 Dec 2011 ", "2011-12-09T00:00:00", "", ""},
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	checkSteps(t, awardsColumn, []stepCase{
		{"amount", "{from: v, min: 0.01, max: 1000}", "0.01", "0.0100", "", ""},
		{"amount", "{from: v, min: 0.01, max: 1000}", "1000", "1000.0000", "", ""},
		{"amount", "{from: v, min: 0.01, max: 1000}", "0.0099", "", "range", `amount: "0.0099" is below the min of 0.01`},
		{"amount", "{from: v, max: 1000}", "1000.0001", "", "range", `amount: "1000.0001" is above the max of 1000`},
		{"amount", "{from: v, max: 10, scale: '0.01'}", "1001", "", "range", `amount: "1001" (10.0100) is above the max of 10`},
		{"amount", "{from: v, max: 10, negative: reversal}", "-11", "", "range", `amount: "-11" (11.0000) is above the max of 10`},
		{"awarded_at", "{from: v, min: 2024-01-01, max: 2024-12-31T23:59:59}", "2024-01-01", "2024-01-01T00:00:00", "", ""},
		{"awarded_at", "{from: v, min: 2024-01-01}", "2023-12-31T23:59:59.9", "", "range", `awarded_at: "2023-12-31T23:59:59.9" is below the min of 2024-01-01`},
		{"awarded_at", "{from: v, max: 2024-01-01, time: {zone: America/Toronto}}", "2024-01-01 00:00:01", "", "range", `awarded_at: "2024-01-01 00:00:01" is above the max of 2024-01-01`},
		{"version", "{from: v, max: 18446744073709551614}", "18446744073709551615", "", "range", `version: "18446744073709551615" is above the max of 18446744073709551614`},
		{"version", "{from: v, min: 5}", "18446744073709551615", "18446744073709551615", "", ""},
		{"org_id", "{from: v, pattern: 'a|b'}", "b", "b", "", ""},
		{"org_id", "{from: v, pattern: 'a|b'}", "", "", "", ""},
		{"org_id", "{from: v, pattern: 'a|b'}", "bc", "", "pattern", `org_id: "bc" does not match the pattern a|b`},
		{"org_id", "{from: v, map: {x: 17}, map_else: $keep, reference: stores}", "x", "17", "", ""},
		{"org_id", "{from: v, reference: stores}", "18", "", "reference", `org_id: "18" is not in the lookup stores`},
		{"org_id", "{from: v, reference: stores}", "", "", "", ""},
		{"org_id", "{from: v, required: true, reference: stores}", "", "", "required", "org_id is empty"},
	})
	checkSteps(t, func(column, spec string) string {
		return "{entity: portal_sessions, columns: {program_id: {value: p}, session_id: $row, started_at: {value: 2024-01-31}, " + column + ": " + spec + "}}"
	}, []stepCase{
		{"page_views", "{from: v, min: 1, number: {thousands: ','}}", "1,000", "1000", "", ""},
		{"page_views", "{from: v, min: 1}", "0", "", "range", `page_views: "0" is below the min of 1`},
		{"page_views", "{from: v, whole: true}", "3.0", "3", "", ""},
		{"page_views", "{from: v, min: 1}", "", "0", "", ""},
		{"page_views", "{expr: 'number(v) * 2'}", "3", "6", "", ""},
		{"page_views", "{expr: 'number(v) * 2'}", "1.5", "3", "", ""},
	})
}

// TestContractRules: the rules that come with the entities and with the older steps are named, too.
func TestContractRules(t *testing.T) {
	t.Parallel()
	checkSteps(t, awardsColumn, []stepCase{
		{"amount", "v", "", "", RuleRequired, "amount is empty"},
		{"amount", "v", "x", "", RuleType, `amount: "x" is not a decimal number`},
		{"amount", "v", "1e15", "", RuleRange, `amount: "1e15" is too large: at most 14 digits fit before the point`},
		{"amount", "v", "1.23456", "", RulePrecision, `amount: "1.23456" has more than 4 decimals; set round to round it`},
		{"amount", "{from: v, negate: true}", "1", "", RuleNegative, `amount: "1" is negative once negated; set negative to absolute, or to the kind of such rows`},
		{"kind", "v", "gift", "", RuleAllowed, `kind: "gift" is not one of award, reversal, expiry`},
		{"kind", "{from: v, map: {x: award}}", "gift", "", RuleMap, `kind: "gift" is not in the map (x)`},
		{"org_id", "{from: v, lookup: stores}", "18", "", RuleLookup, `org_id: "18" is not in the lookup stores`},
		{"org_id", "v", "a\xff", "", RuleType, `org_id: "a\xff" is not valid UTF-8; the source has to be read in its own encoding`},
		{"org_id", "v", strings.Repeat("x", maxText+1), "", RuleLength, `org_id: "` + strings.Repeat("x", shownRunes) + `"… is too long: 1048577 bytes, at most 1048576 are taken`},
		{"org_id", "{expr: 'text(divide(1, number(v), 2))'}", "0", "", RuleExpression, "org_id: the expression divides 1 by zero"},
		{"awarded_at", "v", "1899-01-01", "", RuleRange, `awarded_at: "1899-01-01" is outside the years 1900 to 2299`},
		{"awarded_at", "v", "2023-02-29", "", RuleType, `awarded_at: "2023-02-29" is not a time such as 2024-01-31`},
		{"version", "{from: v, time: {}}", "1969-01-31", "", RuleRange, `version: "1969-01-31" is before 1970, too early for a version`},
		{"is_deleted", "v", "yes", "", RuleType, `is_deleted: "yes" is not a flag: 0, 1, true or false`},
	})
}

func TestStepErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ column, spec, want string }{
		{"org_id", "{from: a, extract: '('}", "extract: error parsing regexp: missing closing ): `(`"},
		{"org_id", "{from: a, extract: '(a)(b)'}", "extract has 2 groups; mark one, and write (?:…) for the others"},
		{"org_id", "{from: a, case: title}", `case "title" is neither upper nor lower`},
		{"org_id", "{from: a, number: {decimal: ','}}", "number is for amounts and counts only"},
		{"amount", "{from: a, number: {decimal: ;}}", `number: decimal ";" is not known; it is "." or ","`},
		{"amount", "{from: a, number: {thousands: x}}", `number: thousands "x" is not known; it is one of ` + numberMarks},
		{"amount", "{from: a, number: {thousands: .}}", `number: decimal and thousands are both "."`},
		{"amount", "{from: a, number: {symbols: ['-']}}", `number: symbol "-" could be part of a number`},
		{"amount", "{expr: number(a), number: {decimal: ','}}", "number is of no use with an expr that is a number already"},
		{"amount", "{expr: 'a == \"x\"'}", "expr is a condition, true or false; write condition ? value : other, or give it a map"},
		{"is_deleted", "{expr: number(a)}", "expr is a number; a flag needs a condition"},
		{"awarded_at", "{expr: number(a)}", "expr is a number; a date or a time of numbers needs a time format such as unix"},
		{"org_id", "{expr: nil}", "expr is nil for every row; leave the column out"},
		{"org_id", "{expr: a, from: b}", "from and expr exclude each other; give one"},
		{"org_id", "{from: a, min: 1}", "min is for numbers, dates and times only"},
		{"org_id", "{from: a, pattern: '('}", "pattern: error parsing regexp: missing closing ): `\\A(?:()\\z`"},
		{"org_id", "{from: a, reference: store}", `reference "store" is not known; there is none in the config`},
		{"amount", "{from: a, pattern: x}", "pattern and reference are for texts only"},
		{"amount", "{from: a, min: 2, max: 1}", "min 2 is above max 1"},
		{"amount", "{from: a, max: ten}", `max: "ten" is not a decimal number`},
		{"amount", "{from: a, max: ''}", "max is empty"},
		{"awarded_at", "{from: a, min: 2024-02-30}", `min: "2024-02-30" is not a time such as 2024-01-31`},
		{"awarded_at", "{from: a, time: {format: unix, formats: [iso]}}", "time format and formats exclude each other; give one"},
		{"awarded_at", "{from: a, time: {formats: []}}", "time formats lists none"},
		{"awarded_at", "{from: a, time: {formats: [iso, yyyy]}}", `time format "yyyy" is not known; use ` + timeFormats},
	} {
		_, err := Compile(parseSpec(t, awardsColumn(tt.column, tt.spec)), nil)
		if want := "mapping awards: column " + tt.column + ": " + tt.want; err == nil || err.Error() != want {
			t.Errorf("%s %s:\ngot  %v\nwant %s", tt.column, tt.spec, err, want)
		}
	}
	for _, tt := range []struct{ section, spec, want string }{
		{"where", "[{expr: a}]", "where condition 1: expr is a text, not a condition; compare it with something"},
		{"where", "[{expr: 'a == \"x\"', column: b}]", "where condition 1: an expr stands alone; write a condition for each"},
		{"require", "[{expr: 'a == '}]", "require condition 1: expr: unexpected token EOF, at character 5"},
		{"require", "[{reason: x}]", "require condition 1: expr is empty"},
	} {
		text := strings.Replace(awardsYAML(nil), "columns:", tt.section+": "+tt.spec+"\ncolumns:", 1)
		if _, err := Compile(parseSpec(t, text), nil); err == nil || err.Error() != "mapping awards: "+tt.want {
			t.Errorf("%s: got %v\nwant %s", tt.spec, err, tt.want)
		}
	}
	_, err := Compile(parseSpec(t, awardsColumn("org_id", "{from: a, reference: stores}")), map[string]Lookup{"stores": nil})
	if err != nil {
		t.Error(err)
	}
}
