package review

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
)

//go:embed pack.html
var packHTML string

var page = template.Must(template.New("pack.html").Funcs(template.FuncMap{
	"money": Money,
	"count": func(n uint64) (string, error) { return Count(Decimal(strconv.FormatUint(n, 10))) },
	"table": newTable,
	"last":  func(t Trend) TrendMonth { return t.Months[len(t.Months)-1] },
	"blank": func(rows int) []struct{} { return make([]struct{}, rows) },
}).Parse(packHTML))

// WriteHTML writes the pack as one page that needs nothing else. The same pack always gives the same bytes.
func (p *Pack) WriteHTML(w io.Writer) error {
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("write the review pack of %s: %w", p.Month, err)
	}
	return nil
}

// table is a table of figures as the page's template shows it.
type table struct {
	Of      string // the scope
	Name    string // the dimension
	Month   Month
	Figures []Figure
}

func newTable(of, name string, month Month, figures []Figure) table {
	return table{Of: of, Name: name, Month: month, Figures: figures}
}

// BeforeTitle and YearBeforeTitle head the columns of comparisons.
func (t table) BeforeTitle() string     { return t.Month.Add(-1).Title() }
func (t table) YearBeforeTitle() string { return t.Month.Add(1 - trendMonths).Title() }

// Format writes a value of the metric.
func (m Metric) Format(d Decimal) (string, error) {
	switch {
	case m.Unit == "money":
		return Money(d)
	case m.isIndex():
		return Index(d)
	case m.Unit == "ratio":
		return Percent(d)
	case m.Form == "ratio": // so many of one for each of another
		return d.fixed(1, 2)
	}
	return Count(d)
}

// isIndex tells whether the metric is a ratio, but no share of anything.
func (m Metric) isIndex() bool { return m.ID == "gini" || m.ID == "hhi" }

// difference writes a difference of two values of the metric, with its sign.
func (m Metric) difference(d Decimal) (string, error) {
	if m.Unit == "ratio" && !m.isIndex() {
		text, err := d.fixed(100, 1)
		return withSign(text) + noBreak + "points", err
	}
	text, err := m.Format(d)
	return withSign(text), err
}

// Shown is the figure's value.
func (f Figure) Shown() (string, error) { return f.Metric.Format(f.Value) }

// Movement is a comparison in words, which does not need colours.
type Movement struct {
	Arrow   string // for the eye only: Word says it
	Word    string // up, down or unchanged; empty where there is nothing to compare with
	By      string // how far in percent, or in points for a ratio; empty where that is not defined
	Verdict string // good, bad or neutral; empty for unchanged
	From    string // the value that it is compared with
	Change  string // the difference; empty where By says it
}

// AgainstMonth compares with the month before.
func (f Figure) AgainstMonth() (Movement, error) { return f.against(f.Previous, f.MoM, f.MoMPct) }

// AgainstYear compares with the same month of the year before.
func (f Figure) AgainstYear() (Movement, error) { return f.against(f.YearBefore, f.YoY, f.YoYPct) }

func (f Figure) against(from, change, pct Decimal) (m Movement, err error) {
	if m.From, err = f.Metric.Format(from); err != nil {
		return m, err
	}
	sign, known, err := change.sign()
	if err != nil || !known {
		return m, err
	}
	if sign == 0 {
		m.Arrow, m.Word = "=", "unchanged"
		return m, nil
	}
	if m.Change, err = f.Metric.difference(change); err != nil {
		return m, err
	}
	switch sign {
	case 1:
		m.Arrow, m.Word = "▲", "up"
	default:
		m.Arrow, m.Word = "▼", "down"
	}
	m.Verdict = verdict(f.Metric.Polarity, sign > 0)
	switch {
	case f.Metric.Unit == "ratio":
		m.By, err = f.Metric.difference(change.abs())
		m.By, m.Change = strings.TrimPrefix(m.By, "+"), "" // the word says the sign
	case pct != "":
		m.By, err = Percent(pct.abs())
	}
	return m, err
}

// verdict says whether a movement is good, bad or neutral where up has that polarity.
func verdict(polarity string, up bool) string {
	switch {
	case polarity != "good" && polarity != "bad":
		return "neutral"
	case up == (polarity == "good"):
		return "good"
	}
	return "bad"
}
