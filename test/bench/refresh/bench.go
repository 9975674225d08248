package refresh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/bench/measure"
)

// bench is one history's benchmark under way.
type bench struct {
	options
	history history
	dir     string
	out     io.Writer
	engine  *measure.Engine
	result  result
}

// result is what one history's benchmark found.
type result struct {
	awards, months uint64
	fill, first    measure.Cost
	nights         []measure.Cost
	queries        []timing
	wrong          []error // figures that are wrong, views that cannot be read
}

// benchHistory measures one history in a folder of its own.
func benchHistory(ctx context.Context, o options, out io.Writer, awards uint64, dir string) (r result, err error) {
	b := &bench{options: o, history: newHistory(awards, o.rate, o.zone), dir: dir, out: out}
	b.result.awards, b.result.months = awards, b.history.months
	if b.engine, err = measure.Open(ctx, filepath.Join(dir, "warehouse")); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, b.engine.Close()) }()
	b.printf("\n%s awards, %d months from %s\n", measure.Thousands(awards), b.history.months, b.history.from.Format("January 2006"))
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
	if _, err := b.engine.Warehouse.Migrate(ctx, load.Reporting{Timezone: b.zone.String(), Currency: currency}); err != nil {
		return err
	}
	if b.result.fill, err = b.engine.Measure(ctx, func() error { return b.fill(ctx) }); err != nil {
		return fmt.Errorf("fill the history: %w", err)
	}
	facts, err := b.engine.Ask(ctx, `
		SELECT formatReadableQuantity(a.n), formatReadableQuantity(r.n), formatReadableQuantity(s.n)
		FROM (SELECT count() AS n FROM warehouse.awards) AS a, (SELECT count() AS n FROM warehouse.redemptions) AS r, (SELECT count() AS n FROM warehouse.portal_sessions) AS s`, nil)
	if err != nil {
		return err
	}
	b.printf("  fill            %v  (%s awards, %s redemptions, %s sessions)\n", b.result.fill, facts[0][0], facts[0][1], facts[0][2])
	months := 0
	b.result.first, err = b.engine.Measure(ctx, func() (err error) {
		months, err = b.engine.Warehouse.Refresh(ctx, uuid.NewString())
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
	rows, err := b.engine.Ask(ctx, statement("check.sql"), nil)
	if err != nil {
		return fmt.Errorf("check the figures: %w", err)
	}
	for _, row := range rows {
		if row[1] != row[2] {
			err := fmt.Errorf("%s awards, after %s: %s is %s, and %s by the facts", measure.Thousands(b.history.awards), after, row[0], row[1], row[2])
			b.printf("  WRONG: %v\n", err)
			b.result.wrong = append(b.result.wrong, err)
		}
	}
	return nil
}

// settle waits until the warehouse is at rest, as far as that can be waited for.
func (b *bench) settle(ctx context.Context) error {
	err := b.engine.Settle(ctx)
	if errors.Is(err, measure.ErrBusy) {
		b.printf("  %v\n", err)
		return nil
	}
	return err
}
