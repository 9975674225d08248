// Package refresh measures whether a refresh costs what changed, or what there is: `make bench-refresh`.
//
// It fills an embedded warehouse with a history of awards, redemptions and portal sessions, and another with one ten
// times as long at the same rate a month. Into each it loads three nights' files of new and corrected rows through the
// whole pipeline, and prints the time from the start of the run to fresh figures; then the time of typical dashboard
// queries. The long history should take no more than 1.5 times as long as the short one.
//
// The figures are compared with sums over the facts after every refresh.
package refresh

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/test/bench/measure"
)

// The sizes that the project promises its speed for. Smaller ones keep the proportions.
const (
	fullRate    = 400_000 // awards a month
	fullMembers = 300_000
	fullDelta   = 100_000 // rows a night
	fullOld     = 1_000   // corrections of a month a year back
	shortMonths = 5       // of the shortest history, where the rate is not given
)

// options are the sizes of one benchmark.
type options struct {
	sizes     []uint64 // awards of each history, ascending
	rate      uint64   // awards a month
	members   uint64
	delta     uint64 // rows a night
	old       uint64
	nights    uint64
	asked     uint64 // times that each query of a dashboard is asked
	zone      *time.Location
	randomIDs bool
	dir       string // for the warehouses; an own one in the system's temporary folder by default
	keep      bool
}

func parse(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench refresh", flag.ContinueOnError)
	flags.SetOutput(out)
	quick := flags.Bool("quick", false, "a tenth of the usual size: -awards 200000,2000000")
	awards := flags.String("awards", "2000000,20000000", "awards of each history")
	zone := flags.String("zone", "America/New_York", "reporting zone")
	flags.Uint64Var(&o.rate, "rate", 0, "awards a month; by default 400,000, or less where the shortest history would not have 5 months")
	flags.Uint64Var(&o.members, "members", 0, "members; by default in proportion to the rate, as the next two")
	flags.Uint64Var(&o.delta, "delta", 0, "new and corrected rows a night")
	flags.Uint64Var(&o.old, "old", 0, "corrections of a month a year back")
	flags.Uint64Var(&o.nights, "nights", 3, "nights to measure")
	flags.Uint64Var(&o.asked, "asked", 5, "how often each query of a dashboard is asked")
	flags.BoolVar(&o.randomIDs, "random-ids", false, "awards and redemptions have ids without order, as UUIDs are")
	flags.StringVar(&o.dir, "dir", "", "folder for the warehouses, 5 GB for 20 million awards; by default the system's temporary folder")
	flags.BoolVar(&o.keep, "keep", false, "leave the warehouses there")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if *quick {
		*awards = "200000,2000000"
	}
	for _, text := range strings.Split(*awards, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 1000 {
			return o, fmt.Errorf("-awards %q: %q is not a number from 1000 on", *awards, text)
		}
		o.sizes = append(o.sizes, n)
	}
	slices.Sort(o.sizes)
	if o.nights == 0 {
		return o, errors.New("-nights 0: at least one is measured")
	}
	if o.asked == 0 {
		return o, errors.New("-asked 0: each query is asked at least once")
	}
	var err error
	if o.zone, err = time.LoadLocation(*zone); err != nil {
		return o, fmt.Errorf("-zone: %w", err)
	}
	setDefault(&o.rate, min(fullRate, o.sizes[0]/shortMonths))
	for size, full := range map[*uint64]uint64{&o.members: fullMembers, &o.delta: fullDelta, &o.old: fullOld} {
		setDefault(size, max(full*o.rate/fullRate, 10))
	}
	return o, nil
}

func setDefault(size *uint64, to uint64) {
	if *size == 0 {
		*size = to
	}
}

// Run measures every history and prints the comparison. It fails where a figure is wrong, however slow all was.
func Run(ctx context.Context, args []string, out io.Writer) (err error) {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.dir, "partnerplus-bench-")
	if err != nil {
		return err
	}
	if o.keep {
		_, _ = fmt.Fprintln(out, "warehouses stay in", dir)
	} else {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	ids := "ascending"
	if o.randomIDs {
		ids = "random"
	}
	_, _ = fmt.Fprintf(out, "%d processors; %s awards a month, %s members, %s rows a night, %s ids, zone %s\n",
		runtime.NumCPU(), measure.Thousands(o.rate), measure.Thousands(o.members), measure.Thousands(o.delta), ids, o.zone)
	var results []result
	var wrong []error
	for _, awards := range o.sizes {
		r, err := benchHistory(ctx, o, out, awards, filepath.Join(dir, strconv.FormatUint(awards, 10)))
		if err != nil {
			return fmt.Errorf("%s awards: %w", measure.Thousands(awards), err)
		}
		results = append(results, r)
		wrong = append(wrong, r.wrong...)
	}
	printTable(out, results)
	return errors.Join(wrong...)
}
