package transform

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
)

// evalOne works an expression out over a row of the columns a, b, user.id and Unit Price.
func evalOne(t testing.TB, text, a, b string) string {
	t.Helper()
	e, err := compileExpr(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	rows := textRecord(t, memory.DefaultAllocator, "a|b|user.id|Unit Price", a+"|"+b+"|7|2.55")
	defer rows.Release()
	m := mustCompile(t, awardsYAML(map[string]string{"award_id": "a"}), nil)
	batch, err := m.bind(rows, place(rows))
	if err != nil {
		t.Fatal(err)
	}
	v, err := batch.evaluation(e)
	if err != nil {
		t.Fatal(err)
	}
	var last string
	for range 2 { // the second time, all buffers have been used
		value, ok, why := v.read(0)
		switch {
		case why != nil:
			last = why.rule + ": " + why.reason
		case !ok:
			last = null
		default:
			last = string(value)
		}
	}
	return last
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	tests := []struct{ expr, a, b, want string }{
		{`number(a) * number(b)`, "6", "2.55", "15.3"},
		{`number(a) * number(b)`, "-12", "0.1", "-1.2"},
		{`number(a) * number(b)`, "123456789012345678901234567890", "1e-4", "12345678901234567890123456.789"},
		{`number(a) + number(b)`, "0.1", "0.2", "0.3"},
		{`number(a) - number(b)`, "0.1", "18446744073709551615", "-18446744073709551614.9"},
		{`number(a) + number(b)`, "18446744073709551615", "18446744073709551615", "36893488147419103230"},
		{`number(a) * 0.18 + 1`, "505", "", "91.9"},
		{`number(a) * 12345678901234567.123456789`, "1", "", "12345678901234567.123456789"},
		{`-number(a)`, "5", "", "-5"},
		{`-number(a)`, "0", "", "0"},
		{`number(a) * number(b)`, "", "2", null},
		{`number(a) + 1`, null, "2", null},
		{`number(a)`, "12,5", "", `type: the source's a "12,5" is not a decimal number`},
		{`number(a, ",", ".")`, "-1.234,56", "", "-1234.56"},
		{`number(a, ",", ".")`, "12.34,5", "", `type: the source's a "12.34,5" is not a decimal number`},
		{`number(upper(a))`, "x", "", `type: "X" is not a decimal number`},
		{`number(a)`, "1e101", "", `range: the source's a "1e101" has more than 100 digits before or after the point`},
		{`number(a) * number(b)`, "1e60", "1e60", "range: a number of the expression has more than 100 digits before or after the point"},
		{`divide(number(a), 3, 4)`, "10", "", "3.3333"},
		{`divide(number(a), 3, 0)`, "-5", "", "-2"},
		{`divide(number(a), number(b), 2)`, "1", "8", "0.13"},
		{`divide(number(a), number(b), 2)`, "1e50", "3e48", "33.33"},
		{`divide(number(a), number(b), 2)`, "1", "0.0", "expression: the expression divides 1 by zero"},
		{`round(number(a), 2)`, "1.005", "", "1.01"},
		{`round(number(a), 2)`, "-1.005", "", "-1.01"},
		{`round(number(a), 2)`, "1.0", "", "1"},
		{`round(number(a), 0)`, "0.00000000000000000000000000000001", "", "0"},
		{`round(number(a), 1)`, "99999999999999999999999999.95", "", "100000000000000000000000000"},
		{`abs(number(a))`, "-1.50", "", "1.5"},
		{`number("1.50")`, "", "", "1.5"},

		{`text(number(a) * 2)`, "1.5", "", "3.0"},
		{`upper(a)`, "é1x", "", "É1X"},
		{`lower(trim(a))`, " AB ", "", "ab"},
		{`a | trim() | lower()`, " AB ", "", "ab"},
		{`replace(a, "-", "")`, "1-2-3", "", "123"},
		{`replace(a, "", "x")`, "123", "", "123"},
		{`slice(a, 1)`, "éabc", "", "abc"},
		{`slice(a, 0, -1)`, "abcé", "", "abc"},
		{`slice(a, 2, 1)`, "abc", "", ""},
		{`split(a, "/", 2)`, "x/y/z", "", "y"},
		{`split(a, "/", 4)`, "x/y/z", "", null},
		{`length(a)`, "éa", "", "2"},
		{`concat(a, "-", b)`, "x", null, "x-"},
		{`coalesce(a, b, "none")`, "", null, "none"},
		{`coalesce(a, b)`, "", "y", "y"},
		{`a ?? b`, null, "y", "y"},
		{`coalesce(number(a), 0) + 1`, "", "", "1"},
		{`extract(a, "id '([0-9]+)'")`, "The user with id '123' viewed", "", "123"},
		{`extract(a, "id '([0-9]+)'")`, "The user with id '-1' viewed", "", null},
		{`extract(a, "[0-9]+")`, "ab12cd", "", "12"},
		{`extract(a, "(x)|(y)", 1)`, "y", "", null},
		{`extract(a, "(x)|(y)", 2)`, "y", "", "y"},
		{`extract($unit, "([0-9]+)/([0-9]+)", 2)`, "", "", "05"},
		{`$row`, "", "", "1"},
		{`user.id`, "", "", "7"},
		{`number(column("Unit Price")) * number(a)`, "2", "", "5.1"},
		{`$env["Unit Price"]`, "", "", "2.55"},

		{`a == "award" and number(b) > 0`, "award", "1", "true"},
		{`a == "award" and number(b) > 0`, "x", "not looked at", "false"},
		{`a == "award" || number(b) > 0`, "x", "y", `type: the source's b "y" is not a decimal number`},
		{`number(a) > 0`, "", "", "false"},
		{`number(a) <= 0`, "", "", "false"},
		{`number(a) == 1`, "1.00", "", "true"},
		{`number(a) != 1`, "", "", "true"},
		{`number(a) >= number(b)`, "2", "10", "false"},
		{`a != "void"`, null, "", "true"},
		{`a == ""`, null, "", "true"},
		{`is_empty(a)`, null, "", "true"},
		{`is_empty(number(a))`, "0", "", "false"},
		{`not is_empty(a)`, "x", "", "true"},
		{`a in ["x", "y"]`, "y", "", "true"},
		{`a not in ["x", "y"]`, null, "", "true"},
		{`number(a) in [1, 2]`, "2.0", "", "true"},
		{`a startsWith "C"`, "C5", "", "true"},
		{`a endsWith "5" && a contains "C"`, "C5", "", "true"},
		{`a matches "^C[0-9]+$"`, "C5", "", "true"},
		{`a startsWith "C" ? "reversal" : "award"`, "C5", "", "reversal"},
		{`if a == "" { nil } else { a }`, "", "", null},
		{`(a == "x") == (number(b) > 0)`, "x", "1", "true"},
		{`(a == "x") != (number(b) > 0)`, "y", "", "false"},
		{`true`, "", "", "true"},
	}
	for _, tt := range tests {
		if got := evalOne(t, tt.expr, tt.a, tt.b); got != tt.want {
			t.Errorf("%s of %q and %q:\ngot  %q\nwant %q", tt.expr, tt.a, tt.b, got, tt.want)
		}
	}
}

func TestExpressionErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`Quantity * UnitPrice`:                 "expr: * needs numbers, and this is a text; write number(Quantity), at character 1",
		`a + "x"`:                              "expr: + needs numbers, and this is a text; write number(a), or concat(…) to join texts, at character 1",
		`-a`:                                   "expr: - needs numbers, and this is a text; write number(a), at character 2",
		`number(a) / 2`:                        "expr: the operator / is not offered; write divide(a, b, places), which says how many decimals the result has, at character 11",
		`a < b`:                                "expr: < needs numbers, and this is a text; write number(a), at character 1",
		`a == 1`:                               "expr: == mixes a text and a number; write number(…) or text(…) around one, at character 3",
		`a == nil`:                             "expr: == needs a text or a number, not nil; is_empty(…) tells whether there is a value, at character 6",
		`upper(number(a))`:                     "expr: upper needs a text, and this is a number; write text(…), at character 7",
		`uper(a)`:                              "expr: there is no function uper (did you mean upper?); there are column, abs, ",
		`now()`:                                "expr: there is no function now; there are column, abs, ",
		`all(a, {true})`:                       "expr: there is no function all (did you mean abs?)",
		`let x = a; x`:                         "expr: lists, maps, variables and the like are not offered, at character 5",
		`a[1]`:                                 `expr: values have no parts; a column is named by its name, or by column("its name"), at character 2`,
		`column(a)`:                            `expr: column takes one name in quotes, such as column("Unit Price"), at character 1`,
		`$rwo`:                                 `expr: "$rwo" is not known (did you mean $row?); names with $ are $row, $unit, $delivered, at character 1`,
		`a and b`:                              "expr: and needs a condition, not a text, at character 1",
		`a ? b : a`:                            "expr: ? needs a condition, not a text, at character 1",
		`is_empty(a) ? 1 : "x"`:                "expr: one branch is a number, the other a text, at character 21",
		`a matches "("`:                        "expr: error parsing regexp: missing closing ): `(`, at character 11",
		`a matches b`:                          "expr: argument 2 of matches has to be written out, since it is checked when the config is read, at character 11",
		`extract(a, "x", 1)`:                   "expr: the regular expression has no group 1; it has 0, at character 1",
		`round(number(a), 21)`:                 "expr: round keeps at most 20 places, at character 18",
		`round(number(a), 1.5)`:                "expr: argument 2 of round(number, places) is not a whole number up to 1000, at character 18",
		`round(number(a))`:                     "expr: round has 1 arguments; it is round(number, places), at character 1",
		`split(a, "/", 0)`:                     "expr: split counts parts from 1, at character 15",
		`divide(1, 0, 2)`:                      "expr: the expression divides 1 by zero, at character 1",
		`number("x")`:                          `expr: "x" is not a decimal number, at character 1`,
		`number(a, ";")`:                       `expr: number: decimal ";" is not known; it is "." or ",", at character 1`,
		`0x10 == number(a)`:                    "expr: 0x10 is not a decimal number, at character 1",
		`1e999 == number(a)`:                   "expr: invalid float literal",
		`contains(a, "x")`:                     `expr: unexpected token Operator("contains"); it stands between two values, such as Note contains "x", at character 1`,
		`a in b`:                               `expr: in needs a list of values, such as ["a", "b"], at character 3`,
		`a == (b == "x")`:                      "expr: == needs a text or a number as argument 2, not a condition, at character 9",
		`a b`:                                  `expr: unexpected token Identifier("b"), at character 3`,
		`"x`:                                   "expr: ",
		` `:                                    "expr is empty",
		strings.Repeat("a", 9<<10):             "expr has 9216 bytes, more than the 8192 that are read",
		strings.Repeat("-", 800) + "number(a)": "expr: compilation failed: expression exceeds maximum allowed nodes",
	} {
		_, err := compileExpr(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60s: got %v\nwant %s", text, err, want)
		}
	}
}

