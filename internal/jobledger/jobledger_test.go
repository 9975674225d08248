package jobledger_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/jobledger"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
	"github.com/partnerplus/warehouse/schedules/schedulestest"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// envHolder makes the test binary one that holds a lease of the warehouse at this address until it is killed.
const envHolder = "PARTNERPLUS_TEST_HOLDER"

// short is how long leases last here.
const short = 2 * time.Second

func TestMain(m *testing.M) {
	if dsn := os.Getenv(envHolder); dsn != "" {
		hold(dsn)
	}
	warehousetest.Main(m)
}

// hold holds a lease, and says so.
func hold(dsn string) {
	w, err := load.Open(dsn)
	if err == nil {
		_, err = w.Lease(context.Background(), "killed", "one that is killed", short)
	}
	fmt.Println("held", err)
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// Of the schema, only these tables are needed: the rest takes longer than the tests.
func ledgerTables(t *testing.T, w *load.Warehouse) {
	t.Helper()
	scripts, err := sql.Scripts("migrations")
	if err != nil {
		t.Fatal(err)
	}
	statements := []string{"CREATE DATABASE IF NOT EXISTS etl"}
	for _, script := range scripts {
		if strings.Contains(script.Name, "_etl_job_runs") || strings.Contains(script.Name, "_etl_leases") {
			statements = append(statements, script.Statements()...)
		}
	}
	for _, statement := range statements {
		if _, err := w.Ask(t.Context(), "", statement, true, false); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLedger(t *testing.T) {
	dsn := warehousetest.DSN(t)
	w, err := load.Open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	ledger := jobledger.New(w, func(reason string) string { return strings.ReplaceAll(reason, "hunter2", "***") })
	if histories, err := ledger.Histories(t.Context()); err != nil || len(histories) > 0 {
		t.Errorf("a warehouse without a schema: %v, %v", histories, err)
	}
	ledgerTables(t, w)
	t.Run("conforms", func(t *testing.T) { schedulestest.Ledger(t, ledger) })
	t.Run("redacts", func(t *testing.T) {
		r := schedules.Record{Job: "secret", Occurrence: schedules.Occurrence{Due: time.Now(), Attempt: 1}, Result: schedules.Result{Status: schedules.StatusFailed, Reason: "hunter2 is wrong"}}
		if err := ledger.Record(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		histories, err := ledger.Histories(t.Context())
		if err != nil || histories["secret"].Last.Reason != "*** is wrong" {
			t.Errorf("%+v, %v", histories["secret"].Last, err)
		}
	})
	t.Run("never two", func(t *testing.T) { neverTwo(t, w) })
	t.Run("killed", func(t *testing.T) { killed(t, w, dsn) })
	t.Run("expired", func(t *testing.T) { expired(t, w) })
}

// neverTwo lets many claim one lease at once, again and again, until each had it.
func neverTwo(t *testing.T, w *load.Warehouse) {
	const claimants, turns = 8, 2
	var holders, most, held, refused atomic.Int32
	var all sync.WaitGroup
	for i := range claimants {
		all.Go(func() {
			for had := 0; had < turns; {
				l, err := w.Lease(t.Context(), "contended", fmt.Sprint("claimant ", i), time.Minute)
				if errors.As(err, new(*load.LeaseHeldError)) {
					refused.Add(1)
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if now := holders.Add(1); now > 1 {
					most.Store(now)
				}
				if had == 0 {
					if err := l.Renew(t.Context()); err != nil {
						t.Errorf("renew what is held: %v", err)
					}
				}
				held.Add(1)
				had++
				holders.Add(-1)
				if err := l.Release(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if most.Load() > 1 || held.Load() != claimants*turns {
		t.Errorf("%d held it at once; it was held %d times, want %d", most.Load(), held.Load(), claimants*turns)
	}
	t.Logf("refused %d times", refused.Load())
}

// killed kills a process that holds a lease: it is free once it has expired.
func killed(t *testing.T, w *load.Warehouse, dsn string) {
	holder := exec.CommandContext(t.Context(), os.Args[0])
	holder.Env = append(os.Environ(), envHolder+"="+dsn)
	in, err := holder.StdinPipe() // it ends with this process, at the latest
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, len("held <nil>"))
	if _, err := io.ReadFull(out, said); err != nil || string(said) != "held <nil>" {
		t.Fatalf("the holder says %q, %v", said, err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // it was killed
	began := time.Now()
	for {
		l, err := w.Lease(t.Context(), "killed", "the next", short)
		held := new(load.LeaseHeldError)
		switch {
		case errors.As(err, &held) && held.Holder == "one that is killed" && held.Until.After(held.Since) && time.Since(began) < time.Minute:
			<-time.After(short / 10)
			continue
		case err != nil:
			t.Fatal(err)
		}
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
		return
	}
}

// expired lets a lease expire: it cannot be renewed, though nobody else has it.
func expired(t *testing.T, w *load.Warehouse) {
	const lasts = 300 * time.Millisecond
	l, err := w.Lease(t.Context(), "expired", "slow", lasts)
	if err != nil {
		t.Fatal(err)
	}
	<-time.After(lasts)
	if err := l.Renew(t.Context()); !errors.Is(err, load.ErrLeaseExpired) {
		t.Errorf("want ErrLeaseExpired, not: %v", err)
	}
}
