package intake

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/partnerplus/warehouse/test/bench/measure"
)

// httpBar is how many times as long as its latency allows an API may take.
const httpBar = 1.3

// HTTP measures the load of an API's pages.
func HTTP(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench http", flag.ContinueOnError)
	o.flags(flags)
	pages := flags.Uint64("pages", 1000, "pages")
	size := flags.Uint64("size", 1000, "records in each")
	latency := flags.Duration("latency", 20*time.Millisecond, "how long the API takes for a request")
	atOnce := flags.Int64("at-once", 10, "requests at once that the API allows")
	parallel := flags.Int("parallel", 10, "pages that the program asks for at once: paging.parallel of its config")
	if err := parse(flags, args, out); err != nil {
		return err
	}
	if o.quick {
		*pages /= 10
	}
	if *pages == 0 || *size == 0 || *atOnce < 1 {
		return fmt.Errorf("-pages %d, -size %d, -at-once %d: at least one of each is measured", *pages, *size, *atOnce)
	}
	return at(ctx, o, out, func(ctx context.Context, s *site) error {
		return s.http(ctx, *pages, *size, *latency, *atOnce, *parallel)
	})
}

func (s *site) http(ctx context.Context, pages, size uint64, latency time.Duration, atOnce int64, parallel int) (err error) {
	what := fmt.Sprintf("%s pages of %s records, %v each, %d at once", measure.Thousands(pages), measure.Thousands(size), latency, atOnce)
	if err := s.introduce(ctx, what); err != nil {
		return err
	}
	a := &api{latency: latency, atOnce: atOnce, total: pages * size}
	if a.pages, err = os.Create(filepath.Join(s.program.dir, "pages")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.pages.Close()) }()
	if err := s.deliver(ctx, a.total, func() error { return s.pieces(ctx, "JSONEachRow", int(size), a.add) }); err != nil {
		return err
	}
	server := httptest.NewServer(a) // on loopback, in this process
	defer server.Close()
	ahead := ""
	if parallel > 1 {
		ahead = fmt.Sprintf(", parallel: %d", parallel)
	}
	place := fmt.Sprintf("http: {url: %q, records: records, paging: {type: page, size: %d, size_param: size, total_path: total%s}}", server.URL+"/awards", size, ahead)
	if err := s.empty(ctx); err != nil {
		return err
	}
	before, err := measure.CPUTime("self")
	if err != nil {
		return err
	}
	e, engine, err := s.ours(ctx, place, 1)
	if err != nil {
		return err
	}
	after, err := measure.CPUTime("self")
	if err != nil {
		return err
	}
	s.printf("  %.2f s (process %.2f s); client %.1f CPU s, %d MB; engine %.1f CPU s; API %.1f CPU s, %d requests, %d refused\n",
		e.source().Seconds(), e.wall.Seconds(), e.cpu.Seconds(), e.peak>>20, engine.Seconds(), (after - before).Seconds(), a.served.Load(), a.refused.Load())
	ratio := e.source().Seconds() / a.bound().Seconds()
	s.printf("%.2f times the latency bound, %.2f s; at most %.1f: %s\n", ratio, a.bound().Seconds(), httpBar, measure.Yes(ratio <= httpBar))
	if s.profiles == "" {
		return nil
	}
	return s.profile(ctx, filepath.Join(s.profiles, "http"), place)
}
