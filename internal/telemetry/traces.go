package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

const (
	// Spans wait in memory for so long, and so many of them; what comes on top is dropped. Nothing waits for the collector.
	spansTogether = 512
	spansWaiting  = 4096
	spansEvery    = 5 * time.Second
	// spanLimit is how long a text of a span may be.
	spanLimit = 4096
	// sending is how long one request to the collector may take, and how long it is tried again.
	sending = 5 * time.Second
	trying  = 10 * time.Second
	// flushing is how long the last spans of a program that ends may take.
	flushing = time.Second
	// silent is how long a collector that is away is not spoken of again.
	silent = 10 * time.Minute
)

// Collector says where traces go.
type Collector struct {
	Endpoint string            // http:// or https://; where it is empty, what the environment says (OTEL_EXPORTER_OTLP_…)
	Headers  map[string]string // of each request
	Share    float64           // of runs that have a trace
}

// Traces sends spans to a collector, beside the work that they tell of.
type Traces struct {
	trace.Tracer
	provider *sdk.TracerProvider // nil where there is no collector
}

// NewTraces begins to send traces, or gives a tracer that does nothing where no collector is named. It does not connect: a
// collector that is away is warned of, and changes nothing else.
func NewTraces(ctx context.Context, to Collector, build Build, log *zap.Logger) (*Traces, error) {
	if to.Endpoint == "" && os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return &Traces{Tracer: noop.NewTracerProvider().Tracer(scope)}, nil
	}
	options := []otlptracehttp.Option{
		otlptracehttp.WithTimeout(sending),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: sending, MaxElapsedTime: trying}),
	}
	if to.Endpoint != "" {
		address, err := traceAddress(to.Endpoint)
		if err != nil {
			return nil, err
		}
		options = append(options, otlptracehttp.WithEndpointURL(address))
	}
	if len(to.Headers) > 0 {
		options = append(options, otlptracehttp.WithHeaders(to.Headers))
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare to send traces: %w; see telemetry.traces in the config, or the environment's OTEL_EXPORTER_OTLP_…", err)
	}
	// The environment (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) has the last word.
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(), resource.WithAttributes(
		attribute.String("service.name", "partnerplus"), attribute.String("service.version", build.Version)), resource.WithFromEnv())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("what the environment says of this service: %w", err), exporter.Shutdown(ctx))
	}
	otel.SetErrorHandler(&complaints{log: log})
	limits := sdk.NewSpanLimits()
	limits.AttributeValueLengthLimit = spanLimit
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter, sdk.WithMaxExportBatchSize(spansTogether), sdk.WithMaxQueueSize(spansWaiting), sdk.WithBatchTimeout(spansEvery), sdk.WithExportTimeout(sending+trying)),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(to.Share))),
		sdk.WithRawSpanLimits(limits),
		sdk.WithResource(about),
	)
	return &Traces{Tracer: provider.Tracer(scope, trace.WithInstrumentationVersion(build.Version)), provider: provider}, nil
}

const scope = "github.com/partnerplus/warehouse"

// traceAddress is where a collector takes traces: an address without a path has the usual one.
func traceAddress(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("telemetry.traces.endpoint: not an address such as http://localhost:4318") // which may hold a secret
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// Close sends what is left, for a moment at most; what the collector does not take by then is lost.
func (t *Traces) Close() {
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushing)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}

// complaints tells of a collector that does not take spans, and is silent for a while then.
type complaints struct {
	log *zap.Logger

	mu   sync.Mutex
	last time.Time
}

// Handle implements otel.ErrorHandler.
func (c *complaints) Handle(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.last.IsZero() && time.Since(c.last) < silent {
		return
	}
	c.last = time.Now()
	c.log.Warn("traces are lost: the collector does not take them", zap.Error(err))
}
