package extract

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract/postgres/placeholder"
)

// PostgresSpec is a query on a PostgreSQL database. It has one unit per span of its watermark, or one named "all"
// without one.
type PostgresSpec struct {
	// DSN says where the database is, such as postgres://user:${PASSWORD}@host:5432/shop?sslmode=verify-full, or
	// host=… user=… as libpq takes it. Best given as ${ENV} as a whole.
	DSN string `yaml:"dsn" secret:"address"`
	// Query is one SELECT. With a watermark it takes the rows of a span, such as WHERE changed_at > $from AND
	// changed_at <= $to. It should end in an ORDER BY that leaves no row's place open.
	Query string `yaml:"query"`
	// Watermark splits the rows into units by a column that grows; none by default: every run reads everything.
	Watermark *PostgresWatermark `yaml:"watermark,omitempty"`
	// Fetch is how many rows are asked for at once; 10000 by default.
	Fetch int `yaml:"fetch,omitempty"`
	// Timeout bounds how long the server may take until it has the rows of one fetch; 5m by default.
	Timeout time.Duration `yaml:"timeout,omitempty"`
}

// PostgresWatermark splits a table's history into spans, each a unit, up to what is there now. A listing goes on from where
// the last one ended, less what may have come late since.
type PostgresWatermark struct {
	// Type is timestamp, for a column that says when a row changed, or integer, for one that numbers rows that never
	// change.
	Type string `yaml:"type"`
	// Start is where the history begins: a date or time such as 2024-01-01 or 2024-01-01T06:00:00Z; for integers the
	// number before the first, 0 by default.
	Start string `yaml:"start,omitempty" jsonschema:"oneof_type=string;integer"`
	// Newest is a query for the newest value there is, such as SELECT max(id) FROM orders. An integer needs it; for a
	// timestamp the server's own clock tells by default, on a standby the time up to which it is current.
	Newest string `yaml:"newest,omitempty"`
	// Zone is the IANA zone of a timestamp column without one; UTC by default.
	Zone string `yaml:"zone,omitempty"`
	// AtMost is the longest span of a timestamp; 24h by default.
	AtMost time.Duration `yaml:"at_most,omitempty"`
	// Lookback is how long after its timestamp a row may become visible, in transactions that take long: so much is read
	// again; 1h by default.
	Lookback *time.Duration `yaml:"lookback,omitempty"`
	// Delay keeps a span's end this far from now; none by default.
	Delay time.Duration `yaml:"delay,omitempty"`
	// Step is the longest span of integers; 100000 by default.
	Step int64 `yaml:"step,omitempty"`
	// Overlap is how many numbers before the last end are read again: rows may become visible out of their order; 10000
	// by default.
	Overlap *int64 `yaml:"overlap,omitempty"`
}

// Watermark types.
const (
	WatermarkTimestamp = "timestamp"
	WatermarkInteger   = "integer"
)

// Placeholders of a query with a watermark.
const (
	PlaceholderFrom = "from"
	PlaceholderTo   = "to"
)

const (
	defaultAtMost   = 24 * time.Hour
	defaultLookback = time.Hour
	defaultStep     = 100_000
	defaultOverlap  = 10_000
	shortestSpan    = time.Minute
	// repeated is how much of the clock a zone repeats in autumn.
	repeated = time.Hour
)

// Grid gives the length of a span, and how much before the last end is read again: in microseconds for timestamps.
func (w PostgresWatermark) Grid() (step, back int64) {
	if w.Type == WatermarkInteger {
		step, back = w.Step, defaultOverlap
		if step == 0 {
			step = defaultStep
		}
		if w.Overlap != nil {
			back = *w.Overlap
		}
		return step, back
	}
	step = w.AtMost.Microseconds()
	if step == 0 {
		step = defaultAtMost.Microseconds()
	}
	return step, w.lookback().Microseconds()
}

func (w PostgresWatermark) lookback() time.Duration {
	if w.Lookback == nil {
		return defaultLookback
	}
	return *w.Lookback
}

// StartTime reads Start as a time.
func (w PostgresWatermark) StartTime() (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, w.Start); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date or time such as 2024-01-31 or 2024-01-31T06:00:00Z", w.Start)
}

// StartNumber reads Start as a number.
func (w PostgresWatermark) StartNumber() (int64, error) {
	if w.Start == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(w.Start, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a whole number from 0", w.Start)
	}
	return n, nil
}

// settled reports whether nothing can have come into a span any more when it was read.
func (p PostgresSpec) settled(unit Unit, read time.Time) bool {
	return p.Watermark != nil && !unit.To.IsZero() && unit.To.Add(p.Watermark.lookback()).Before(read)
}

