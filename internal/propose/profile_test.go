package propose

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// looks says in a line what a column is taken for.
func looks(name string, texts ...string) string {
	values := make([]value, len(texts))
	for i, text := range texts {
		values[i] = value{text: text}
	}
	p := profileOf(name, values, false)
	out := []string{[]string{"empty", "number", "time", "flag", "currency", "email", "enumeration", "text"}[p.kind]}
	if n := p.numbers; n != nil {
		if n.integers {
			out = append(out, "integers")
		}
		if n.whole {
			out = append(out, "whole")
		}
		if n.negatives > 0 {
			out = append(out, fmt.Sprintf("%d negative", n.negatives))
		}
		if steps := markSteps(n); len(steps) > 0 {
			out = append(out, steps[0].value)
		}
		if n.unsure != "" {
			out = append(out, "unsure")
		}
		out = append(out, show(n.min)+".."+show(n.max))
	}
	if t := p.times; t != nil {
		out = append(out, t.format)
		if t.other != "" {
			out = append(out, "or "+t.other)
		}
		if t.misfits > 0 {
			out = append(out, fmt.Sprintf("%d misfits", t.misfits))
		}
		if t.clock && !t.offset {
			out = append(out, "without zone")
		}
	}
	if len(p.nulls) > 0 {
		out = append(out, "nulls "+strings.Join(p.nulls, " "))
	}
	if p.spaces {
		out = append(out, "spaces")
	}
	if p.unique() {
		out = append(out, "unique")
	}
	return strings.Join(out, " ")
}

