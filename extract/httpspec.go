package extract

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// HTTPSpec is an API that answers with JSON. It has one unit per window, or one named "all" without windows.
type HTTPSpec struct {
	// URL is the address, without the parameters that Query, Paging and Window add.
	URL string `yaml:"url" secret:"address"`
	// Method is GET, the default, or POST. Only a GET is repeated when it fails.
	Method string `yaml:"method,omitempty"`
	// Headers are sent with every request, but never to another host.
	Headers map[string]string `yaml:"headers,omitempty" secret:"named"`
	// BearerToken is sent as Authorization: Bearer …, best given as ${ENV}.
	BearerToken string `yaml:"bearer_token,omitempty" secret:"true"`
	// Query holds parameters that every request has.
	Query map[string]string `yaml:"query,omitempty" secret:"named"`
	// Records is the dotted path of the array of records in the answer, such as data.items; the answer itself is
	// the array by default.
	Records string `yaml:"records,omitempty"`
	// Paging says how an answer's next page is asked for.
	Paging PagingSpec `yaml:"paging,omitempty"`
	// Window splits the API's history into units by time.
	Window WindowSpec `yaml:"window,omitempty"`
	// Timeout bounds how long a request may make no progress: until its answer begins, and between any two reads
	// of it; 60s by default.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// MaxRetries is how often a request is repeated after a failure that may pass; 4 by default.
	MaxRetries *int `yaml:"max_retries,omitempty"`
}

// PagingSpec says how an API is paged.
type PagingSpec struct {
	// Type is none (the default), page (a page number), offset (a record number), cursor (a token out of the last
	// answer) or next_link (an address out of the last answer).
	Type string `yaml:"type,omitempty"`
	// Param is the parameter that carries the page, the offset or the cursor; named like the type by default.
	Param string `yaml:"param,omitempty"`
	// SizeParam is the parameter that carries Size.
	SizeParam string `yaml:"size_param,omitempty"`
	// Size is how many records a page is asked for. An API that gives fewer is still read to its end.
	Size int `yaml:"size,omitempty"`
	// Start is the first page (1 by default) or offset (0 by default).
	Start *int `yaml:"start,omitempty"`
	// CursorPath is the dotted path of the next cursor in the answer. Null, empty or missing ends the pages.
	CursorPath string `yaml:"cursor_path,omitempty"`
	// NextPath is the dotted path of the next page's address in the answer; the Link header by default.
	NextPath string `yaml:"next_path,omitempty"`
	// TotalPath is the dotted path of the number of records that the API promises for the unit. A unit with any
	// other number of records fails.
	TotalPath string `yaml:"total_path,omitempty"`
}

// WindowSpec splits an API's history into windows, each a unit, up to the one that contains now.
type WindowSpec struct {
	// Every is day or month; no windows by default.
	Every string `yaml:"every,omitempty"`
	// Start is the first day of the history, such as 2024-01-01.
	Start string `yaml:"start,omitempty"`
	// End is the last day of the history, for an API that gets no new records; none by default.
	End string `yaml:"end,omitempty"`
	// FromParam is the parameter that carries the window's first instant; "from" by default.
	FromParam string `yaml:"from_param,omitempty"`
	// ToParam is the parameter that carries the first instant after the window; "to" by default.
	ToParam string `yaml:"to_param,omitempty"`
	// Format is iso (the default: 2024-03-01T00:00:00Z), unix (seconds), or a Go layout such as "2006-01-02".
	Format string `yaml:"format,omitempty"`
	// Zone is the IANA zone in which days and months begin; UTC by default.
	Zone string `yaml:"zone,omitempty"`
	// LookbackDays is how many days after its end a window may still change, and so is read again; 7 by default.
	LookbackDays *int `yaml:"lookback_days,omitempty"`
}

// Windowed reports whether the source's units are windows of time.
func (s Spec) Windowed() bool { return s.HTTP != nil && s.HTTP.Window.Every != "" }

// Settled reports whether a window or a span ended longer ago than its lookback, so that, once loaded, it need not be read
// again. A unit of any other source is judged by its version, and never settled.
func (s Spec) Settled(unit Unit, now time.Time) bool {
	if s.Postgres != nil {
		return s.Postgres.settled(unit, now)
	}
	if !s.Windowed() || unit.To.IsZero() {
		return false
	}
	days := 7
	if d := s.HTTP.Window.LookbackDays; d != nil {
		days = *d
	}
	return unit.To.AddDate(0, 0, days).Before(now)
}

func (h HTTPSpec) validate() error {
	err := errors.Join(
		required("http.url", h.URL),
		oneOf("http.method", h.Method, "GET", "POST"),
		h.Paging.validate(),
		h.Window.validate(),
	)
	if h.URL != "" {
		err = errors.Join(err, address("http.url", h.URL))
	}
	if h.Timeout < 0 {
		err = errors.Join(err, fmt.Errorf("http.timeout: %s is negative", h.Timeout))
	}
	if h.MaxRetries != nil && *h.MaxRetries < 0 {
		err = errors.Join(err, fmt.Errorf("http.max_retries: %d is negative", *h.MaxRetries))
	}
	for name := range h.Headers {
		if h.BearerToken != "" && strings.EqualFold(name, "Authorization") {
			err = errors.Join(err, errors.New("http.headers: Authorization is set by http.bearer_token already"))
		}
	}
	return err
}

func (p PagingSpec) validate() error {
	err := oneOf("http.paging.type", p.Type, "none", "page", "offset", "cursor", "next_link")
	if p.Type == "cursor" {
		err = errors.Join(err, required("http.paging.cursor_path", p.CursorPath))
	}
	if p.Size < 0 {
		err = errors.Join(err, fmt.Errorf("http.paging.size: %d is negative", p.Size))
	}
	if p.SizeParam != "" && p.Size == 0 {
		err = errors.Join(err, fmt.Errorf("http.paging.size: missing, but size_param is %q", p.SizeParam))
	}
	return err
}

func (w WindowSpec) validate() error {
	if w.Every == "" {
		if w != (WindowSpec{}) {
			return errors.New("http.window.every: missing; it is day or month")
		}
		return nil
	}
	err := oneOf("http.window.every", w.Every, "day", "month")
	if _, e := time.Parse(time.DateOnly, w.Start); e != nil {
		err = errors.Join(err, fmt.Errorf("http.window.start: %q is not a date such as 2024-01-31", w.Start))
	}
	if _, e := time.Parse(time.DateOnly, w.End); w.End != "" && e != nil {
		err = errors.Join(err, fmt.Errorf("http.window.end: %q is not a date such as 2024-01-31", w.End))
	} else if w.End != "" && w.End < w.Start {
		err = errors.Join(err, fmt.Errorf("http.window.end: %s is before http.window.start, %s", w.End, w.Start))
	}
	if _, e := time.LoadLocation(w.Zone); e != nil {
		err = errors.Join(err, fmt.Errorf("http.window.zone: %q: %w", w.Zone, e))
	}
	if w.LookbackDays != nil && *w.LookbackDays < 0 {
		err = errors.Join(err, fmt.Errorf("http.window.lookback_days: %d is negative", *w.LookbackDays))
	}
	return err
}
