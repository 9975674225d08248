package extract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

func TestPostgresSpec(t *testing.T) {
	t.Parallel()
	const query = "SELECT id FROM orders WHERE at > $from AND at <= $to"
	ago := -time.Hour
	minute := time.Minute
	times := func(change func(*extract.PostgresWatermark)) *extract.PostgresWatermark {
		w := &extract.PostgresWatermark{Type: "timestamp", Start: "2024-01-01"}
		change(w)
		return w
	}
	numbers := func(change func(*extract.PostgresWatermark)) *extract.PostgresWatermark {
		w := &extract.PostgresWatermark{Type: "integer", Newest: "SELECT max(id) FROM orders"}
		change(w)
		return w
	}
	as := func(*extract.PostgresWatermark) {}
	negative := int64(-1)
	const dsn = "postgres://user:hush-pw@host/shop"
	tests := []struct {
		name string
		spec extract.PostgresSpec
		want string // empty for none
	}{
		{"without a watermark", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1"}, ""},
		{"as libpq writes it", extract.PostgresSpec{DSN: "host=h password=hush-pw", Query: "SELECT 1"}, ""},
		{"timestamps", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(as)}, ""},
		{"half-open", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1 WHERE at >= $from AND at < $to", Watermark: times(as)}, ""},
		{"integers", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: numbers(as)}, ""},
		{"nothing", extract.PostgresSpec{}, "postgres.dsn: missing\npostgres.query: missing"},
		{"no DSN", extract.PostgresSpec{DSN: "mysql://u:hush-pw@h", Query: "SELECT 1"}, "postgres.dsn: not an address"},
		{"a word", extract.PostgresSpec{DSN: "hush-pw", Query: "SELECT 1"}, "postgres.dsn: not an address"},
		{"two statements", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1; SELECT 2"}, "postgres.query: it holds more than one statement"},
		{"placeholders without a watermark", extract.PostgresSpec{DSN: dsn, Query: query}, "no postgres.watermark"},
		{"a watermark without placeholders", extract.PostgresSpec{DSN: dsn, Query: "SELECT '$from$to'", Watermark: times(as)}, "needs both $from and $to"},
		{"a watermark with one", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1 WHERE at > $from", Watermark: times(as)}, "needs both $from and $to"},
		{"rows on the bounds", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1 WHERE at > $from AND at < $to", Watermark: times(as)}, "leaves out the rows on the bounds"},
		{"the newest row", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1 WHERE at >= $from AND at < $to", Watermark: numbers(as)}, "leaves the newest row out"},
		{"a mistyped placeholder", extract.PostgresSpec{DSN: dsn, Query: "SELECT $form", Watermark: times(as)}, "$form is no placeholder"},
		{"no type", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: &extract.PostgresWatermark{}}, "postgres.watermark.type: missing"},
		{"another type", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: &extract.PostgresWatermark{Type: "date"}}, `postgres.watermark.type: "date" is none of`},
		{"no start", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(func(w *extract.PostgresWatermark) { w.Start = "" })}, "postgres.watermark.start:"},
		{"a number as a start", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(func(w *extract.PostgresWatermark) { w.Start = "7" })}, "postgres.watermark.start:"},
		{"a date as a start", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: numbers(func(w *extract.PostgresWatermark) { w.Start = "2024-01-01" })}, "postgres.watermark.start:"},
		{"short spans", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(func(w *extract.PostgresWatermark) { w.AtMost = time.Second })}, "postgres.watermark.at_most:"},
		{"negative lookback", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(func(w *extract.PostgresWatermark) { w.Lookback = &ago })}, "postgres.watermark.lookback:"},
		{"negative delay", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(func(w *extract.PostgresWatermark) { w.Delay = ago })}, "postgres.watermark.delay:"},
		{"a zone whose clocks go back", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(func(w *extract.PostgresWatermark) { w.Zone, w.Lookback = "Europe/Berlin", &minute })}, "may repeat"},
		{"no zone", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(func(w *extract.PostgresWatermark) { w.Zone = "Mars" })}, "postgres.watermark.zone:"},
		{"steps of time", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: times(func(w *extract.PostgresWatermark) { w.Step = 5 })}, "step and overlap are for integers"},
		{"hours of numbers", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: numbers(func(w *extract.PostgresWatermark) { w.AtMost = time.Hour })}, "are for timestamps"},
		{"integers without an end", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: &extract.PostgresWatermark{Type: "integer"}}, "postgres.watermark.newest: missing"},
		{"negative overlap", extract.PostgresSpec{DSN: dsn, Query: query, Watermark: numbers(func(w *extract.PostgresWatermark) { w.Overlap = &negative })}, "postgres.watermark.overlap:"},
		{"negative fetch", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1", Fetch: -1}, "postgres.fetch:"},
		{"negative timeout", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1", Timeout: -1}, "postgres.timeout:"},
	}
	for _, tt := range tests {
		err := extract.Spec{Postgres: &tt.spec}.Validate()
		if tt.want == "" && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	err := extract.Spec{Postgres: &extract.PostgresSpec{DSN: dsn, Query: "SELECT 1"}, Format: extract.FormatSpec{Type: "csv"}}.Validate()
	if err == nil || !strings.Contains(err.Error(), "format: a postgres source has none") {
		t.Error(err)
	}
}

func TestPostgresSettled(t *testing.T) {
	t.Parallel()
	end := time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)
	unit := extract.Unit{Name: "span", From: end.AddDate(0, 0, -1), To: end}
	spec := extract.Spec{Postgres: &extract.PostgresSpec{Watermark: &extract.PostgresWatermark{Type: "timestamp"}}}
	if spec.Settled(unit, end.Add(time.Hour)) || !spec.Settled(unit, end.Add(time.Hour+1)) {
		t.Error("a span is settled an hour after its end, and not before")
	}
	if spec.Settled(extract.Unit{Name: "numbers"}, end) {
		t.Error("a span of numbers has no end in time")
	}
	if (extract.Spec{Postgres: &extract.PostgresSpec{}}).Settled(extract.Unit{Name: "all"}, end) {
		t.Error("everything may change at any time")
	}
}
