package review

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a pack with all that a page can have: movements of every kind, NULLs, a programme without a name, and names
// that mean something in HTML.
func sample() *Pack {
	awarded := Metric{ID: "dollars_awarded", Name: "Dollars awarded", Unit: "money", Polarity: "good", Definition: "Awards less reversals of the month"}
	unspent := Metric{ID: "unspent_dollars", Name: "Unspent dollars", Unit: "money", Polarity: "bad", Definition: "The liability"}
	rate := Metric{ID: "activation_rate", Name: "Activation rate", Unit: "ratio", Polarity: "good", Definition: "users_redeeming / users_awarded"}
	sessions := Metric{ID: "sessions", Name: "Sessions", Unit: "sessions", Polarity: "good", Definition: "All sessions"}
	gini := Metric{ID: "gini", Name: "Gini coefficient", Unit: "ratio", Polarity: "bad", Definition: "0 where all have the same"}
	mean := Metric{ID: "mean", Name: "Mean awarded", Unit: "money", Polarity: "neutral", Definition: "Average"}
	figures := Figures{
		Financial: []Figure{
			{Metric: awarded, Value: "1234567.895", Previous: "1000000", MoM: "234567.895", MoMPct: "0.234567895", YearBefore: "1234567.895", YoY: "0", YoYPct: "0"},
			{Metric: unspent, Value: "-12.5", Previous: "0", MoM: "-12.5"},
		},
		Engagement: []Figure{
			{Metric: rate, Previous: "0.25"},
			{Metric: sessions, Value: "12345", Previous: "15432", MoM: "-3087", MoMPct: "-0.200038880249", YearBefore: "9876", YoY: "2469", YoYPct: "0.25"},
		},
		Distribution: []Figure{
			{Metric: mean, Value: "71.828389349809", Previous: "65.82", MoM: "6.008389349809", MoMPct: "0.091285224093"},
			{Metric: gini, Value: "0.457074625976", Previous: "0.449", MoM: "0.008074625976", MoMPct: "0.017983576784"},
		},
	}
	return &Pack{
		Month: Month{2026, 9},
		Data: Data{
			Oldest: Month{2026, 6}, Newest: Month{2026, 10}, Complete: Month{2026, 9},
			NewestEvent: "2026-10-02 08:15:00", ComputedAt: "2026-10-02 09:00:00", Zone: "America/Toronto", Currency: "CAD",
		},
		Portfolio: figures,
		Trends: []Trend{
			{Name: "financial", Metrics: []Metric{awarded, unspent}, Months: []TrendMonth{
				{Month{2026, 6}, []Decimal{"900000", "0"}}, {Month{2026, 7}, []Decimal{"1100000.5", "0"}},
				{Month{2026, 8}, []Decimal{"1000000", "0"}}, {Month{2026, 9}, []Decimal{"1234567.895", "-12.5"}},
			}},
			{Name: "engagement", Metrics: []Metric{rate, sessions}, Months: []TrendMonth{
				{Month{2026, 6}, []Decimal{"0.5", "12345"}}, {Month{2026, 7}, []Decimal{"", "12345"}},
				{Month{2026, 8}, []Decimal{"0.25", "12345"}}, {Month{2026, 9}, []Decimal{"", "12345"}},
			}},
		},
		Programs: []Program{
			{ID: "a&b", Name: `<script>alert("1")</script>`, Client: `O'Neil & "Sons" <b>`, Currency: "USD", Launched: "2026-06-01", Status: "active", Figures: figures},
			{ID: "events-only", Figures: Figures{Financial: []Figure{{Metric: awarded}}}},
		},
		Metrics: []Metric{awarded, unspent, rate, sessions, mean, gini},
		Rejects: []Reject{
			{Source: "acme-awards", Entity: "awards", Column: "amount", Rows: 1200, Example: `amount: "<img src=x onerror=alert(1)>" is not a decimal number`},
			{Source: "acme-awards", Rows: 34, Example: "3 fields, the header has 9"},
		},
		Unrated: []Unrated{{Entity: "awards", Program: "<b>Bold</b>", Currency: "EUR", Entries: 3, OfTheMonth: 2, Amount: "1000.1250", FirstDay: "2026-08-31", LastDay: "2026-09-04"}},
		Opening: &Opening{
			At: "2026-10-01 04:12", By: "job <month-end>", Note: "the feed <b> is late", FailedChecks: []string{"freshness", "rejects"},
			Incomplete: []Incomplete{{"acme-awards", "never delivered a row"}, {"<b>bold</b>", "was not asked since 2026-10-01 00:00"}},
		},
	}
}

func rendered(t *testing.T, pack *Pack) string {
	t.Helper()
	var page strings.Builder
	if err := pack.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	const file = "testdata/pack.html"
	page := rendered(t, sample())
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), page); diff != "" {
		t.Errorf("the page changed (go test ./review -update writes it anew):\n%s", diff)
	}
}

func TestNamesAreTextNotMarkup(t *testing.T) {
	t.Parallel()
	page := rendered(t, sample())
	for _, markup := range []string{"<script", "<img", "<b>", `O'Neil & "Sons"`} {
		if strings.Contains(page, markup) {
			t.Errorf("the page has %s", markup)
		}
	}
	if !strings.Contains(page, "Programme &lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;") {
		t.Error("the programme is not named")
	}
}

// TestPageNeedsNothingElse holds that the page loads nothing and refers to nothing but itself.
func TestPageNeedsNothingElse(t *testing.T) {
	t.Parallel()
	page := rendered(t, sample())
	for _, reference := range regexp.MustCompile(`(?:href|src|action|url)\s*[=(]\s*"?([^">)]+)`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(reference[1], "#") && !strings.HasPrefix(reference[1], "x onerror=") {
			t.Errorf("the page refers to %s", reference[1])
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if strings.Count(page, fmt.Sprintf(` id="%s"`, link[1])) != 1 {
			t.Errorf("the page links to #%s, which is not there once", link[1])
		}
	}
}

// TestPageIsReadAloud holds what a screen reader goes by: every table has a caption and heads, headings do not skip.
func TestPageIsReadAloud(t *testing.T) {
	t.Parallel()
	page := rendered(t, sample())
	for i, table := range strings.Split(page, "<table")[1:] {
		table, _, _ = strings.Cut(table, "</table>")
		if !strings.Contains(table, "<caption>") || !strings.Contains(table, `<th scope="col"`) {
			t.Errorf("table %d has no caption or no heads", i)
		}
	}
	level := 0
	for _, heading := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(page, -1) {
		next := int(heading[1][0] - '0')
		if next > level+1 {
			t.Errorf("a heading of level %d comes after one of level %d", next, level)
		}
		level = next
	}
	if drawings, labels := strings.Count(page, "<svg"), strings.Count(page, `<svg role="img" aria-label="`); drawings == 0 || drawings != labels {
		t.Errorf("%d drawings, %d with a label", drawings, labels)
	}
}

func TestAMonthUnderWaySaysSo(t *testing.T) {
	t.Parallel()
	pack := sample()
	const notice = "is not complete"
	if strings.Contains(rendered(t, pack), notice) {
		t.Error("a complete month is said not to be")
	}
	pack.Month = Month{2026, 10}
	if !strings.Contains(rendered(t, pack), "October 2026 "+notice) {
		t.Error("a month under way is not said to be")
	}
}
