// Package fault spoils what is between the pipeline and its places (S3, an API, the warehouse) and checks that a run ends
// in success after other attempts, or in a clear failure with nothing half-visible, and that the next run ends in the
// tables of an undisturbed one.
package fault_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxiproxy's own messages
	warehousetest.Main(m)
}

// patient is the product's patience without its pauses.
var patient = load.Patience{Attempts: 5, Limit: 2 * time.Minute, First: time.Millisecond, Longest: 20 * time.Millisecond}

// impatient gives up on a warehouse that is away as soon as it has tried a second time.
var impatient = load.Patience{Attempts: 5, Limit: time.Nanosecond, First: time.Millisecond, Longest: time.Millisecond}

// loading are the statements that load a unit.
func loading(statement string) bool {
	return containsAny(statement, []string{"CREATE TABLE", "INSERT INTO etl.", "ALTER TABLE warehouse."})
}

// and adds a statement of a refresh, which begins anew as a whole where it fails.
func and(matches func(string) bool, table string) func(string) bool {
	return func(statement string) bool {
		return matches(statement) || strings.Contains(statement, "INSERT INTO kpi_core."+table+" (") || strings.Contains(statement, "INSERT INTO kpi_core."+table+"\n")
	}
}

const slowDown = `<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>`

// passing faults end in success. Several places are spoilt at once: a run costs more than what it is to show.
var passing = []struct {
	name  string
	spoil func(t *testing.T, s *site, p *load.Patience)
}{
	{"connections are slow, and the warehouse's gateway is not ready", func(t *testing.T, s *site, _ *load.Patience) {
		for _, p := range []*place{s.s3, s.api} {
			p.toxic(t, `{"type": "latency", "attributes": {"latency": 20, "jitter": 10}}`)
			p.toxic(t, `{"type": "bandwidth", "attributes": {"rate": 200}}`)
			p.toxic(t, `{"type": "slow_close", "attributes": {"delay": 50}}`)
		}
		s.warehouse.toxic(t, `{"type": "latency", "attributes": {"latency": 2}}`)
		s.warehouse.toxic(t, `{"type": "bandwidth", "attributes": {"rate": 500}}`)
		s.warehouse.toxic(t, `{"type": "slicer", "attributes": {"average_size": 512, "size_variation": 256}, "stream": "upstream"}`)
		s.warehouse.toxic(t, `{"type": "slow_close", "attributes": {"delay": 50}}`)
		s.warehouse.spoil(eachFirst(loading, answer(http.StatusBadGateway, "<html>")))
	}},
	{"bodies are cut short", func(_ *testing.T, s *site, _ *load.Patience) {
		s.s3.spoil(first(3, object, cutAnswer(4000)))
		s.api.spoil(first(3, anything, cutAnswer(1000)))
		s.warehouse.spoil(both(first(2, staging, cutRequest(2000)), first(1, contains("What the ledger says"), cutAnswer(20))))
	}},
	{"places are overloaded, and memory is short", func(_ *testing.T, s *site, _ *load.Patience) {
		s.s3.spoil(first(3, anything, answer(http.StatusServiceUnavailable, slowDown)))
		s.api.spoil(first(3, anything, answer(http.StatusTooManyRequests, "later")))
		s.warehouse.spoil(eachFirst(loading, with("max_memory_usage", "1")))
	}},
	{"connections are reset", func(_ *testing.T, s *site, _ *load.Patience) {
		s.s3.spoil(first(3, anything, dropped))
		s.api.spoil(first(3, anything, dropped))
		s.warehouse.spoil(eachFirst(loading, dropped))
	}},
	{"answers are lost when the warehouse has done what it was asked", func(_ *testing.T, s *site, _ *load.Patience) {
		s.warehouse.spoil(eachFirst(and(loading, "edition"), lost))
	}},
	{"statements are killed", func(_ *testing.T, s *site, _ *load.Patience) {
		s.warehouse.spoil(eachFirst(and(loading, "member_month"), killed(s)))
	}},
	{"the warehouse goes away and comes back", func(_ *testing.T, s *site, p *load.Patience) {
		s.warehouse.spoil(eachFirst(func(statement string) bool {
			return containsAny(statement, []string{"INSERT INTO etl.stage", "ATTACH PARTITION", "INSERT INTO etl.units", "INSERT INTO kpi_core.metric_month"})
		}, goesAway))
		p.Notice = func(error) { _ = s.warehouse.proxy.Start() } // it may be there already
	}},
	{"there are too many parts for a while", func(t *testing.T, s *site, p *load.Patience) {
		s.ask(t, "ALTER TABLE etl.unit_entities MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1")
		p.Notice = func(error) {
			s.ask(t, "ALTER TABLE etl.unit_entities RESET SETTING parts_to_throw_insert, parts_to_delay_insert")
		}
	}},
}

