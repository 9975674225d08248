// Package httpapi reads units from an API that answers with JSON, page by page, or from an address that serves a file of
// another format: a unit per window of time, per span with a watermark, or one for everything.
//
// Whatever a server does wrong ends the unit with an error: loops, promises that do not hold, answers that are cut
// short, trickle or never end, and redirects to strangers, who get no secret.
//
// It must not know what the records mean; extract/format turns them into rows.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
	"github.com/partnerplus/warehouse/extract/wire"
)

const (
	// everything is the unit of an API without windows.
	everything = "all"
	// pageTimeout bounds the wait for a page, fileTimeout that for a file, unitDeadline a unit as a whole.
	pageTimeout  = 5 * time.Minute
	fileTimeout  = 6 * time.Hour
	unitDeadline = 12 * time.Hour
)

// Source is an API.
type Source struct {
	name     string
	spec     extract.HTTPSpec
	format   extract.FormatSpec
	file     *format.Format // of the file that the address serves; nil for pages of JSON
	template *template
	zone     *time.Location
	start    time.Time // of windows or of the watermark
	last     time.Time // no window begins after it; zero for none
	client   *http.Client
	limit    *limiter
	tokens   *tokens // nil without OAuth2
	retries  int
	whole    time.Duration // how long is waited for an answer
	deadline time.Duration // of a unit
	secrets  []string
	options  extract.Options
}

var _ extract.Source = (*Source)(nil)

// Open gives the source of a valid spec, an extract.Incremental if it has a watermark. It does not connect.
func Open(name string, spec extract.HTTPSpec, f extract.FormatSpec, options extract.Options) (extract.Source, error) {
	if spec.BearerToken != "" {
		spec.Auth.Bearer = spec.BearerToken
	}
	if spec.Timeout > 0 {
		options.Idle = spec.Timeout
	}
	s := &Source{
		name: name, spec: spec, format: f, options: options, secrets: secrets(spec), retries: options.Attempts - 1,
		limit: newLimiter(spec.Rate, options), whole: spec.RequestTimeout, deadline: spec.Deadline,
	}
	if spec.MaxRetries != nil {
		s.retries = *spec.MaxRetries
	}
	if s.deadline == 0 {
		s.deadline = unitDeadline
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	wire.Bound(transport, s.options.Idle)
	transport.MaxIdleConnsPerHost = transport.MaxIdleConns // the host is one and the same
	transport.DisableCompression = true                    // what is received is counted before it is unpacked
	s.client = &http.Client{Transport: transport, CheckRedirect: s.redirect}
	if err := s.settle(transport); err != nil {
		return nil, s.fail("open", "", err)
	}
	if spec.Watermark.Start != "" {
		return watermarked{s}, nil
	}
	return s, nil
}

// settle works out what follows from the spec.
func (s *Source) settle(transport http.RoundTripper) error {
	address, err := url.Parse(s.spec.URL)
	if err != nil {
		return errors.New("http.url is not an address") // the cause would repeat it, with its secrets
	}
	if s.zone, err = time.LoadLocation(or(s.spec.Window.Zone, s.spec.Watermark.Zone)); err != nil {
		return err
	}
	if s.template, err = newTemplate(s.spec, address, s.zone); err != nil {
		return err
	}
	if w := s.spec.Window; w.Every != "" {
		if s.start, err = time.ParseInLocation(time.DateOnly, w.Start, s.zone); err != nil {
			return err
		}
		if w.End != "" {
			if s.last, err = time.ParseInLocation(time.DateOnly, w.End, s.zone); err != nil {
				return err
			}
			if w.Every == "hour" {
				s.last = midnight(s.last.AddDate(0, 0, 1), s.zone).Add(-time.Nanosecond)
			}
		}
	}
	if w := s.spec.Watermark; w.Start != "" {
		if s.start, err = w.Begin(); err != nil {
			return err
		}
		s.start = s.sayable(s.start)
	}
	if spec := s.spec.Auth.OAuth2; spec != nil {
		if s.tokens, err = newTokens(*spec, s.options, s.retries, transport); err != nil {
			return err
		}
	}
	return s.settleFormat(address)
}

// settleFormat goes by the spec, then by the address's name. An address that tells nothing is one of JSON.
func (s *Source) settleFormat(address *url.URL) error {
	f, err := format.For(s.format, path.Base(address.Path))
	if err != nil && s.format.Type != "" {
		return err
	}
	file := err == nil && (f.Type != "json" || f.Compression != "none")
	if s.whole == 0 {
		s.whole = pageTimeout
		if file {
			s.whole = fileTimeout
		}
	}
	if !file {
		s.spec.Records = or(s.spec.Records, s.format.Records)
		return nil
	}
	s.file = &f
	for field, set := range map[string]bool{
		"paging":              s.spec.Paging != extract.PagingSpec{},
		"records":             s.spec.Records != "",
		"failure":             s.spec.Failure.Path != "",
		"empty":               s.spec.Empty.Path != "",
		"window.time_path":    s.spec.Window.TimePath != "",
		"watermark.time_path": s.spec.Watermark.TimePath != "",
	} {
		if set {
			return fmt.Errorf("http.%s is for pages of JSON, but %s is a %s; set format.type to json if it is not",
				field, path.Base(address.Path), f.Type)
		}
	}
	return nil
}

// Open implements extract.Source. Nothing is asked for before the first Next.
func (s *Source) Open(ctx context.Context, unit extract.Unit) (extract.Reader, error) {
	if ctx.Err() != nil {
		return nil, s.fail("open", unit.Name, context.Cause(ctx))
	}
	if timed := !s.start.IsZero(); timed == unit.From.IsZero() || timed == unit.To.IsZero() {
		return nil, s.fail("open", unit.Name, errors.New("the unit was not listed by this source"))
	}
	if s.file != nil {
		return newFileReader(ctx, s, unit), nil
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

var errDeadline = errors.New("the unit is not read within http.deadline")

// lifetime is the context of a reader: it outlives the call that opened it, but not the deadline.
func (s *Source) lifetime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(context.WithoutCancel(ctx), s.deadline, fmt.Errorf("%w, %s", errDeadline, s.deadline))
}

// delivered is when the answer says that its content changed last, or else when it was given.
func (s *Source) delivered(h http.Header) time.Time {
	for _, name := range []string{"Last-Modified", "Date"} {
		if t, err := http.ParseTime(h.Get(name)); err == nil {
			return t.UTC()
		}
	}
	return s.options.Now().UTC().Truncate(time.Microsecond)
}
