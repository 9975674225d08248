package source_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/source"
)

// atOnce lets no test wait for another attempt.
var atOnce = extract.WithPause(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })

func TestOpenMakesNoRequest(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	for place, spec := range map[string]extract.Spec{
		"file": {File: &extract.FileSpec{Path: t.TempDir() + "/missing"}},
		"s3": {S3: &extract.S3Spec{
			Bucket: "b", Endpoint: server.URL, PathStyle: true, AccessKeyID: "a", SecretAccessKey: "b",
		}},
		"http":     {HTTP: &extract.HTTPSpec{URL: server.URL}},
		"postgres": {Postgres: &extract.PostgresSpec{DSN: "postgres://127.0.0.1:1/nowhere", Query: "SELECT 1"}},
	} {
		asked = 0
		s, err := source.Open(t.Context(), "partner", spec, atOnce)
		if err != nil {
			t.Fatal(place, err)
		}
		if asked > 0 {
			t.Errorf("%s: opening made %d requests", place, asked)
		}
		if err := source.Check(t.Context(), s); err == nil || !strings.HasPrefix(err.Error(), "source partner") {
			t.Errorf("%s: the check gave %v", place, err)
		}
		if err := s.Close(); err != nil {
			t.Error(place, err)
		}
	}
}

func TestOpenValidates(t *testing.T) {
	t.Parallel()
	if _, err := source.Open(t.Context(), "partner", extract.Spec{}); err == nil || !strings.HasPrefix(err.Error(), "source partner: open: ") {
		t.Errorf("got %v", err)
	}
}
