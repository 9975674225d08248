// Package httpapi reads units from an API that answers with JSON, page by page: a unit per window of time, or one
// for everything.
//
// It must not know what the records mean; extract/format turns them into rows.
package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/wire"
)

// everything is the unit of an API without windows.
const everything = "all"

// Source is an API.
type Source struct {
	name    string
	spec    extract.HTTPSpec
	format  extract.FormatSpec
	url     *url.URL
	zone    *time.Location
	start   time.Time
	end     time.Time // no window begins after it; zero for none
	client  *http.Client
	retries int
	secrets []string
	options extract.Options
}

var _ extract.Source = (*Source)(nil)

// Open gives the source of a valid spec. It does not connect.
func Open(name string, spec extract.HTTPSpec, f extract.FormatSpec, options extract.Options) (*Source, error) {
	s := &Source{name: name, spec: spec, format: f, options: options, secrets: secrets(spec), retries: options.Attempts - 1}
	fail := func(err error) (*Source, error) { return nil, s.fail("open", "", err) }
	var err error
	if s.url, err = url.Parse(spec.URL); err != nil {
		return fail(errors.New("http.url is not an address")) // the cause would repeat it, with its secrets
	}
	if s.zone, err = time.LoadLocation(spec.Window.Zone); err != nil {
		return fail(err)
	}
	if spec.Window.Every != "" {
		if s.start, err = time.ParseInLocation(time.DateOnly, spec.Window.Start, s.zone); err != nil {
			return fail(err)
		}
	}
	if spec.Window.End != "" {
		if s.end, err = time.ParseInLocation(time.DateOnly, spec.Window.End, s.zone); err != nil {
			return fail(err)
		}
	}
	if spec.Timeout > 0 {
		s.options.Idle = spec.Timeout
	}
	if spec.MaxRetries != nil {
		s.retries = *spec.MaxRetries
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	wire.Bound(transport, s.options.Idle)
	transport.DisableCompression = true // fetch does it, and so counts what is received
	s.client = &http.Client{Transport: transport, CheckRedirect: s.redirect}
	return s, nil
}

// Units implements extract.Source. It asks nobody: the windows follow from the clock.
func (s *Source) Units(ctx context.Context, within extract.Range) ([]extract.Unit, error) {
	if ctx.Err() != nil {
		return nil, s.fail("list", "", context.Cause(ctx))
	}
	if s.spec.Window.Every == "" {
		return []extract.Unit{{Name: everything, Size: -1}}, nil
	}
	layout, months, days := "2006-01", 1, 0
	first := time.Date(s.start.Year(), s.start.Month(), 1, 0, 0, 0, 0, s.zone)
	if s.spec.Window.Every == "day" {
		layout, months, days, first = time.DateOnly, 0, 1, s.start
	}
	// every window is counted from the first, so that a midnight that a zone leaves out moves no other
	date := func(i int) time.Time {
		return time.Date(first.Year(), first.Month()+time.Month(i*months), first.Day()+i*days, 0, 0, 0, 0, time.UTC)
	}
	last := s.options.Now()
	if !s.end.IsZero() && s.end.Before(last) {
		last = s.end
	}
	var units []extract.Unit
	for i := 0; ; i++ {
		from, to := midnight(date(i), s.zone), midnight(date(i+1), s.zone)
		if from.After(last) {
			break
		}
		units = append(units, extract.Unit{Name: date(i).Format(layout), Size: -1, From: from.UTC(), To: to.UTC()})
	}
	extract.Arrange(units)
	return extract.Within(units, within), nil
}

// midnight is when a date begins in a zone; where its clocks skip midnight, at one o'clock.
func midnight(date time.Time, zone *time.Location) time.Time {
	year, month, day := date.Date()
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if t.Day() != day {
		t = time.Date(year, month, day, 1, 0, 0, 0, zone)
	}
	return t
}

// Open implements extract.Source. The first page is asked for with the first Next.
func (s *Source) Open(ctx context.Context, unit extract.Unit) (extract.Reader, error) {
	if ctx.Err() != nil {
		return nil, s.fail("open", unit.Name, context.Cause(ctx))
	}
	if windowed := s.spec.Window.Every != ""; windowed == unit.From.IsZero() || windowed == unit.To.IsZero() {
		return nil, s.fail("open", unit.Name, errors.New("the unit was not listed by this source"))
	}
	return newReader(ctx, s, unit), nil
}

// Check asks for the beginning of the last unit.
func (s *Source) Check(ctx context.Context) error {
	units, err := s.Units(ctx, extract.Range{})
	if err != nil || len(units) == 0 {
		return err
	}
	r, err := s.Open(ctx, units[len(units)-1])
	if err != nil {
		return err
	}
	batch, err := r.Next(ctx)
	if err == nil {
		batch.Record.Release()
	}
	if err == io.EOF {
		err = nil
	}
	return errors.Join(err, r.Close())
}

// Close implements extract.Source.
func (s *Source) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// address is where the unit's first page is.
func (s *Source) address(unit extract.Unit) *url.URL {
	u := *s.url
	query := u.Query()
	for name, value := range s.spec.Query {
		query.Set(name, value)
	}
	if w := s.spec.Window; w.Every != "" {
		query.Set(or(w.FromParam, "from"), instant(unit.From.In(s.zone), w.Format))
		query.Set(or(w.ToParam, "to"), instant(unit.To.In(s.zone), w.Format))
	}
	u.RawQuery = query.Encode()
	return &u
}

func instant(t time.Time, layout string) string {
	switch layout {
	case "", "iso":
		return t.Format(time.RFC3339)
	case "unix":
		return strconv.FormatInt(t.Unix(), 10)
	}
	return t.Format(layout)
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
