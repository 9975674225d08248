package cluster

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/contents"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

const golden = "../golden/testdata"

// corrections is what the second delivery brings: events that move to another month, organisation and member, or are
// deleted; one that contradicts the first delivery, and one that is older than it; new ones; and a reject.
var corrections = map[string]string{
	"awards": "program_id,award_id,org_id,member_id,kind,amount,currency,awarded_at,version,is_deleted\n" +
		"P1,a001,\"O,2\",m2,award,120,USD,2024-04-10T09:00:00.000Z,2,0\n" +
		"P1,a002,O1,m1,award,50.00,USD,2024-02-10T09:00:00.000Z,2,1\n" +
		"P1,a003,O1,m1,reversal,11,USD,2024-03-20T12:00:00.000Z,1,0\n" +
		"P1,a004,O1,m1,award,9999,USD,2024-01-01T12:00:00.000Z,0,0\n" +
		newAwards() +
		"P1,gift,O1,m3,gift,7,USD,2024-05-02T09:00:00.000Z,1,0\n",
	"redemptions": "program_id,redemption_id,org_id,member_id,kind,amount,currency,category,redeemed_at,version,is_deleted\n" +
		"P1,r001,O1,m1,redemption,110,USD,gift card,2024-04-05T09:00:00.000Z,2,0\n" +
		"P1,r010,O1,m2,redemption,100,USD,gift card,2024-02-20T12:00:00.000Z,2,1\n",
	"portal_sessions": "program_id,session_id,org_id,member_id,started_at,duration_s,page_views,device,version,is_deleted\n" +
		"P1,s001,O1,m2,2024-04-30T23:59:59.999Z,60,3,web,2,0\n" +
		"P1,s002,O1,m1,2024-06-01T00:00:00.000Z,0,1,web,2,1\n",
	"portal_events": "program_id,event_id,member_id,visitor_id,occurred_at,page,device,version,is_deleted\n" +
		"P3,p02,t3,v1,2024-07-02T00:10:00.000Z,/home,web,2,0\n" +
		"P3,p90,t3,v1,2024-07-02T00:30:00.000Z,/home,web,1,0\n",
	"members":  "program_id,member_id,org_id,segment,joined_on,left_on,version,is_deleted\nP1,m2,\"O,2\",gold,2024-01-31,,2,0\n",
	"fx_rates": "currency,day,rate,version,is_deleted\nEUR,2024-01-05,1.2100,2,0\n",
}

func newAwards() string {
	var rows strings.Builder
	for i := range 40 {
		fmt.Fprintf(&rows, "P2,new%d,,x%d,award,%d.25,EUR,2024-0%d-11T10:00:00.000Z,1,0\n", i, i%7, i+1, 1+i%6)
	}
	return rows.String()
}

// site is a warehouse, and the pipeline that fills it from a folder of files.
type site struct {
	*load.Warehouse
	pipeline *pipeline.Pipeline
	engine   *engine.Engine
}

func newSite(t *testing.T, w *load.Warehouse, e *engine.Engine, c *config.Config) site {
	t.Helper()
	if _, err := w.Migrate(t.Context(), load.Reporting{Timezone: c.Reporting.Timezone, Currency: c.Reporting.Currency}); err != nil {
		t.Fatal(err)
	}
	return site{w, &pipeline.Pipeline{Config: c, Warehouse: w, Log: zap.NewNop()}, e}
}

// run runs the pipeline, and gives the errors of what failed.
func (s site) run(t *testing.T, request pipeline.Request) []string {
	t.Helper()
	report, err := s.pipeline.Run(t.Context(), request)
	if err != nil && len(report.Errors) == 0 {
		t.Fatal(err)
	}
	return report.Errors
}

// deliver writes a file, as delivered on some day.
func deliver(t *testing.T, dir, name string, content []byte, day int) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	delivered := time.Date(2025, 1, day, 6, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, delivered, delivered); err != nil {
		t.Fatal(err)
	}
}