func TestProfile(t *testing.T) {
	t.Parallel()
	repeated := func(text string, n int, more ...string) []string {
		for range n {
			more = append(more, text)
		}
		return more
	}
	for _, c := range []struct {
		name  string
		texts []string
		want  string
	}{
		{"", nil, "empty"},
		{"", []string{"", "-", "n/a"}, "empty nulls - n/a"},
		// Numbers.
		{"amount", []string{"1", "2", "2"}, "number integers 1..2"},
		{"amount", []string{"1.5", "-2.25", "3"}, "number 1 negative -2.25..3 unique"},
		{"amount", []string{"1,5", "2,25"}, `number {decimal: ","} 1.5..2.25 unique`},
		{"amount", []string{"1,234.50", "1.5"}, `number {thousands: ","} 1.5..1234.5 unique`},
		{"amount", []string{"1.234,50", "1,5"}, `number {decimal: ",", thousands: "."} 1.5..1234.5 unique`},
		{"amount", []string{"1,234", "5"}, `number integers {thousands: ","} unsure 5..1234 unique`},
		{"amount", []string{"1 234,50", "1\u00a0234,75", "2"}, `number {decimal: ",", thousands: " "} 2..1234.75 unique`},
		{"amount", []string{"1'234.50", "2"}, `number {thousands: "'"} 2..1234.5 unique`},
		{"amount", []string{"$1.50", "$2.00"}, `number {symbols: [$]} 1.5..2 unique`},
		{"amount", []string{"€ 1,50", "€ 2,00"}, `number {decimal: ",", symbols: ["€"]} 1.5..2 unique`},
		{"amount", []string{"1.50 EUR", "-2.00 EUR"}, `number 1 negative {symbols: [EUR]} -2..1.5 unique`},
		{"amount", []string{"(1.50)", "2.00-", "3"}, `number 2 negative {accounting: true} -2..3 unique`},
		{"customer", []string{"17850.0", "13047.0"}, "number whole 13047..17850 unique"},
		{"amount", []string{"12,34,5", "1,2,3"}, "text unique"},
		{"ip", []string{"192.168.1.1", "10.0.0.1"}, "text unique"},
		{"amount", repeated("1.5", 30, "x"), "number 1.5..1.5"},
		// Times.
		{"at", []string{"2024-01-31", "2024-02-29"}, "time iso unique"},
		{"at", []string{"2024-01-31T10:11:12Z", "2024-01-31 10:11"}, "time iso unique"},
		{"at", []string{"2024-01-31 10:11:12", "2024-02-01 10:11:12"}, "time iso without zone unique"},
		{"at", []string{"31/01/2024", "05/02/2024"}, "time 02/01/2006 unique"},
		{"at", []string{"01/31/2024", "02/05/2024"}, "time 01/02/2006 unique"},
		{"at", []string{"1/2/2024", "3/4/2024"}, "time 2/1/2006 or 1/2/2006 unique"},
		{"at", []string{"31.01.24", "05.02.24"}, "time 02.01.06 unique"},
		{"at", repeated("28/02/18, 19:00", 30, "29/02/18, 19:00"), "time 02/01/06, 15:04 1 misfits without zone"},
		{"at", []string{"1/31/2024 3:04 PM", "2/1/2024 12:00 AM"}, "time 1/2/2006 3:04 PM without zone unique"},
		{"at", []string{"31 Jan 2024", "1 Feb 2024"}, "time 2 Jan 2006 unique"},
		{"day", []string{"20240131", "20240201"}, "time 20060102 unique"},
		{"created_at", []string{"1706745600", "1706745601"}, "time unix unique"},
		{"account", []string{"1706745600", "1706745601"}, "number integers 1706745600..1706745601 unique"},
		{"x", []string{"1706745600000", "1706745601000"}, "time unix_ms unique"},
		// Texts.
		{"active", []string{"yes", "No", "yes"}, "flag"},
		{"ccy", []string{"EUR", "USD", "EUR"}, "currency"},
		{"mail", []string{"a@example.com", "b@example.com"}, "email unique"},
		{"status", []string{"new", "old", "new", "old", " new"}, "text spaces"},
		{"status", []string{"new", "old", "new", "old", "n/a"}, "enumeration nulls n/a"},
	} {
		if got := looks(c.name, c.texts...); got != c.want {
			t.Errorf("%s %q:\n got  %s\n want %s", c.name, c.texts, got, c.want)
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	p := profileOf("Description", []value{{text: "The user with id '1119' viewed the course with id '95'."}, {text: "User viewed their inbox at course: 113"}}, false)
	if p.inside == "" {
		t.Error("the member's id in a sentence is not found")
	}
	if value, _ := extracted(p); !strings.Contains(value, "extract") {
		t.Error(value)
	}
}

func TestDialect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want dialect
	}{
		{"a,b\n1,2", dialect{",", true, 2, 0}},
		{"a;b\n1,5;2\n1,6;3", dialect{";", true, 2, 0}},
		{"a\tb\n1\t2", dialect{"\t", true, 2, 0}},
		{"a|b|c\n1|2|3", dialect{"|", true, 3, 0}},
		{"1,x\n2,y", dialect{",", false, 2, 0}},
		{"2024-01-01,x\n2024-01-02,y", dialect{",", false, 2, 0}},
		{"Report\na,b,c\n1,2,3\n4,5,6", dialect{",", true, 3, 1}},
		{"a,b\n\"1;2;3\n4;5;6\",7\n\"1;2\",3", dialect{",", true, 2, 0}},
		{"name\nx\ny", dialect{",", true, 1, 0}},
		{"", dialect{",", true, 1, 0}},
	} {
		if got := dialectOf(strings.Split(c.text, "\n")); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
	}
}

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ours, others, want string
	}{
		{"a.csv", "b.csv", "a.csv"},
		{"a 100%[1].csv", "", `a 100%\[1\].csv`},
		{"sales-2024-03.csv", "", "sales-*.csv"},
		{"sales-2024-03.csv sales-2024-04.csv", "members.csv", "sales-*.csv"},
		{"dt=2024-03-01/a.csv dt=2024-03-02/a.csv", "", "dt=*/a.csv"},
		{"F17.csv SP18.csv", "", "*.csv"},
		{"x-F17.csv x-SP18.csv", "y.csv", "x-*.csv"},
		{"a.csv b.csv", "c.csv", "{a.csv,b.csv}"},
	} {
		ours := strings.Split(c.ours, " ")
		if strings.Contains(c.ours, "%") {
			ours = []string{c.ours}
		}
		all := append(strings.Fields(c.others), ours...)
		if got := globOf(ours, all); got != c.want {
			t.Errorf("%s beside %s: %s, want %s", c.ours, c.others, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"CustomerID": "customer id", "customer_id": "customer id", "user.address.id": "user address id", "Page Views": "page view",
		"HTTPStatus": "http status", "Amount (EUR)": "amount eur", "": "", "Größe": "größe",
	} {
		if diff := cmp.Diff(want, strings.Join(words(name), " ")); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
}
