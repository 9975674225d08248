package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// readings is how often a month is read anew, where the figures were computed anew meanwhile.
const readings = 5

// Read reads the pack of a month, all of it from one edition of the figures.
func Read(ctx context.Context, from Reader, month Month) (*Pack, error) {
	return steadily(ctx, from, month, func(data Data) (*Pack, error) { return read(ctx, from, month, data) })
}

// steadily reads something of a month from one edition of the figures.
func steadily[T any](ctx context.Context, from Reader, month Month, read func(Data) (*T, error)) (*T, error) {
	data, err := Describe(ctx, from)
	if err != nil {
		return nil, err
	}
	for range readings {
		if month.Before(data.Oldest) || data.Newest.Before(month) {
			return nil, &NoDataError{Month: month, Oldest: data.Oldest, Newest: data.Newest}
		}
		result, err := read(data)
		if err != nil {
			return nil, err
		}
		after, err := Describe(ctx, from)
		if err != nil {
			return nil, err
		}
		if after.edition == data.edition {
			return result, nil
		}
		data = after
	}
	return nil, errors.New("the figures were computed anew while they were read; try again when the loads are done")
}

// figureRow is a row of kpi.metric_monthly.
type figureRow struct {
	Month      time.Time `ch:"month"`
	Scope      string    `ch:"scope"`
	ProgramID  string    `ch:"program_id"`
	Population string    `ch:"population"`
	Metric     string    `ch:"metric"`
	Value      string    `ch:"value"`
	Previous   string    `ch:"previous"`
	MoM        string    `ch:"mom_abs"`
	MoMPct     string    `ch:"mom_pct"`
	YoY        string    `ch:"yoy_abs"`
	YoYPct     string    `ch:"yoy_pct"`
}

// figureKey finds a figure; the portfolio's program is empty.
type figureKey struct {
	scope, program string
	metric         metricKey
	month          Month
}

// book is what was read, to look figures up.
type book struct {
	month   Month
	metrics map[metricKey]Metric
	figures map[figureKey]figureRow
}

func read(ctx context.Context, from Reader, month Month, data Data) (*Pack, error) {
	params := map[string]string{"month": month.date()}
	b := book{month: month, figures: map[figureKey]figureRow{}}
	var err error
	if b.metrics, err = readMetrics(ctx, from); err != nil {
		return nil, err
	}
	var rows []figureRow
	if err := from.Select(ctx, "review/figures.sql", params, &rows); err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rows {
		key := figureKey{r.Scope, r.ProgramID, metricKey{r.Metric, r.Population}, monthOf(r.Month)}
		b.figures[key] = r
		if r.Scope == "program" && key.month == month && (len(ids) == 0 || ids[len(ids)-1] != r.ProgramID) {
			ids = append(ids, r.ProgramID)
		}
	}
	pack := &Pack{Month: month, Data: data, Portfolio: b.all("portfolio", "")}
	for _, key := range slices.Concat(financial, engagement, distribution) {
		pack.Metrics = append(pack.Metrics, b.metrics[key])
	}
	pack.Trends = []Trend{b.trend("financial", data.Oldest, financial), b.trend("engagement", data.Oldest, engagement)}
	if pack.Programs, err = readPrograms(ctx, from, b, ids); err != nil {
		return nil, err
	}
	if err := from.Select(ctx, "review/reject_reasons.sql", nil, &pack.Rejects); err != nil {
		return nil, err
	}
	if pack.Unrated, err = readUnrated(ctx, from, params, pack.Programs); err != nil {
		return nil, err
	}
	pack.Opening, err = readOpening(ctx, from, params)
	return pack, err
}