// configured reads the config of canonical files in a folder, with the kinds that awards may have.
func configured(t *testing.T, dir, kind string) *config.Config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(golden, "canonical.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOLDEN_ZONE", "America/New_York")
	t.Setenv("GOLDEN_DIR", dir)
	yaml := strings.ReplaceAll(string(text), `.csv*"`, `*.csv"`)
	yaml = strings.Replace(yaml, "kind: kind", "kind: "+kind, 1)
	path := filepath.Join(t.TempDir(), "partnerplus.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTwoShards loads the same deliveries into one engine and into two shards, and compares all that there is. On the way, a
// load is cut short when its rows are on one shard only.
func TestTwoShards(t *testing.T) {
	dir := t.TempDir()
	first, err := filepath.Glob(filepath.Join(golden, "small", "*.csv"))
	if err != nil || len(first) != 8 {
		t.Fatalf("the first delivery has %d files: %v", len(first), err)
	}
	for _, path := range first {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		deliver(t, dir, filepath.Base(path), content, 1)
	}
	c := configured(t, dir, "kind")

	shards := startPair(t)
	two := newSite(t, open(t, shards[0].DSN(), load.WithCluster(shards.cluster())), shards[0], c)
	alone := warehousetest.Engine(t)
	one := newSite(t, open(t, alone.DSN()), alone, c)
	both := []site{one, two}

	t.Run("first delivery", func(t *testing.T) {
		for _, s := range both {
			if failed := s.run(t, pipeline.Request{}); len(failed) > 0 {
				t.Fatal(failed)
			}
		}
		spread(t, shards)
	})
	t.Run("corrections, and a load cut short between the shards", func(t *testing.T) {
		for name, content := range corrections {
			deliver(t, dir, name+"_2.csv", []byte(content), 2)
		}
		shards.ask(t, 1, "ALTER TABLE warehouse.awards_shard ADD CONSTRAINT full CHECK is_deleted > 1")
		if failed := two.run(t, pipeline.Request{NoRefresh: true}); len(failed) != 1 || !strings.Contains(failed[0], "Constraint `full`") {
			t.Fatalf("with a shard that takes no rows: %v", failed)
		}
		stages := shards.ask(t, 0, "SELECT name FROM system.tables WHERE database = 'etl' AND startsWith(name, 'stage_')")
		if len(stages) != 1 {
			t.Fatalf("a load whose rows may still come in leaves its stage behind; there are %v", stages)
		}
		shards.ask(t, 0, "INSERT INTO warehouse.awards_shard SELECT * FROM etl."+stages[0]+" WHERE cityHash64(program_id, award_id) % 2 = 0")
		shards.ask(t, 1, "ALTER TABLE warehouse.awards_shard DROP CONSTRAINT full")
		for _, s := range both {
			if failed := s.run(t, pipeline.Request{}); len(failed) > 0 {
				t.Fatal(failed)
			}
		}
		spread(t, shards)
	})
	t.Run("delivered again, and rejects replayed", func(t *testing.T) {
		again, err := os.ReadFile(filepath.Join(dir, "awards.csv"))
		if err != nil {
			t.Fatal(err)
		}
		deliver(t, dir, "awards.csv", again, 3)
		mended := configured(t, dir, "{from: kind, map: {gift: award}, map_else: $keep}")
		for _, s := range both {
			if failed := s.run(t, pipeline.Request{NoRefresh: true}); len(failed) > 0 {
				t.Fatal(failed)
			}
			s.pipeline.Config = mended
			report, err := s.pipeline.Replay(t.Context(), pipeline.ReplayRequest{})
			if err != nil || len(report.Sources) == 0 || report.Left() > 0 {
				t.Fatalf("replay: %+v, %v", report, err)
			}
		}
		same(t, one, two)
		if rows := shards.ask(t, 0, "SELECT kind FROM warehouse.awards FINAL WHERE award_id = 'gift'"); !slices.Equal(rows, []string{"award"}) {
			t.Errorf("the reject that was replayed is there as %v", rows)
		}
	})
	t.Run("checks", func(t *testing.T) {
		var verdicts [2][]string
		for i, s := range both {
			results, err := s.pipeline.Validate(t.Context(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				verdicts[i] = append(verdicts[i], r.Check+": "+r.Verdict+", "+r.Figure)
			}
		}
		if len(verdicts[0]) != 10 || !slices.Equal(verdicts[0], verdicts[1]) {
			t.Errorf("on one engine:\n%s\non two shards:\n%s", strings.Join(verdicts[0], "\n"), strings.Join(verdicts[1], "\n"))
		}
		if !slices.Contains(verdicts[1], "reconciliation: pass, 0") {
			t.Errorf("the figures of two shards are not what their facts give: %v", verdicts[1])
		}
	})
	t.Run("every statement of the schema", func(t *testing.T) { schema(t, two.Warehouse) })
	t.Run("configs that do not fit", func(t *testing.T) { misfits(t, shards, one) })
}

// figureTables are the computed tables behind kpi, as the edition published last has them.
var figureTables = []string{
	"entry", "visit", "activity", "mention", "member", "organisation", "member_month", "redeemed_lot", "conversion", "scope_flow",
	"distribution_month", "scope_month", "metric_month", "exception", "lens",
}

// same compares all tables of two warehouses, and that the facts and figures have rows to compare.
func same(t *testing.T, one, two site) {
	t.Helper()
	var found [2]contents.Contents
	for i, s := range []site{one, two} {
		all, err := contents.Read(s.engine.Address())
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range figureTables {
			rows, err := contents.Ask(s.engine.Address(), "SELECT * FROM kpi_core."+table+"_in(edition = (SELECT max(edition) FROM kpi_core.edition)) ORDER BY ALL")
			if err != nil {
				t.Fatal(err)
			}
			all["kpi_core."+table] = rows
		}
		delete(all, "system.tables") // engines differ,
		delete(all, "etl.schema")    // and so does one view
		maps.DeleteFunc(all, func(table string, _ []string) bool { return strings.HasSuffix(table, "_shard") })
		found[i] = all
	}
	if differences := found[1].Differences(found[0]); len(differences) > 0 {
		t.Errorf("two shards hold other rows than one engine:\n%s", strings.Join(differences, "\n"))
	}
	for _, table := range []string{"warehouse.awards", "warehouse.portal_events", "kpi.metric_monthly", "kpi.exceptions", "kpi_core.lens", "etl.units"} {
		if len(found[1][table]) == 0 {
			t.Errorf("%s has no rows", table)
		}
	}
}

// spread checks that each shard holds rows of each table of events, and no key is on both.
func spread(t *testing.T, shards pair) {
	t.Helper()
	for table, key := range map[string]string{"awards": "award_id", "redemptions": "redemption_id", "portal_sessions": "session_id", "portal_events": "event_id"} {
		var keys [2]map[string]bool
		for i := range shards {
			keys[i] = map[string]bool{}
			for _, row := range shards.ask(t, i, "SELECT DISTINCT program_id, "+key+" FROM warehouse."+table+"_shard") {
				keys[i][row] = true
			}
			if len(keys[i]) == 0 {
				t.Errorf("shard %d has no %s", i+1, table)
			}
		}
		for row := range keys[0] {
			if keys[1][row] {
				t.Errorf("%s %s is on both shards", table, row)
			}
		}
	}
	if others := shards.ask(t, 1, "SELECT concat(database, '.', name) FROM system.tables WHERE database IN ('warehouse', 'etl', 'kpi', 'kpi_core') AND name NOT LIKE '%\\_shard'"); len(others) > 0 {
		t.Errorf("the second shard has tables besides its part of the events: %v", others)
	}
}

// misfits opens warehouses by configs that they are not for.
func misfits(t *testing.T, shards pair, one site) {
	cluster := shards.cluster()
	for _, tt := range []struct {
		name, dsn string
		cluster   load.Cluster
		want      string
	}{
		{"unknown cluster", shards[0].DSN(), load.Cluster{Name: "three-shards", Hosts: cluster.Hosts}, "knows no cluster three-shards"},
		{"a host too few", shards[0].DSN(), load.Cluster{Name: clusterName}, "has 1 servers besides " + open(t, shards[0].DSN()).Address() + ", but 0 are named"},
		{"no cluster, of a warehouse that is one", shards[0].DSN(), load.Cluster{}, "the warehouse is that of a cluster; set warehouse.cluster"},
		{"a server outside", one.engine.DSN(), cluster, "knows no cluster two-shards"},
		{"macros that tell servers apart", shards[0].DSN(), load.Cluster{Name: clusterName, Replicated: true}, ""},
	} {
		var options []load.Option
		if tt.cluster.Name != "" {
			options = append(options, load.WithCluster(tt.cluster))
		}
		w := open(t, tt.dsn, options...)
		var err error
		if tt.cluster.Replicated {
			_, err = w.CheckCluster(t.Context())
		} else {
			_, err = w.Migrate(t.Context(), load.Reporting{Timezone: "America/New_York", Currency: "USD"})
		}
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
