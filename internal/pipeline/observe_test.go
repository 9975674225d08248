package pipeline

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/internal/config"
)

// traced is a pipeline whose spans are kept.
func traced(t *testing.T) (*Pipeline, *tracetest.SpanRecorder) {
	t.Helper()
	t.Setenv("TOKEN", "hush-hush")
	path := filepath.Join(t.TempDir(), config.FileName)
	if err := os.WriteFile(path, []byte("reporting: {currency: USD}\nwarehouse: {dsn: \"http://u:${TOKEN}@h:8123/\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	spans := tracetest.NewSpanRecorder()
	return &Pipeline{Config: c, Log: zap.NewNop(), Tracer: sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)).Tracer("")}, spans
}

// However many units a source has, a bounded number of them have a span.
func TestFewUnitsHaveSpans(t *testing.T) {
	p, spans := traced(t)
	u := &units{run: &run{Pipeline: p}, source: &source{declared: config.Source{Name: "awards"}}}
	for i := range 10_000 {
		_, span := u.span(t.Context(), fresh{Unit: extract.Unit{Name: fmt.Sprint(i)}})
		span.end(nil)
	}
	if got := len(spans.Ended()); got != spanUnits {
		t.Errorf("%d spans, want %d", got, spanUnits)
	}
}

// retries counts how often a source is asked again.
type retries struct {
	unobserved
	of []string
}

func (r *retries) SourceRetried(source string) { r.of = append(r.of, source) }

func TestRetriesOfASourceAreTold(t *testing.T) {
	asked := 0
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked <= 2 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(`[{"id": "p"}]`))
	}))
	defer api.Close()
	path := filepath.Join(t.TempDir(), config.FileName)
	text := "reporting: {currency: USD}\nsources:\n  api:\n    http: {url: \"" + api.URL + "/\"}\n    mappings: [{entity: programs, columns: {program_id: id, name: id}}]\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	told := new(retries)
	preview, err := (&Pipeline{Config: c, Log: zap.NewNop(), Observer: told}).Preview(t.Context(), PreviewRequest{Source: "api", Rows: 1})
	if err != nil || len(preview.Rows) != 1 {
		t.Fatalf("%d rows, %v", len(preview.Rows), err)
	}
	if diff := cmp.Diff([]string{"api", "api"}, told.of); diff != "" {
		t.Error(diff)
	}
}

func TestSpansHideSecrets(t *testing.T) {
	p, spans := traced(t)
	for _, text := range []string{"refused for hush-hush", strings.Repeat("ü", spanText/2-3) + "hush-hush"} {
		_, span := p.span(t.Context(), "refresh")
		span.end(errors.New(text))
		ended := spans.Ended()
		if got := ended[len(ended)-1].Status().Description; strings.Contains(got, "hush") || len(got) > spanText+len("…") || !strings.Contains(got, "$") {
			t.Errorf("the span says %q", got)
		}
	}
}
