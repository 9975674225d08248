package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/extract/postgres"
)

func TestMain(m *testing.M) { os.Exit(extracttest.RunWithPostgres(m)) }

func open(t *testing.T, spec extract.PostgresSpec) *postgres.Source {
	t.Helper()
	if err := (extract.Spec{Postgres: &spec}).Validate(); err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open("orders", spec, extract.NewOptions(
		extract.WithPause(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read gives all rows of a unit as texts, and what is malformed in it.
func read(t *testing.T, s *postgres.Source, unit extract.Unit) (rows [][]string, malformed []extract.Malformed, version string, err error) {
	t.Helper()
	r, err := s.Open(t.Context(), unit)
	if err != nil {
		return nil, nil, "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		batch, err := r.Next(t.Context())
		if err == io.EOF {
			return rows, malformed, r.Version(), nil
		}
		if err != nil {
			return rows, malformed, "", err
		}
		malformed = append(malformed, batch.Malformed...)
		for i := range int(batch.Record.NumRows()) {
			var row []string
			for _, column := range batch.Record.Columns() {
				row = append(row, column.ValueStr(i))
			}
			rows = append(rows, row)
		}
		batch.Record.Release()
	}
}

func all(t *testing.T, s *postgres.Source) (rows [][]string, err error) {
	t.Helper()
	units, err := s.Units(t.Context(), extract.Range{})
	if err != nil {
		return nil, err
	}
	for _, unit := range units {
		more, _, _, err := read(t, s, unit)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func names(units []extract.Unit) []string {
	var list []string
	for _, u := range units {
		list = append(list, u.Name)
	}
	return list
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	day := func(n int) string { return time.Date(2024, 3, n, 0, 0, 0, 0, time.UTC).Format(time.RFC3339) }
	extracttest.Run(t, func(t *testing.T) extracttest.Fixture {
		dsn := server.Schema(t)
		server.Exec(t, dsn, "CREATE TABLE rows (n serial, id text, amount text, at timestamptz)")
		units := [3]string{day(1) + "/" + day(2), day(2) + "/" + day(3), day(3) + "/" + day(4)}
		spec := extract.PostgresSpec{
			DSN: dsn, Query: "SELECT id, amount FROM rows WHERE at > $from AND at <= $to ORDER BY n",
			Watermark: &extract.PostgresWatermark{Type: "timestamp", Start: "2024-03-01", Newest: "SELECT max(at) FROM rows"},
		}
		return extracttest.Fixture{
			Source: "orders", Units: units, Secrets: []string{server.Password},
			Open: func(t *testing.T) extract.Source { return open(t, spec) },
			Broken: func(t *testing.T) extract.Source {
				broken := spec
				broken.DSN = server.DSN(server.User, "wrong-"+server.Password, nil)
				return open(t, broken)
			},
			Put: func(t *testing.T, unit string, rows []extracttest.Row) {
				_, end, _ := strings.Cut(unit, "/")
				var values []string
				for _, r := range rows {
					values = append(values, fmt.Sprintf("('%s', '%s', '%s')", r.ID, r.Amount, end))
				}
				server.Exec(t, dsn, "DELETE FROM rows WHERE at = '"+end+"'; INSERT INTO rows (id, amount, at) VALUES "+strings.Join(values, ","))
			},
			// A table is all that can vanish: a span without rows is an empty one.
			Remove: func(t *testing.T, _ string) { server.Exec(t, dsn, "DROP TABLE rows") },
		}
	})
}

func TestTypes(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	server.Exec(t, dsn, "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN cents AS integer")
	tests := []struct{ value, arrow, want string }{
		{"(-32768)::int2", "int16", "-32768"},
		{"2147483647::int4", "int32", "2147483647"},
		{"(-9223372036854775808)::int8", "int64", "-9223372036854775808"},
		{"5::cents", "int32", "5"},
		{"1.5::float4", "float32", "1.5"},
		{"0.1::float8", "float64", "0.1"},
		{"'NaN'::float8", "float64", "NaN"},
		{"12345678901234567890123.4500::numeric", "utf8", "12345678901234567890123.4500"},
		{"1e-30::numeric", "utf8", "0.000000000000000000000000000001"},
		{"'NaN'::numeric", "utf8", "NaN"},
		{"'-Infinity'::numeric", "utf8", "-Infinity"},
		{"'-1234.5'::money", "utf8", "-1234.50"},
		{"'0.05'::money", "utf8", "0.05"},
		{"'é €'::text", "utf8", "é €"},
		{"''::varchar", "utf8", ""},
		{"'a'::char(3)", "utf8", "a  "},
		{"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "utf8", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{`'{"b": 1.10}'::json`, "utf8", `{"b": 1.10}`},
		{`'{"b":1.10}'::jsonb`, "utf8", `{"b": 1.10}`},
		{"'glad'::mood", "utf8", "glad"},
		{"'10.0.0.1/24'::inet", "utf8", "10.0.0.1/24"},
		{"ARRAY[1,NULL,3]", "utf8", "{1,NULL,3}"},
		{"true", "bool", "true"},
		{"false", "bool", "false"},
		{"'2024-02-29'::date", "date32", "2024-02-29"},
		{"'1969-12-31'::date", "date32", "1969-12-31"},
		{"'2024-03-10 12:34:56.123456'::timestamp", "timestamp[us]", "2024-03-10 12:34:56.123456Z"},
		{"'1900-01-01 00:00'::timestamp", "timestamp[us]", "1900-01-01 00:00:00Z"},
		{"'2024-03-10 12:34:56.5+09'::timestamptz", "timestamp[us, tz=UTC]", "2024-03-10 03:34:56.5Z"},
		{"'2024-03-10 12:34:56'::timestamptz", "timestamp[us, tz=UTC]", "2024-03-10 12:34:56Z"}, // the session is in UTC, not in the server's zone
		{"'12:30'::time", "utf8", "12:30:00"},
		{"'1 day 2 hours'::interval", "utf8", "P1DT2H"},
		{`'\x00ff'::bytea`, "utf8", `\x00ff`},
		{"NULL::int4", "int32", "(null)"},
		{"NULL", "utf8", "(null)"},
	}
	for _, tt := range tests {
		s := open(t, extract.PostgresSpec{DSN: dsn, Query: "SELECT " + tt.value + " AS v"})
		r, err := s.Open(t.Context(), extract.Unit{Name: "all"})
		if err != nil {
			t.Fatal(err)
		}
		batch, err := r.Next(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", tt.value, err)
		}
		column := batch.Record.Column(0)
		if got := column.DataType().String(); got != tt.arrow || column.ValueStr(0) != tt.want {
			t.Errorf("%s is %q of type %s, want %q of type %s", tt.value, column.ValueStr(0), got, tt.want, tt.arrow)
		}
		batch.Record.Release()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What Arrow has no value for is a malformed row with its reason, in its place, and not null.
func TestInfinity(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	s := open(t, extract.PostgresSpec{DSN: server.Schema(t), Query: `SELECT * FROM (VALUES
		(1, 'infinity'::date, 'now'::timestamptz - 'now'::timestamptz + '2024-01-01'::timestamp, true), (2, '2024-01-01', '-infinity', NULL), (3, '2024-01-01', '294276-12-31', false),
		(4, '2024-01-01', '2024-01-01', true), (5, NULL, NULL, NULL)) t(n, d, "at", ok) ORDER BY n`})
	rows, malformed, _, err := read(t, s, extract.Unit{Name: "all"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"4", "2024-01-01", "2024-01-01 00:00:00Z", "true"}, {"5", "(null)", "(null)", "(null)"}}, rows); diff != "" {
		t.Error(diff)
	}
	want := []extract.Malformed{
		{Position: 1, Reason: "column d: infinity is no date; write NULLIF(…, 'infinity') in the query where it means none", Raw: `{"n":"1","d":"infinity","at":"2024-01-01T00:00:00","ok":"true"}`},
		{Position: 2, Reason: "column at: -infinity is no date; write NULLIF(…, '-infinity') in the query where it means none", Raw: `{"n":"2","d":"2024-01-01","at":"-infinity","ok":null}`},
		{Position: 3, Reason: "column at: it is too far in the future", Raw: `{"n":"3","d":"2024-01-01","at":"294276-12-31T00:00:00","ok":"false"}`},
	}
	if diff := cmp.Diff(want, malformed); diff != "" {
		t.Error(diff)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	schema := server.Ask(t, dsn, "SELECT current_schema()")
	role := "reader_of_" + schema
	server.Exec(t, dsn, "CREATE TABLE orders (id int); CREATE SEQUENCE seq; CREATE ROLE "+role+" LOGIN PASSWORD 'pass-word-99'; GRANT USAGE ON SCHEMA "+schema+" TO "+role)
	mark := &extract.PostgresWatermark{Type: "timestamp", Start: "2024-01-01", Newest: "SELECT now()"}
	integer := &extract.PostgresWatermark{Type: "integer", Newest: "SELECT 5"}
	tests := []struct {
		name string
		spec extract.PostgresSpec
		want []string
	}{
		{"unreachable", extract.PostgresSpec{DSN: "postgres://u:secret-pw@127.0.0.1:1/x", Query: "SELECT 1"}, []string{"5 attempts failed", "check postgres.dsn, and that its host"}},
		{"wrong password", extract.PostgresSpec{DSN: server.DSN(server.User, "wrong-pw-77", nil), Query: "SELECT 1"}, []string{"28P01", "password of postgres.dsn"}},
		{"no such database", extract.PostgresSpec{DSN: strings.Replace(dsn, "/postgres?", "/nowhere?", 1), Query: "SELECT 1"}, []string{"3D000", "database's name"}},
		{"no TLS there", extract.PostgresSpec{DSN: strings.Replace(dsn, "disable", "require", 1), Query: "SELECT 1"}, []string{"TLS"}},
		{"no such table", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1 AS é\nFROM nowhere"}, []string{`relation "nowhere" does not exist (42P01), line 2, column 6 of the query`, "check postgres.query"}},
		{"no such column", extract.PostgresSpec{DSN: dsn, Query: "SELECT idd FROM orders"}, []string{"42703", "line 1, column 8", `Perhaps you meant to reference the column "orders.id"`}},
		{"no such column after placeholders", extract.PostgresSpec{DSN: dsn, Watermark: integer, Query: "SELECT id FROM orders WHERE id>$from AND id<=$to AND x"}, []string{"42703", "line 1, column 54"}},
		{"permission", extract.PostgresSpec{DSN: server.DSN(role, "pass-word-99", url.Values{"search_path": {schema}}), Query: "SELECT * FROM orders"}, []string{"permission denied for table orders (42501)", "grant"}},
		{"statement timeout", extract.PostgresSpec{DSN: dsn, Timeout: 10 * time.Millisecond, Query: "SELECT pg_sleep(60)"}, []string{"57014", "postgres.timeout, 10ms"}},
		{"update", extract.PostgresSpec{DSN: dsn, Query: "UPDATE orders SET id = 1 RETURNING id"}, []string{"42601", "must be one SELECT"}},
		{"update inside", extract.PostgresSpec{DSN: dsn, Query: "WITH x AS (DELETE FROM orders RETURNING id) SELECT * FROM x"}, []string{"must be one SELECT"}},
		{"update in a function", extract.PostgresSpec{DSN: dsn, Query: "SELECT nextval('seq')"}, []string{"25006", "may only read"}},
		{"no statement that gives rows", extract.PostgresSpec{DSN: dsn, Query: "DELETE FROM orders"}, []string{"gives no columns"}},
		{"two columns of a name", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1 AS a, 2 AS a"}, []string{`two columns named "a"`, "AS"}},
		{"wrong watermark", extract.PostgresSpec{DSN: dsn, Watermark: mark, Query: "SELECT id FROM orders WHERE id > $from AND id <= $to"}, []string{"compares $from with a value of type int4, but the watermark is a timestamp"}},
		{"a date is no watermark", extract.PostgresSpec{DSN: dsn, Watermark: mark, Query: "SELECT id FROM orders WHERE current_date > $from AND current_date <= $to"}, []string{"type date"}},
		{"wrong newest", extract.PostgresSpec{DSN: dsn, Watermark: &extract.PostgresWatermark{Type: "integer", Newest: "SELECT now()"}, Query: "SELECT id FROM orders WHERE id > $from AND id <= $to"}, []string{"postgres.watermark.newest", "timestamptz, which is no integer"}},
		{"newest of no table", extract.PostgresSpec{DSN: dsn, Watermark: &extract.PostgresWatermark{Type: "integer", Newest: "SELECT max(id) FROM x"}, Query: "SELECT id FROM orders WHERE id > $from AND id <= $to"}, []string{"postgres.watermark.newest", "42P01"}},
		{"two newest", extract.PostgresSpec{DSN: dsn, Watermark: &extract.PostgresWatermark{Type: "integer", Newest: "SELECT 1, 2"}, Query: "SELECT id FROM orders WHERE id > $from AND id <= $to"}, []string{"1 rows with 2 columns"}},
		{"steps too small", extract.PostgresSpec{DSN: dsn, Watermark: &extract.PostgresWatermark{Type: "integer", Newest: "SELECT 1::bigint << 60"}, Query: "SELECT id FROM orders WHERE id > $from AND id <= $to"}, []string{"raise postgres.watermark.step"}},
		{"division by zero in the middle", extract.PostgresSpec{DSN: dsn, Query: "SELECT 1 / (100 - n) AS v FROM generate_series(1, 200) n"}, []string{"22012"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, tt.spec)
			_, err := all(t, s)
			var e *extract.Error
			if !errors.As(err, &e) || e.Source != "orders" {
				t.Fatalf("not an error of the source: %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error has no %q: %v", want, err)
				}
			}
			for _, secret := range []string{"secret-pw", server.Password, "wrong-pw-77", "pass-word-99"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("a secret is in the error: %v", err)
				}
			}
			if errChecked := s.Check(t.Context()); errChecked == nil && !strings.Contains(tt.name, "middle") && !strings.Contains(tt.name, "function") && !strings.Contains(tt.name, "timeout") {
				t.Error("the check finds nothing wrong")
			}
		})
	}
	if got := server.Ask(t, dsn, "SELECT count(*) FROM orders"); got != "0" {
		t.Errorf("the table has %s rows", got)
	}
}
