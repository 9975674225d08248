package cluster

import (
	"testing"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/sql"
)

// schema checks that the engine's parser takes every statement of the schema as a cluster with Keeper has it: no engine here
// runs that form.
func schema(t *testing.T, w *load.Warehouse) {
	replicated := &sql.Cluster{Name: clusterName, Replicated: true}
	statements := 0
	for _, folder := range []string{"bootstrap", "migrations", "core", "metrics", "rules", "kpi", "checks"} {
		scripts, err := replicated.Scripts(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, script := range scripts {
			for _, statement := range script.Statements() {
				placed, err := replicated.Schema(statement)
				if err != nil {
					t.Errorf("%s: %v", script.Name, err)
				}
				for _, p := range placed {
					statements++
					if err := parses(t.Context(), w, p.Text); err != nil {
						t.Errorf("%s: %v\n%s", script.Name, err, p.Text)
					}
				}
			}
		}
	}
	if statements < 200 {
		t.Errorf("%d statements were checked only", statements)
	}
	if err := parses(t.Context(), w, "CREATE TABLE broken ON CLUSTER (a String)"); err == nil {
		t.Error("the parser takes a statement that is none")
	}
}
