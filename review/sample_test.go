package review

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// names that break pages that are written carelessly.
var oddNames = []string{
	`<script>alert("1")</script>`, `O'Neil & "Sons" <b>`, "קרן הפרסים", strings.Repeat("Endless", 29), "two\nlines\tand a tab",
}

// catalogue is a part of the metric catalogue.
var catalogue = []Metric{
	{ID: "total_users", Dimension: "financial", Name: "Total users", Unit: "members", Form: "count", Polarity: "good", Headline: true, Owner: "Programme team", Definition: "Members"},
	{ID: "dollars_awarded", Dimension: "financial", Name: "Dollars awarded", Unit: "money", Form: "money", Polarity: "good", Headline: true, Owner: "Finance", Definition: "Awards less reversals of the month"},
	{ID: "dollars_redeemed", Dimension: "financial", Name: "Dollars redeemed", Unit: "money", Form: "money", Polarity: "good", Headline: true, Owner: "Finance", Definition: "Redemptions less refunds"},
	{ID: "unspent_dollars", Dimension: "financial", Name: "Unspent dollars", Unit: "money", Form: "money", Polarity: "bad", Headline: true, Owner: "Finance", Definition: "The liability"},
	{ID: "liability_0_30", Dimension: "financial", Name: "Liability 0 to 30 days old", Unit: "money", Form: "money", Polarity: "neutral", Owner: "Finance", Definition: "Young"},
	{ID: "liability_31_60", Dimension: "financial", Name: "Liability 31 to 60 days old", Unit: "money", Form: "money", Polarity: "neutral", Owner: "Finance", Definition: "Older"},
	{ID: "activation_rate", Dimension: "engagement", Name: "Activation rate", Unit: "ratio", Form: "ratio", Polarity: "good", Headline: true, Owner: "Programme team", Target: "0.5", Definition: "users_redeeming / users_awarded"},
	{ID: "sessions", Dimension: "engagement", Name: "Sessions", Unit: "sessions", Form: "count", Polarity: "good", Headline: true, Owner: "Portal team", Definition: "All sessions"},
	{ID: "gini", Dimension: "distribution", Population: "awarded", Name: "Gini coefficient", Unit: "ratio", Form: "ratio", Polarity: "bad", Owner: "Finance", Definition: "0 where all have the same"},
	{ID: "lorenz_1", Dimension: "distribution", Population: "awarded", Name: "Lorenz curve at 50 %", Unit: "ratio", Form: "ratio", Polarity: "good", Owner: "Finance", Definition: "Lower half"},
	{ID: "lorenz_2", Dimension: "distribution", Population: "awarded", Name: "Lorenz curve at 100 %", Unit: "ratio", Form: "ratio", Polarity: "good", Owner: "Finance", Definition: "All"},
	{ID: "gini", Dimension: "distribution", Population: "unspent", Name: "Gini coefficient", Unit: "ratio", Form: "ratio", Polarity: "bad", Owner: "Finance", Definition: "0 where all have the same"},
	{ID: "lorenz_1", Dimension: "distribution", Population: "unspent", Name: "Lorenz curve at 50 %", Unit: "ratio", Form: "ratio", Polarity: "good", Owner: "Finance", Definition: "Lower half"},
	{ID: "lorenz_2", Dimension: "distribution", Population: "unspent", Name: "Lorenz curve at 100 %", Unit: "ratio", Form: "ratio", Polarity: "good", Owner: "Finance", Definition: "All"},
}

