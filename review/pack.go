package review

// headline are the metrics that every review looks at (KPI.md section 4), apart as the framework keeps them.
var (
	financial  = []metricKey{{id: "total_users"}, {id: "total_organisations"}, {id: "dollars_awarded"}, {id: "dollars_redeemed"}, {id: "unspent_dollars"}}
	engagement = []metricKey{{id: "users_awarded"}, {id: "users_redeeming"}, {id: "activation_rate"}, {id: "active_users"}, {id: "sessions"}}
	// distribution is that of the dollars awarded.
	distribution = []metricKey{{"mean", "awarded"}, {"p50", "awarded"}, {"p90", "awarded"}, {"gini", "awarded"}, {"top10_share", "awarded"}}
)

// trendMonths is how many months the tables of the portfolio go back: the month, and the twelve before.
const trendMonths = 13

type metricKey struct{ id, population string }

// Pack is all that the review pack of a month shows.
type Pack struct {
	Month     Month
	Data      Data
	Portfolio Figures
	Trends    []Trend
	Programs  []Program
	Metrics   []Metric // those shown, with their definitions
	Rejects   []Reject
	Unrated   []Unrated
	Opening   *Opening // nil where the month's review was not opened
}

// Opening is what the review was opened on.
type Opening struct {
	At           string
	By           string
	Note         string
	FailedChecks []string
	Incomplete   []Incomplete
}

// Incomplete is a source that had not delivered all of the month.
type Incomplete struct {
	Source string
	Lacks  string // in words that go on from its name
}

// Metric is a row of the metric catalogue.
type Metric struct {
	ID         string
	Name       string
	Unit       string
	Form       string // how it is written where the unit does not say: ratio for a number with decimals
	Polarity   string // whether up is good, bad or neutral
	Definition string
}

// Figure is a metric of a scope in the month, with what it is compared with.
type Figure struct {
	Metric                  Metric
	Value                   Decimal
	Previous, MoM, MoMPct   Decimal // the month before
	YearBefore, YoY, YoYPct Decimal // the same month of the year before
}

// Figures are those of a scope.
type Figures struct {
	Financial, Engagement, Distribution []Figure
}

// Program is a programme with its figures.
type Program struct {
	ID       string
	Name     string // empty: only events know the programme
	Client   string
	Currency string
	Launched string
	Status   string
	Figures
}

// Title is what the programme is called.
func (p Program) Title() string {
	if p.Name == "" {
		return p.ID
	}
	return p.Name
}

// Trend is a table of months, the oldest first, with a column a metric.
type Trend struct {
	Name    string
	Metrics []Metric
	Months  []TrendMonth
}

// TrendMonth is a row of a Trend: a value a metric.
type TrendMonth struct {
	Month  Month
	Values []Decimal
}

// Reject is how many rows of a source that stand rejected for a column.
type Reject struct {
	Source  string `ch:"source"`
	Entity  string `ch:"entity"` // empty where the row was not readable
	Column  string `ch:"column"`
	Rows    uint64 `ch:"rejects"`
	Example string `ch:"example"`
}

// Unrated are ledger entries that count nowhere, for want of a rate.
type Unrated struct {
	Entity     string
	Program    string
	Currency   string
	Entries    uint64
	OfTheMonth uint64
	Amount     Decimal // in Currency
	FirstDay   string
	LastDay    string
}

// Complete tells whether the month was over, with events up to its last day, when its figures were computed.
func (p *Pack) Complete() bool { return !p.Data.Complete.Before(p.Month) }

// Rejected is how many rows stand rejected.
func (p *Pack) Rejected() (rows uint64) {
	for _, r := range p.Rejects {
		rows += r.Rows
	}
	return rows
}

// WithoutRate is how many ledger entries count nowhere.
func (p *Pack) WithoutRate() (entries uint64) {
	for _, u := range p.Unrated {
		entries += u.Entries
	}
	return entries
}