// TestExprColumns maps with expressions, conditions and requirements.
func TestExprColumns(t *testing.T) {
	t.Parallel()
	mem := checked(t)
	m := mustCompile(t, `
entity: awards
where:
  - expr: Type == "award" || Type == "reversal"
require:
  - {expr: 'number(Quantity) != 0', reason: the quantity is zero}
  - expr: 'not (No startsWith "T")'
columns:
  program_id: {value: p}
  award_id: No
  member_id: {expr: 'extract(Note, "id ''([0-9]+)''")'}
  kind: {expr: 'number(Quantity) < 0 ? "reversal" : "award"'}
  amount: {expr: 'abs(number(Quantity) * number(column("Unit Price")))'}
  currency: {value: CAD}
  awarded_at: {value: 2024-01-31}
  is_deleted: {expr: 'Note contains "deleted"'}
`, nil)
	rows := textRecord(t, mem, "No|Type|Quantity|Unit Price|Note",
		"1|award|6|2.55|The user with id '7' did",
		"2|award|-3|1.10|user id '8' deleted",
		"3|draft|x|1|",
		"4|award|0|1|id '1'",
		"5|reversal|x|1|id '1'",
		"6|award|1|1|nobody",
		"T7|award|1|1|id '1'",
		"8|award|1|y|id '1'",
	)
	t.Cleanup(rows.Release)
	if diff := cmp.Diff([]string{"No", "Note", "Quantity", "Type", "Unit Price"}, sorted(m.SourceColumns())); diff != "" {
		t.Error(diff)
	}
	result := apply(t, m, mem, rows, place(rows))
	for column, want := range map[string][]string{
		"award_id": {"1", "2"}, "member_id": {"7", "8"}, "kind": {"award", "reversal"}, "amount": {"15.3000", "3.3000"}, "is_deleted": {"0", "1"},
	} {
		if diff := cmp.Diff(want, show(result.Record, column)); diff != "" {
			t.Errorf("%s: %s", column, diff)
		}
	}
	if diff := cmp.Diff([]int{2}, result.LeftOut); diff != "" || result.Filtered != 1 {
		t.Error(diff)
	}
	var got []string
	for _, r := range result.Rejects {
		got = append(got, r.Column+"|"+r.Rule+"|"+r.Reason)
	}
	if diff := cmp.Diff([]string{
		`|condition|the quantity is zero (Quantity "0")`,
		`|type|the condition number(Quantity) != 0: the source's Quantity "x" is not a decimal number`,
		`member_id|required|member_id is empty`,
		`|condition|it does not meet not (No startsWith "T") (No "T7")`,
		`amount|type|amount: the source's Unit Price "y" is not a decimal number`,
	}, got); diff != "" {
		t.Error(diff)
	}
	missing := textRecord(t, mem, "No|Type|Quantity|Note", "1|award|1|x")
	t.Cleanup(missing.Release)
	if _, err := m.WithAllocator(mem).Apply(missing, place(missing)); err == nil || !strings.Contains(err.Error(), `the source has no column "Unit Price"`) {
		t.Errorf("got %v", err)
	}
}