// sampleFigures are movements of every kind, NULLs, and values below zero.
func sampleFigures() Figures {
	months := []Month{{2026, 6}, {2026, 7}, {2026, 8}, {2026, 9}}
	values := map[string]Figure{
		"total_users":      {Value: "12000", Previous: "12000", MoM: "0", MoMPct: "0", Trend: "stable"},
		"dollars_awarded":  {Value: "1234567.895", Previous: "1000000", MoM: "234567.895", MoMPct: "0.234567895", YearBefore: "1234567.895", YoY: "0", YoYPct: "0", Trend: "watch"},
		"dollars_redeemed": {Value: "-12.5", Previous: "0", MoM: "-12.5"},
		"unspent_dollars":  {Value: "5000000", Previous: "4000000", MoM: "1000000", MoMPct: "0.25", Trend: "volatile"},
		"liability_0_30":   {Value: "4000000", Previous: "3000000", MoM: "1000000", MoMPct: "0.333333333333"},
		"liability_31_60":  {Value: "1000000", Previous: "1000000", MoM: "0", MoMPct: "0"},
		"activation_rate":  {Previous: "0.25"},
		"sessions":         {Value: "12345", Previous: "15432", MoM: "-3087", MoMPct: "-0.200038880249", YearBefore: "9876", YoY: "2469", YoYPct: "0.25"},
		"gini:awarded":     {Value: "0.457074625976", Previous: "0.449", MoM: "0.008074625976", MoMPct: "0.017983576784"},
		"lorenz_1:awarded": {Value: "0.25"}, "lorenz_2:awarded": {Value: "1"},
	}
	history := map[string][]Decimal{
		"total_users":     {"11000", "11500", "12000", "12000"},
		"dollars_awarded": {"900000", "1100000.5", "1000000", "1234567.895"}, "dollars_redeemed": {"800000", "", "0", "-12.5"},
		"unspent_dollars": {"3000000", "3500000", "4000000", "5000000"}, "activation_rate": {"0.5", "", "0.25", ""},
		"liability_0_30": {"2000000", "2500000", "3000000", "4000000"}, "liability_31_60": {"1000000", "1000000", "1000000", "1000000"},
		"sessions": {"12345", "12345", "12345", "12345"},
	}
	var figures Figures
	for _, metric := range catalogue {
		key := strings.TrimSuffix(metric.ID+":"+metric.Population, ":")
		f := values[key]
		f.Metric = metric
		for i, value := range history[key] {
			f.History = append(f.History, Point{months[i], value})
		}
		figures = append(figures, f)
	}
	return figures
}

