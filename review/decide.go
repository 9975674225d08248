package review

import (
	"cmp"
	"fmt"
	"slices"
)

// shortest is how many entries the lists of the first screen have at the most; what is left is counted.
const shortest = 5

// Item is an entry of a list of the first screen.
type Item struct {
	Badge  string // status or severity; empty: none
	Lead   string // before the name
	Name   string // of a programme or the portfolio; empty: it is about none
	Text   string
	Anchor string // where the page tells more
}

// countOf writes how many there are of something.
func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}

// AtRisk gives the gravest risks, and how much more there is.
func (p *Pack) AtRisk() (items []Item, err error) {
	risks := p.gravest()
	for _, f := range risks[:min(len(risks), shortest)] {
		stake, err := Money(f.AtStake)
		if err != nil {
			return nil, err
		}
		text := ": " + words(f.Topic)
		if sign, _, _ := f.AtStake.sign(); sign > 0 {
			text += fmt.Sprintf(", %s%s%s unspent", stake, noBreak, p.Data.Currency)
		}
		items = append(items, Item{Badge: f.Severity, Name: p.Named(f.Program).Name, Text: text, Anchor: "risks"})
	}
	if more := len(risks) - len(items); more > 0 {
		items = append(items, Item{Text: countOf(more, "more risk", "more risks"), Anchor: "risks"})
	}
	if n := len(distinct(p.Findings.Opportunities)); n > 0 {
		items = append(items, Item{Text: countOf(n, "opportunity", "opportunities"), Anchor: "opportunities"})
	}
	return items, nil
}

// distinct leaves one finding, the gravest, of each programme and topic.
func distinct(findings []Finding) (some []Finding) {
	seen := map[[2]string]bool{}
	for _, f := range findings {
		if key := [2]string{f.Program, f.Topic}; !seen[key] {
			seen[key] = true
			some = append(some, f)
		}
	}
	return some
}

// asked are the topics that every review asks about; of risks as grave they come first.
var asked = map[string]bool{"rising_unspent": true, "low_conversion": true, "declining_engagement": true, "uneven_distribution": true}

// gravest gives the risks of each programme and topic, the gravest first, then those that every review asks about, then where the most is
// at stake.
func (p *Pack) gravest() []Finding {
	place := func(f Finding) int {
		if asked[f.Topic] {
			return 0
		}
		return 1
	}
	risks := distinct(p.Findings.Risks)
	slices.SortStableFunc(risks, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(severityRank[a.Severity], severityRank[b.Severity]), cmp.Compare(place(a), place(b)), b.AtStake.compare(a.AtStake))
	})
	return risks
}

// Answered tells whether an action of the month's plan answers a finding.
func (p *Pack) Answered(f Finding) bool {
	for _, a := range p.Plan.Actions {
		if a.Finding == f.Topic && a.Program == f.Program && a.Status != "dropped" {
			return true
		}
	}
	return false
}

// Overdue are the actions that are overdue now, of this review and of earlier ones.
func (p *Pack) Overdue() (overdue []PlannedAction) {
	for _, actions := range [][]PlannedAction{p.Plan.Actions, p.Plan.Earlier} {
		for _, a := range actions {
			if a.IsOverdue {
				overdue = append(overdue, a)
			}
		}
	}
	return overdue
}

// ToDecideTitle heads what ToDecide gives.
func (p *Pack) ToDecideTitle() string {
	if p.Closed() {
		return "Left open"
	}
	return "To be decided"
}

// ToDecide gives what the review has to decide, or left open where it is closed: about the data first, then about risks, then about actions.
func (p *Pack) ToDecide() (items []Item) {
	add := func(badge, text, anchor string) {
		items = append(items, Item{Badge: badge, Text: text, Anchor: anchor})
	}
	if p.Review == nil || p.Review.NextStep == "open" {
		add("", "The review was not opened: the data are not validated for it", "validation")
	}
	if p.Review != nil {
		if n := len(p.Review.OpenChecks); n > 0 {
			add("fail", countOf(n, "check fails", "checks fail")+": mend the data, or waive by name and reason", "validation")
		}
		if n := len(p.Review.WaivedChecks); n > 0 {
			add("waived", countOf(n, "failed check is waived", "failed checks are waived")+": do the figures hold?", "validation")
		}
	}
	n := p.Restated.OfAll
	if p.Reopened() {
		n -= p.Restated.OfTheMonth // that was decided
	}
	if n > 0 {
		add("warn", countOf(int(min(n, 1<<31)), "figure of a closed month", "figures of closed months")+" changed: reopen, or leave as reported?", "restated")
	}
	switch {
	case p.Closed():
		items = append(items, p.unanswered("not answered by an action")...)
	case p.Review == nil || p.Review.DecidedOn == "":
		items = append(items, p.unanswered("no action yet")...)
	}
	if n := len(p.Overdue()); n > 0 {
		add("overdue", countOf(n, "action", "actions")+": carry over, reassign or drop", "plan")
	}
	if p.undecided() {
		add("", "No action is planned yet: agree on one, or decide that none is needed", "plan")
	}
	return items
}

// undecided tells whether the plan is empty and nobody decided that it may be.
func (p *Pack) undecided() bool {
	for _, a := range p.Plan.Actions {
		if a.Status != "dropped" {
			return false
		}
	}
	return p.Review == nil || p.Review.State != "closed" && p.Review.DecidedOn == ""
}

// unanswered gives the gravest risks that no action of the plan answers, and how many more there are. Those that are only
// worth knowing are left out.
func (p *Pack) unanswered(so string) (items []Item) {
	const named = 2
	n := 0
	for _, f := range p.gravest() {
		if f.Severity == "info" || p.Answered(f) {
			continue
		}
		if n++; n <= named {
			items = append(items, Item{Badge: f.Severity, Name: p.Named(f.Program).Name, Text: fmt.Sprintf(", %s: %s", words(f.Topic), so), Anchor: "risks"})
		}
	}
	if n > named {
		items = append(items, Item{Text: countOf(n-named, "more risk", "more risks") + " without an action", Anchor: "risks"})
	}
	return items
}

// topic is a topic with its findings, and what may be done about them.
type topic struct {
	Name          string
	Findings      []Finding
	Interventions []string
}

// byTopic sorts findings by topic, the one with the gravest finding first.
func byTopic(findings []Finding) (topics []topic) {
	places := map[string]int{}
	for _, f := range findings {
		place, known := places[f.Topic]
		if !known {
			place = len(topics)
			places[f.Topic] = place
			topics = append(topics, topic{Name: words(f.Topic), Interventions: f.Interventions})
		}
		topics[place].Findings = append(topics[place].Findings, f)
	}
	return topics
}
