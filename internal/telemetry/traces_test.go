package telemetry

import (
	"errors"
	"net"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/partnerplus/warehouse/test/collector"
)

func TestTraces(t *testing.T) {
	to := collector.New(t)
	traces, err := NewTraces(t.Context(), Collector{Endpoint: to.URL, Headers: map[string]string{"Authorization": "Bearer t"}, Share: 1}, Build{Version: "1.0"}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, outer := traces.Start(t.Context(), "outer")
	_, inner := traces.Start(ctx, "inner", trace.WithAttributes(attribute.String("text", strings.Repeat("x", 2*spanLimit))))
	inner.End()
	outer.End()
	traces.Close()
	spans := to.Spans()
	if len(spans) != 2 || spans[0].Name != "outer" || spans[1].Name != "inner" || spans[1].Parent != "outer" || spans[0].Service != "partnerplus" {
		t.Fatalf("arrived: %+v", spans)
	}
	if n := len(spans[1].Attributes["text"]); n != spanLimit {
		t.Errorf("a text of %d bytes arrived, not %d", n, spanLimit)
	}
	if got := to.Header("Authorization"); got != "Bearer t" {
		t.Errorf("Authorization: %q", got)
	}
}

func TestTracesOfTheEnvironment(t *testing.T) {
	to := collector.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", to.URL)
	t.Setenv("OTEL_SERVICE_NAME", "nightshift")
	traces, err := NewTraces(t.Context(), Collector{Share: 1}, Build{}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	_, span := traces.Start(t.Context(), "work")
	span.End()
	traces.Close()
	if spans := to.Spans(); len(spans) != 1 || spans[0].Service != "nightshift" {
		t.Errorf("arrived: %+v", spans)
	}
}

// Where nobody takes spans, or none are wanted, work goes on as it would.
func TestNoTraces(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := "http://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	to := collector.New(t)
	for name, where := range map[string]Collector{"nowhere": {Share: 1}, "away": {Endpoint: away, Share: 1}, "no share": {Endpoint: to.URL}} {
		core, logs := observer.New(zap.WarnLevel)
		traces, err := NewTraces(t.Context(), where, Build{}, zap.New(core))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for range 3 * spansWaiting {
			_, span := traces.Start(t.Context(), "work")
			span.End()
		}
		traces.Close()
		if warned := logs.Len(); warned > 1 || warned == 1 != (name == "away") {
			t.Errorf("%s: %d warnings: %v", name, warned, logs.All())
		}
	}
	if spans := to.Spans(); len(spans) != 0 {
		t.Errorf("%d spans arrived that nobody wanted", len(spans))
	}
}

func TestComplaintsAreFew(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	c := &complaints{log: zap.New(core)}
	for range 100 {
		c.Handle(errors.New("refused"))
	}
	if logs.Len() != 1 {
		t.Errorf("%d warnings", logs.Len())
	}
}

func TestTraceAddress(t *testing.T) {
	for endpoint, want := range map[string]string{
		"http://localhost:4318": "http://localhost:4318/v1/traces", "https://c.example.com/": "https://c.example.com/v1/traces",
		"https://c.example.com/otlp/traces": "https://c.example.com/otlp/traces", "localhost:4318": "", "grpc://u:secret@h:4317": "",
	} {
		got, err := traceAddress(endpoint)
		if got != want || (err != nil) != (want == "") || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %q, %v", endpoint, got, err)
		}
	}
}
