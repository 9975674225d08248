package pipeline

import (
	"context"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/extract"
)

// Observer is told what runs do, as they do it. Several goroutines of a run tell it at once, and it must not wait.
type Observer interface {
	// UnitsDone tells what became of units of a source: what is new since it was told last.
	UnitsDone(source string, units SourceReport)
	// SourceDone tells how long a run took for a source, whatever came of it.
	SourceDone(source string, took time.Duration)
	// SourceRetried tells that a source is asked again after a failure that may pass.
	SourceRetried(source string)
	// Refreshed tells how long a refresh took that went well, and how many months it computed.
	Refreshed(took time.Duration, months int)
	// RunEnded tells how a run ended: one of the statuses.
	RunEnded(job, status string)
}

// unobserved is for a pipeline that nobody observes.
type unobserved struct{}

func (unobserved) UnitsDone(string, SourceReport)   {}
func (unobserved) SourceDone(string, time.Duration) {}
func (unobserved) SourceRetried(string)             {}
func (unobserved) Refreshed(time.Duration, int)     {}
func (unobserved) RunEnded(string, string)          {}

func (p *Pipeline) observer() Observer {
	if p.Observer == nil {
		return unobserved{}
	}
	return p.Observer
}

// counted gives the option that tells the observer of every further attempt at a source.
func (p *Pipeline) counted(source string) extract.Option {
	backoff := extract.NewOptions().Backoff
	return extract.WithBackoff(func(attempt int) time.Duration {
		p.observer().SourceRetried(source)
		return backoff(attempt)
	})
}

// Attributes of spans, and fields of the log.
const (
	keyRun    = "run_id"
	keyJob    = "job"
	keySource = "source"
	keyUnit   = "unit"
)

const (
	// spanUnits is of how many units of a source a run has a span each. Of the others their load has one.
	spanUnits = 256
	// spanText is how many bytes of an error a span has.
	spanText = 2000
)

// spanned is a part of a run as traces show it, without secrets.
type spanned struct {
	trace.Span
	redact func(string) string
}

// noSpan is for what has none.
var noSpan = spanned{Span: noop.Span{}}

// span begins a span below the context's.
func (p *Pipeline) span(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, spanned) {
	tracer := p.Tracer
	if tracer == nil {
		tracer = noop.NewTracerProvider().Tracer("")
	}
	redact := func(text string) string { return text }
	if p.Config != nil {
		redact = p.Config.Redact
	}
	ctx, begun := tracer.Start(ctx, name, trace.WithAttributes(attributes...))
	return ctx, spanned{begun, redact}
}

// end ends the span, with what made it fail.
func (s spanned) end(err error, attributes ...attribute.KeyValue) {
	if s.IsRecording() {
		s.SetAttributes(attributes...)
		if err != nil {
			s.SetStatus(codes.Error, s.text(err))
		}
	}
	s.End()
}

// text is an error's text, redacted before it is cut.
func (s spanned) text(err error) string {
	text := s.redact(err.Error())
	if len(text) <= spanText {
		return text
	}
	end := spanText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// rows are attributes of what was read.
func (s SourceReport) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.Int("units_loaded", s.Loaded), attribute.Int("units_failed", s.Failed),
		attribute.Int64("rows_read", int64(s.Rows)), attribute.Int64("rows_loaded", int64(s.Canonical)),
		attribute.Int64("rows_rejected", int64(s.Rejected)), attribute.Int64("rows_superseded", int64(s.Superseded)),
		attribute.Int64("bytes", s.Bytes),
	}
}

// fields are the same for the log.
func (s SourceReport) fields() []zap.Field {
	return []zap.Field{
		zap.Int("units", s.Loaded), zap.Int("failed", s.Failed), zap.Uint64("rows", s.Rows), zap.Uint64("loaded", s.Canonical),
		zap.Uint64("rejected", s.Rejected), zap.Int64("bytes", s.Bytes),
	}
}
