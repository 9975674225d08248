package review

import (
	"context"
	"slices"
)

// Assessment is a month's figures as a review looks at them, all of one edition.
type Assessment struct {
	Month    Month  `json:"month"`
	AsOf     string `json:"data_as_of"` // the newest event, in the reporting zone
	Zone     string `json:"timezone"`
	Currency string `json:"currency"`
	Complete bool   `json:"complete"` // the month was over, with events up to its last day
	State    string `json:"figures"`  // of all of the month's figures: another one as soon as one of them is

	Scopes     []ScopeKPIs  `json:"scopes"`     // the portfolio, and each programme by its id
	Shifts     []Shift      `json:"shifts"`     // in how dollars are redeemed
	Liability  []Growth     `json:"liability"`  // that grows without redemptions; the exceptions first
	Comparison []Comparison `json:"comparison"` // of the programmes, by headline metrics
}

// Scope is the portfolio or a programme.
type Scope struct {
	Scope   string `ch:"scope" json:"scope"` // portfolio or program
	Program string `ch:"program_id" json:"program_id"`
}

// Title is what the scope is called where no name is at hand.
func (s Scope) Title() string {
	if s.Scope == "portfolio" {
		return "Portfolio"
	}
	return s.Program
}

// ScopeKPIs are all metrics of a scope, in the order of the catalogue.
type ScopeKPIs struct {
	Scope
	Name string `json:"name"` // empty for the portfolio, and where only events know the programme
	KPIs []KPI  `json:"kpis"`
}

// KPI is a metric of a scope in the month, against the month before and the same month of the year before.
type KPI struct {
	Dimension   string  `ch:"dimension" json:"dimension"`
	Population  string  `ch:"population" json:"population"`
	Metric      string  `ch:"metric" json:"metric"`
	Name        string  `ch:"name" json:"name"`
	Unit        string  `ch:"unit" json:"unit"`
	Form        string  `ch:"form" json:"form"`
	Headline    uint8   `ch:"headline" json:"headline"`
	Polarity    string  `ch:"polarity" json:"polarity"` // whether up is good, bad or neutral
	Value       Decimal `ch:"value" json:"value"`
	Previous    Decimal `ch:"previous" json:"previous"`
	MoM         Decimal `ch:"mom_abs" json:"mom_abs"`
	MoMPct      Decimal `ch:"mom_pct" json:"mom_pct"`
	YearBefore  Decimal `ch:"year_before" json:"year_before"`
	YoY         Decimal `ch:"yoy_abs" json:"yoy_abs"`
	YoYPct      Decimal `ch:"yoy_pct" json:"yoy_pct"`
	Direction   string  `ch:"direction" json:"direction"` // up, down or flat against the month before; empty: nothing to compare with
	Verdict     string  `json:"verdict"`                  // of that: good, bad or neutral; empty where it is flat
	YearVerdict string  `json:"year_verdict"`             // of the movement against the year before
	Trend       string  `ch:"trend" json:"trend"`         // stable, watch or volatile; empty: too few months
	TrendSD     Decimal `ch:"trend_sd" json:"trend_sd"`
}

// Figure is the KPI as one that can be written.
func (k KPI) Figure() Figure {
	return Figure{
		Metric: Metric{ID: k.Metric, Name: k.Name, Unit: k.Unit, Form: k.Form, Polarity: k.Polarity},
		Value:  k.Value, Previous: k.Previous, MoM: k.MoM, MoMPct: k.MoMPct, YearBefore: k.YearBefore, YoY: k.YoY, YoYPct: k.YoYPct,
	}
}

// Shift is a change in how a scope's dollars are redeemed.
type Shift struct {
	Scope
	Shift    string  `ch:"shift" json:"shift"` // accelerating, decelerating or stagnating
	Redeemed Decimal `ch:"redeemed" json:"redeemed"`
	Previous Decimal `ch:"previous" json:"previous"`
	MoM      Decimal `ch:"mom_abs" json:"mom_abs"`
	MoMPct   Decimal `ch:"mom_pct" json:"mom_pct"`
	Sentence string  `ch:"sentence" json:"sentence"`
}

// Growth is a scope whose unspent dollars rose while redemptions did not.
type Growth struct {
	Scope
	Severity       string  `ch:"severity" json:"severity"` // of the exception rising_unspent; empty: the rise is under its thresholds
	Unspent        Decimal `ch:"unspent" json:"unspent"`
	UnspentBefore  Decimal `ch:"unspent_before" json:"unspent_before"`
	GrewBy         Decimal `ch:"grew_by" json:"grew_by"`
	GrewByShare    Decimal `ch:"grew_by_share" json:"grew_by_share"`
	Redeemed       Decimal `ch:"redeemed" json:"redeemed"`
	RedeemedBefore Decimal `ch:"redeemed_before" json:"redeemed_before"`
	RedeemedMore   Decimal `ch:"redeemed_more" json:"redeemed_more"`
}

