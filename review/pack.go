package review

// trendMonths is how many months trends go back: the month, and the twelve before.
const trendMonths = 13

// Pack is all that the review pack of a month shows, and what its other forms are made of.
type Pack struct {
	Month     Month
	Data      Data
	Review    *Record // nil where nothing of the month's review was done
	Lens      []Indicator
	Portfolio Figures
	Programs  []Program
	Metrics   []Metric // the whole catalogue

	Assessment Assessment
	Findings   Findings
	Plan       ActionPlan

	Exceptions []Exception // of the portfolio and of programmes, the worst first
	Elsewhere  Elsewhere
	Checks     []Check // in the order of KPI.md section 7; none where the month was not validated
	Restated   Restated
	Corrected  Corrected
	Rejects    []Reject
	Unrated    []Unrated
}

// Program is a programme with its figures.
type Program struct {
	ID       string
	Name     string // empty: only events know the programme
	Client   string
	Currency string
	Launched string
	Status   string
	Anchor   string // where the page tells of it
	Figures  Figures
}

// Title is what the programme is called.
func (p Program) Title() string {
	if p.Name == "" {
		return p.ID
	}
	return p.Name
}

// Indicator is one of the six of the portfolio lens.
type Indicator struct {
	ID     string
	Name   string
	Figure Figure
	Beside Figure   // growth: organisations, engagement: sessions per active user; else without a metric
	Status string   // good, watch or act; empty where a figure that it needs is missing
	Worst  []string // ids of up to three programmes, the worst first
}

// Exception is something out of the ordinary.
type Exception struct {
	Program  string  `ch:"program_id"` // empty: the portfolio
	Rule     string  `ch:"rule"`
	Metric   string  `ch:"metric"`
	Severity string  `ch:"severity"` // info, warning or critical
	Observed Decimal `ch:"observed"`
	Expected Decimal `ch:"expected"`
	Sentence string  `ch:"sentence"`
}

// Elsewhere is how many exceptions there are besides those of the portfolio and of programmes.
type Elsewhere struct {
	Organisations uint64 `ch:"organisations"`
	Segments      uint64 `ch:"segments"`
}

// Check is what a check of the month's data found.
type Check struct {
	Name    string  `ch:"check"`
	Verdict string  `ch:"verdict"` // pass, warn or fail
	Figure  Decimal `ch:"figure"`
	Unit    string  `ch:"unit"`
	Message string  `ch:"message"`
	Checked string  `ch:"checked"`
}

// Restated are figures of closed months that have changed since.
type Restated struct {
	OfTheMonth uint64
	OfAll      uint64        // of this month and of all others
	Figures    []Restatement // all, up to a million
}

// Restatement is a figure of a closed month that is no longer what it was.
type Restatement struct {
	Month              Month
	Program            string // id; empty: the portfolio
	Metric             Metric
	Closed, Now        Decimal
	Difference         Decimal
	ClosedOn, ClosedBy string
}

// Corrected are figures of an earlier closing of the month that are others in this pack.
type Corrected struct {
	Closing, Closings uint32        // the closing, of so many: the one before the newest, the newest of a reopened month; 0: the month was not closed before
	Figures           []Restatement // the headline metrics first
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
	Entity     string  `ch:"entity"`
	Program    string  `ch:"program_id"`
	Currency   string  `ch:"currency"`
	Entries    uint64  `ch:"entries"`
	OfTheMonth uint64  `ch:"of_the_month"`
	Amount     Decimal `ch:"amount"` // in Currency
	FirstDay   string  `ch:"first_day"`
	LastDay    string  `ch:"last_day"`
}

// Closed tells whether the month is closed.
func (p *Pack) Closed() bool { return p.Review != nil && p.Review.State == "closed" }

// Reopened tells whether the month was closed and is not now.
func (p *Pack) Reopened() bool {
	return p.Review != nil && !p.Closed() && p.Review.Closings > 0
}

// Complete tells whether the month was over, with events up to its last day, when its figures were computed.
func (p *Pack) Complete() bool { return !p.Data.Complete.Before(p.Month) }

// Noticed tells whether the head has something to say about the data or the review that a reader has to know first.
func (p *Pack) Noticed() bool {
	r := p.Review
	return !p.Complete() || p.Restated.OfTheMonth > 0 || p.Corrected.Closing > 0 || r != nil && (len(r.Sources) > 0 || len(r.FailedChecks) > 0 || r.ReopenedOn != "")
}

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

// Name is what a programme or the portfolio is called, and where the page tells of it.
type Name struct{ Name, Anchor string }

// Named gives the name of a programme, or of the portfolio where the id is empty.
func (p *Pack) Named(program string) Name {
	if program == "" {
		return Name{"Portfolio", "portfolio"}
	}
	for _, known := range p.Programs {
		if known.ID == program {
			return Name{known.Title(), known.Anchor}
		}
	}
	return Name{Name: program}
}

// restatementsShown is how many changed figures a table of the page lists; the other forms have all.
const restatementsShown = 100

// Shown are the figures that the page lists.
func (r Restated) Shown() []Restatement { return r.Figures[:min(len(r.Figures), restatementsShown)] }

// More tells whether there are others.
func (r Restated) More() bool { return r.OfAll > uint64(len(r.Shown())) }

// Shown are the figures that the page lists.
func (c Corrected) Shown() []Restatement { return c.Figures[:min(len(c.Figures), restatementsShown)] }

// More tells whether there are others.
func (c Corrected) More() bool { return len(c.Figures) > len(c.Shown()) }

// Pair is a changed figure as people read it.
type Pair struct{ Closed, Now, Difference string }

// hidden tells whether the figures differ only beyond the decimals that the metric is written with.
func (r Restatement) hidden() (bool, error) {
	closed, err := r.Metric.Format(r.Closed)
	if err != nil {
		return false, err
	}
	now, err := r.Metric.Format(r.Now)
	return closed == now, err
}

// Pair writes the figures; with all their decimals where no difference would be seen.
func (r Restatement) Pair() (pair Pair, err error) {
	format, apart := r.Metric.Format, r.Metric.Difference
	hidden, err := r.hidden()
	if err != nil {
		return pair, err
	}
	if hidden {
		format, apart = r.Metric.exactly, r.Metric.exactlyApart
	}
	if pair.Closed, err = format(r.Closed); err != nil {
		return pair, err
	}
	if pair.Now, err = format(r.Now); err != nil {
		return pair, err
	}
	pair.Difference, err = apart(r.Difference)
	return pair, err
}
