package sql_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/sql"
)

var update = flag.Bool("update", false, "write the golden file anew")

var forms = map[string]*sql.Cluster{
	"plain":      {Name: "two-shards"},
	"replicated": {Name: "partnerplus", Replicated: true},
}

// TestClusterGolden shows what statements of each kind become.
func TestClusterGolden(t *testing.T) {
	var shown strings.Builder
	for _, form := range []string{"plain", "replicated"} {
		cluster := forms[form]
		for _, name := range []string{
			"bootstrap/01_database_etl.sql", "bootstrap/02_etl_schema_migrations.sql", "migrations/0001_database_warehouse.sql",
			"migrations/0010_etl_settings.sql", "migrations/0027_warehouse_portal_events.sql", "migrations/0043_kpi_core_entry.sql",
			"migrations/0082_etl_rejects_mapping.sql", "core/006_fact_end.sql", "core/044_organisation_in.sql",
		} {
			written, err := cluster.Written(sql.Script{Name: name, Text: cluster.Text(name)})
			if err != nil {
				t.Fatal(err)
			}
			shown.WriteString("==== " + form + ", " + name + "\n" + written + "\n")
		}
		for _, statement := range []string{
			"-- A column of events.\nALTER TABLE warehouse.awards\n    ADD COLUMN IF NOT EXISTS channel String COMMENT 'Has an INDEX in its comment' AFTER kind",
			"ALTER TABLE warehouse.awards ADD INDEX IF NOT EXISTS by_member member_id TYPE bloom_filter",
			"ALTER TABLE warehouse.members ADD COLUMN IF NOT EXISTS tier String",
			"DROP TABLE IF EXISTS warehouse.redemptions SYNC",
			"DROP VIEW IF EXISTS kpi.metrics SYNC",
		} {
			written, err := cluster.Written(sql.Script{Text: statement})
			if err != nil {
				t.Fatal(err)
			}
			shown.WriteString("==== " + form + ", a statement\n" + written + "\n")
		}
	}
	const golden = "testdata/cluster.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(shown.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(string(want), shown.String()); difference != "" {
		t.Errorf("run go test ./sql -update, and look at what changes (-want +got):\n%s", difference)
	}
}

// TestClusterTakesEveryStatement writes the whole schema in both forms, and looks at what each statement has to have.
func TestClusterTakesEveryStatement(t *testing.T) {
	var (
		table    = regexp.MustCompile(`(?m)^CREATE TABLE`)
		alter    = regexp.MustCompile(`(?m)^ALTER TABLE`)
		alone    = regexp.MustCompile(`(?m)^ENGINE = (Replacing)?MergeTree`)
		replicas = regexp.MustCompile(`(?m)^ENGINE = Replicated(Replacing)?MergeTree\('/clickhouse/tables/partnerplus/(all/[a-z_.]+', '\{shard\}-|\{shard\}/warehouse\.[a-z_]+_shard', ')\{replica\}'`)
		over     = regexp.MustCompile(`(?m)^ENGINE = Distributed\('[a-z-]+', 'warehouse', '[a-z_]+_shard', cityHash64\(program_id, [a-z]+_id\)\)$`)
	)
	for form, cluster := range forms {
		everywhere, distributed := 0, 0
		for _, folder := range []string{"bootstrap", "migrations", "core", "metrics", "rules", "kpi", "checks"} {
			scripts, err := cluster.Scripts(folder)
			if err != nil {
				t.Fatal(err)
			}
			for _, script := range scripts {
				for _, statement := range script.Statements() {
					placed, err := cluster.Schema(statement)
					if err != nil {
						t.Errorf("%s, %s: %v", form, script.Name, err)
					}
					for _, p := range placed {
						wrong := func(what string) { t.Errorf("%s, %s: %s:\n%s", form, script.Name, what, p.Text) }
						if p.Everywhere {
							everywhere++
						}
						if over.MatchString(p.Text) {
							distributed++
						}
						switch onCluster := strings.Contains(p.Text, " ON CLUSTER 'partnerplus'"); {
						case !cluster.Replicated && (onCluster || strings.Contains(p.Text, "Replicated")):
							wrong("it is replicated")
						case !cluster.Replicated:
						case p.Everywhere:
							wrong("the servers pass it on to each other")
						case onCluster == alter.MatchString(p.Text):
							wrong("ON CLUSTER is for all but what replicas pass on")
						case table.MatchString(p.Text) && (alone.MatchString(p.Text) || replicas.MatchString(p.Text) == over.MatchString(p.Text)):
							wrong("the engine is neither Replicated nor Distributed")
						}
						if strings.Contains(p.Text, "{cluster:") {
							wrong("the cluster's name is missing")
						}
					}
				}
			}
		}
		// The database of facts, and four tables of events.
		if want := map[bool]int{false: 5, true: 0}[cluster.Replicated]; everywhere != want || distributed != 4 {
			t.Errorf("%s: %d statements are sent to each server, want %d; %d tables are Distributed, want 4", form, everywhere, want, distributed)
		}
	}
}

func TestClusterRefuses(t *testing.T) {
	for _, tt := range []struct{ statement, want string }{
		{"INSERT INTO etl.settings SELECT 1", `knows no statement like "INSERT INTO etl.settings SELECT 1"`},
		{"-- Renamed.\nRENAME TABLE a TO b", `knows no statement like "RENAME TABLE a TO b"`},
		{"CREATE TABLE IF NOT EXISTS warehouse.awards (a String)\nENGINE = MergeTree\nORDER BY a", "it has none"},
		{"CREATE TABLE IF NOT EXISTS etl.x (a String) ENGINE = Memory", "has no line ENGINE"},
		{"ALTER TABLE warehouse.awards ADD COLUMN a String, MODIFY ORDER BY (program_id, award_id, a)", "make it two statements"},
		{"CREATE OR REPLACE VIEW warehouse.awards AS SELECT 1", "knows no CREATE VIEW"},
	} {
		if _, err := forms["replicated"].Schema(tt.statement); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.statement, err, tt.want)
		}
	}
}

// TestOneServer leaves everything as the files have it.
func TestOneServer(t *testing.T) {
	var one *sql.Cluster
	statement := "RENAME TABLE a TO b"
	if placed, err := one.Schema(statement); err != nil || !cmp.Equal(placed, []sql.Placed{{Text: statement}}) {
		t.Errorf("%v, %v", placed, err)
	}
	if one.Text("load/attach.sql") != sql.Text("load/attach.sql") || forms["plain"].Text("load/attach.sql") == sql.Text("load/attach.sql") {
		t.Error("a file of sql/cluster is for clusters, and for these alone")
	}
}
