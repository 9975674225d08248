package telemetry

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

// Build says which program it is.
type Build struct{ Version, Commit, GoVersion string }

// Metrics are the counters of this process, and whatever else is registered with them.
type Metrics struct {
	registry *prometheus.Registry

	rowsRead, rowsLoaded, rowsRejected, rowsSuperseded, rowsFiltered *prometheus.CounterVec // by source

	bytes         *prometheus.CounterVec   // by source
	units         *prometheus.CounterVec   // by source and status
	sourceSeconds *prometheus.HistogramVec // by source
	sourceRetries *prometheus.CounterVec   // by source

	warehouseRetries prometheus.Counter
	refreshSeconds   prometheus.Histogram
	months           prometheus.Counter
	runs             *prometheus.CounterVec // by job and status

	reloaded   prometheus.Gauge
	reloadedAt prometheus.Gauge
}

var _ pipeline.Observer = (*Metrics)(nil)

// seconds are the buckets of what may take from a second to hours.
var seconds = []float64{1, 5, 15, 60, 300, 900, 3600, 4 * 3600}

// NewMetrics gives metrics that all stand at zero, and those of the Go runtime and the process.
func NewMetrics(build Build) *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
		registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + name, Help: help})
		registry.MustRegister(g)
		return g
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: seconds}, labels)
		registry.MustRegister(h)
		return h
	}
	m := &Metrics{
		registry:         registry,
		rowsRead:         counter("rows_read_total", "Rows read by this process.", "source"),
		rowsLoaded:       counter("rows_loaded_total", "Canonical rows that this process loaded into the facts.", "source"),
		rowsRejected:     counter("rows_rejected_total", "Rows that this process rejected.", "source"),
		rowsSuperseded:   counter("rows_superseded_total", "Rows of a key that a later row of the same unit delivered again.", "source"),
		rowsFiltered:     counter("rows_filtered_total", "Rows that mappings left out on purpose.", "source"),
		bytes:            counter("read_bytes_total", "Bytes read by this process.", "source"),
		units:            counter("units_total", "Units (files, objects, windows) by what became of them: loaded, unchanged, put_off or failed.", "source", "status"),
		sourceSeconds:    histogram("source_duration_seconds", "How long a run took for a source.", "source"),
		sourceRetries:    counter("source_retries_total", "Further attempts at a source after a failure that may pass.", "source"),
		warehouseRetries: counter("warehouse_retries_total", "Further attempts at statements of the warehouse.").WithLabelValues(),
		refreshSeconds:   histogram("refresh_duration_seconds", "How long a refresh of the figures took.").WithLabelValues().(prometheus.Histogram),
		months:           counter("months_refreshed_total", "Months of events that refreshes computed.").WithLabelValues(),
		runs:             counter("runs_total", "Runs of this process by how they ended: done, rejects, checks, failed or interrupted.", "job_name", "status"),
		reloaded:         gauge("config_last_reload_successful", "Whether the config was good when it was read last."),
		reloadedAt:       gauge("config_last_reload_success_timestamp_seconds", "When a good config was read last."),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: prefix + "build_info", Help: "Which program it is; always 1.",
		ConstLabels: prometheus.Labels{"version": build.Version, "commit": build.Commit, "goversion": build.GoVersion},
	})
	info.Set(1)
	registry.MustRegister(info)
	return m
}

const prefix = "partnerplus_"

// Handler serves the metrics. A collector that fails leaves its own out and is logged; the others are there.
func (m *Metrics) Handler(log *zap.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: zap.NewStdLog(log), ErrorHandling: promhttp.ContinueOnError, EnableOpenMetrics: true, MaxRequestsInFlight: 4,
	})
}

// Add has a collector asked at each scrape, too.
func (m *Metrics) Add(c prometheus.Collector) { m.registry.MustRegister(c) }

// Reloaded tells whether a config that was read was good.
func (m *Metrics) Reloaded(good bool, at time.Time) {
	if !good {
		m.reloaded.Set(0)
		return
	}
	m.reloaded.Set(1)
	m.reloadedAt.Set(unix(at))
}

// WarehouseRetried tells that a statement is tried again.
func (m *Metrics) WarehouseRetried() { m.warehouseRetries.Inc() }

// UnitsDone implements pipeline.Observer.
func (m *Metrics) UnitsDone(source string, units pipeline.SourceReport) {
	m.rowsRead.WithLabelValues(source).Add(float64(units.Rows))
	m.rowsLoaded.WithLabelValues(source).Add(float64(units.Canonical))
	m.rowsRejected.WithLabelValues(source).Add(float64(units.Rejected))
	m.rowsSuperseded.WithLabelValues(source).Add(float64(units.Superseded))
	m.rowsFiltered.WithLabelValues(source).Add(float64(units.Filtered))
	m.bytes.WithLabelValues(source).Add(float64(units.Bytes))
	for status, n := range map[string]int{"loaded": units.Loaded, "unchanged": units.Unchanged, "put_off": units.PutOff, "failed": units.Failed} {
		m.units.WithLabelValues(source, status).Add(float64(n))
	}
}

// SourceDone implements pipeline.Observer. A source that had nothing new stands at zero from then on: what counts from there
// is an increase.
func (m *Metrics) SourceDone(source string, took time.Duration) {
	m.UnitsDone(source, pipeline.SourceReport{})
	m.sourceRetries.WithLabelValues(source).Add(0)
	m.sourceSeconds.WithLabelValues(source).Observe(took.Seconds())
}

// SourceRetried implements pipeline.Observer.
func (m *Metrics) SourceRetried(source string) { m.sourceRetries.WithLabelValues(source).Inc() }

// Refreshed implements pipeline.Observer.
func (m *Metrics) Refreshed(took time.Duration, months int) {
	m.refreshSeconds.Observe(took.Seconds())
	m.months.Add(float64(months))
}

// RunEnded implements pipeline.Observer.
func (m *Metrics) RunEnded(job, status string) { m.runs.WithLabelValues(job, status).Inc() }

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
