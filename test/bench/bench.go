package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
)

// bench is one history's benchmark under way.
type bench struct {
	options
	history   history
	dir       string
	out       io.Writer
	engine    *engine.Engine
	warehouse *load.Warehouse
	result    result
}

// result is what one history's benchmark found.
type result struct {
	awards, months uint64
	fill, first    cost
	nights         []cost
	queries        []timing
	wrong          []error // figures that are wrong, views that cannot be read
}

// benchHistory measures one history in a folder of its own.
func benchHistory(ctx context.Context, o options, out io.Writer, awards uint64, dir string) (r result, err error) {
	b := &bench{options: o, history: newHistory(awards, o.rate, o.zone), dir: dir, out: out}
	b.result.awards, b.result.months = awards, b.history.months
	if b.engine, err = engine.Open(ctx, engine.Options{Dir: filepath.Join(dir, "warehouse")}); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, b.engine.Close()) }()
	if b.warehouse, err = load.Open(b.engine.DSN(), load.WithRevival(b.engine.Ensure)); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	b.printf("\n%s awards, %d months from %s\n", thousands(awards), b.history.months, b.history.from.Format("January 2006"))
	for _, step := range []func(context.Context) error{b.prepare, b.nightly, b.yearBack, b.dashboards} {
		if err := step(ctx); err != nil {
			return r, err
		}
	}
	return b.result, nil
}

func (b *bench) printf(format string, args ...any) { _, _ = fmt.Fprintf(b.out, format, args...) }

// prepare fills the warehouse and computes its figures for the first time.
func (b *bench) prepare(ctx context.Context) (err error) {
	if _, err := b.warehouse.Migrate(ctx, load.Reporting{Timezone: b.zone.String(), Currency: currency}); err != nil {
		return err
	}
	if b.result.fill, err = b.measure(ctx, func() error { return b.fill(ctx) }); err != nil {
		return fmt.Errorf("fill the history: %w", err)
	}
	facts, err := b.ask(ctx, `
		SELECT formatReadableQuantity(a.n), formatReadableQuantity(r.n), formatReadableQuantity(s.n)
		FROM (SELECT count() AS n FROM warehouse.awards) AS a, (SELECT count() AS n FROM warehouse.redemptions) AS r, (SELECT count() AS n FROM warehouse.portal_sessions) AS s`, nil)
	if err != nil {
		return err
	}
	b.printf("  fill            %v  (%s awards, %s redemptions, %s sessions)\n", b.result.fill, facts[0][0], facts[0][1], facts[0][2])
	months := 0
	b.result.first, err = b.measure(ctx, func() (err error) {
		months, err = b.warehouse.Refresh(ctx, uuid.NewString())
		return err
	})
	if err != nil {
		return fmt.Errorf("first refresh: %w", err)
	}
	b.printf("  first refresh   %v  (%d months)\n", b.result.first, months)
	return b.check(ctx, "the first refresh")
}

// check compares figures with sums over the facts.
func (b *bench) check(ctx context.Context, after string) error {
	rows, err := b.ask(ctx, statement("check.sql"), nil)
	if err != nil {
		return fmt.Errorf("check the figures: %w", err)
	}
	for _, row := range rows {
		if row[1] != row[2] {
			err := fmt.Errorf("%s awards, after %s: %s is %s, and %s by the facts", thousands(b.history.awards), after, row[0], row[1], row[2])
			b.printf("  WRONG: %v\n", err)
			b.result.wrong = append(b.result.wrong, err)
		}
	}
	return nil
}

// Merges have settled when there has been none for a while; waiting for that has a bound.
const (
	quietFor   = 2 * time.Second
	settledBy  = 10 * time.Minute
	lookEvery  = 250 * time.Millisecond
	mergesLeft = "SELECT count() FROM system.merges"
)

// settle waits until no merge is under way: a real night begins with a warehouse at rest.
func (b *bench) settle(ctx context.Context) error {
	began := time.Now()
	quiet := began
	for time.Since(quiet) < quietFor {
		rows, err := b.ask(ctx, mergesLeft, nil)
		if err != nil {
			return fmt.Errorf("look for merges: %w", err)
		}
		if rows[0][0] != "0" {
			quiet = time.Now()
		}
		if time.Since(began) > settledBy {
			b.printf("  merges are still under way after %v\n", settledBy)
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(lookEvery):
		}
	}
	return nil
}

// ask reads a statement's answer, every cell as text.
func (b *bench) ask(ctx context.Context, statement string, params load.Params) (rows [][]string, err error) {
	answer, err := b.warehouse.Query(ctx, "TSVRaw", statement, params)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	content, err := io.ReadAll(answer)
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows, nil
}