func (p PostgresSpec) validate() error {
	err := errors.Join(required("postgres.dsn", p.DSN), required("postgres.query", p.Query), dsn("postgres.dsn", p.DSN))
	if p.Query != "" {
		err = errors.Join(err, p.checkQuery())
	}
	if p.Watermark != nil {
		err = errors.Join(err, p.Watermark.validate())
	}
	if p.Fetch < 0 {
		err = errors.Join(err, fmt.Errorf("postgres.fetch: %d is negative", p.Fetch))
	}
	if p.Timeout < 0 {
		err = errors.Join(err, fmt.Errorf("postgres.timeout: %s is negative", p.Timeout))
	}
	return err
}

// checkQuery holds the query against the watermark: bounds that leave out what lies on them would lose rows.
func (p PostgresSpec) checkQuery() error {
	query, err := placeholder.Translate(p.Query, PlaceholderFrom, PlaceholderTo)
	if err != nil {
		return fmt.Errorf("postgres.query: %w", err)
	}
	from, to := query.Operators(PlaceholderFrom), query.Operators(PlaceholderTo)
	switch {
	case p.Watermark == nil && len(query.Uses) > 0:
		return errors.New("postgres.query: it has $from or $to, but there is no postgres.watermark that gives them values")
	case p.Watermark == nil:
	case len(from) == 0 || len(to) == 0:
		return errors.New("postgres.query: with a watermark it needs both $from and $to, such as WHERE changed_at > $from AND changed_at <= $to")
	case slices.Contains(to, "<") && p.Watermark.Type == WatermarkInteger:
		return errors.New("postgres.query: < $to leaves the newest row out; write <= $to")
	case slices.Contains(from, ">") && slices.Contains(to, "<"):
		return errors.New("postgres.query: > $from with < $to leaves out the rows on the bounds; write > $from AND … <= $to")
	}
	return nil
}

func (w PostgresWatermark) validate() error {
	const field = "postgres.watermark."
	err := errors.Join(required(field+"type", w.Type), oneOf(field+"type", w.Type, WatermarkTimestamp, WatermarkInteger))
	if _, e := placeholder.Translate(w.Newest); w.Newest != "" && e != nil {
		err = errors.Join(err, fmt.Errorf("%snewest: %w", field, e))
	}
	if w.Type == WatermarkInteger {
		return errors.Join(err, w.validateInteger(field))
	}
	if w.Type == WatermarkTimestamp {
		return errors.Join(err, w.validateTimestamp(field))
	}
	return err
}

func (w PostgresWatermark) validateInteger(field string) error {
	err := required(field+"newest", w.Newest)
	if _, e := w.StartNumber(); e != nil {
		err = errors.Join(err, fmt.Errorf("%sstart: %w", field, e))
	}
	if w.Zone != "" || w.AtMost != 0 || w.Lookback != nil || w.Delay != 0 {
		err = errors.Join(err, fmt.Errorf("%stype: zone, at_most, lookback and delay are for timestamps; integers have step and overlap", field))
	}
	if w.Step < 0 {
		err = errors.Join(err, fmt.Errorf("%sstep: %d is negative", field, w.Step))
	}
	if w.Overlap != nil && *w.Overlap < 0 {
		err = errors.Join(err, fmt.Errorf("%soverlap: %d is negative", field, *w.Overlap))
	}
	return err
}

func (w PostgresWatermark) validateTimestamp(field string) error {
	var err error
	if _, e := w.StartTime(); e != nil {
		err = fmt.Errorf("%sstart: %w", field, e)
	}
	if w.Step != 0 || w.Overlap != nil {
		err = errors.Join(err, fmt.Errorf("%stype: step and overlap are for integers; timestamps have at_most and lookback", field))
	}
	if w.AtMost != 0 && w.AtMost < shortestSpan {
		err = errors.Join(err, fmt.Errorf("%sat_most: %s is less than %s", field, w.AtMost, shortestSpan))
	}
	if w.Delay < 0 {
		err = errors.Join(err, fmt.Errorf("%sdelay: %s is negative", field, w.Delay))
	}
	if w.lookback() < 0 {
		err = errors.Join(err, fmt.Errorf("%slookback: %s is negative", field, w.lookback()))
	}
	if _, e := time.LoadLocation(w.Zone); e != nil || w.Zone == "Local" {
		err = errors.Join(err, fmt.Errorf("%szone: %q is not an IANA zone such as Europe/Berlin", field, w.Zone))
	}
	if w.Zone != "" && w.Zone != "UTC" && w.lookback() < repeated {
		err = errors.Join(err, fmt.Errorf("%slookback: %s is less than the hour that the clocks of %s may repeat", field, w.lookback(), w.Zone))
	}
	return err
}

// dsn does not repeat the value, which may hold a password.
func dsn(field, value string) error {
	u, err := url.Parse(value)
	isURL := strings.Contains(value, "://")
	switch {
	case value == "":
	case isURL && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql"), !isURL && !strings.Contains(value, "="):
		return fmt.Errorf("%s: not an address such as postgres://user:password@host:5432/database", field)
	}
	return nil
}
