package review

import (
	"context"
	"strconv"
)

// restatementsMost is how many changed figures of closed months a pack has, which a sheet of a workbook has room for; it counts them all.
const restatementsMost = 1_000_000

func readExceptions(ctx context.Context, from Reader, params map[string]string, pack *Pack) error {
	if err := from.Select(ctx, "review/exceptions.sql", params, &pack.Exceptions); err != nil {
		return err
	}
	var rows []Elsewhere
	if err := from.Select(ctx, "review/exceptions_elsewhere.sql", params, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		pack.Elsewhere = r
	}
	return nil
}

// readStanding reads what is known of the data and of the review.
func readStanding(ctx context.Context, from Reader, params map[string]string, pack *Pack) (err error) {
	if pack.Review, err = readRecord(ctx, from, params); err != nil {
		return err
	}
	if err := from.Select(ctx, "review/checks.sql", params, &pack.Checks); err != nil {
		return err
	}
	if pack.Restated, err = readRestatements(ctx, from, pack); err != nil {
		return err
	}
	if pack.Corrected, err = readCorrected(ctx, from, params, pack); err != nil {
		return err
	}
	if err := from.Select(ctx, "review/reject_reasons.sql", nil, &pack.Rejects); err != nil {
		return err
	}
	return from.Select(ctx, "review/unrated.sql", params, &pack.Unrated)
}

func readRestatements(ctx context.Context, from Reader, pack *Pack) (restated Restated, err error) {
	var rows []struct {
		Month      Month   `ch:"month"`
		Program    string  `ch:"program_id"`
		Population string  `ch:"population"`
		Metric     string  `ch:"metric"`
		Closed     Decimal `ch:"closed"`
		Now        Decimal `ch:"now"`
		Difference Decimal `ch:"difference"`
		ClosedOn   string  `ch:"closed_on"`
		ClosedBy   string  `ch:"closed_by"`
		OfTheMonth uint64  `ch:"of_the_month"`
		OfAll      uint64  `ch:"of_all"`
	}
	params := map[string]string{"month": pack.Month.date(), "at_most": strconv.Itoa(restatementsMost)}
	if err := from.Select(ctx, "review/restatements.sql", params, &rows); err != nil {
		return restated, err
	}
	for _, r := range rows {
		restated.OfTheMonth, restated.OfAll = r.OfTheMonth, r.OfAll
		restated.Figures = append(restated.Figures, Restatement{
			Month: r.Month, Program: r.Program, Metric: pack.metric(r.Metric, r.Population), Closed: r.Closed, Now: r.Now, Difference: r.Difference,
			ClosedOn: r.ClosedOn, ClosedBy: r.ClosedBy,
		})
	}
	return restated, nil
}

// readCorrected asks nothing where the month was not closed before.
func readCorrected(ctx context.Context, from Reader, params map[string]string, pack *Pack) (corrected Corrected, err error) {
	if pack.Review == nil || pack.Review.Closings == 0 {
		return corrected, nil
	}
	corrected.Closings, corrected.Closing = pack.Review.Closings, pack.Review.Closings
	if pack.Closed() {
		corrected.Closing--
	}
	var rows []struct {
		Program    string  `ch:"program_id"`
		Population string  `ch:"population"`
		Metric     string  `ch:"metric"`
		Reported   Decimal `ch:"reported"`
		Now        Decimal `ch:"now"`
		Difference Decimal `ch:"difference"`
	}
	if err := from.Select(ctx, "review/corrected.sql", params, &rows); err != nil {
		return corrected, err
	}
	for _, r := range rows {
		corrected.Figures = append(corrected.Figures, Restatement{
			Month: pack.Month, Program: r.Program, Metric: pack.metric(r.Metric, r.Population), Closed: r.Reported, Now: r.Now, Difference: r.Difference,
		})
	}
	return corrected, nil
}

// metric finds a metric by its id, also one that the catalogue no longer has.
func (p *Pack) metric(id, population string) Metric {
	if known, ok := p.Portfolio.Find(id, population); ok {
		return known.Metric
	}
	return Metric{ID: id, Name: id, Population: population, Form: "ratio"}
}
