package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
