package statuspage

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/partnerplus/warehouse/review"
)

// How many rows of each kind a page shows at most.
const (
	mostSources    = 200
	mostRuns       = 12
	mostRejects    = 50
	mostExceptions = 30 // of one severity
	mostFailed     = 50
	mostChanges    = 20
)

type figures struct {
	RunID       string    `ch:"run_id"`
	NewestEvent time.Time `ch:"newest_event"`
	NewestMonth time.Time `ch:"newest_month"`
	RefreshedAt time.Time `ch:"refreshed_at"`
}

type jobRow struct {
	Job      string     `ch:"job"`
	Due      time.Time  `ch:"due_at"`
	Attempt  uint16     `ch:"attempt"`
	Status   string     `ch:"status"`
	Reason   string     `ch:"reason"`
	Missed   uint32     `ch:"missed"`
	Started  *time.Time `ch:"started_at"`
	Finished *time.Time `ch:"finished_at"`
	RunID    string     `ch:"run_id"`
	ByHand   bool       `ch:"is_by_hand"`
	Good     *time.Time `ch:"good_at"`
}

type sourceRow struct {
	Name       string     `ch:"source"`
	Configured bool       `ch:"is_configured"`
	Late       bool       `ch:"is_late"`
	Limit      *uint64    `ch:"limit_seconds"`
	Delivered  *time.Time `ch:"newest_delivery"`
	Loaded     *time.Time `ch:"newest_load"`
	Event      *time.Time `ch:"newest_event"`
	Units      uint64     `ch:"units"`
	Failed     uint64     `ch:"failed_units"`
	Rows       uint64     `ch:"rows_read"`
	Rejected   uint64     `ch:"rejected"`
}

// Within says how long after one delivery the next must have come; empty where there is no limit.
func (s sourceRow) Within() string {
	if s.Limit == nil {
		return ""
	}
	return span(time.Duration(*s.Limit) * time.Second)
}

type runRow struct {
	ID       string     `ch:"run_id"`
	Job      string     `ch:"job"`
	Started  time.Time  `ch:"started_at"`
	Finished *time.Time `ch:"finished_at"`
	Status   string     `ch:"status"`
	Listed   uint64     `ch:"units_listed"`
	Loaded   uint64     `ch:"units_loaded"`
	Failed   uint64     `ch:"units_failed"`
	Read     uint64     `ch:"rows_read"`
	Rows     uint64     `ch:"rows_loaded"`
	Rejected uint64     `ch:"rows_rejected"`
	Bytes    uint64     `ch:"bytes_read"`
	Error    string     `ch:"error"`
}

// Took says how long the run took; empty where it has not ended.
func (r runRow) Took() string {
	if r.Finished == nil {
		return ""
	}
	return span(r.Finished.Sub(r.Started))
}

type runSource struct {
	Source string `ch:"source"`
	Loaded uint64 `ch:"units_loaded"`
	Failed uint64 `ch:"units_failed"`
	Read   uint64 `ch:"rows_read"`
	Bytes  uint64 `ch:"bytes_read"`
}

type failedUnit struct {
	Source string    `ch:"source"`
	Unit   string    `ch:"unit"`
	RunID  string    `ch:"run_id"`
	At     time.Time `ch:"failed_at"`
	Error  string    `ch:"error"`
}

type rejectRow struct {
	Source string    `ch:"source"`
	Rule   string    `ch:"rule"`
	Count  uint64    `ch:"rejects"`
	Since  time.Time `ch:"since"`
	Reason string    `ch:"reason"`
}

type unratedRow struct {
	Currency string    `ch:"currency"`
	Entries  uint64    `ch:"entries"`
	First    time.Time `ch:"first_day"`
	Last     time.Time `ch:"last_day"`
}

type checkRow struct {
	Check   string    `ch:"check"`
	Month   string    `ch:"month"`
	Verdict string    `ch:"verdict"`
	Figure  string    `ch:"figure"`
	Unit    string    `ch:"unit"`
	Message string    `ch:"message"`
	Query   string    `ch:"query"`
	At      time.Time `ch:"checked_at"`
}

type receiverRow struct {
	Receiver string `ch:"receiver"`
	Waiting  uint64 `ch:"waiting"`
	Failures uint32 `ch:"tries"`
	Error    string `ch:"error"`
}

type exceptionRow struct {
	Severity   string `ch:"severity"`
	Rule       string `ch:"rule"`
	Scope      string `ch:"scope"`
	Sentence   string `ch:"sentence"`
	OfSeverity uint64 `ch:"of_severity"`
}

type sourceRun struct {
	ID       string    `ch:"run_id"`
	Job      string    `ch:"job"`
	Loaded   uint64    `ch:"units_loaded"`
	Read     uint64    `ch:"rows_read"`
	Finished time.Time `ch:"finished_at"`
}

type columnChange struct {
	Column string    `ch:"column"`
	Event  string    `ch:"event"`
	Was    string    `ch:"was"`
	Now    string    `ch:"is_now"`
	At     time.Time `ch:"recorded_at"`
}

