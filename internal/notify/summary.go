package notify

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
	"github.com/partnerplus/warehouse/schedules"
)

// Summary is what a summary tells. Figures are exact decimals; an empty one is NULL.
type Summary struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Activity Activity  `json:"activity"`
	Matters  []Matter  `json:"matters"` // what stands now
	// Figures are those of a month: of the running one in the weekly summary, of the newest complete one in the monthly; nil
	// where there are none.
	Figures *Figures `json:"figures,omitempty"`
}

// Activity is what the runs of a span of time did.
type Activity struct {
	Runs         uint64 `ch:"runs" json:"runs"`
	FailedRuns   uint64 `ch:"failed_runs" json:"failed_runs"`
	UnitsLoaded  uint64 `ch:"units_loaded" json:"units_loaded"`
	UnitsFailed  uint64 `ch:"units_failed" json:"units_failed"`
	RowsRead     uint64 `ch:"rows_read" json:"rows_read"`
	RowsLoaded   uint64 `ch:"rows_loaded" json:"rows_loaded"`
	RowsRejected uint64 `ch:"rows_rejected" json:"rows_rejected"`
}

// Figures are those of one month.
type Figures struct {
	Month     string     `json:"month"` // such as 2026-10
	Currency  string     `json:"currency"`
	Headlines []Headline `json:"headlines"`
	// Exceptions are the most severe; ExceptionsInAll counts all that are warnings or worse. Both are of the monthly summary, as
	// Liability is.
	Exceptions      []Exception `json:"exceptions,omitempty"`
	ExceptionsInAll uint64      `json:"exceptions_in_all"`
	Liability       []Headline  `json:"liability,omitempty"` // by age
	Pack            string      `json:"pack,omitempty"`      // what writes the month's review pack
	PackFiles       []string    `json:"pack_files,omitempty"`
}

// MoreExceptions is how many exceptions there are besides those that are told.
func (f Figures) MoreExceptions() uint64 { return f.ExceptionsInAll - uint64(len(f.Exceptions)) }

// Headline is a metric of the portfolio.
type Headline struct {
	Metric   string `ch:"metric" json:"metric"`
	Name     string `ch:"name" json:"name"`
	Form     string `ch:"form" json:"form,omitempty"` // money, count or ratio
	Value    string `ch:"value" json:"value"`
	Previous string `ch:"previous" json:"previous,omitempty"`
	MoM      string `ch:"mom_abs" json:"mom_abs,omitempty"`
	MoMPct   string `ch:"mom_pct" json:"mom_pct,omitempty"`
}

// Exception is an exception in words.
type Exception struct {
	Severity string `ch:"severity" json:"severity"`
	Sentence string `ch:"sentence" json:"sentence"`
	Total    uint64 `ch:"total" json:"-"`
}

// mostExceptions is how many a summary tells.
const mostExceptions = 15

func isSummary(kind string) bool { return kind == "daily" || kind == "weekly" || kind == "monthly" }

// timetable says when summaries are due: as jobs are, in the reporting zone.
type timetable struct {
	jobs []schedules.Job // named daily, weekly and monthly
	zone *time.Location
}

func newTimetable(s config.Summaries, zone *time.Location) (timetable, error) {
	t := timetable{zone: zone, jobs: []schedules.Job{{Name: "daily", Cron: s.Daily}, {Name: "weekly", Cron: s.Weekly}, {Name: "monthly", Cron: s.Monthly}}}
	var problems error
	for _, job := range t.jobs {
		if err := job.Validate(); err != nil {
			problems = errors.Join(problems, fmt.Errorf("notifications.summaries.%s: %w", job.Name, err))
		}
	}
	return t, problems
}

// latest gives the newest two due times up to an instant, within what is longest between two of a summary that makes sense.
func (t timetable) latest(job schedules.Job, until time.Time) (before, due time.Time) {
	for _, days := range []int{3, 15, 70, 800} {
		if times := job.Due(until.AddDate(0, 0, -days), until, t.zone); len(times) > 1 {
			return times[len(times)-2], times[len(times)-1]
		}
	}
	return time.Time{}, time.Time{}
}

// due gives the newest notice of each receiver and summary, and the new ones among them. A summary that was not accepted before
// the next is due is never sent: the next one tells of its time too.
func (t timetable) due(notices []load.Notice, receivers []config.Receiver, now time.Time) (current, opened []load.Notice) {
	newest, told := map[matterID]load.Notice{}, map[matterID]time.Time{}
	for _, n := range notices { // the oldest first
		id := matterID{n.Receiver, n.Matter}
		newest[id] = n
		if n.Told > 0 {
			told[id] = n.OpenedAt
		}
	}
	for _, receiver := range receivers {
		for _, job := range t.jobs {
			if !receiver.Wants(job.Name) {
				continue
			}
			id := matterID{receiver.Name, job.Name}
			n, known := newest[id]
			if before, due := t.latest(job, now); !due.IsZero() && (!known || due.After(n.OpenedAt)) {
				since := before
				if last, ok := told[id]; ok {
					since = last
				}
				n = load.Notice{Receiver: receiver.Name, Matter: job.Name, Kind: job.Name, OpenedAt: due, Since: since, Severity: "info", Tell: 1}
				opened = append(opened, n)
				known = true
			}
			if known {
				current = append(current, n)
			}
		}
	}
	return current, opened
}

// summary reads what a summary tells of a span of time.
func (n *Notifier) summary(ctx context.Context, kind string, from, to time.Time, matters []Matter) (*Summary, error) {
	s := &Summary{From: from.UTC(), To: to.UTC(), Matters: append([]Matter{}, matters...)} // never null
	const micros = "2006-01-02 15:04:05.000000"
	var activity []Activity
	err := n.warehouse.Select(ctx, "notify/activity.sql", map[string]string{"from": s.From.Format(micros), "to": s.To.Format(micros)}, &activity)
	if err != nil {
		return nil, err
	}
	s.Activity = activity[0]
	if kind == "daily" {
		return s, nil
	}
	data, err := review.Describe(ctx, n.warehouse)
	if errors.Is(err, review.ErrNoFigures) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	month := data.Newest
	if kind == "monthly" {
		month = data.Complete
		if month.Before(data.Oldest) {
			return s, nil
		}
	}
	s.Figures, err = n.figures(ctx, month, kind == "monthly")
	if err == nil {
		s.Figures.Currency = data.Currency
	}
	return s, err
}

func (n *Notifier) figures(ctx context.Context, month review.Month, whole bool) (*Figures, error) {
	f := &Figures{Month: month.String(), Headlines: []Headline{}}
	params := map[string]string{"month": f.Month + "-01", "limit": strconv.Itoa(mostExceptions)}
	if err := n.warehouse.Select(ctx, "notify/headlines.sql", params, &f.Headlines); err != nil || !whole {
		return f, err
	}
	if err := n.warehouse.Select(ctx, "notify/exceptions.sql", params, &f.Exceptions); err != nil {
		return nil, err
	}
	if len(f.Exceptions) > 0 {
		f.ExceptionsInAll = f.Exceptions[0].Total
	}
	if err := n.warehouse.Select(ctx, "notify/liability.sql", params, &f.Liability); err != nil {
		return nil, err
	}
	f.Pack = "partnerplus review pack --month " + f.Month
	if n.reports != "" {
		f.PackFiles = review.Existing(filepath.Join(n.reports, review.FileName(month)))
	}
	return f, nil
}
