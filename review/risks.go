package review

import (
	"context"
	"strconv"
)

// Finding is a risk or an opportunity: kpi.findings says what each field holds.
type Finding struct {
	Scope         string   `json:"scope"`
	Program       string   `json:"program_id"`
	Organisation  string   `json:"org_id"`
	Segment       string   `json:"segment"`
	Kind          string   `json:"kind"` // risk or opportunity
	Topic         string   `json:"topic"`
	Rule          string   `json:"rule"`
	Metric        string   `json:"metric"`
	Severity      string   `json:"severity"`
	Observed      Decimal  `json:"observed"`
	Expected      Decimal  `json:"expected"`
	AtStake       Decimal  `json:"at_stake"` // unspent dollars of whose it is
	Evidence      string   `json:"evidence"`
	Interventions []string `json:"interventions"`
}

// Findings are the risks and opportunities of a month, the gravest first, then those where the most unspent dollars are at stake.
type Findings struct {
	Month         string    `json:"month"` // such as 2026-09
	State         string    `json:"-"`     // of the month's figures, as they were before the findings were read
	Risks         []Finding `json:"risks"`
	Opportunities []Finding `json:"opportunities"`
}

// FindingFilter chooses findings; zero, it takes those of the portfolio and of all programmes.
type FindingFilter struct {
	Program   string // only of this one
	AllScopes bool   // of organisations and segments too
}

// Risks reads the risks and opportunities of a month, of the portfolio and of every programme.
func Risks(ctx context.Context, from Reader, month Month) (Findings, error) {
	return RisksOf(ctx, from, month, FindingFilter{})
}

// RisksOf reads the chosen risks and opportunities of a month.
func RisksOf(ctx context.Context, from Reader, month Month, of FindingFilter) (Findings, error) {
	found := Findings{Month: month.String(), Risks: []Finding{}, Opportunities: []Finding{}}
	var rows []struct {
		Scope         string   `ch:"scope"`
		Program       string   `ch:"program_id"`
		Organisation  string   `ch:"org_id"`
		Segment       string   `ch:"segment"`
		Kind          string   `ch:"kind"`
		Topic         string   `ch:"topic"`
		Rule          string   `ch:"rule"`
		Metric        string   `ch:"metric"`
		Severity      string   `ch:"severity"`
		Observed      string   `ch:"observed"`
		Expected      string   `ch:"expected"`
		AtStake       string   `ch:"at_stake"`
		Evidence      string   `ch:"evidence"`
		Interventions []string `ch:"interventions"`
	}
	var states []struct {
		State string `ch:"state"`
	}
	if err := from.Select(ctx, "review/figure_state.sql", map[string]string{"month": month.date()}, &states); err != nil {
		return found, err
	}
	found.State = states[0].State
	params := map[string]string{"month": month.date(), "program": of.Program, "all_scopes": strconv.FormatBool(of.AllScopes)}
	if err := from.Select(ctx, "review/findings.sql", params, &rows); err != nil {
		return found, err
	}
	for _, r := range rows {
		f := Finding{
			Scope: r.Scope, Program: r.Program, Organisation: r.Organisation, Segment: r.Segment, Kind: r.Kind, Topic: r.Topic, Rule: r.Rule, Metric: r.Metric,
			Severity: r.Severity, Observed: Decimal(r.Observed), Expected: Decimal(r.Expected), AtStake: Decimal(r.AtStake), Evidence: r.Evidence,
			Interventions: r.Interventions,
		}
		if f.Kind == "risk" {
			found.Risks = append(found.Risks, f)
		} else {
			found.Opportunities = append(found.Opportunities, f)
		}
	}
	return found, nil
}