// failing faults end in a failure that leaves everything as it was. They follow each other without repair.
var failing = []struct {
	name     string
	source   string
	patience load.Patience
	spoil    func(t *testing.T, s *site)
	says     []string
	heal     func(t *testing.T, s *site)
}{
	{name: "S3 is away", source: awardsSource, spoil: func(_ *testing.T, s *site) { s.s3.proxy.Stop() }, says: []string{"source awards", "connection refused", "check s3.endpoint"}},
	{name: "S3 resets objects", source: awardsSource, spoil: func(_ *testing.T, s *site) { s.s3.spoil(always(object, dropped)) }, says: []string{"awards/2.csv", "check s3.endpoint"}},
	{name: "S3 cuts objects", source: awardsSource, spoil: func(_ *testing.T, s *site) { s.s3.spoil(always(object, cutAnswer(1000))) }, says: []string{"awards/2.csv", "the download broke 5 times"}},
	{name: "S3 is overloaded", source: awardsSource, spoil: func(_ *testing.T, s *site) {
		s.s3.spoil(always(object, answer(http.StatusServiceUnavailable, slowDown)))
	}, says: []string{"awards/2.csv", "SlowDown"}},
	{name: "S3 finds the clock wrong", source: awardsSource, spoil: func(_ *testing.T, s *site) {
		s.s3.spoil(always(anything, answer(http.StatusForbidden, `<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message></Error>`)))
	}, says: []string{"RequestTimeTooSkewed", "set this machine's clock"}},
	{name: "the API is away", source: redemptionsSource, spoil: func(_ *testing.T, s *site) { s.api.proxy.Stop() }, says: []string{"source redemptions", "check http.url"}},
	{name: "the API cuts its third page", source: redemptionsSource, spoil: func(_ *testing.T, s *site) { s.api.spoil(always(page(3), cutAnswer(1000))) }, says: []string{"redemptions", "5 attempts failed"}},
	{name: "the API breaks at its third page", source: redemptionsSource, spoil: func(_ *testing.T, s *site) {
		s.api.spoil(always(page(3), answer(http.StatusInternalServerError, token)))
	}, says: []string{"5 attempts failed", "500 Internal Server Error"}},
	{name: "the API wants a longer wait than it is granted", source: redemptionsSource, spoil: func(_ *testing.T, s *site) {
		s.api.spoil(always(page(2), func(p *place, w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Retry-After", "86400")
			return answer(http.StatusTooManyRequests, "")(p, w, r)
		}))
	}, says: []string{"429", "24h"}},
	{name: "the warehouse is away", source: awardsSource, patience: impatient, spoil: func(_ *testing.T, s *site) { s.warehouse.proxy.Stop() }, says: []string{"warehouse", "connection refused", "look whether it runs"}},
	{name: "the warehouse goes away for good", source: awardsSource, patience: impatient, spoil: func(_ *testing.T, s *site) {
		s.warehouse.spoil(always(staging, goesAway))
	}, says: []string{"warehouse", "look whether it runs"}},
	{name: "the user may only read", source: awardsSource, spoil: func(_ *testing.T, s *site) {
		s.warehouse.spoil(always(anything, with("readonly", "2")))
	}, says: []string{"the user may not write; give the pipeline a user that may"}},
	{name: "the disk is full for rows", source: awardsSource, spoil: func(_ *testing.T, s *site) {
		s.warehouse.spoil(always(staging, with("min_free_disk_bytes_to_perform_insert", "1000000000000000000")))
	}, says: []string{"make room on the warehouse's disk"}},
	{name: "the disk is full for the ledger", source: redemptionsSource, spoil: func(_ *testing.T, s *site) {
		s.warehouse.spoil(always(contains("INSERT INTO etl.unit_entities"), with("min_free_disk_bytes_to_perform_insert", "1000000000000000000")))
	}, says: []string{"make room on the warehouse's disk"}},
	{name: "the facts are read-only", source: awardsSource, spoil: func(t *testing.T, s *site) {
		s.ask(t, "ALTER TABLE warehouse.awards MODIFY SETTING table_readonly = 1")
	}, says: []string{"TABLE_IS"}, heal: func(t *testing.T, s *site) {
		s.ask(t, "ALTER TABLE warehouse.awards RESET SETTING table_readonly")
	}},
	{name: "somebody on the way passes on half of the rows", source: awardsSource, spoil: func(_ *testing.T, s *site) {
		s.warehouse.spoil(always(staging, half))
	}, says: []string{"cut short on its way"}},
	{name: "an operator kills every load", source: awardsSource, spoil: func(_ *testing.T, s *site) {
		s.warehouse.spoil(always(contains("INSERT INTO etl.unit_entities"), killed(s)))
	}, says: []string{"by an operator"}},
}

