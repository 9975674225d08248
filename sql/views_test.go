package sql_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/sql"
)

func TestViewsWrittenOut(t *testing.T) {
	views := sql.Views{
		"kpi_core.inner": "SELECT a FROM kpi_core.t WHERE edition = {edition:UInt64}",
		"kpi_core.outer": "SELECT a FROM kpi_core.inner(edition = {edition:UInt64}) AS i WHERE at >= {since:DateTime64(6, 'UTC')}",
	}
	for statement, want := range map[string]string{
		"SELECT 1": "SELECT 1",
		"SELECT a FROM kpi_core.inner(edition = {base:UInt64}) AS i":                        "SELECT a FROM (\nSELECT a FROM kpi_core.t WHERE edition = {base:UInt64}\n) AS i",
		"SELECT a FROM kpi_core.other(edition = {base:UInt64})":                             "SELECT a FROM kpi_core.other(edition = {base:UInt64})",
		"FROM kpi_core.outer(edition = {base:UInt64}, since = {from:DateTime64(6, 'UTC')})": "FROM (\nSELECT a FROM (\nSELECT a FROM kpi_core.t WHERE edition = {base:UInt64}\n) AS i WHERE at >= {from:DateTime64(6, 'UTC')}\n)",
	} {
		if diff := cmp.Diff(want, views.WrittenOut(statement)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", statement, diff)
		}
	}
}

// TestRefreshWrittenOut: no statement of a refresh has a view with parameters left in it.
func TestRefreshWrittenOut(t *testing.T) {
	left := regexp.MustCompile(`\b(FROM|JOIN)\s+\w+\.\w+\(`)
	forms := map[string]*sql.Cluster{"one server": nil, "plain": forms["plain"], "replicated": forms["replicated"]}
	for form, cluster := range forms {
		views, err := cluster.Views()
		if err != nil {
			t.Fatal(err)
		}
		scripts, err := sql.Scripts("refresh")
		if err != nil {
			t.Fatal(err)
		}
		written := 0
		for _, script := range scripts {
			text := views.WrittenOut(script.Text)
			if found := left.FindString(text); found != "" {
				t.Errorf("%s: %s still has %q", form, script.Name, found)
			}
			written += strings.Count(text, "\n)")
		}
		if written == 0 {
			t.Errorf("%s: nothing was written out", form)
		}
	}
}
