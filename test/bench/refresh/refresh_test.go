package refresh

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/test/bench/measure"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// TestSmallHistory runs all of it on a history of 14 months, so that it still works on the day it is needed.
func TestSmallHistory(t *testing.T) {
	if testing.Short() || os.Getenv(warehousetest.EnvDSN) != "" {
		t.Skip("it measures an embedded engine")
	}
	var out bytes.Buffer
	args := []string{"-awards", "2800", "-rate", "200", "-members", "300", "-delta", "100", "-nights", "1", "-asked", "1", "-dir", t.TempDir()}
	if err := Run(t.Context(), args, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"2,800 awards, 14 months", "first refresh", "night 1", "a year back", "kpi.program_financial_monthly, whole", "slowest query"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
}

func TestComparison(t *testing.T) {
	nights := func(seconds ...int) []measure.Cost {
		return measure.Each(seconds, func(s int) measure.Cost {
			return measure.Cost{Wall: time.Duration(s) * time.Second, EngineCPU: time.Duration(s) * time.Second, Peak: 1 << 30}
		})
	}
	for _, tt := range []struct {
		long []measure.Cost
		want string
	}{
		{nights(9, 3, 2), "a history 10 times as long takes 1.20 times as long a night (1.20 times the engine's CPU time); under 1.5: yes"},
		{nights(4, 4), "takes 1.60 times as long a night (1.60 times the engine's CPU time); under 1.5: no"},
	} {
		var out bytes.Buffer
		printTable(&out, []result{{awards: 2_000_000, nights: nights(2, 3)}, {awards: 20_000_000, nights: tt.long}})
		if !strings.Contains(out.String(), tt.want) {
			t.Errorf("the output lacks %q:\n%s", tt.want, out.String())
		}
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		args                 string
		rate, members, delta uint64
	}{
		{"", 400_000, 300_000, 100_000},
		{"-quick", 40_000, 30_000, 10_000},
		{"-awards 300000,100000", 20_000, 15_000, 5_000},
		{"-awards 9000000 -members 7", 400_000, 7, 100_000},
	} {
		o, err := parse(strings.Fields(tt.args), &bytes.Buffer{})
		if err != nil {
			t.Fatal(err)
		}
		if o.rate != tt.rate || o.members != tt.members || o.delta != tt.delta {
			t.Errorf("%q: rate %d, members %d, delta %d; want %d, %d, %d", tt.args, o.rate, o.members, o.delta, tt.rate, tt.members, tt.delta)
		}
	}
	for _, args := range []string{"-awards many", "-awards 10", "-nights 0", "-asked 0", "-zone Nowhere/Here"} {
		if _, err := parse(strings.Fields(args), &bytes.Buffer{}); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
