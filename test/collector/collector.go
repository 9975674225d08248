// Package collector gives tests an OpenTelemetry collector: it takes OTLP over HTTP and keeps the spans.
package collector

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a span as it arrived.
type Span struct {
	Name, Parent string            // Parent is the name of the span above, empty where that did not arrive
	Service      string            // of the resource
	Attributes   map[string]string // as texts
	Error        string            // of its status
}

// Collector keeps what is sent to it.
type Collector struct {
	URL string

	mu      sync.Mutex
	answers []*traces.ExportTraceServiceRequest
	headers []http.Header
}

// New listens on loopback for the length of the test.
func New(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// ServeHTTP implements http.Handler.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	content, err := io.ReadAll(body)
	sent := new(traces.ExportTraceServiceRequest)
	if err == nil {
		err = proto.Unmarshal(content, sent)
	}
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "not OTLP for /v1/traces", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers, c.headers = append(c.answers, sent), append(c.headers, r.Header)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// Header gives a header of the first request.
func (c *Collector) Header(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.headers) == 0 {
		return ""
	}
	return c.headers[0].Get(name)
}

// Spans gives the spans that arrived, in the order in which they began.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	type arrived struct {
		Span
		began      uint64
		id, parent string
	}
	var all []arrived
	names := map[string]string{}
	for _, answer := range c.answers {
		for _, resource := range answer.GetResourceSpans() {
			service := texts(resource.GetResource().GetAttributes())["service.name"]
			for _, scope := range resource.GetScopeSpans() {
				for _, s := range scope.GetSpans() {
					span := Span{Name: s.GetName(), Service: service, Attributes: texts(s.GetAttributes()), Error: s.GetStatus().GetMessage()}
					all = append(all, arrived{span, s.GetStartTimeUnixNano(), string(s.GetSpanId()), string(s.GetParentSpanId())})
					names[string(s.GetSpanId())] = s.GetName()
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b arrived) int { return int(int64(a.began) - int64(b.began)) })
	spans := make([]Span, len(all))
	for i, a := range all {
		spans[i] = a.Span
		spans[i].Parent = names[a.parent]
	}
	return spans
}

func texts(attributes []*common.KeyValue) map[string]string {
	all := map[string]string{}
	for _, a := range attributes {
		if _, isText := a.GetValue().GetValue().(*common.AnyValue_StringValue); isText {
			all[a.GetKey()] = a.GetValue().GetStringValue()
		} else {
			all[a.GetKey()] = a.GetValue().String()
		}
	}
	return all
}
