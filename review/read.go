package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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

func read(ctx context.Context, from Reader, month Month, data Data) (*Pack, error) {
	params := map[string]string{"month": month.date()}
	pack := &Pack{Month: month, Data: data}
	b, err := readBook(ctx, from, month, data)
	if err != nil {
		return nil, err
	}
	pack.Metrics = b.metrics
	pack.Portfolio = b.all("portfolio", "")
	if pack.Programs, err = readPrograms(ctx, from, b); err != nil {
		return nil, err
	}
	if pack.Lens, err = readLens(ctx, from, params, pack.Portfolio); err != nil {
		return nil, err
	}
	if err := readExceptions(ctx, from, params, pack); err != nil {
		return nil, err
	}
	assessment, err := assess(ctx, from, month, data)
	if err != nil {
		return nil, err
	}
	pack.Assessment = *assessment
	if pack.Findings, err = Risks(ctx, from, month); err != nil {
		return nil, err
	}
	if pack.Plan, err = Plan(ctx, from, month); err != nil {
		return nil, err
	}
	return pack, readStanding(ctx, from, params, pack)
}

// metricKey finds a metric; the population is empty but for distributions.
type metricKey struct{ id, population string }

// figureRow is a row of kpi.metric_monthly.
type figureRow struct {
	Month      Month   `ch:"month"`
	Scope      string  `ch:"scope"`
	ProgramID  string  `ch:"program_id"`
	Population string  `ch:"population"`
	Metric     string  `ch:"metric"`
	Value      Decimal `ch:"value"`
	Previous   Decimal `ch:"previous"`
	MoM        Decimal `ch:"mom_abs"`
	MoMPct     Decimal `ch:"mom_pct"`
	YoY        Decimal `ch:"yoy_abs"`
	YoYPct     Decimal `ch:"yoy_pct"`
	Trend      string  `ch:"trend"`
}

// figureKey finds a figure; the portfolio's program is empty.
type figureKey struct {
	scope, program string
	metric         metricKey
	month          Month
}

// book is what was read, to look figures up.
type book struct {
	month    Month
	oldest   Month // that has figures
	metrics  []Metric
	figures  map[figureKey]figureRow
	programs []string // that have figures in the month
}

func readBook(ctx context.Context, from Reader, month Month, data Data) (*book, error) {
	b := &book{month: month, oldest: data.Oldest, figures: map[figureKey]figureRow{}}
	var err error
	if b.metrics, err = readMetrics(ctx, from); err != nil {
		return nil, err
	}
	var rows []figureRow
	if err := from.Select(ctx, "review/figures.sql", map[string]string{"month": month.date()}, &rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		key := figureKey{r.Scope, r.ProgramID, metricKey{r.Metric, r.Population}, r.Month}
		b.figures[key] = r
		if r.Scope == "program" && key.month == month && (len(b.programs) == 0 || b.programs[len(b.programs)-1] != r.ProgramID) {
			b.programs = append(b.programs, r.ProgramID)
		}
	}
	return b, nil
}

func readMetrics(ctx context.Context, from Reader) ([]Metric, error) {
	var rows []struct {
		ID         string  `ch:"metric"`
		Dimension  string  `ch:"dimension"`
		Population string  `ch:"population"`
		Name       string  `ch:"name"`
		Unit       string  `ch:"unit"`
		Form       string  `ch:"form"`
		Polarity   string  `ch:"higher_is"`
		Headline   bool    `ch:"headline"`
		Owner      string  `ch:"owner"`
		Target     Decimal `ch:"target"`
		Definition string  `ch:"definition"`
	}
	if err := from.Select(ctx, "review/metrics.sql", nil, &rows); err != nil {
		return nil, err
	}
	metrics := make([]Metric, len(rows))
	for i, r := range rows {
		metrics[i] = Metric(r)
	}
	return metrics, nil
}

// readPrograms gives the programmes that have figures in the month, by name.
func readPrograms(ctx context.Context, from Reader, b *book) ([]Program, error) {
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
	programs := make([]Program, 0, len(b.programs))
	for _, id := range b.programs {
		p := known[id]
		p.ID, p.Figures = id, b.all("program", id)
		programs = append(programs, p)
	}
	slices.SortFunc(programs, func(a, b Program) int { return cmp.Or(cmp.Compare(a.Title(), b.Title()), cmp.Compare(a.ID, b.ID)) })
	for i := range programs {
		programs[i].Anchor = "program-" + strconv.Itoa(i)
	}
	return programs, nil
}

