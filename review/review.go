// Package review is the monthly review, as people read it: the assessment of a month, its risks and opportunities, its action plan,
// and its review pack, one page that opens without a network, prints, and holds what the people in the review talk about.
//
//	assessment, err := review.Assess(ctx, warehouse, month)
//	pack, err := review.Read(ctx, warehouse, month) // from the KPI tables
//	err = pack.WriteHTML(file)
//
// It must not know extraction, nor the steps of a review and their sequence (package load): it reads what the warehouse computed,
// and what the warehouse says about its rejects and its reviews.
package review

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Reader is the warehouse as the review sees it: it reads the answer of a statement of package sql into a pointer to a
// slice of structs with ch tags. All statements named here only read.
type Reader interface {
	Select(ctx context.Context, name string, params map[string]string, rows any) error
}

// ErrNoFigures says that the warehouse has computed nothing yet.
var ErrNoFigures = errors.New("the warehouse has no figures yet: partnerplus run loads the data")

// NoDataError says that the figures do not cover the month.
type NoDataError struct {
	Month          Month
	Oldest, Newest Month
}

func (e *NoDataError) Error() string {
	return fmt.Sprintf("there are no figures of %s: the data cover %s to %s", e.Month, e.Oldest, e.Newest)
}

// Data is what the figures cover. Times are texts in the reporting zone.
type Data struct {
	Oldest, Newest Month
	Complete       Month  // the newest month that is over and has events up to its last day
	NewestEvent    string // the newest event that the figures contain
	ComputedAt     string
	Zone           string // the reporting zone
	Currency       string // the reporting currency
	edition        int64  // when the figures were computed, exactly
}

// Describe says what the figures cover.
func Describe(ctx context.Context, from Reader) (Data, error) {
	var rows []struct {
		Oldest      time.Time `ch:"oldest_month"`
		Newest      time.Time `ch:"newest_month"`
		Complete    time.Time `ch:"complete_month"`
		NewestEvent string    `ch:"newest_event"`
		ComputedAt  string    `ch:"computed_at"`
		Edition     int64     `ch:"edition"`
		Zone        string    `ch:"timezone"`
		Currency    string    `ch:"currency"`
	}
	if err := from.Select(ctx, "review/data.sql", nil, &rows); err != nil {
		return Data{}, err
	}
	if len(rows) == 0 {
		return Data{}, ErrNoFigures
	}
	r := rows[0]
	return Data{
		Oldest: monthOf(r.Oldest), Newest: monthOf(r.Newest), Complete: monthOf(r.Complete),
		NewestEvent: r.NewestEvent, ComputedAt: r.ComputedAt, Zone: r.Zone, Currency: r.Currency, edition: r.Edition,
	}, nil
}

// Default is the month to review where none is named: the newest complete one, or the newest where none is complete.
func (d Data) Default() Month {
	if d.Complete.Before(d.Oldest) {
		return d.Newest
	}
	return d.Complete
}