func readOpening(ctx context.Context, from Reader, params map[string]string) (*Opening, error) {
	var rows []struct {
		At           string   `ch:"opened"`
		By           string   `ch:"opened_by"`
		Note         string   `ch:"note"`
		FailedChecks []string `ch:"failed_checks"`
		Sources      []string `ch:"sources"`
		Lacks        []string `ch:"lacks"`
	}
	if err := from.Select(ctx, "review/opening.sql", params, &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	r := rows[0]
	opening := &Opening{At: r.At, By: r.By, Note: r.Note, FailedChecks: r.FailedChecks}
	for i, source := range r.Sources {
		opening.Incomplete = append(opening.Incomplete, Incomplete{Source: source, Lacks: r.Lacks[i]})
	}
	return opening, nil
}

func readMetrics(ctx context.Context, from Reader) (map[metricKey]Metric, error) {
	var rows []struct {
		ID         string `ch:"metric"`
		Dimension  string `ch:"dimension"`
		Population string `ch:"population"`
		Name       string `ch:"name"`
		Unit       string `ch:"unit"`
		Polarity   string `ch:"higher_is"`
		Definition string `ch:"definition"`
	}
	if err := from.Select(ctx, "review/metrics.sql", nil, &rows); err != nil {
		return nil, err
	}
	metrics := map[metricKey]Metric{}
	for _, r := range rows {
		metrics[metricKey{r.ID, r.Population}] = Metric{ID: r.ID, Name: r.Name, Unit: r.Unit, Polarity: r.Polarity, Definition: r.Definition}
	}
	for _, key := range slices.Concat(financial, engagement, distribution) {
		if _, ok := metrics[key]; !ok {
			return nil, fmt.Errorf("the metric catalogue does not have %s: partnerplus migrate brings it up to date", key.id)
		}
	}
	return metrics, nil
}

// readPrograms gives the programmes that have figures in the month, by name.
func readPrograms(ctx context.Context, from Reader, b book, ids []string) ([]Program, error) {
	var rows []struct {
		ID       string `ch:"program_id"`
		Name     string `ch:"name"`
		Client   string `ch:"client_name"`
		Currency string `ch:"currency"`
		Launched string `ch:"launched_on"`
		Status   string `ch:"status"`
	}
	if err := from.Select(ctx, "review/programs.sql", nil, &rows); err != nil {
		return nil, err
	}
	known := map[string]Program{}
	for _, r := range rows {
		known[r.ID] = Program{Name: r.Name, Client: r.Client, Currency: r.Currency, Launched: r.Launched, Status: r.Status}
	}
	programs := make([]Program, 0, len(ids))
	for _, id := range ids {
		p := known[id]
		p.ID, p.Figures = id, b.all("program", id)
		programs = append(programs, p)
	}
	slices.SortFunc(programs, func(a, b Program) int { return cmp.Or(cmp.Compare(a.Title(), b.Title()), cmp.Compare(a.ID, b.ID)) })
	return programs, nil
}

func readUnrated(ctx context.Context, from Reader, params map[string]string, programs []Program) ([]Unrated, error) {
	var rows []struct {
		Entity     string `ch:"entity"`
		ProgramID  string `ch:"program_id"`
		Currency   string `ch:"currency"`
		Entries    uint64 `ch:"entries"`
		OfTheMonth uint64 `ch:"of_the_month"`
		Amount     string `ch:"amount"`
		FirstDay   string `ch:"first_day"`
		LastDay    string `ch:"last_day"`
	}
	if err := from.Select(ctx, "review/unrated.sql", params, &rows); err != nil {
		return nil, err
	}
	var unrated []Unrated
	for _, r := range rows {
		title := r.ProgramID
		if i := slices.IndexFunc(programs, func(p Program) bool { return p.ID == r.ProgramID }); i >= 0 {
			title = programs[i].Title()
		}
		unrated = append(unrated, Unrated{
			Entity: r.Entity, Program: title, Currency: r.Currency, Entries: r.Entries, OfTheMonth: r.OfTheMonth,
			Amount: Decimal(r.Amount), FirstDay: r.FirstDay, LastDay: r.LastDay,
		})
	}
	return unrated, nil
}

func (b book) all(scope, program string) Figures {
	return Figures{
		Financial:    b.of(scope, program, financial),
		Engagement:   b.of(scope, program, engagement),
		Distribution: b.of(scope, program, distribution),
	}
}

// of looks figures up; one that there is none of has no value.
func (b book) of(scope, program string, keys []metricKey) []Figure {
	figures := make([]Figure, 0, len(keys))
	for _, key := range keys {
		now := b.figures[figureKey{scope, program, key, b.month}]
		before := b.figures[figureKey{scope, program, key, b.month.Add(1 - trendMonths)}]
		figures = append(figures, Figure{
			Metric: b.metrics[key], Value: Decimal(now.Value),
			Previous: Decimal(now.Previous), MoM: Decimal(now.MoM), MoMPct: Decimal(now.MoMPct),
			YearBefore: Decimal(before.Value), YoY: Decimal(now.YoY), YoYPct: Decimal(now.YoYPct),
		})
	}
	return figures
}

// trend gives the portfolio's last months, from the oldest that has figures.
func (b book) trend(name string, oldest Month, keys []metricKey) Trend {
	t := Trend{Name: name}
	for _, key := range keys {
		t.Metrics = append(t.Metrics, b.metrics[key])
	}
	for ago := trendMonths - 1; ago >= 0; ago-- {
		row := TrendMonth{Month: b.month.Add(-ago)}
		if row.Month.Before(oldest) {
			continue
		}
		for _, key := range keys {
			row.Values = append(row.Values, Decimal(b.figures[figureKey{"portfolio", "", key, row.Month}].Value))
		}
		t.Months = append(t.Months, row)
	}
	return t
}
