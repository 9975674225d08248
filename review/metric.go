package review

import (
	"math/big"
	"strings"
)

// Dimensions of the metric catalogue.
const (
	dimensionFinancial    = "financial"
	dimensionEngagement   = "engagement"
	dimensionDistribution = "distribution"
)

// Metric is a row of the metric catalogue.
type Metric struct {
	ID         string
	Dimension  string // financial, engagement or distribution
	Population string // of dimension distribution: awarded or unspent
	Name       string
	Unit       string
	Form       string // how a value is written: count, money or ratio
	Polarity   string // whether up is good, bad or neutral
	Headline   bool
	Owner      string
	Target     Decimal
	Definition string
}

// Title is the metric's name, told apart from the same of the other population.
func (m Metric) Title() string {
	if m.Population == "" {
		return m.Name
	}
	return m.Name + ", " + m.Population
}

// share tells whether a value is a part of something, which people read in percent.
func (m Metric) share() bool { return m.Form == "ratio" && m.Unit == "ratio" && !m.index() }

// index tells whether a value is between 0 and 1 without being a part of something.
func (m Metric) index() bool { return m.ID == "gini" || m.ID == "hhi" }

// Format writes a value of the metric. This is the one place that says how.
func (m Metric) Format(d Decimal) (string, error) {
	switch {
	case m.Form == "money":
		return Money(d)
	case m.index():
		return Index(d)
	case m.share():
		return Percent(d)
	case m.Form == "ratio": // sessions per user, seconds per session
		return Money(d)
	}
	return Count(d)
}

// Difference writes a difference of two values of the metric, with its sign.
func (m Metric) Difference(d Decimal) (string, error) {
	if !m.share() {
		text, err := m.Format(d)
		return withSign(text), err
	}
	text, err := d.fixed(100, 1)
	if d == "" || err != nil {
		return text, err
	}
	return withSign(text) + noBreak + "points", nil
}

// exactly writes a value of the metric with all decimals that it has, and exactlyApart a difference of two.
func (m Metric) exactly(d Decimal) (string, error) {
	text, err := m.allPlaces(d)
	if err != nil || d == "" || !m.share() {
		return text, err
	}
	return text + noBreak + "%", nil
}

func (m Metric) exactlyApart(d Decimal) (string, error) {
	text, err := m.allPlaces(d)
	if err != nil || d == "" || !m.share() {
		return withSign(text), err
	}
	return withSign(text) + noBreak + "points", nil
}

func (m Metric) allPlaces(d Decimal) (string, error) {
	number, err := d.exact()
	if err != nil || number == nil {
		return notAvailable, err
	}
	factor := int64(1)
	if m.share() {
		factor = 100
	}
	places, _ := number.Mul(number, big.NewRat(factor, 1)).FloatPrec()
	return d.fixed(factor, places)
}

// Figure is a metric of a scope in the month, with what it is compared with.
type Figure struct {
	Metric                  Metric
	Value                   Decimal
	Previous, MoM, MoMPct   Decimal // the month before
	YearBefore, YoY, YoYPct Decimal // the same month of the year before
	Trend                   string  // stable, watch or volatile; empty where there are too few months
	History                 []Point // up to this month, the oldest first; empty where it was not read
}

// Point is the value of a month.
type Point struct {
	Month Month
	Value Decimal
}

// Figures are those of a scope, in the order of the catalogue.
type Figures []Figure

// Headline gives the metrics that every review looks at, of one dimension.
func (f Figures) Headline(dimension string) Figures {
	return f.where(func(m Metric) bool { return m.Headline && m.Dimension == dimension })
}

// Of gives all metrics of one dimension and population.
func (f Figures) Of(dimension, population string) Figures {
	return f.where(func(m Metric) bool { return m.Dimension == dimension && m.Population == population })
}

// Find gives a metric of a population; ok is false where there is none.
func (f Figures) Find(id, population string) (figure Figure, ok bool) {
	for _, figure := range f {
		if figure.Metric.ID == id && figure.Metric.Population == population {
			return figure, true
		}
	}
	return Figure{}, false
}

// starting gives the metrics of a population whose ids begin so.
func (f Figures) starting(prefix, population string) Figures {
	return f.where(func(m Metric) bool { return m.Population == population && strings.HasPrefix(m.ID, prefix) })
}

func isLorenz(m Metric) bool { return strings.HasPrefix(m.ID, "lorenz_") }

func (f Figures) where(wanted func(Metric) bool) (some Figures) {
	for _, figure := range f {
		if wanted(figure.Metric) {
			some = append(some, figure)
		}
	}
	return some
}

// Shown is the figure's value.
func (f Figure) Shown() (string, error) { return f.Metric.Format(f.Value) }

// Movement is a comparison in words, which does not need colours.
type Movement struct {
	Arrow   string // for the eye only: Word says it
	Word    string // up, down or unchanged; empty where there is nothing to compare with
	By      string // how far in percent, or in points for a share; empty where that is not defined
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
	if m.Change, err = f.Metric.Difference(change); err != nil {
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
	case f.Metric.share() || f.Metric.index():
		m.By, m.Change = strings.TrimLeft(m.Change, "+-"), "" // the word says the sign
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
