package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/extract/postgres"
)

func since(t *testing.T, s *postgres.Source, cursor string) (units []extract.Unit, next string) {
	t.Helper()
	units, next, err := s.UnitsSince(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	return units, next
}

// firsts gives the first values of all rows of the units.
func firsts(t *testing.T, s *postgres.Source, units []extract.Unit) string {
	t.Helper()
	var values []string
	for _, unit := range units {
		rows, _, _, err := read(t, s, unit)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			values = append(values, row[0])
		}
	}
	return strings.Join(values, " ")
}

func TestIntegerWatermark(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	server.Exec(t, dsn, "CREATE TABLE orders (id int)")
	overlap := int64(2)
	s := open(t, extract.PostgresSpec{
		DSN: dsn, Query: "SELECT id FROM orders WHERE id > $from AND id <= $to ORDER BY id",
		Watermark: &extract.PostgresWatermark{Type: "integer", Newest: "SELECT max(id) FROM orders", Step: 10, Overlap: &overlap},
	})
	steps := []struct {
		name, change, rows string
		units              []string
		cursor             string
	}{
		{name: "nothing yet"},
		{
			name: "a history", change: "INSERT INTO orders SELECT generate_series(8, 23)", rows: "8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23",
			units: []string{"000000000000/000000000010", "000000000010/000000000020", "000000000020/000000000023"}, cursor: "integer 000000000023",
		},
		{name: "no change", units: []string{"000000000021/000000000023"}, rows: "22 23", cursor: "integer 000000000023"},
		{
			name: "more, beyond a whole step", change: "INSERT INTO orders VALUES (30), (31)", rows: "22 23 30 31",
			units: []string{"000000000021/000000000030", "000000000030/000000000031"}, cursor: "integer 000000000031",
		},
		{name: "the newest are gone", change: "DELETE FROM orders WHERE id > 22", rows: "21 22", units: []string{"000000000020/000000000022"}, cursor: "integer 000000000022"},
		{name: "numbers are given again", change: "INSERT INTO orders VALUES (25)", rows: "21 22 25", units: []string{"000000000020/000000000025"}, cursor: "integer 000000000025"},
		{name: "all are gone", change: "DELETE FROM orders", cursor: "integer 000000000025"},
	}
	cursor := ""
	for _, step := range steps {
		if step.change != "" {
			server.Exec(t, dsn, step.change)
		}
		units, next := since(t, s, cursor)
		if diff := cmp.Diff(step.units, names(units)); diff != "" || next != step.cursor {
			t.Errorf("%s: cursor %q, units %s", step.name, next, diff)
		}
		if rows := firsts(t, s, units); rows != step.rows {
			t.Errorf("%s: rows %s, want %s", step.name, rows, step.rows)
		}
		cursor = next
	}
	for _, wrong := range []string{"timestamp 2024-01-01T00:00:00Z", "integer", "integer x", "7"} {
		if _, _, err := s.UnitsSince(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "load everything anew with --full") {
			t.Errorf("cursor %q: %v", wrong, err)
		}
	}
	for _, unit := range []string{"all", "7", "x/y", "2024-01-01T00:00:00Z/2024-01-02T00:00:00Z"} {
		if _, err := s.Open(t.Context(), extract.Unit{Name: unit}); err == nil || !strings.Contains(err.Error(), "not listed by this source") {
			t.Errorf("unit %q: %v", unit, err)
		}
	}
}

