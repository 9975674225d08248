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
	if !strings.Contains(page, "<bdi>&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;</bdi>") {
		t.Error("the programme is not named")
	}
}

// TestPageNeedsNothingElse holds that the page loads nothing and refers to nothing but itself.
func TestPageNeedsNothingElse(t *testing.T) {
	t.Parallel()
	page := rendered(t, sample())
	for _, reference := range regexp.MustCompile(`(?:href|src|action|url)\s*[=(]\s*"?([^">)]+)`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(reference[1], "#") && !strings.HasPrefix(reference[1], "x onerror=") && reference[1] != "data:," {
			t.Errorf("the page refers to %s", reference[1])
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if strings.Count(page, fmt.Sprintf(` id="%s"`, link[1])) != 1 {
			t.Errorf("the page links to #%s, which is not there once", link[1])
		}
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

// TestTheFirstScreen holds what a decision-maker reads first: the portfolio before programmes, the worst first, each thing once.
func TestTheFirstScreen(t *testing.T) {
	t.Parallel()
	pack := sample()
	headlines, err := pack.Headlines()
	if err != nil {
		t.Fatal(err)
	}
	risks, err := pack.AtRisk()
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string]struct {
		items []Item
		want  []string
	}{
		"what changed most": {headlines, []string{
			"warning: Unspent dollars of the portfolio rose by 25.0\u00a0% to 5,000,000.00\u00a0CAD (+1,000,000.00), while redemptions did not rise. #portfolio",
			": Dollars redeemed of the portfolio fell to -12.50\u00a0CAD (-12.50). #portfolio",
			`warning: Gini coefficient of <script>alert("1")</script>: 0.4571, against a threshold of 0.4000. #program-0`,
		}},
		"at risk": {risks, []string{
			"critical: <script>alert(\"1\")</script>: rising unspent, 1,000,000.00\u00a0CAD unspent #risks",
			"warning: Portfolio: rising unspent, 5,000,000.00\u00a0CAD unspent #risks",
			"warning: events-only: low conversion #risks",
			"info: gone: volatile trend #risks",
			": 1 opportunity #opportunities",
		}},
		"to be decided": {pack.ToDecide(), []string{
			"fail: 1 check fails: mend the data, or waive by name and reason #validation",
			"waived: 1 failed check is waived: do the figures hold? #validation",
			"warn: 101 figures of closed months changed: reopen, or leave as reported? #restated",
			"warning: Portfolio, rising unspent: no action yet #risks",
			"warning: events-only, low conversion: no action yet #risks",
			"overdue: 1 action: carry over, reassign or drop #plan",
		}},
	} {
		var got []string
		for _, i := range list.items {
			got = append(got, i.Badge+": "+i.Lead+i.Name+i.Text+" #"+i.Anchor)
		}
		if diff := cmp.Diff(list.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	pack.Findings.Risks = append([]Finding{{Program: "gone", Topic: "adverse_movement", Severity: "warning", AtStake: "9000000"}}, pack.Findings.Risks...)
	if risks, err = pack.AtRisk(); err != nil || risks[1].Name != "Portfolio" || risks[3].Name != "gone" {
		t.Errorf("at risk, with a topic that not every review asks about: %v (%v)", risks, err)
	}
	closed := *pack
	closed.Review = &Record{State: "closed", DecidedOn: "2026-10-05 10:00"}
	if page := rendered(t, &closed); !strings.Contains(page, "<h3>Left open</h3>") || !strings.Contains(page, "<bdi>Portfolio</bdi>, rising unspent: not answered by an action</a>") || strings.Contains(page, "no action yet") {
		t.Error("the page of a closed month does not say which risks were left without an action")
	}
	pack.Exceptions = append(pack.Exceptions, Exception{Rule: "material_movement", Metric: "dollars_awarded", Severity: "warning"})
	pack.Findings.Opportunities = append(pack.Findings.Opportunities, Finding{Rule: "material_movement", Metric: "dollars_awarded", Severity: "warning"})
	if headlines, err = pack.Headlines(); err != nil || headlines[1].Badge != "opportunity" || !strings.HasPrefix(headlines[1].Text, " rose by 23.5") {
		t.Errorf("what changed most, with a welcome rise: %v (%v)", headlines, err)
	}
	pack.Review, pack.Restated, pack.Plan, pack.Findings = &Record{State: "closed"}, Restated{}, ActionPlan{}, Findings{}
	if left := pack.ToDecide(); len(left) != 0 {
		t.Errorf("left to decide of a closed month: %v", left)
	}
	if left := bare().ToDecide(); len(left) != 2 {
		t.Errorf("to decide of a month that was not opened: %v", left)
	}
}

// TestEachChangeIsSeen holds that changed figures do not look the same, and that the page says where it does not list all.
func TestEachChangeIsSeen(t *testing.T) {
	t.Parallel()
	pack := sample()
	money, share := catalogue[1], catalogue[6]
	for _, test := range []struct {
		is   Restatement
		want Pair
	}{
		{Restatement{Metric: money, Closed: "1234.5", Now: "1234.75", Difference: "0.25"}, Pair{"1,234.50", "1,234.75", "+0.25"}},
		{Restatement{Metric: money, Closed: "1234.5", Now: "1234.5004", Difference: "0.0004"}, Pair{"1,234.5", "1,234.5004", "+0.0004"}},
		{Restatement{Metric: share, Closed: "0.250011", Now: "0.25", Difference: "-0.000011"}, Pair{"25.0011\u00a0%", "25\u00a0%", "-0.0011\u00a0points"}},
		{Restatement{Metric: share, Now: "0.25"}, Pair{"n/a", "25.0\u00a0%", "n/a"}},
	} {
		if got, err := test.is.Pair(); err != nil || got != test.want {
			t.Errorf("%+v is written as %q, not %q: %v", test.is, got, test.want, err)
		}
	}
	pack.Restated.OfAll = 150
	for range 148 {
		pack.Restated.Figures = append(pack.Restated.Figures, pack.Restated.Figures[1])
	}
	if page := rendered(t, pack); !strings.Contains(page, "150 of all months; the first 100 of 150,") || strings.Count(page, "<td>2026-09-03 10:00 by") != 99 {
		t.Error("the page does not say that it lists the first 100 changed figures of 150")
	}
}

// TestLongNamesAreCutOnTheFirstScreen holds that the first screen cuts them, with the whole at hand, and no other section does.
func TestLongNamesAreCutOnTheFirstScreen(t *testing.T) {
	t.Parallel()
	pack := sample()
	long := strings.Repeat("קרן Endless ", 17)
	pack.Programs[0].Name = long
	before, after, _ := strings.Cut(rendered(t, pack), `<section id="portfolio"`)
	_, first, _ := strings.Cut(before, `<section id="short"`)
	cut := `<bdi title="` + long + `">קרן Endless קרן Endless קרן Endless קרן…</bdi>`
	if strings.Count(first, cut) != 3 || strings.Count(first, long) != 3 || strings.Contains(after, "…") || !strings.Contains(after, "<bdi>"+long+"</bdi>") {
		t.Errorf("the first screen has the long name %d times, cut %d times", strings.Count(first, long), strings.Count(first, cut))
	}
}

// TestAPackOfNothing holds that a month of which nothing is known makes a page all the same.
func TestAPackOfNothing(t *testing.T) {
	t.Parallel()
	page := rendered(t, bare())
	for _, part := range []string{"not opened yet", "were not validated", "No risk was found", "Nothing was done yet", "Every entry has a rate", "to be filled in"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
}