func TestFaults(t *testing.T) {
	s := newSite(t)
	before := s.state(t)
	s.mustRun(t)
	after := s.state(t)
	if before.awards == after.awards || before.redemptions == after.redemptions || before.figures == after.figures {
		t.Fatal("the second delivery changes nothing")
	}
	for _, fault := range passing {
		t.Run(fault.name, func(t *testing.T) {
			s.bringBack(t)
			patience := patient
			fault.spoil(t, s, &patience)
			report, said, err := s.run(t, patience)
			s.heal(t)
			if err != nil {
				t.Fatalf("the run fails: %s", said)
			}
			if report.Total().Loaded != 2 {
				t.Errorf("%d units are loaded", report.Total().Loaded)
			}
			same(t, s.state(t), after)
		})
	}
	s.bringBack(t)
	same(t, s.state(t), before)
	for _, fault := range failing {
		t.Run(fault.name, func(t *testing.T) {
			patience := fault.patience
			if patience.Attempts == 0 {
				patience = patient
			}
			fault.spoil(t, s)
			_, said, err := s.run(t, patience, fault.source)
			s.heal(t)
			if fault.heal != nil {
				fault.heal(t, s)
			}
			if err == nil {
				t.Fatal("the run does not fail")
			}
			for _, want := range fault.says {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q: %s", want, said)
				}
			}
			t.Log(said)
			same(t, s.state(t), before)
		})
	}
	t.Run("interrupted", func(t *testing.T) { interrupts(t, s, before, after) })
	t.Run("the figures cannot be computed", func(t *testing.T) {
		s.warehouse.spoil(always(contains("kpi_core.metric_month"), with("max_memory_usage", "1")))
		patience := patient
		patience.Attempts = 2
		_, said, err := s.run(t, patience)
		s.heal(t)
		if err == nil || !strings.Contains(said, "raise max_memory_usage") {
			t.Errorf("the run says %v: %s", err, said)
		}
		same(t, s.state(t), state{after.awards, after.redemptions, before.figures})
	})
	s.mustRun(t)
	same(t, s.state(t), after)
}

func (s *site) heal(t *testing.T) {
	t.Helper()
	for _, p := range []*place{s.s3, s.api, s.warehouse} {
		p.heal(t)
	}
}

func same(t *testing.T, got, want state) {
	t.Helper()
	for _, part := range [][2]string{{got.awards, want.awards}, {got.redemptions, want.redemptions}, {got.figures, want.figures}} {
		if part[0] != part[1] {
			t.Errorf("the warehouse holds %s, not %s", part[0], part[1])
		}
	}
}

func page(n int) func(string) bool { return contains(fmt.Sprintf("page=%d", n)) }
