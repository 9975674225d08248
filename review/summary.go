package review

import (
	"cmp"
	"fmt"
	"slices"
)

// How many sentences the first screen has of what changed: of the portfolio at the most and, where so much moved, at the least; and of
// all at the most.
const (
	portfolioMost  = 3
	portfolioLeast = 2
	headlinesMost  = 6
)

// ranks orders severities and verdicts, the worst first.
var (
	severityRank = map[string]int{"critical": 0, "warning": 1, "info": 2, "": 3}
	verdictRank  = map[string]int{"bad": 0, "neutral": 1, "good": 2, "": 3}
)

// change is a figure that rules fire on: it is told once, by the worst of them.
type change struct {
	figure    Figure
	exception Exception
}

// Headlines gives what changed most: the portfolio first, the worst first. Where few rules fire on the portfolio, its amounts
// that moved are told all the same.
func (p *Pack) Headlines() ([]Item, error) {
	ofPortfolio, err := p.changes(func(e Exception) bool { return e.Program == "" })
	if err != nil {
		return nil, err
	}
	ofPrograms, err := p.changes(func(e Exception) bool { return e.Program != "" })
	if err != nil {
		return nil, err
	}
	told := ofPortfolio[:min(len(ofPortfolio), portfolioMost)]
	for _, id := range []string{"unspent_dollars", "dollars_redeemed", "dollars_awarded"} {
		figure, _ := p.Portfolio.Find(id, "")
		among := slices.ContainsFunc(told, func(c change) bool { return c.figure.Metric == figure.Metric })
		if sign, _, err := figure.MoM.sign(); err != nil {
			return nil, err
		} else if len(told) < portfolioLeast && sign != 0 && !among {
			told = append(told, change{figure: figure})
		}
	}
	told = append(told, ofPrograms[:min(len(ofPrograms), headlinesMost-len(told))]...)
	var headlines []Item
	for _, c := range told {
		h, err := p.headline(c)
		if err != nil {
			return nil, err
		}
		headlines = append(headlines, h)
	}
	return headlines, nil
}

// changes gives the figures that rules fire on, but those that only go up and down.
func (p *Pack) changes(of func(Exception) bool) ([]change, error) {
	type key struct{ program, metric string }
	seen := map[key]int{}
	var changes []change
	for _, e := range p.Exceptions {
		if !of(e) || e.Rule == "volatile_trend" {
			continue
		}
		at, again := seen[key{e.Program, e.Metric}]
		if !again {
			figure, _ := p.figures(e.Program).Find(e.Metric, "")
			if figure.Metric.ID == "" { // rules look at the distribution of what was awarded
				figure, _ = p.figures(e.Program).Find(e.Metric, "awarded")
			}
			seen[key{e.Program, e.Metric}] = len(changes)
			changes = append(changes, change{figure, e})
		} else if worse(e, changes[at].exception) {
			changes[at].exception = e
		}
	}
	weights := make(map[key]weight, len(changes))
	for _, c := range changes {
		w, err := weigh(c)
		if err != nil {
			return nil, err
		}
		weights[key{c.exception.Program, c.exception.Metric}] = w
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		return weights[key{a.exception.Program, a.exception.Metric}].compare(weights[key{b.exception.Program, b.exception.Metric}])
	})
	return changes, nil
}

// figures are those of a programme, or of the portfolio where the id is empty.
func (p *Pack) figures(program string) Figures {
	for _, known := range p.Programs {
		if known.ID == program {
			return known.Figures
		}
	}
	if program != "" {
		return nil
	}
	return p.Portfolio
}

// worse tells whether an exception is to be told rather than another of the same figure: a rule of its own says more than a
// movement.
func worse(e, than Exception) bool {
	plain := func(e Exception) int {
		if e.Rule == "material_movement" || e.Rule == "redemption_shift" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(severityRank[e.Severity], severityRank[than.Severity]), cmp.Compare(plain(e), plain(than))) < 0
}

// weight is how bad a change is: the severity, whether it is welcome, and how far it went.
type weight struct {
	severity, verdict int
	far               Decimal
}

func weigh(c change) (weight, error) {
	movement, err := c.figure.AgainstMonth()
	return weight{severityRank[c.exception.Severity], verdictRank[movement.Verdict], c.figure.MoMPct.abs()}, err
}

func (w weight) compare(other weight) int {
	return cmp.Or(cmp.Compare(w.severity, other.severity), cmp.Compare(w.verdict, other.verdict), other.far.compare(w.far))
}

// headline puts a change into words: a movement, or a figure beyond a threshold or far from its median.
func (p *Pack) headline(c change) (Item, error) {
	e, f := c.exception, c.figure
	whose := p.Named(e.Program)
	if p.isOpportunity(e) {
		e.Severity = opportunity
	}
	if f.Metric.ID == "" { // a metric that the catalogue no longer has
		return Item{Badge: e.Severity, Text: e.Sentence, Anchor: "exceptions"}, nil
	}
	h := Item{Badge: e.Severity, Lead: f.Metric.Name + " of ", Name: whose.Name, Anchor: whose.Anchor}
	if e.Program == "" {
		h.Name = "the portfolio"
	}
	movement, err := f.AgainstMonth()
	if err != nil {
		return h, err
	}
	value, err := f.Shown()
	if err != nil {
		return h, err
	}
	if f.Metric.Form == "money" {
		value += noBreak + p.Data.Currency
	}
	switch e.Rule {
	case "low_conversion", "uneven_distribution", "anomaly":
		against, err := f.Metric.Format(e.Expected)
		if err != nil {
			return h, err
		}
		h.Text += fmt.Sprintf(": %s, against %s%s.", value, heldAgainst[e.Rule], against)
		return h, nil
	}
	switch {
	case movement.Word == "up":
		h.Text += " rose"
	case movement.Word == "down":
		h.Text += " fell"
	default:
		h.Text += ": " + value + ", as the month before."
		return h, nil
	}
	if movement.By != "" {
		h.Text += " by " + movement.By
	}
	h.Text += " to " + value
	if movement.Change != "" {
		h.Text += " (" + movement.Change + ")"
	}
	h.Text += also[[2]string{e.Rule, c.exception.Severity}] + "."
	return h, nil
}

// opportunity is the badge of what is out of the ordinary and welcome.
const opportunity = "opportunity"

// isOpportunity tells whether an exception is among the opportunities.
func (p *Pack) isOpportunity(e Exception) bool {
	return slices.ContainsFunc(p.Findings.Opportunities, func(f Finding) bool {
		return f.Program == e.Program && f.Rule == e.Rule && f.Metric == e.Metric
	})
}

// heldAgainst says what a figure is held against.
var heldAgainst = map[string]string{"anomaly": "a median of the year before of ", "uneven_distribution": "a threshold of "}

// also is what a rule says besides the movement, by severity.
var also = map[[2]string]string{
	{"rising_unspent", "warning"}:        ", while redemptions did not rise",
	{"rising_unspent", "critical"}:       ", while redemptions did not rise, for months running",
	{"declining_engagement", "critical"}: ", falling for months running",
}
