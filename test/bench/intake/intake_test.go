package intake

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// TestSmall runs each benchmark on a few rows, so that it still works on the day it is needed. That facts and ledger are as
// drawn is checked by the benchmarks themselves.
func TestSmall(t *testing.T) {
	if testing.Short() || os.Getenv(warehousetest.EnvDSN) != "" {
		t.Skip("it measures an embedded engine")
	}
	t.Parallel()
	dir := t.TempDir()
	p, err := newProgram(t.Context(), "", dir)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = at(t.Context(), options{dir: dir, binary: p.binary, seed: 7, members: 30}, &out, func(ctx context.Context, s *site) error {
		s.engine.Quiet = 0
		if err := s.load(ctx, formats, 2000, 1); err != nil {
			return err
		}
		if err := s.units(ctx, 5, 9); err != nil {
			return err
		}
		s.profiles = filepath.Join(dir, "profiles")
		if err := s.http(ctx, 4, 50, time.Millisecond, 2, 1); err != nil {
			return err
		}
		// One cent more in one row is found.
		damage := "ALTER TABLE warehouse.awards UPDATE amount = amount + 0.01 WHERE source_row = 7 SETTINGS mutations_sync = 2"
		if err := s.engine.Execute(ctx, damage, nil); err != nil {
			return err
		}
		if err := s.check(ctx, 1); err == nil || !strings.Contains(err.Error(), "the facts are wrong") {
			t.Errorf("a damaged row is found: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"load of 2,000 awards; seed 7", "csv.gz    round 1: alone", "ndjson.gz round 1", "parquet   round 1", "quoted.csv.gz round 1", "5 objects of 9 awards", "units a minute", "4 pages of 50 records, 1ms each, 2 at once", "4 requests, 0 refused"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
	for _, name := range []string{"cpu.pprof", "heap.pprof", "cpu.txt", "heap.txt"} {
		if info, err := os.Stat(filepath.Join(dir, "profiles", "http", name)); err != nil || info.Size() == 0 {
			t.Errorf("profile %s: %v", name, err)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for name, benchmark := range map[string]func(context.Context, []string, io.Writer) error{
		"-formats csv": Load, "-rounds 0": Load, "-units 0": Units, "-pages 0": HTTP, "-at-once 0": HTTP, "more": Units,
	} {
		if err := benchmark(t.Context(), strings.Fields(name), io.Discard); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