// sample is a pack with all that a page can have.
func sample() *Pack {
	figures := sampleFigures()
	find := func(id string) Figure { f, _ := figures.Find(id, ""); return f }
	share := Metric{Name: "Redeemed of awarded, three months", Unit: "ratio", Form: "ratio", Polarity: "good"}
	closing := &ActionAtClose{Owner: "B. Owner", Action: "Ask the partner", Due: "2026-10-15", Status: "open"}
	return &Pack{
		Month: Month{2026, 9},
		Data: Data{
			Oldest: Month{2026, 6}, Newest: Month{2026, 10}, Complete: Month{2026, 9},
			NewestEvent: "2026-10-02 08:15:00", ComputedAt: "2026-10-02 09:00:00", Zone: "America/Toronto", Currency: "CAD",
		},
		Review: &Record{
			State: "open", Round: 2, NextStep: "action", OpenedOn: "2026-10-01 04:12", OpenedBy: "job <month-end>", Note: "the feed <b> is late", Verdict: "fail",
			FailedChecks: []string{"freshness", "rejects"}, WaivedChecks: []string{"rejects"}, OpenChecks: []string{"freshness"},
			Sources: []string{"acme-awards", "<b>bold</b>"}, Lacks: []string{"never delivered a row", "was not asked since 2026-10-01 00:00"},
			ClosedOn: "2026-10-03 10:00", ClosedBy: "C. Closer", Closings: 1, ReopenedOn: "2026-10-04 10:00", ReopenedBy: "R. Opener", Reason: "a late file",
			Steps: []Step{
				{Round: 1, Kind: "open", DoneOn: "2026-10-01 04:12", By: "job <month-end>", Verdict: "fail"},
				{Round: 2, Kind: "waive", DoneOn: "2026-10-05 09:00", By: "W. Aiver", Note: "known <typos>", Checks: []string{"rejects"}},
				{Round: 2, Kind: "assess", DoneOn: "2026-10-05 09:30", By: "A. Ssessor"},
			},
		},
		Lens: []Indicator{
			{ID: "growth", Name: "Growth", Figure: find("total_users"), Beside: find("sessions"), Status: "good", Worst: []string{"a&b", "gone"}},
			{ID: "conversion", Name: "Conversion", Figure: Figure{Metric: share}},
			{ID: "liability", Name: "Liability", Figure: find("unspent_dollars"), Status: "act", Worst: []string{"events-only"}},
			{ID: "engagement", Name: "Engagement", Figure: find("sessions"), Status: "watch"},
		},
		Portfolio: figures,
		Programs: []Program{
			{ID: "a&b", Name: oddNames[0], Client: oddNames[1], Currency: "USD", Launched: "2026-06-01", Status: "active", Anchor: "program-0", Figures: figures},
			{ID: "events-only", Anchor: "program-1", Figures: Figures{{Metric: catalogue[1]}}},
		},
		Metrics: catalogue,
		Assessment: Assessment{
			Shifts: []Shift{{Scope: Scope{"program", "a&b"}, Shift: "decelerating", Redeemed: "75", Previous: "100", MoM: "-25", MoMPct: "-0.25"}},
			Liability: []Growth{
				{Scope: Scope{"portfolio", ""}, Severity: "critical", Unspent: "5000000", UnspentBefore: "4000000", GrewBy: "1000000", GrewByShare: "0.25", Redeemed: "-12.5", RedeemedBefore: "0", RedeemedMore: "-12.5"},
				{Scope: Scope{"program", "events-only"}, Unspent: "1", UnspentBefore: "0", GrewBy: "1", Redeemed: "0", RedeemedBefore: "0", RedeemedMore: "0"},
			},
			Comparison: []Comparison{{Metric: "dollars_awarded", Programs: []Compared{{Program: "a&b", Place: 1, Share: "1"}, {Program: "events-only"}}}},
		},
		Findings: Findings{
			Risks: []Finding{
				{Program: "a&b", Topic: "rising_unspent", Severity: "critical", AtStake: "1000000", Evidence: "Unspent <dollars> rose.", Interventions: []string{"Write to <them>", "Wait"}},
				{Topic: "rising_unspent", Severity: "warning", AtStake: "5000000", Evidence: "Unspent dollars rose."},
				{Program: "events-only", Topic: "low_conversion", Severity: "warning", AtStake: "0", Evidence: "Few redeemed."},
				{Program: "gone", Topic: "volatile_trend", Severity: "info", AtStake: "0", Evidence: "Up and down."},
			},
			Opportunities: []Finding{{Program: "a&b", Topic: "high_conversion", Severity: "info", AtStake: "1000000", Evidence: "Many redeemed.", Interventions: []string{"Show it to others"}}},
		},
		Plan: ActionPlan{
			Actions: []PlannedAction{
				{Program: "a&b", Owner: `"B" <Owner>`, Action: "Ask the <partner>", Due: "2026-10-31", Status: "started", Finding: "rising_unspent", Note: "asked", FirstMonth: "2026-09", StatusNow: "started", AtClose: closing},
				{Owner: "C. Owner", Action: "Carried", Due: "2026-10-31", Status: "open", CarriedTo: "2026-10", StatusNow: "done"},
			},
			Earlier: []PlannedAction{{Program: "events-only", Owner: "D. Owner", Action: "Late", Due: "2026-09-15", Status: "open", IsOverdue: true, FirstMonth: "2026-07", StatusNow: "open"}},
		},
		Exceptions: []Exception{
			{Rule: "rising_unspent", Metric: "unspent_dollars", Severity: "warning", Observed: "5000000", Expected: "4000000", Sentence: "Unspent dollars rose."},
			{Rule: "material_movement", Metric: "unspent_dollars", Severity: "info", Observed: "5000000", Expected: "4000000", Sentence: "Unspent dollars rose by 25 %."},
			{Program: "a&b", Rule: "uneven_distribution", Metric: "gini", Severity: "warning", Observed: "0.457074625976", Expected: "0.4", Sentence: "Unevenly <spread>."},
			{Program: "a&b", Rule: "volatile_trend", Metric: "sessions", Severity: "info", Observed: "0.3", Expected: "0.25", Sentence: "Up and down."},
		},
		Elsewhere: Elsewhere{Organisations: 12, Segments: 3},
		Checks: []Check{
			{Name: "freshness", Verdict: "fail", Figure: "1.0000", Unit: "sources", Message: "acme-awards is <late>", Checked: "2026-10-01 04:12"},
			{Name: "rejects", Verdict: "fail", Figure: "0.0750", Unit: "share", Message: "7.5 % rejected"},
			{Name: "orphans", Verdict: "pass", Figure: "0.0000", Unit: "events", Message: "none"},
		},
		Restated: Restated{OfTheMonth: 1, OfAll: 102, Figures: []Restatement{
			{Month: Month{2026, 9}, Metric: catalogue[1], Closed: "1234567.895", Now: "1234568.895", Difference: "1", ClosedOn: "2026-10-03 10:00", ClosedBy: "C. <Closer>"},
			{Month: Month{2026, 8}, Program: "a&b", Metric: catalogue[8], Closed: "0.4", ClosedOn: "2026-09-03 10:00", ClosedBy: "C. <Closer>"},
		}},
		Corrected: Corrected{Closing: 1, Closings: 1, Figures: []Restatement{
			{Month: Month{2026, 9}, Metric: catalogue[1], Closed: "1234567.895", Now: "1234568.895", Difference: "1"},
			{Month: Month{2026, 9}, Program: "a&b", Metric: catalogue[6], Now: "0.25"},
		}},
		Rejects: []Reject{
			{Source: "acme-awards", Entity: "awards", Column: "amount", Rows: 1200, Example: `amount: "<img src=x onerror=alert(1)>" is not a decimal number`},
			{Source: "acme-awards", Rows: 34, Example: "3 fields, the header has 9"},
		},
		Unrated: []Unrated{{Entity: "awards", Program: "a&b", Currency: "EUR", Entries: 3, OfTheMonth: 2, Amount: "1000.1250", FirstDay: "2026-08-31", LastDay: "2026-09-04"}},
	}
}