// Comparison is the programmes by one headline metric, the largest value first.
type Comparison struct {
	Metric    string     `json:"metric"`
	Name      string     `json:"name"`
	Portfolio KPI        `json:"portfolio"`
	Programs  []Compared `json:"programs"`
}

// Compared is a programme among the others.
type Compared struct {
	Program string  `json:"program_id"`
	Place   uint64  `json:"place"` // 1 is the largest value, equal values share one; 0: it has none
	Share   Decimal `json:"share"` // of the portfolio; a ratio has none
	KPI     KPI     `json:"kpi"`
}

// Assess reads the assessment of a month.
func Assess(ctx context.Context, from Reader, month Month) (*Assessment, error) {
	return steadily(ctx, from, month, func(data Data) (*Assessment, error) { return assess(ctx, from, month, data) })
}

func assess(ctx context.Context, from Reader, month Month, data Data) (*Assessment, error) {
	a := &Assessment{
		Month: month, AsOf: data.NewestEvent, Zone: data.Zone, Currency: data.Currency, Complete: !data.Complete.Before(month),
		Scopes: []ScopeKPIs{}, Shifts: []Shift{}, Liability: []Growth{}, Comparison: []Comparison{}, // lists in JSON, never null
	}
	params := map[string]string{"month": month.date()}
	var states []struct {
		State string `ch:"state"`
	}
	var figures []struct {
		Scope
		ProgramName string `ch:"program"`
		KPI
	}
	var places []struct {
		Metric  string  `ch:"metric"`
		Program string  `ch:"program_id"`
		Place   uint64  `ch:"place"`
		Share   Decimal `ch:"share"`
	}
	for _, answer := range []struct {
		name string
		rows any
	}{
		{"review/figure_state.sql", &states}, {"review/assess_figures.sql", &figures}, {"review/assess_programs.sql", &places},
		{"review/assess_shifts.sql", &a.Shifts}, {"review/assess_liability.sql", &a.Liability},
	} {
		if err := from.Select(ctx, answer.name, params, answer.rows); err != nil {
			return nil, err
		}
	}
	a.State = states[0].State
	found := map[[2]string]KPI{} // headline metrics, by programme and metric
	for _, f := range figures {
		if err := f.judge(); err != nil {
			return nil, err
		}
		if n := len(a.Scopes); n == 0 || a.Scopes[n-1].Scope != f.Scope {
			a.Scopes = append(a.Scopes, ScopeKPIs{Scope: f.Scope, Name: f.ProgramName})
		}
		last := &a.Scopes[len(a.Scopes)-1]
		last.KPIs = append(last.KPIs, f.KPI)
		if f.Headline == 1 {
			found[[2]string{f.Program, f.Metric}] = f.KPI
		}
	}
	for _, p := range places {
		if n := len(a.Comparison); n == 0 || a.Comparison[n-1].Metric != p.Metric {
			portfolio := found[[2]string{"", p.Metric}]
			a.Comparison = append(a.Comparison, Comparison{Metric: p.Metric, Name: portfolio.Name, Portfolio: portfolio})
		}
		last := &a.Comparison[len(a.Comparison)-1]
		last.Programs = append(last.Programs, Compared{Program: p.Program, Place: p.Place, Share: p.Share, KPI: found[[2]string{p.Program, p.Metric}]})
	}
	return a, nil
}

// judge says whether the movements are good or bad.
func (k *KPI) judge() error {
	sign, _, err := k.MoM.sign()
	if err != nil {
		return err
	}
	if sign != 0 {
		k.Verdict = verdict(k.Polarity, sign > 0)
	}
	sign, _, err = k.YoY.sign()
	if err == nil && sign != 0 {
		k.YearVerdict = verdict(k.Polarity, sign > 0)
	}
	return err
}

// Of gives the assessment of one programme: its figures, shifts and liability, and its places among the others. It tells whether the
// programme has figures in the month.
func (a *Assessment) Of(program string) (*Assessment, bool) {
	own := *a
	own.Scopes = keep(a.Scopes, func(s ScopeKPIs) bool { return s.Program == program })
	own.Shifts = keep(a.Shifts, func(s Shift) bool { return s.Program == program })
	own.Liability = keep(a.Liability, func(g Growth) bool { return g.Program == program })
	own.Comparison = []Comparison{}
	for _, c := range a.Comparison {
		c.Programs = keep(c.Programs, func(p Compared) bool { return p.Program == program })
		own.Comparison = append(own.Comparison, c)
	}
	return &own, len(own.Scopes) > 0
}

func keep[T any](all []T, wanted func(T) bool) []T {
	return slices.DeleteFunc(append([]T{}, all...), func(x T) bool { return !wanted(x) })
}

// Programs are the ids of the programmes that have figures in the month.
func (a *Assessment) Programs() []string {
	var ids []string
	for _, s := range a.Scopes {
		if s.Program != "" {
			ids = append(ids, s.Program)
		}
	}
	return ids
}
