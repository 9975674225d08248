// Package intake measures how fast deliveries come in, through the program as it is shipped: one large object against
// ClickHouse's own loader, many small ones, and the pages of an API.
//
// Engine, S3 server and API are of this machine, so both sides of a ratio have the same processors, files and loopback.
// Rows are drawn in the engine from a seed; after every run the facts and the ledger are compared with what was drawn.
package intake

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/bench/measure"
)

//go:embed sql
var files embed.FS

// statement gives one of the files in sql/.
func statement(name string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		panic("bench: " + err.Error()) // a file of the program itself
	}
	return string(text)
}

// options are what all benchmarks of intake can be told.
type options struct {
	dir, binary, profiles string
	seed, members         uint64
	quick                 bool
}

func (o *options) flags(flags *flag.FlagSet) {
	flags.StringVar(&o.dir, "dir", "", "folder for warehouse and objects; by default the system's temporary folder")
	flags.StringVar(&o.binary, "binary", "", "program to measure; by default it is built from the module of the working folder")
	flags.StringVar(&o.profiles, "pprof", "", "folder for profiles of one more run of each kind, which is not measured")
	flags.Uint64Var(&o.seed, "seed", 1, "what rows are drawn from")
	flags.Uint64Var(&o.members, "members", 300_000, "members")
	flags.BoolVar(&o.quick, "quick", false, "a tenth of the size")
}

// parse reads the flags and prints what they are.
func parse(flags *flag.FlagSet, args []string, out io.Writer) error {
	flags.SetOutput(out)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

// site is where a benchmark works: an engine, an S3 server and the program.
type site struct {
	options
	out     io.Writer
	engine  *measure.Engine
	store   *extracttest.Server
	program program
	truth   []string // what was drawn: see truth.sql
}

// bucket holds all objects.
const bucket = "bench"

// reporting is what the warehouse reports in.
var reporting = load.Reporting{Timezone: "America/New_York", Currency: "USD"}

// at prepares a site, runs a benchmark there and clears it away.
func at(ctx context.Context, o options, out io.Writer, benchmark func(context.Context, *site) error) (err error) {
	dir, err := os.MkdirTemp(o.dir, "partnerplus-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := &site{options: o, out: out}
	if s.program, err = newProgram(ctx, o.binary, dir); err != nil {
		return err
	}
	objects, versions := filepath.Join(dir, "objects"), filepath.Join(dir, "versions")
	if err := errors.Join(os.Mkdir(objects, 0o700), os.Mkdir(versions, 0o700)); err != nil {
		return err
	}
	store, stop, err := extracttest.Serve(ctx, objects, versions)
	if err != nil {
		return fmt.Errorf("the S3 server: %w", err)
	}
	defer stop()
	s.store = store
	if _, err := store.Client().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		return fmt.Errorf("make the bucket: %w", err)
	}
	if s.engine, err = measure.Open(ctx, filepath.Join(dir, warehouseFolder)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.engine.Close()) }()
	return benchmark(ctx, s)
}

func (s *site) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

// introduce prints what is measured on.
func (s *site) introduce(ctx context.Context, what string) error {
	version, err := s.engine.Ask(ctx, "SELECT version()", nil)
	if err != nil {
		return err
	}
	s.printf("%s; seed %d; %d processors, %s, ClickHouse %s\n", what, s.seed, runtime.NumCPU(), runtime.Version(), version[0][0])
	return nil
}

// deliver draws rows into a table of the engine, has them written where sources read them, and drops the table.
func (s *site) deliver(ctx context.Context, rows uint64, write func() error) error {
	steps := []struct {
		sql    string
		params load.Params
	}{
		{"CREATE DATABASE bench", nil},
		{statement("create_drawn.sql"), nil},
		{statement("draw.sql"), load.Params{"rows": number(rows), "members": number(s.members), "seed": number(s.seed)}},
	}
	for _, step := range steps {
		if err := s.engine.Execute(ctx, step.sql, step.params); err != nil {
			return fmt.Errorf("draw the rows: %w", err)
		}
	}
	drawn, err := s.engine.Ask(ctx, statement("truth.sql"), nil)
	if err != nil {
		return fmt.Errorf("add up what was drawn: %w", err)
	}
	s.truth = drawn[0]
	if err := write(); err != nil {
		return err
	}
	return s.engine.Execute(ctx, "DROP DATABASE bench SYNC", nil)
}

// empty makes the warehouse empty.
func (s *site) empty(ctx context.Context) error {
	if err := s.engine.Empty(ctx, reporting); err != nil {
		return fmt.Errorf("empty the warehouse: %w", err)
	}
	return nil
}

// check compares the facts and the ledger with what was drawn.
func (s *site) check(ctx context.Context, units uint64) error {
	facts, err := s.engine.Ask(ctx, statement("facts.sql"), nil)
	if err != nil {
		return fmt.Errorf("add up the facts: %w", err)
	}
	if !slices.Equal(facts[0], s.truth) {
		return fmt.Errorf("the facts are wrong: rows, amount, members and hash are %v, and %v were drawn", facts[0], s.truth)
	}
	ledger, err := s.engine.Ask(ctx, statement("ledger.sql"), nil)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	if want := []string{number(units), number(units), s.truth[0]}; !slices.Equal(ledger[0], want) {
		return fmt.Errorf("the ledger is wrong: units, loaded units and rows are %v, not %v", ledger[0], want)
	}
	return nil
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
