package httpapi_test

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/httpapi"
	"github.com/partnerplus/warehouse/test/pagetest"
)

// TestPolicyPage: the page says what the code does.
func TestPolicyPage(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"status", "name", "verdict", "why, or what to do"}}
	for _, status := range slices.Sorted(maps.Keys(httpapi.Statuses)) {
		rule := httpapi.Statuses[status]
		if rule.Verdict == extract.Fail || rule.Why == "" {
			t.Errorf("status %d has no verdict, or no reason", status)
		}
		rows = append(rows, []string{strconv.Itoa(status), http.StatusText(status), string(rule.Verdict), rule.Why})
	}
	pagetest.Table(t, "../RETRIES.md", "HTTP APIs", rows)
}
