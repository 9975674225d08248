package load_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/test/warehousetest"
)

// TestEndsStatements: what nobody waits for does not go on at the server, whether it reads or writes.
func TestEndsStatements(t *testing.T) {
	t.Parallel()
	w := warehousetest.Open(t)
	underWay := func() bool {
		var rows []struct {
			Statements uint64 `ch:"statements"`
		}
		must(t, w.SelectText(t.Context(), "SELECT count() AS statements FROM system.processes WHERE query LIKE '%sleepEachRow(0.1)%' AND query NOT LIKE '%processes%'", &rows))
		return rows[0].Statements > 0
	}
	until := func(what string, holds func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !holds(); {
			if time.Now().After(deadline) {
				t.Fatalf("it never comes that %s", what)
			}
		}
	}
	for _, statement := range []string{
		"SELECT sleepEachRow(0.1) FROM system.numbers LIMIT 1000000 SETTINGS max_block_size = 1 FORMAT Null",
		"INSERT INTO FUNCTION null('n UInt8') SELECT sleepEachRow(0.1) FROM system.numbers LIMIT 1000000 SETTINGS max_block_size = 1",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			answer, err := w.Ask(ctx, "Null", statement, true, false)
			if err == nil {
				err = answer.Close()
			}
			ended <- err
		}()
		until("it runs", underWay)
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", statement, err)
		}
		until("it ends", func() bool { return !underWay() })
	}
}
