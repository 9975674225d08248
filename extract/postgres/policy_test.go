package postgres_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/postgres"
	"github.com/partnerplus/warehouse/test/pagetest"
)

// TestPolicyPage: the page says what the code does.
func TestPolicyPage(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"code", "verdict", "why, or what to do"}}
	for _, code := range slices.Sorted(maps.Keys(postgres.States)) {
		rule := postgres.States[code]
		if rule.Verdict == extract.Fail || rule.Why == "" {
			t.Errorf("code %s has no verdict, or no reason", code)
		}
		rows = append(rows, []string{code, string(rule.Verdict), rule.Why})
	}
	pagetest.Table(t, "../RETRIES.md", "PostgreSQL's error codes", rows)
}