// crowd is a pack with many programmes, most of them with odd names.
func crowd(programs int) *Pack {
	pack := sample()
	pack.Programs = nil
	pack.Lens[2].Figure.MoMPct = "123456789012345678.9"
	for i := range programs {
		name := oddNames[i%len(oddNames)]
		pack.Programs = append(pack.Programs, Program{
			ID: fmt.Sprintf("p%d", i), Name: name, Client: name, Status: "active", Anchor: fmt.Sprintf("program-%d", i), Figures: sampleFigures(),
		})
		pack.Findings.Risks = append(pack.Findings.Risks, Finding{Program: fmt.Sprintf("p%d", i), Topic: "low_conversion", Severity: "warning", AtStake: "12345678901.23", Evidence: "Few members of " + name + " redeemed."})
		pack.Exceptions = append(pack.Exceptions, Exception{Program: fmt.Sprintf("p%d", i), Rule: "material_movement", Metric: "sessions", Severity: "warning", Sentence: "Sessions of " + name + " fell."})
	}
	return pack
}

func rendered(t *testing.T, pack *Pack) string {
	t.Helper()
	var page strings.Builder
	if err := pack.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// bare is a pack of a month of which nothing is known.
func bare() *Pack {
	month := Month{2026, time.September}
	return &Pack{Month: month, Data: Data{Oldest: month, Newest: month, Complete: month, Currency: "CAD", Zone: "UTC"}}
}
