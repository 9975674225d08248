package intake

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/bench/measure"
)

// format is one in which the awards are delivered.
type format struct {
	name                string
	object              string
	format, compression string  // as ClickHouse calls them
	written             string  // format in which ClickHouse writes it, where that is another
	bar                 float64 // how many times as long as ClickHouse alone the load may take
}

var formats = []format{
	{name: "csv.gz", object: "awards.csv.gz", format: "CSVWithNames", written: "CustomSeparatedWithNames", compression: "gzip", bar: 1},
	{name: "ndjson.gz", object: "awards.ndjson.gz", format: "JSONEachRow", compression: "gzip", bar: 1},
	{name: "parquet", object: "awards.parquet", format: "Parquet", compression: "none", bar: 1.25},
	{name: "quoted.csv.gz", object: "quoted.csv.gz", format: "CSVWithNames", compression: "gzip", bar: 1}, // every text in quotes
}

// peakBar is how many megabytes the program may have.
const peakBar = 256

// round is what one round of a format took.
type round struct {
	alone, facts measure.Cost // ClickHouse alone, into a plain table and into one as the facts are
	ours         execution
	engine       time.Duration // the engine's processor time for ours
}

// Load measures the load of one large object of each format, in rounds, by ClickHouse alone and through the program.
func Load(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench load", flag.ContinueOnError)
	o.flags(flags)
	rows := flags.Uint64("rows", 5_000_000, "awards")
	rounds := flags.Int("rounds", 3, "rounds of each format")
	names := flags.String("formats", "csv.gz,ndjson.gz,parquet", "formats to measure; quoted.csv.gz is the other one")
	if err := parse(flags, args, out); err != nil {
		return err
	}
	if o.quick {
		*rows /= 10
	}
	var chosen []format
	for _, name := range strings.Split(*names, ",") {
		i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
		if i < 0 {
			return fmt.Errorf("-formats %q: there is no %q", *names, name)
		}
		chosen = append(chosen, formats[i])
	}
	if *rounds < 1 || *rows == 0 {
		return fmt.Errorf("-rounds %d, -rows %d: at least one of each is measured", *rounds, *rows)
	}
	return at(ctx, o, out, func(ctx context.Context, s *site) error { return s.load(ctx, chosen, *rows, *rounds) })
}

