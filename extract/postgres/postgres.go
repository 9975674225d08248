// Package postgres reads units from a query on a PostgreSQL database: a unit per span of a watermark column, or one for
// everything.
//
// A unit is read in one read-only transaction that sees one state of the database, through a cursor, so that neither
// side holds more than a fetch of rows. Where the connection breaks, the unit is read again from its start: rows that
// were given out already must come again as they were, else the unit has changed.
//
// It must not know what the rows mean.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/postgres/placeholder"
)

// everything is the unit of a query without a watermark.
const everything = "all"

const (
	defaultFetch   = 10_000
	defaultTimeout = 5 * time.Minute
)

// Source is a query.
type Source struct {
	name    string
	spec    extract.PostgresSpec
	query   placeholder.Query
	newest  string     // the query for the watermark's newest value; empty where the clock tells
	mark    *watermark // nil without one
	config  *pgconn.Config
	fetch   int
	timeout time.Duration
	secrets []string
	options extract.Options
}

var _ extract.Incremental = (*Source)(nil)

// Open gives the source of a valid spec. It does not connect.
func Open(name string, spec extract.PostgresSpec, options extract.Options) (*Source, error) {
	s := &Source{name: name, spec: spec, fetch: spec.Fetch, timeout: spec.Timeout, options: options}
	fail := func(err error) (*Source, error) { return nil, s.fail("open", "", err) }
	if s.fetch == 0 {
		s.fetch = defaultFetch
	}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	var err error
	if s.query, err = placeholder.Translate(spec.Query, extract.PlaceholderFrom, extract.PlaceholderTo); err != nil {
		return fail(fmt.Errorf("postgres.query: %w", err))
	}
	if spec.Watermark != nil {
		if s.mark, err = newWatermark(*spec.Watermark); err != nil {
			return fail(err)
		}
		if spec.Watermark.Newest != "" {
			newest, err := placeholder.Translate(spec.Watermark.Newest)
			if err != nil {
				return fail(fmt.Errorf("postgres.watermark.newest: %w", err))
			}
			s.newest = newest.Text
		}
	}
	if s.config, err = configure(spec.DSN); err != nil {
		return fail(err)
	}
	s.secrets = secrets(s.config, spec.DSN)
	return s, nil
}

// Units implements extract.Source.
func (s *Source) Units(ctx context.Context, within extract.Range) ([]extract.Unit, error) {
	if ctx.Err() != nil {
		return nil, s.fail("list", "", context.Cause(ctx))
	}
	if s.mark == nil {
		return []extract.Unit{{Name: everything, Size: -1}}, nil
	}
	end, ok, err := s.end(ctx)
	if err != nil || !ok {
		return nil, s.fail("list", "", err)
	}
	units, err := s.mark.units(s.mark.start, end)
	if err != nil {
		return nil, s.fail("list", "", err)
	}
	return extract.Within(units, within), nil
}

// UnitsSince implements extract.Incremental. The cursor is where the listing ended; it goes back where the newest value
// does, so that what fills the gap is not passed over.
func (s *Source) UnitsSince(ctx context.Context, cursor string) ([]extract.Unit, string, error) {
	if s.mark == nil {
		units, err := s.Units(ctx, extract.Range{})
		return units, "", err
	}
	fail := func(err error) ([]extract.Unit, string, error) { return nil, "", s.fail("list", "", err) }
	if ctx.Err() != nil {
		return fail(context.Cause(ctx))
	}
	from := s.mark.start
	var last int64
	if cursor != "" {
		var err error
		if last, err = s.mark.parseCursor(cursor); err != nil {
			return fail(err)
		}
	}
	end, ok, err := s.end(ctx)
	switch {
	case err != nil:
		return fail(err)
	case !ok:
		return nil, cursor, nil
	case cursor != "":
		from = max(from, min(last, end)-s.mark.back)
	}
	units, err := s.mark.units(from, end)
	if err != nil {
		return fail(err)
	}
	return units, s.mark.cursor(end), nil
}

// Open implements extract.Source. It connects with the first Next.
func (s *Source) Open(ctx context.Context, unit extract.Unit) (extract.Reader, error) {
	if ctx.Err() != nil {
		return nil, s.fail("open", unit.Name, context.Cause(ctx))
	}
	r, err := s.reader(ctx, unit)
	if err != nil {
		return nil, s.fail("open", unit.Name, err)
	}
	return r, nil
}

var errOther = errors.New("the unit was not listed by this source")

func (s *Source) reader(ctx context.Context, unit extract.Unit) (*reader, error) {
	if s.mark == nil {
		if unit.Name != everything {
			return nil, errOther
		}
		return newReader(ctx, s, unit, span{}), nil
	}
	of, err := s.mark.parse(unit.Name)
	if err != nil {
		return nil, errOther
	}
	return newReader(ctx, s, unit, of), nil
}

// Check begins to read the last unit, without taking a row.
func (s *Source) Check(ctx context.Context) error {
	unit := extract.Unit{Name: everything}
	of := span{}
	if s.mark != nil {
		units, err := s.Units(ctx, extract.Range{})
		if err != nil {
			return err
		}
		of = span{s.mark.start, s.mark.start}
		if len(units) > 0 {
			unit = units[len(units)-1]
			if of, err = s.mark.parse(unit.Name); err != nil {
				return s.fail("open", unit.Name, err)
			}
		}
	}
	r := newReader(ctx, s, unit, of)
	err := r.check(ctx)
	return errors.Join(err, r.Close())
}

// Close implements extract.Source.
func (s *Source) Close() error { return nil }