// A row that became visible after the listing in whose span it lies is in the next one.
func TestLateRows(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	server.Exec(t, dsn, "CREATE TABLE orders (id int, changed_at timestamptz); INSERT INTO orders VALUES (1, now() - interval '1 year'), (2, now())")
	spec := extract.PostgresSpec{
		DSN: dsn, Query: "SELECT id FROM orders WHERE changed_at > $from AND changed_at <= $to ORDER BY id",
		Watermark: &extract.PostgresWatermark{Type: "timestamp", Start: "2020-01-01", AtMost: 200 * 24 * time.Hour},
	}
	s := open(t, spec)
	units, cursor := since(t, s, "")
	if rows := firsts(t, s, units); rows != "1 2" || len(units) < 5 {
		t.Errorf("first %s in %d units", rows, len(units))
	}
	server.Exec(t, dsn, "INSERT INTO orders VALUES (3, now() - interval '50 minutes'), (4, now() - interval '70 minutes'), (5, now() + interval '1 hour')")
	units, next := since(t, s, cursor)
	if rows := firsts(t, s, units); rows != "2 3" || next <= cursor {
		t.Errorf("then %s, up to %s after %s", rows, next, cursor)
	}
	spec.Watermark.Delay = time.Hour
	s = open(t, spec)
	units, next = since(t, s, cursor)
	if rows := firsts(t, s, units); rows != "4" || next >= cursor {
		t.Errorf("with a delay %s, up to %s", rows, next)
	}
	if units, again := since(t, s, next); units[0].From.After(units[len(units)-1].To.Add(-time.Hour)) || again < next {
		t.Errorf("after the cursor went back: %v", units)
	}
}

// One row with a time to come must not move the watermark there.
func TestNewestInTheFuture(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	server.Exec(t, dsn, "CREATE TABLE orders (id int, changed_at timestamptz); INSERT INTO orders VALUES (1, '2024-03-01'), (2, '2999-01-01')")
	s := open(t, extract.PostgresSpec{
		DSN: dsn, Query: "SELECT id FROM orders WHERE changed_at BETWEEN $from AND $to",
		Watermark: &extract.PostgresWatermark{Type: "timestamp", Start: "2024-01-01", Newest: "SELECT max(changed_at) FROM orders", AtMost: 10_000 * time.Hour},
	})
	before := server.Ask(t, dsn, "SET TimeZone = 'UTC'; SELECT to_char(now() + interval '1 hour', 'YYYY-MM-DD\"T\"HH24:MI:SS')")
	units, cursor := since(t, s, "")
	if rows := firsts(t, s, units); rows != "1" || cursor > "timestamp "+before {
		t.Errorf("rows %s, cursor %s", rows, cursor)
	}
	server.Exec(t, dsn, "DELETE FROM orders WHERE id = 2")
	if _, cursor := since(t, s, ""); cursor != "timestamp "+server.Ask(t, dsn, "SET TimeZone = 'UTC'; SELECT to_char(max(changed_at), 'YYYY-MM-DD\"T\"HH24:MI:SS') || 'Z' FROM orders") {
		t.Errorf("cursor %s", cursor)
	}
}

// A column without a zone is compared in the zone of the watermark, and not in that of the server.
func TestWatermarkZone(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	server.Exec(t, dsn, "CREATE TABLE orders (id int, changed_at timestamp); INSERT INTO orders VALUES (1, '2024-03-01 00:30'), (2, '2024-03-01 01:30')")
	for zone, want := range map[string]string{"": "", "Europe/Berlin": "1", "America/New_York": ""} {
		s := open(t, extract.PostgresSpec{
			DSN: dsn, Query: "SELECT id FROM orders WHERE changed_at >= $from AND changed_at < $to",
			Watermark: &extract.PostgresWatermark{Type: "timestamp", Start: "2024-02-29", Zone: zone},
		})
		units, err := s.Units(t.Context(), extract.Range{To: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil || len(units) != 1 {
			t.Fatal(units, err)
		}
		if rows := firsts(t, s, units); rows != want {
			t.Errorf("in %q: rows %q, want %q", zone, rows, want)
		}
	}
}

func TestWithoutWatermark(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	server.Exec(t, dsn, "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (2)")
	s := open(t, extract.PostgresSpec{DSN: dsn, Query: "SELECT id FROM orders ORDER BY id;"})
	units, next := since(t, s, "")
	if diff := cmp.Diff([]extract.Unit{{Name: "all", Size: -1}}, units); diff != "" || next != "" {
		t.Error(diff, next)
	}
	_, _, first, err := read(t, s, units[0])
	if err != nil || first == "" {
		t.Fatal(first, err)
	}
	server.Exec(t, dsn, "UPDATE orders SET id = 3 WHERE id = 2")
	if _, _, second, err := read(t, s, units[0]); err != nil || second == first {
		t.Errorf("version %s again, %v", second, err)
	}
}