func (s *site) load(ctx context.Context, formats []format, rows uint64, rounds int) error {
	if err := s.introduce(ctx, "load of "+measure.Thousands(rows)+" awards"); err != nil {
		return err
	}
	err := s.deliver(ctx, rows, func() error {
		for _, f := range formats {
			params := s.params(f)
			if f.written != "" {
				params["format"] = f.written
			}
			if err := s.engine.Execute(ctx, statement("write.sql"), params); err != nil {
				return fmt.Errorf("write %s: %w", f.object, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	results := make([][]round, len(formats))
	for n := range rounds {
		for i, f := range formats {
			r, err := s.round(ctx, f, n%2 == 1)
			if err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			s.printf("  %-9s round %d: alone %.2f s, as facts %.2f s, ours %.2f s (process %.2f s): %.2f times; client %.2f CPU s, %d MB; engine %.1f, %.1f, %.1f CPU s\n",
				f.name, n+1, r.alone.Wall.Seconds(), r.facts.Wall.Seconds(), r.ours.source().Seconds(), r.ours.wall.Seconds(), ratio(r.ours.source(), r.alone.Wall),
				r.ours.cpu.Seconds(), peak(r), r.alone.EngineCPU.Seconds(), r.facts.EngineCPU.Seconds(), r.engine.Seconds())
			results[i] = append(results[i], r)
		}
	}
	s.compare(formats, results)
	if s.profiles == "" {
		return nil
	}
	for _, f := range formats {
		if err := s.profile(ctx, filepath.Join(s.profiles, f.name), inS3(s.store, f.object)); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// params are what the statements of a format need.
func (s *site) params(f format) load.Params {
	return load.Params{
		"url": s.store.Endpoint + "/" + bucket + "/" + f.object, "key": s.store.AccessKey, "secret": s.store.SecretKey,
		"format": f.format, "compression": f.compression,
	}
}

// round measures one format once, in an empty warehouse: ClickHouse alone first, or ours.
func (s *site) round(ctx context.Context, f format, oursFirst bool) (r round, err error) {
	if err := s.empty(ctx); err != nil {
		return r, err
	}
	steps := []func() error{
		func() (err error) {
			r.alone, err = s.alone(ctx, "create_alone.sql", "alone.sql", f)
			return err
		},
		func() (err error) {
			r.facts, err = s.alone(ctx, "create_facts_alone.sql", "facts_alone.sql", f)
			return err
		},
		func() (err error) {
			r.ours, r.engine, err = s.ours(ctx, inS3(s.store, f.object), 1)
			return err
		},
	}
	if oursFirst {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return r, err
		}
	}
	return r, nil
}

// alone measures ClickHouse's own loader into an empty table, which is dropped then.
func (s *site) alone(ctx context.Context, table, insert string, f format) (c measure.Cost, err error) {
	for _, step := range []string{"CREATE DATABASE bench", statement(table)} {
		if err := s.engine.Execute(ctx, step, nil); err != nil {
			return c, err
		}
	}
	if err := s.engine.Settle(ctx); err != nil {
		return c, err
	}
	c, err = s.engine.Measure(ctx, func() error { return s.engine.Execute(ctx, statement(insert), s.params(f)) })
	return c, errors.Join(err, s.engine.Execute(ctx, "DROP DATABASE bench SYNC", nil))
}

// ours measures the program into a warehouse that is empty, and compares what it leaves there with what was drawn.
func (s *site) ours(ctx context.Context, place string, units uint64) (e execution, engine time.Duration, err error) {
	if err := s.engine.Settle(ctx); err != nil {
		return e, 0, err
	}
	if err := s.program.configure(place); err != nil {
		return e, 0, err
	}
	cost, err := s.engine.Measure(ctx, func() (err error) {
		e, err = s.program.run(ctx, s.store, "")
		return err
	})
	if err != nil {
		return e, 0, err
	}
	return e, cost.EngineCPU, s.check(ctx, units)
}

// profile runs the program once more, with profiles.
func (s *site) profile(ctx context.Context, profiles, place string) error {
	if err := s.empty(ctx); err != nil {
		return err
	}
	if err := s.program.configure(place); err != nil {
		return err
	}
	if _, err := s.program.run(ctx, s.store, profiles); err != nil {
		return err
	}
	s.printf("profiles are in %s\n", profiles)
	return s.program.top(ctx, profiles)
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

// peak is the most memory that the program had, in megabytes.
func peak(r round) uint64 { return r.ours.peak >> 20 }

// compare prints the rounds' medians.
func (s *site) compare(formats []format, results [][]round) {
	s.printf("\n")
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "format\tours/alone\trange\tat most\tours/as facts\tCPU\talone s\tas facts s\tours s\tprocess s\tengine CPU s\tas facts\tours\tclient CPU s\tclient MB\t")
	for i, f := range formats {
		list := results[i]
		of := func(what func(round) time.Duration) string {
			return fmt.Sprintf("%.2f", measure.Median(measure.Each(list, what)).Seconds())
		}
		ratios := measure.Each(list, func(r round) float64 { return ratio(r.ours.source(), r.alone.Wall) })
		_, _ = fmt.Fprintln(table, strings.Join([]string{f.name,
			fmt.Sprintf("%.2f", measure.Median(ratios)), fmt.Sprintf("%.2f–%.2f", slices.Min(ratios), slices.Max(ratios)),
			fmt.Sprintf("%.2f: %s", f.bar, measure.Yes(measure.Median(ratios) <= f.bar)),
			fmt.Sprintf("%.2f", measure.Median(measure.Each(list, func(r round) float64 { return ratio(r.ours.source(), r.facts.Wall) }))),
			fmt.Sprintf("%.2f", measure.Median(measure.Each(list, func(r round) float64 { return ratio(r.ours.cpu+r.engine, r.alone.EngineCPU) }))),
			of(func(r round) time.Duration { return r.alone.Wall }), of(func(r round) time.Duration { return r.facts.Wall }),
			of(func(r round) time.Duration { return r.ours.source() }), of(func(r round) time.Duration { return r.ours.wall }),
			of(func(r round) time.Duration { return r.alone.EngineCPU }), of(func(r round) time.Duration { return r.facts.EngineCPU }),
			of(func(r round) time.Duration { return r.engine }), of(func(r round) time.Duration { return r.ours.cpu }),
			strconv.FormatUint(slices.Max(measure.Each(list, peak)), 10),
		}, "\t")+"\t")
	}
	_ = table.Flush()
	most := slices.Max(measure.Each(slices.Concat(results...), peak))
	s.printf("CPU: the processor time of client and engine, to that of ClickHouse alone\n")
	s.printf("the client's peak is %d MB; under %d: %s\n", most, peakBar, measure.Yes(most < peakBar))
}
