package intake

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/partnerplus/warehouse/test/bench/measure"
)

// unitsBar is how many units a minute are to be loaded.
const unitsBar = 2000

// writers put objects into the S3 server at once.
const writers = 8

// unitsHeader is the first line of each object.
const unitsHeader = "award_id,program_id,org_id,member_id,amount,currency,awarded_at\n"

// Units measures the load of many small objects of one bucket.
func Units(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench units", flag.ContinueOnError)
	o.flags(flags)
	units := flags.Uint64("units", 10_000, "objects")
	rows := flags.Uint64("rows", 100, "awards in each")
	if err := parse(flags, args, out); err != nil {
		return err
	}
	if o.quick {
		*units /= 10
	}
	if *units == 0 || *rows == 0 {
		return fmt.Errorf("-units %d, -rows %d: at least one of each is measured", *units, *rows)
	}
	return at(ctx, o, out, func(ctx context.Context, s *site) error { return s.units(ctx, *units, *rows) })
}

func (s *site) units(ctx context.Context, units, rows uint64) error {
	if err := s.introduce(ctx, fmt.Sprintf("%s objects of %s awards", measure.Thousands(units), measure.Thousands(rows))); err != nil {
		return err
	}
	if err := s.deliver(ctx, units*rows, func() error { return s.putUnits(ctx, int(rows)) }); err != nil {
		return err
	}
	if err := s.empty(ctx); err != nil {
		return err
	}
	place := inS3(s.store, "units/*.csv")
	e, engine, err := s.ours(ctx, place, units)
	if err != nil {
		return err
	}
	perMinute := float64(units) / e.source().Minutes()
	s.printf("  %.1f s (process %.1f s); client %.1f CPU s, %d MB; engine %.1f CPU s\n",
		e.source().Seconds(), e.wall.Seconds(), e.cpu.Seconds(), e.peak>>20, engine.Seconds())
	s.printf("%.0f units a minute; at least %d: %s\n", perMinute, unitsBar, measure.Yes(perMinute >= unitsBar))
	if s.profiles == "" {
		return nil
	}
	return s.profile(ctx, filepath.Join(s.profiles, "units"), place)
}

// putUnits writes what was drawn as objects of some rows each.
func (s *site) putUnits(ctx context.Context, rows int) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	n := 0
	err := s.pieces(ctx, "CSV", rows, func(piece []byte) error {
		object := append([]byte(unitsHeader), piece...)
		key := fmt.Sprintf("units/%06d.csv", n)
		n++
		group.Go(func() error {
			_, err := s.store.Client().PutObject(within, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: bytes.NewReader(object)})
			return err
		})
		return context.Cause(within)
	})
	if failed := group.Wait(); failed != nil {
		return fmt.Errorf("write the objects: %w", failed)
	}
	return err
}
