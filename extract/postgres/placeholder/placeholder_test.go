package placeholder_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract/postgres/placeholder"
)

func TestTranslate(t *testing.T) {
	t.Parallel()
	use := func(name, operator string) placeholder.Use { return placeholder.Use{Name: name, Operator: operator} }
	tests := []struct {
		name, query, want string
		uses              []placeholder.Use
		err               string
	}{
		{name: "none", query: "SELECT 1", want: "SELECT 1"},
		{
			name: "both", query: "SELECT a WHERE t>$from AND t <= $to ORDER BY t;\n-- end\n",
			want: "SELECT a WHERE t>$1    AND t <= $2  ORDER BY t", uses: []placeholder.Use{use("from", ">"), use("to", "<=")},
		},
		{name: "again, with casts", query: "SELECT $to::date, f($from)", want: "SELECT $2 ::date, f($1   )", uses: []placeholder.Use{use("to", ""), use("from", "")}},
		{name: "an operator before a comment", query: "SELECT 1 >--x\n $to", want: "SELECT 1 >--x\n $2 ", uses: []placeholder.Use{use("to", ">")}},
		{name: "an operator before another comment", query: "SELECT 1 </* $from */$to", want: "SELECT 1 </* $from */$2 ", uses: []placeholder.Use{use("to", "<")}},
		{name: "between", query: "t BETWEEN $from AND $to", want: "t BETWEEN $1    AND $2 ", uses: []placeholder.Use{use("from", ""), use("to", "")}},
		{name: "text", query: "SELECT '$from''$to', ''", want: "SELECT '$from''$to', ''"},
		{name: "a backslash is a character", query: `SELECT '\', $to`, want: `SELECT '\', $2 `, uses: []placeholder.Use{use("to", "")}},
		{name: "unless the text says otherwise", query: `SELECT E'\'$from', e''`, want: `SELECT E'\'$from', e''`},
		{name: "a name that ends in e", query: `SELECT type'\'`, want: `SELECT type'\'`},
		{name: "quoted name", query: `SELECT "a""$from"`, want: `SELECT "a""$from"`},
		{name: "dollar quotes", query: "SELECT $$ $from ; $$, $from$ $to $ $from$", want: "SELECT $$ $from ; $$, $from$ $to $ $from$"},
		{name: "comments", query: "SELECT 1 -- $from ; '\n/* $to /* ' */ ; */", want: "SELECT 1 -- $from ; '\n/* $to /* ' */ ; */"},
		{name: "a dollar in a name", query: "SELECT a$from, é$to", want: "SELECT a$from, é$to"},
		{name: "unknown", query: "SELECT $form", err: "$form is no placeholder; there are $from and $to"},
		{name: "longer", query: "SELECT $from_", err: "$from_ is no placeholder"},
		{name: "number", query: "SELECT $1", err: "$1 is no placeholder"},
		{name: "two statements", query: "SELECT 1; DELETE FROM t", err: "more than one statement"},
		{name: "semicolons", query: "SELECT 1 ; ;", want: "SELECT 1 "},
		{name: "no end of a text", query: "SELECT 'a", err: "does not end"},
		{name: "no end of a name", query: `SELECT "a`, err: "does not end"},
		{name: "no end of a comment", query: "SELECT 1 /* /* */", err: "does not end"},
		{name: "no end of dollar quotes", query: "SELECT $a$ $b$", err: "does not end"},
		{name: "nothing", query: " -- x\n;", err: "no statement"},
	}
	for _, tt := range tests {
		got, err := placeholder.Translate(tt.query, "from", "to")
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(placeholder.Query{Text: tt.want, Uses: tt.uses}, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", tt.name, err, diff)
		}
	}
	if _, err := placeholder.Translate("SELECT $from"); err == nil || !strings.Contains(err.Error(), "no placeholders") {
		t.Errorf("without names: %v", err)
	}
}

// Whatever the query is, its text keeps its length, and translating finds nothing more in the result.
func FuzzTranslate(f *testing.F) {
	for _, query := range []string{"SELECT $from, '$to' /* $x */", "$a$ $from $a$ > $to;", "E'\\'' \"$\"\"\"", "-- $from\n$to--"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := placeholder.Translate(query, "from", "to")
		if err != nil {
			return
		}
		if len(q.Text) > len(query) {
			t.Fatalf("%q became longer: %q", query, q.Text)
		}
		again, err := placeholder.Translate(q.Text, "1", "2")
		if err != nil || again.Text != q.Text || len(again.Uses) != len(q.Uses) {
			t.Fatalf("%q became %q, which is %+v, %v", query, q.Text, again, err)
		}
	})
}