func TestKnownColumns(t *testing.T) {
	t.Parallel()
	spec := parseSpec(t, awardsYAML(map[string]string{
		"award_id": "Invoce", "org_id": "{join: [$unit, Region]}", "amount": "{expr: number(Quantty)}", "awarded_at": "{date_from: {year: Yeer, month: 1}}",
		"where": `[{expr: 'Tpye == "x"'}, {column: Kind, empty: false}]`,
	}))
	_, err := Compile(spec, nil, WithColumns([]string{"Invoice", "Quantity", "Year", "Type"}))
	want := `mapping awards: column award_id: the source has no column "Invoce" (did you mean Invoice?); it has Invoice, Quantity, Year, Type
mapping awards: column org_id: the source has no column "Region"; it has Invoice, Quantity, Year, Type
mapping awards: column amount: the source has no column "Quantty" (did you mean Quantity?); it has Invoice, Quantity, Year, Type
mapping awards: column awarded_at: the source has no column "Yeer" (did you mean Year?); it has Invoice, Quantity, Year, Type
mapping awards: where condition 1: the source has no column "Tpye" (did you mean Type?); it has Invoice, Quantity, Year, Type
mapping awards: where condition 2: the source has no column "Kind"; it has Invoice, Quantity, Year, Type`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if _, err := Compile(spec, nil); err != nil {
		t.Errorf("without columns: %v", err)
	}
}
