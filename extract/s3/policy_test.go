package s3_test

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/s3"
	"github.com/partnerplus/warehouse/test/pagetest"
)

// TestPolicyPage: the page says what the code does.
func TestPolicyPage(t *testing.T) {
	t.Parallel()
	codes := [][]string{{"code", "verdict", "why, or what to do"}}
	for _, code := range slices.Sorted(maps.Keys(s3.Codes)) {
		rule := s3.Codes[code]
		if rule.Verdict == extract.Fail || rule.Why == "" {
			t.Errorf("code %s has no verdict, or no reason", code)
		}
		codes = append(codes, []string{code, string(rule.Verdict), rule.Why})
	}
	pagetest.Table(t, "../RETRIES.md", "S3's error codes", codes)
	rows := [][]string{{"status", "name", "verdict", "why, or what to do"}}
	for _, status := range slices.Sorted(maps.Keys(s3.Statuses)) {
		rule := s3.Statuses[status]
		if rule.Verdict == extract.Fail || rule.Why == "" {
			t.Errorf("status %d has no verdict, or no reason", status)
		}
		rows = append(rows, []string{strconv.Itoa(status), http.StatusText(status), string(rule.Verdict), rule.Why})
	}
	pagetest.Table(t, "../RETRIES.md", "S3's statuses, where the code is not known", rows)
}