// state is what the overview is made of.
type state struct {
	monthly
	figures []figures // one, or none where there are no figures
	jobs    []jobRow
	sources []sourceRow
	runs    []runRow
	rejects []rejectRow
	unrated []unratedRow
	checks  []checkRow
	deaf    []receiverRow // that did not accept a message
}

// atOnce is how many statements of a page run together: a page is not to take the warehouse from a load.
const atOnce = 4

// asking gives what asks for the answers of statements of sql/page, several at once, and what waits for them. A
// statement's parameters are pairs of name and value.
func asking(ctx context.Context, from Reader) (*errgroup.Group, func(rows any, name string, params ...string)) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	return group, func(rows any, name string, params ...string) {
		group.Go(func() error { return from.Select(ctx, "page/"+name+".sql", paired(params), rows) })
	}
}

func paired(params []string) map[string]string {
	values := map[string]string{}
	for i := 0; i+1 < len(params); i += 2 {
		values[params[i]] = params[i+1]
	}
	return values
}

func limit(n int) string { return strconv.Itoa(n) }

// monthly is what changes only with the figures: it is read once for each edition of them.
type monthly struct {
	refreshed  time.Time
	month      review.Month
	exceptions []exceptionRow
}

func (p *Page) read(ctx context.Context) (state, error) {
	var s state
	receivers, err := json.Marshal(append([]string{}, p.Receivers...))
	if err != nil {
		return s, fmt.Errorf("the names of the receivers: %w", err)
	}
	group, ask := asking(ctx, p.Warehouse)
	ask(&s.sources, "sources", "source", "", "limit", limit(mostSources))
	group.Go(func() (err error) {
		if err := p.Warehouse.Select(ctx, "page/as_of.sql", nil, &s.figures); err != nil || len(s.figures) == 0 {
			return err
		}
		s.monthly, err = p.monthlyOf(ctx, s.figures[0].RefreshedAt)
		return err
	})
	ask(&s.jobs, "jobs")
	ask(&s.runs, "runs", "run", "", "limit", limit(mostRuns))
	ask(&s.rejects, "rejects", "source", "", "limit", limit(mostRejects))
	ask(&s.unrated, "unrated")
	ask(&s.checks, "checks")
	ask(&s.deaf, "receivers", "receivers", string(receivers))
	return s, group.Wait()
}

// monthlyOf reads the exceptions of the newest complete month, where the figures are not those of the last time.
func (p *Page) monthlyOf(ctx context.Context, refreshed time.Time) (monthly, error) {
	p.mu.Lock()
	known := p.known
	p.mu.Unlock()
	if known.refreshed.Equal(refreshed) {
		return known, nil
	}
	data, err := review.Describe(ctx, p.Warehouse)
	if err != nil {
		return monthly{}, err
	}
	m := monthly{refreshed: refreshed, month: data.Default()}
	params := map[string]string{"month": m.month.String() + "-01", "limit": limit(mostExceptions)}
	if err := p.Warehouse.Select(ctx, "page/exceptions.sql", params, &m.exceptions); err != nil {
		return monthly{}, err
	}
	p.mu.Lock()
	p.known = m
	p.mu.Unlock()
	return m, nil
}

// runPage is a run by itself.
type runPage struct {
	frame
	Run     runRow
	Sources []runSource
	Failed  []failedUnit
	Most    int
}

// readRun gives nil where there is no such run.
func readRun(ctx context.Context, from Reader, id string) (*runPage, error) {
	if id == "" {
		return nil, nil
	}
	var runs []runRow
	page := &runPage{Most: mostFailed}
	group, ask := asking(ctx, from)
	ask(&runs, "runs", "run", id, "limit", limit(1))
	ask(&page.Sources, "run_sources", "run", id)
	ask(&page.Failed, "failed_units", "source", "", "run", id, "limit", limit(mostFailed))
	if err := group.Wait(); err != nil || len(runs) == 0 {
		return nil, err
	}
	page.Run = runs[0]
	return page, nil
}

// sourcePage is a source by itself.
type sourcePage struct {
	frame
	Source  sourceRow
	Failed  []failedUnit
	Rejects []rejectRow
	Runs    []sourceRun
	Changes []columnChange
	Most    int
}

// readSource gives nil where there is no such source.
func readSource(ctx context.Context, from Reader, name string) (*sourcePage, error) {
	if name == "" {
		return nil, nil
	}
	var sources []sourceRow
	page := &sourcePage{Most: mostFailed}
	group, ask := asking(ctx, from)
	ask(&sources, "sources", "source", name, "limit", limit(1))
	ask(&page.Failed, "failed_units", "source", name, "run", "", "limit", limit(mostFailed))
	ask(&page.Rejects, "rejects", "source", name, "limit", limit(mostRejects))
	ask(&page.Runs, "source_runs", "source", name, "limit", limit(mostRuns))
	ask(&page.Changes, "column_changes", "source", name, "limit", limit(mostChanges))
	if err := group.Wait(); err != nil || len(sources) == 0 {
		return nil, err
	}
	page.Source = sources[0]
	return page, nil
}