// all gives every metric of a scope; one that there is no figure of has no value.
func (b *book) all(scope, program string) Figures {
	figures := make(Figures, 0, len(b.metrics))
	for _, metric := range b.metrics {
		key := metricKey{metric.ID, metric.Population}
		now := b.figures[figureKey{scope, program, key, b.month}]
		before := b.figures[figureKey{scope, program, key, b.month.Add(1 - trendMonths)}]
		figure := Figure{
			Metric: metric, Value: now.Value, Trend: now.Trend,
			Previous: now.Previous, MoM: now.MoM, MoMPct: now.MoMPct,
			YearBefore: before.Value, YoY: now.YoY, YoYPct: now.YoYPct,
		}
		if scope == "portfolio" || metric.Headline {
			figure.History = b.history(scope, program, key)
		}
		figures = append(figures, figure)
	}
	return figures
}

// history gives a figure's last months, from the oldest that the warehouse has figures of.
func (b *book) history(scope, program string, key metricKey) (points []Point) {
	for ago := trendMonths - 1; ago >= 0; ago-- {
		if month := b.month.Add(-ago); !month.Before(b.oldest) {
			points = append(points, Point{Month: month, Value: b.figures[figureKey{scope, program, key, month}].Value})
		}
	}
	return points
}

// indicators says what the lens's values are, in the words of the page and the form of a metric.
var indicators = map[string]struct {
	name   string
	metric Metric // that the value is of; with an id where it is one of the catalogue
	beside string // id of the metric beside
}{
	"growth":     {"Growth", Metric{ID: "total_users"}, "total_organisations"},
	"conversion": {"Conversion", Metric{Name: "Redeemed of awarded, three months", Unit: "ratio", Form: "ratio", Polarity: "good"}, ""},
	"liability":  {"Liability", Metric{ID: "unspent_dollars"}, ""},
	"engagement": {"Engagement", Metric{ID: "active_users"}, "sessions_per_active_user"},
	"stability":  {"Stability", Metric{Name: "Headline trends that are stable", Unit: "ratio", Form: "ratio", Polarity: "good"}, ""},
	"activation": {"Activation", Metric{ID: "program_activation_rate"}, ""},
}

func readLens(ctx context.Context, from Reader, params map[string]string, portfolio Figures) ([]Indicator, error) {
	var rows []struct {
		Indicator string   `ch:"indicator"`
		Value     Decimal  `ch:"value"`
		Beside    Decimal  `ch:"beside"`
		MoM       Decimal  `ch:"mom_abs"`
		MoMPct    Decimal  `ch:"mom_pct"`
		YoY       Decimal  `ch:"yoy_abs"`
		YoYPct    Decimal  `ch:"yoy_pct"`
		Status    string   `ch:"status"`
		Worst     []string `ch:"worst"`
	}
	if err := from.Select(ctx, "review/lens.sql", params, &rows); err != nil {
		return nil, err
	}
	lens := make([]Indicator, 0, len(rows))
	for _, r := range rows {
		about, ok := indicators[r.Indicator]
		if !ok {
			return nil, fmt.Errorf("kpi.portfolio_lens has the indicator %q, which the review does not know", r.Indicator)
		}
		i := Indicator{ID: r.Indicator, Name: about.name, Status: r.Status, Worst: r.Worst}
		if about.metric.ID != "" {
			known, _ := portfolio.Find(about.metric.ID, "")
			about.metric = known.Metric
		}
		i.Figure = Figure{Metric: about.metric, Value: r.Value, MoM: r.MoM, MoMPct: r.MoMPct, YoY: r.YoY, YoYPct: r.YoYPct}
		if about.beside != "" {
			beside, _ := portfolio.Find(about.beside, "")
			i.Beside = Figure{Metric: beside.Metric, Value: r.Beside}
		}
		var err error
		if i.Figure.Previous, err = r.Value.less(r.MoM); err != nil {
			return nil, err
		}
		if i.Figure.YearBefore, err = r.Value.less(r.YoY); err != nil {
			return nil, err
		}
		lens = append(lens, i)
	}
	return lens, nil
}
