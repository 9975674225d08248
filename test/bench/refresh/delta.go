package refresh

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/bench/measure"
)

// pipelineConfig reads a night's files; %s is the reporting zone.
const pipelineConfig = `
reporting: {currency: USD, timezone: %s}
sources:
  awards:
    file: {path: nights, glob: "awards-*.csv.gz"}
    rejects: {max_rows: 0}
    mappings:
      - entity: awards
        columns: {program_id: program_id, award_id: award_id, org_id: org_id, member_id: member_id, kind: kind,
          amount: amount, currency: currency, awarded_at: awarded_at, version: version}
  redemptions:
    file: {path: nights, glob: "redemptions-*.csv.gz"}
    rejects: {max_rows: 0}
    mappings:
      - entity: redemptions
        columns: {program_id: program_id, redemption_id: redemption_id, org_id: org_id, member_id: member_id, kind: kind,
          amount: amount, currency: currency, category: category, redeemed_at: redeemed_at, version: version}
`

// Of a night's rows, as many are corrections of the newest two months; of the others, as many are awards.
const (
	correctedPercent = 15
	awardedPercent   = 62
	lastDays         = 4 // of the newest month, in which the new rows fall
)

// nightly measures the nights' files, each from the start of its run to fresh figures.
func (b *bench) nightly(ctx context.Context) error {
	p, err := b.pipeline()
	if err != nil {
		return err
	}
	since := b.history.month(b.history.months - min(2, b.history.months))
	lately := b.history.to.AddDate(0, 0, -lastDays)
	for night := uint64(1); night <= b.nights; night++ {
		corrected := b.delta * correctedPercent / 100
		awarded := (b.delta - corrected) * awardedPercent / 100
		redeemed := b.delta - corrected - awarded
		// Ids and members go on where the history ended.
		added := b.drawing(lately, b.history.to, b.history.awards+(night-1)*awarded, awarded, b.history.awards)
		name := fmt.Sprintf("awards-%d.csv.gz", night)
		if err := b.write(ctx, name, awarded+corrected, part{drawn("awards.sql"), added}, corrections(night, since, b.history.to, corrected)); err != nil {
			return err
		}
		name = fmt.Sprintf("redemptions-%d.csv.gz", night)
		if err := b.write(ctx, name, redeemed, part{statement("new_redemptions.sql"), load.Params{
			"night": number(night), "nights": number(b.nights), "rows": number(redeemed),
			"since": moment(since), "from": moment(lately), "to": moment(b.history.to),
		}}); err != nil {
			return err
		}
		c, err := b.night(ctx, p, fmt.Sprintf("night %d", night), b.delta)
		if err != nil {
			return err
		}
		b.result.nights = append(b.result.nights, c)
	}
	return nil
}

// yearBack measures a night with corrections of a month a year before the newest, where the history has one.
func (b *bench) yearBack(ctx context.Context) error {
	const year = 12
	if b.history.months <= year {
		return nil
	}
	p, err := b.pipeline()
	if err != nil {
		return err
	}
	night := b.nights + 1
	from, to := b.history.month(b.history.months-year-1), b.history.month(b.history.months-year)
	if err := b.write(ctx, fmt.Sprintf("awards-%d.csv.gz", night), b.old, corrections(night, from, to, b.old)); err != nil {
		return err
	}
	_, err = b.night(ctx, p, "a year back", b.old)
	return err
}

// corrections are of the awards of a period.
func corrections(night uint64, from, to time.Time, rows uint64) part {
	return part{statement("corrections.sql"), load.Params{"night": number(night), "rows": number(rows), "from": moment(from), "to": moment(to)}}
}

// night runs the pipeline once the warehouse is at rest, and prints what it cost.
func (b *bench) night(ctx context.Context, p *pipeline.Pipeline, name string, rows uint64) (measure.Cost, error) {
	if err := b.settle(ctx); err != nil {
		return measure.Cost{}, err
	}
	var report pipeline.Report
	began := time.Now()
	c, err := b.engine.Measure(ctx, func() (err error) {
		report, err = p.Run(ctx, pipeline.Request{Job: "nightly"})
		return err
	})
	if err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	total := report.Total()
	if report.Status != pipeline.StatusDone || total.Canonical != rows {
		return c, fmt.Errorf("%s: the run is %s, and loaded %d rows of %d", name, report.Status, total.Canonical, rows)
	}
	loaded := c.Wall
	if last := p.Progress.Now(); last.Stage == "refresh" {
		loaded = last.Began.Sub(began)
	}
	b.printf("  %-15s %v  (%s rows; load %.1f s, refresh %.1f s, months: %d)\n",
		name, c, measure.Thousands(rows), loaded.Seconds(), (c.Wall - loaded).Seconds(), report.Months)
	return c, b.check(ctx, name)
}

func (b *bench) pipeline() (*pipeline.Pipeline, error) {
	path := filepath.Join(b.dir, config.FileName)
	if err := os.MkdirAll(filepath.Join(b.dir, "nights"), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, fmt.Appendf(nil, pipelineConfig, b.zone), 0o600); err != nil {
		return nil, err
	}
	c, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	return &pipeline.Pipeline{Config: c, Warehouse: b.engine.Warehouse, Log: zap.NewNop(), Progress: new(pipeline.Progress)}, nil
}

// part is a statement whose rows go into a file.
type part struct {
	statement string
	params    load.Params
}

// write writes the parts' rows, which have the same columns, into one file. They must be as many as promised.
func (b *bench) write(ctx context.Context, name string, rows uint64, parts ...part) (err error) {
	file, err := os.Create(filepath.Join(b.dir, "nights", name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	zipped := gzip.NewWriter(file)
	counted := &lineCounter{out: zipped}
	for i, p := range parts {
		if err := b.copyRows(ctx, counted, p.statement, i == 0, p.params); err != nil {
			return fmt.Errorf("draw %s: %w", name, err)
		}
	}
	if counted.lines != rows+1 {
		return fmt.Errorf("draw %s: the history gives %d rows, not %d: choose a smaller -delta or -old", name, counted.lines-1, rows)
	}
	return zipped.Close()
}

func (b *bench) copyRows(ctx context.Context, out io.Writer, statement string, header bool, params load.Params) (err error) {
	format := "CSV"
	if header {
		format = "CSVWithNames"
	}
	answer, err := b.engine.Warehouse.Query(ctx, format, statement, params)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	_, err = io.Copy(out, answer)
	return err
}

// lineCounter counts the lines that go through it.
type lineCounter struct {
	out   io.Writer
	lines uint64
}

func (c *lineCounter) Write(p []byte) (int, error) {
	c.lines += uint64(bytes.Count(p, []byte{'\n'}))
	return c.out.Write(p)
}
