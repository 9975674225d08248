package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
)

// many is more than a batch.
const many = extract.BatchRows + 5_000

// begun is a reader of many rows that has given its first batch, on a connection of the name.
func begun(t *testing.T, server *extracttest.Postgres, dsn, name string) extract.Reader {
	t.Helper()
	server.Exec(t, dsn, fmt.Sprintf("CREATE TABLE orders AS SELECT n AS id FROM generate_series(1, %d) n", many))
	s := open(t, extract.PostgresSpec{DSN: dsn + "&application_name=" + name, Query: "SELECT id FROM orders ORDER BY id", Fetch: 3_000})
	r, err := s.Open(t.Context(), extract.Unit{Name: "all"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	batch, err := r.Next(t.Context())
	if err != nil || batch.Record.NumRows() != extract.BatchRows {
		t.Fatal(err)
	}
	batch.Record.Release()
	return r
}

// rest reads on, and gives the positions.
func rest(t *testing.T, r extract.Reader) (positions []uint64, err error) {
	t.Helper()
	for {
		batch, err := r.Next(t.Context())
		if err != nil {
			return positions, err
		}
		positions = append(positions, batch.Positions...)
		batch.Record.Release()
	}
}

// A connection that breaks in the middle costs nothing but time, as long as what was given out is still so.
func TestConnectionCut(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	for name, test := range map[string]struct {
		change  string
		changed string
	}{
		"same":    {"SELECT 1", ""},
		"later":   {"UPDATE orders SET id = 1000000 WHERE id = (SELECT max(id) FROM orders)", ""},
		"earlier": {"UPDATE orders SET id = 0 WHERE id = 1", "its first rows are others now"},
		"fewer":   {"DELETE FROM orders WHERE id > 10", "it has fewer rows now"},
		"columns": {"ALTER TABLE orders ALTER id TYPE bigint", "it has other columns now"},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := server.Schema(t)
			r := begun(t, server, dsn, "cut-"+name)
			delivered := r.Delivered()
			server.Exec(t, dsn, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'cut-"+name+"'")
			server.Exec(t, dsn, test.change)
			positions, err := rest(t, r)
			if test.changed != "" {
				if !errors.Is(err, extract.ErrChanged) || !strings.Contains(err.Error(), test.changed) {
					t.Errorf("not %q: %v", test.changed, err)
				}
				return
			}
			if err != io.EOF || len(positions) != many-extract.BatchRows || positions[0] != extract.BatchRows+1 || !slices.IsSorted(positions) {
				t.Errorf("%d positions, %v", len(positions), err)
			}
			if r.Version() == "" || r.Delivered() != delivered {
				t.Errorf("version %q, delivered %s, then %s", r.Version(), delivered, r.Delivered())
			}
		})
	}
}

// A unit is one state of the database, whatever happens to it meanwhile.
func TestOneState(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	r := begun(t, server, dsn, "state")
	server.Exec(t, dsn, "DELETE FROM orders")
	if positions, err := rest(t, r); err != io.EOF || len(positions) != many-extract.BatchRows {
		t.Errorf("%d positions, %v", len(positions), err)
	}
}

// A line that breaks every time, in the middle of the rows, is an error and no end.
func TestLineCutAlways(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	connections := make(chan struct{}, 100)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			connections <- struct{}{}
			go cutAfter(client, "127.0.0.1:"+server.Port, 200_000)
		}
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, extract.PostgresSpec{DSN: strings.Replace(dsn, ":"+server.Port, ":"+port, 1), Query: "SELECT repeat('x', 100) FROM generate_series(1, 10000)"})
	rows, _, _, err := read(t, s, extract.Unit{Name: "all"})
	if err == nil || !strings.Contains(err.Error(), "5 attempts failed") || len(rows) > 0 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if len(connections) < 5 { // a query that is given up is cancelled by one more
		t.Errorf("%d connections", len(connections))
	}
}

// cutAfter passes a connection on until the server has sent so much.
func cutAfter(client net.Conn, address string, bytes int64) {
	defer func() { _ = client.Close() }()
	server, err := net.DialTimeout("tcp", address, time.Minute)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() { _, _ = io.Copy(server, client) }()
	_, _ = io.CopyN(client, server, bytes)
}

// A query that nobody waits for any more ends at the server too.
func TestCancelEndsTheQuery(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	const mine = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'to-be-cancelled' AND wait_event = 'PgSleep'"
	wait := func(want string) {
		t.Helper()
		poll := time.NewTicker(5 * time.Millisecond)
		defer poll.Stop()
		for server.Ask(t, dsn, mine) != want {
			select {
			case <-poll.C:
			case <-t.Context().Done():
				t.Fatalf("never %s queries", want)
			}
		}
	}
	s := open(t, extract.PostgresSpec{DSN: dsn + "&application_name=to-be-cancelled", Query: "SELECT pg_sleep(600)"})
	r, err := s.Open(t.Context(), extract.Unit{Name: "all"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := r.Next(ctx)
		ended <- err
	}()
	wait("1")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wait("0")
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// A reader that is closed in the middle of wide rows leaves nothing behind, and holds few of them.
func TestWideRows(t *testing.T) {
	t.Parallel()
	server := extracttest.PostgresServer(t)
	dsn := server.Schema(t)
	s := open(t, extract.PostgresSpec{DSN: dsn + "&application_name=wide", Query: "SELECT repeat('x', 1 << 20) AS v FROM generate_series(1, 60)"})
	r, err := s.Open(t.Context(), extract.Unit{Name: "all"})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := r.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := batch.Record.NumRows(); n != 16 {
		t.Errorf("a batch of %d rows with a MiB each", n)
	}
	batch.Record.Release()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if n := server.Ask(t, dsn, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'wide' AND state = 'active'"); n != "0" {
		t.Errorf("%s queries go on", n)
	}
	if rows, _, _, err := read(t, s, extract.Unit{Name: "all"}); err != nil || len(rows) != 60 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	s = open(t, extract.PostgresSpec{DSN: dsn, Query: "SELECT repeat('x', 65 << 20) AS v"})
	if _, _, _, err := read(t, s, extract.Unit{Name: "all"}); err == nil || !strings.Contains(err.Error(), "a row has more than 64 MiB") || strings.Contains(err.Error(), "attempts") {
		t.Error(err)
	}
}
