package extract

import (
	"errors"
	"fmt"
	"time"
)

// WindowSpec splits an API's history into windows, each a unit, up to the one that contains now.
type WindowSpec struct {
	// Every is hour, day, week (from Monday) or month; no windows by default.
	Every string `yaml:"every,omitempty"`
	// Start is the first day of the history, such as 2024-01-01.
	Start string `yaml:"start,omitempty"`
	// End is the last day of the history, for an API that gets no new records; none by default.
	End string `yaml:"end,omitempty"`
	// FromParam is the parameter that carries the window's first instant; "from" by default.
	FromParam string `yaml:"from_param,omitempty"`
	// ToParam is the parameter that carries the first instant after the window; "to" by default.
	ToParam string `yaml:"to_param,omitempty"`
	// In is where FromParam and ToParam go: query, the default, or body; there they are dotted paths in the JSON (a number
	// is the place in a list, as in range.0), or names of a form.
	In string `yaml:"in,omitempty"`
	// Format is iso (the default: 2024-03-01T00:00:00Z), unix (seconds), unix_ms, or a Go layout such as "2006-01-02".
	Format string `yaml:"format,omitempty"`
	// Zone is the IANA zone in which days, weeks and months begin; UTC by default.
	Zone string `yaml:"zone,omitempty"`
	// LookbackDays is how many days after its end a window may still change, and so is read again; 7 by default.
	LookbackDays *int `yaml:"lookback_days,omitempty"`
	// TimePath is the dotted path of a record's own time, iso or as in Format. A record outside of its window fails the
	// unit: the API does not keep to what it was asked.
	TimePath string `yaml:"time_path,omitempty"`
}

// WatermarkSpec asks an API for what is new since the last run, up to a fixed instant, so that a source that moves on
// cannot be read for ever. Each span is a unit.
type WatermarkSpec struct {
	// Start is when the history begins: a day such as 2024-01-01, or an instant such as 2024-01-01T09:00:00Z.
	Start string `yaml:"start,omitempty"`
	// Lookback is how far before the end of the last run the next begins, for records that come late; 1h by default.
	Lookback *time.Duration `yaml:"lookback,omitempty"`
	// Delay is how far before now a run ends, for an API that is not complete up to now; none by default.
	Delay time.Duration `yaml:"delay,omitempty"`
	// AtMost is the longest span that is asked for at once; 24h by default.
	AtMost time.Duration `yaml:"at_most,omitempty"`
	// FromParam is the parameter that carries the span's first instant; "from" by default.
	FromParam string `yaml:"from_param,omitempty"`
	// ToParam is the parameter that carries the first instant after the span; "to" by default.
	ToParam string `yaml:"to_param,omitempty"`
	// In is where FromParam and ToParam go: query, the default, or body, as in a window.
	In string `yaml:"in,omitempty"`
	// Format is iso (the default: 2024-03-01T00:00:00Z), unix (seconds), unix_ms, or a Go layout. Spans begin and end at what
	// it can say.
	Format string `yaml:"format,omitempty"`
	// Zone is the IANA zone in which Start is a day and Format is written; UTC by default.
	Zone string `yaml:"zone,omitempty"`
	// TimePath is the dotted path of the record's time that the API selects by, iso or as in Format. A record outside of
	// its span fails the unit: the API does not keep to what it was asked.
	TimePath string `yaml:"time_path,omitempty"`
}

// Windowed reports whether the source's units are windows of time.
func (s Spec) Windowed() bool { return s.HTTP != nil && s.HTTP.Window.Every != "" }

// Settled reports whether a window ended longer ago than its lookback, so that, once loaded, it need not be read
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

// Begin gives the instant of Start.
func (w WatermarkSpec) Begin() (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, w.Start); err == nil {
		return t.UTC(), nil
	}
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.ParseInLocation(time.DateOnly, w.Start, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a day such as 2024-01-31 nor an instant such as 2024-01-31T09:00:00Z", w.Start)
	}
	return t.UTC(), nil
}

func (w WindowSpec) validate() error {
	if w.Every == "" {
		if w != (WindowSpec{}) {
			return errors.New("http.window.every: missing; it is hour, day, week or month")
		}
		return nil
	}
	err := errors.Join(
		oneOf("http.window.every", w.Every, "hour", "day", "week", "month"),
		oneOf("http.window.in", w.In, "query", "body"),
		layout("http.window.format", w.Format),
	)
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

func (w WatermarkSpec) validate() error {
	if w.Start == "" {
		if w != (WatermarkSpec{}) {
			return errors.New("http.watermark.start: missing; it is when the history begins, such as 2024-01-01")
		}
		return nil
	}
	err := errors.Join(
		oneOf("http.watermark.in", w.In, "query", "body"),
		layout("http.watermark.format", w.Format),
		notNegative("http.watermark.delay", w.Delay),
		notNegative("http.watermark.at_most", w.AtMost),
	)
	if w.Lookback != nil {
		err = errors.Join(err, notNegative("http.watermark.lookback", *w.Lookback))
	}
	if w.AtMost > 0 && w.AtMost < time.Minute {
		err = errors.Join(err, fmt.Errorf("http.watermark.at_most: %s is shorter than a minute", w.AtMost))
	}
	if _, e := time.LoadLocation(w.Zone); e != nil {
		return errors.Join(err, fmt.Errorf("http.watermark.zone: %q: %w", w.Zone, e))
	}
	if _, e := w.Begin(); e != nil {
		err = errors.Join(err, fmt.Errorf("http.watermark.start: %w", e))
	}
	return err
}

// layout refuses a format that is none of the names and no Go layout either: it would write the same text for every time.
func layout(field, value string) error {
	switch value {
	case "", "iso", "unix", "unix_ms":
		return nil
	}
	one := time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)
	if _, err := time.Parse(value, one.Format(value)); err != nil || one.Format(value) == value {
		return fmt.Errorf("%s: %q is none of iso, unix, unix_ms, and no Go layout such as \"2006-01-02\"", field, value)
	}
	return nil
}
