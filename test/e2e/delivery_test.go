package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
)

const oneSource = `
reporting: {currency: USD}
sources:
  awards:
    %s
    mappings:
      - entity: awards
        columns: {program_id: {value: p}, award_id: id, member_id: m, amount: amount, currency: {value: USD}, awarded_at: at}
`

func configOf(t *testing.T, place string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "partnerplus.yaml")
	if err := os.WriteFile(path, []byte(fmt.Sprintf(oneSource, place)), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func awarded(t *testing.T, w *load.Warehouse) string {
	t.Helper()
	rows := ask(t, w, "SELECT groupArray((toString(month), toString(dollars_awarded))) AS months FROM (SELECT * FROM kpi.portfolio_financial_monthly ORDER BY month)")
	return fmt.Sprint(rows[0]["months"])
}

// TestDeliveredAgain delivers a file, a correction of it, and the first content once more. Without a version column the
// later delivery wins, also where its content was seen before.
func TestDeliveredAgain(t *testing.T) {
	server := extracttest.Start(t)
	server.CreateBucket(t, "deliveries")
	c := configOf(t, fmt.Sprintf("s3: {bucket: deliveries, glob: '*.csv', endpoint: %q, path_style: true, access_key_id: %q, secret_access_key: %q}",
		server.Endpoint, server.AccessKey, server.SecretKey))
	w := migrated(t, c)
	const header = "id,m,amount,at\n"
	for _, delivery := range []struct{ rows, want string }{
		{"1,m1,10.00,2024-01-15\n2,m2,5.00,2024-02-15\n", "[[2024-01-01 10] [2024-02-01 5]]"},
		{"1,m1,12.50,2024-02-15\n2,m2,5.00,2024-02-15\n", "[[2024-02-01 17.5]]"},
		{"1,m1,10.00,2024-01-15\n2,m2,5.00,2024-02-15\n", "[[2024-01-01 10] [2024-02-01 5]]"},
	} {
		// S3 keeps whole seconds: the next delivery has to be of a later one.
		for second := time.Now().Unix(); time.Now().Unix() == second; {
			select {
			case <-t.Context().Done():
				t.Fatal(t.Context().Err())
			case <-time.After(time.Until(time.Unix(second+1, 0))):
			}
		}
		server.Put(t, "deliveries", "awards.csv", []byte(header+delivery.rows))
		if report := run(t, w, c, pipeline.Request{}); report.Total().Loaded != 1 {
			t.Errorf("%d units were loaded", report.Total().Loaded)
		}
		if got := awarded(t, w); got != delivery.want {
			t.Errorf("awarded %s, want %s", got, delivery.want)
		}
	}
	if report := run(t, w, c, pipeline.Request{}); report.Total().New != 0 {
		t.Errorf("%d units are new, want none", report.Total().New)
	}
}

// TestNothingIsSaid has a source whose pattern matches nothing: the run is done, but not in silence.
func TestNothingIsSaid(t *testing.T) {
	dir := t.TempDir()
	c := configOf(t, fmt.Sprintf("file: {path: %q, glob: '*.csv'}", dir))
	w := migrated(t, c)
	report := run(t, w, c, pipeline.Request{})
	if report.Status != pipeline.StatusRejects || len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], "source awards offers nothing") {
		t.Errorf("status %s, warnings %q", report.Status, report.Warnings)
	}
}
