package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/partnerplus/warehouse/review"
)

// sheet writes an assessment as text, up to 100 columns wide, and keeps the first error.
type sheet struct {
	out   io.Writer
	names map[string]string // of the programmes, by id
	err   error
}

// printAssessment shows what of an assessment is to be shown; names of programmes are those of the whole.
func printAssessment(out io.Writer, shown, whole *review.Assessment) error {
	s := &sheet{out: out, names: map[string]string{}}
	for _, scope := range whole.Scopes {
		s.names[scope.Program] = scope.Name
	}
	_, _ = fmt.Fprintf(out, "%s, data as of %s (%s), money in %s\n", shown.Month.Title(), shown.AsOf, shown.Zone, shown.Currency)
	if !shown.Complete {
		_, _ = fmt.Fprintln(out, "The month is not complete: events do not reach its last day.")
	}
	s.kpis(shown.Scopes[0], shown.Month)
	s.shifts(shown.Shifts)
	s.liability(shown.Liability)
	s.comparison(shown.Comparison)
	return s.err
}

// kpis shows all metrics of a scope, a table for each dimension and population.
func (s *sheet) kpis(scope review.ScopeKPIs, month review.Month) {
	titles := map[string]string{"financial": "Financial", "engagement": "Engagement", "distributionawarded": "Distribution of dollars awarded", "distributionunspent": "Distribution of unspent dollars"}
	var rows [][]string
	for i, k := range scope.KPIs {
		if i == 0 || k.Dimension+k.Population != scope.KPIs[i-1].Dimension+scope.KPIs[i-1].Population {
			_, _ = fmt.Fprintf(s.out, "\n%s: %s\n", s.whose(scope.Scope), titles[k.Dimension+k.Population])
			rows = [][]string{{"METRIC", month.String(), month.Add(-1).String(), "MOVED BY", "ON " + month.Add(-12).String(), "TREND"}}
		}
		f := k.Figure()
		rows = append(rows, []string{
			short(k.Name), s.text(f.Shown()), s.text(f.Metric.Format(f.Previous)),
			s.moved(f.AgainstMonth()), s.moved(f.AgainstYear()), k.Trend,
		})
		if i == len(scope.KPIs)-1 || k.Dimension+k.Population != scope.KPIs[i+1].Dimension+scope.KPIs[i+1].Population {
			printRows(s.out, toTheRight(rows, 1, 2, 3, 4))
		}
	}
}

func (s *sheet) shifts(shifts []review.Shift) {
	_, _ = fmt.Fprintln(s.out, "\nShifts in redemption")
	if len(shifts) == 0 {
		_, _ = fmt.Fprintln(s.out, "  none")
		return
	}
	rows := [][]string{{"  WHOSE", "SHIFT", "REDEEMED", "MONTH BEFORE", "MOVED BY"}}
	for _, x := range shifts {
		rows = append(rows, []string{"  " + s.whose(x.Scope), x.Shift, s.money(x.Redeemed), s.money(x.Previous), s.share(x.MoMPct)})
	}
	printRows(s.out, toTheRight(rows, 2, 3, 4))
}

// liability shows apart what is an exception, and what is under its thresholds.
func (s *sheet) liability(all []review.Growth) {
	for _, part := range []struct {
		title   string
		isAbove bool
	}{
		{"Liability that grows without redemptions (exceptions: rising_unspent)", true},
		{"Liability that grows without redemptions, under the thresholds of rising_unspent", false},
	} {
		_, _ = fmt.Fprintln(s.out, "\n"+part.title)
		rows := [][]string{{"  WHOSE", "SEVERITY", "UNSPENT", "GREW BY", "", "REDEEMED", "MORE BY"}}
		for _, g := range all {
			if (g.Severity != "") == part.isAbove {
				rows = append(rows, []string{"  " + s.whose(g.Scope), g.Severity, s.money(g.Unspent), s.money(g.GrewBy), s.share(g.GrewByShare), s.money(g.Redeemed), s.money(g.RedeemedMore)})
			}
		}
		if len(rows) == 1 {
			_, _ = fmt.Fprintln(s.out, "  none")
			continue
		}
		printRows(s.out, toTheRight(rows, 2, 3, 4, 5, 6))
	}
}

func (s *sheet) comparison(all []review.Comparison) {
	_, _ = fmt.Fprintln(s.out, "\nProgrammes compared")
	rows := [][]string{{"  METRIC", "PLACE", "PROGRAMME", "VALUE", "OF PORTFOLIO", "MOVED BY"}}
	for _, c := range all {
		for i, p := range c.Programs {
			f, name, place, share := p.KPI.Figure(), "", "n/a", ""
			if i == 0 {
				name = c.Name
			}
			if p.Place > 0 {
				place = fmt.Sprint(p.Place)
			}
			if p.Share != "" {
				share = s.text(review.Percent(p.Share))
			}
			rows = append(rows, []string{
				"  " + short(name), place, s.whose(review.Scope{Scope: "program", Program: p.Program}), s.text(f.Shown()),
				share, s.moved(f.AgainstMonth()),
			})
		}
	}
	printRows(s.out, toTheRight(rows, 1, 3, 4, 5))
}

// whose names a scope.
func (s *sheet) whose(scope review.Scope) string {
	if name := s.names[scope.Program]; scope.Program != "" && name != "" {
		return short(name)
	}
	return short(scope.Title())
}

// moved writes a movement with its sign, and whether that is good or bad.
func (s *sheet) moved(m review.Movement, err error) string {
	text := m.By
	if text == "" {
		text = m.Change
	}
	switch m.Word {
	case "":
		text = "n/a"
	case "unchanged":
		text = "="
	default:
		text = map[string]string{"up": "+", "down": "-"}[m.Word] + strings.TrimLeft(text, "+-")
	}
	verdict := m.Verdict
	if verdict == "neutral" { // needs no word
		verdict = ""
	}
	return fmt.Sprintf("%s %-4s", s.text(text, err), verdict)
}

func (s *sheet) money(d review.Decimal) string { return s.text(review.Money(d)) }

// share writes a share of one with its sign.
func (s *sheet) share(d review.Decimal) string {
	text := s.text(review.Percent(d))
	if d != "" && !strings.HasPrefix(text, "-") {
		text = "+" + text
	}
	return text
}

// text is what a number was written as, on a terminal.
func (s *sheet) text(text string, err error) string {
	if s.err == nil {
		s.err = err
	}
	return strings.NewReplacer("\u00a0", " ", "points", "pt").Replace(text)
}

// short cuts a name so that tables stay narrow.
func short(name string) string {
	const longest = 29
	if utf8.RuneCountInString(name) <= longest {
		return name
	}
	return string([]rune(name)[:longest-1]) + "…"
}

// toTheRight fills the cells of some columns up from the left.
func toTheRight(rows [][]string, columns ...int) [][]string {
	for _, column := range columns {
		widest := 0
		for _, row := range rows {
			widest = max(widest, utf8.RuneCountInString(row[column]))
		}
		for _, row := range rows {
			row[column] = strings.Repeat(" ", widest-utf8.RuneCountInString(row[column])) + row[column]
		}
	}
	return rows
}
