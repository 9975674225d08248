package telemetry

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// stateMetric is a metric that a statement of sql/telemetry gives.
type stateMetric struct {
	name, help string
	labels     []string
}

// stateMetrics are all of them.
var stateMetrics = []stateMetric{
	{"source_newest_delivery_timestamp_seconds", "When the newest loaded unit of the source with a row was delivered.", []string{"source"}},
	{"source_newest_window_timestamp_seconds", "Up to when the source's loaded time windows reach.", []string{"source"}},
	{"source_stale", "Whether the source is late by its fresh_within, or never delivered.", []string{"source"}},
	{"source_failed_units", "Units of the source whose newest attempt failed.", []string{"source"}},
	{"rejects_open", "Rows of the source that are rejected and stand.", []string{"source"}},
	{"job_last_success_timestamp_seconds", "When the job last ran to its end, with rejects or failed checks too.", []string{"job_name"}},
	{"job_last_failure_timestamp_seconds", "When a run of the job last failed.", []string{"job_name"}},
	{"job_last_duration_seconds", "How long the job's newest run took that ended.", []string{"job_name"}},
	{"notifications_waiting", "Messages that the receiver has yet to accept.", []string{"receiver"}},
	{"runs_last_day", "Runs of all processes that began within a day, by how they stand.", []string{"job_name", "status"}},
	{"check_verdict", "The newest verdict of the check: 0 pass, 1 warn, 2 fail.", []string{"check"}},
	{"check_timestamp_seconds", "When the check was last done.", []string{"check"}},
	{"exceptions", "Exceptions of the newest month that is over, by severity and by whether they are good or bad news.", []string{"severity", "polarity"}},
	{"exceptions_month_timestamp_seconds", "First day of that month.", nil},
	{"figures_refreshed_timestamp_seconds", "The facts as they were at this time are in the figures.", nil},
	{"figures_newest_event_timestamp_seconds", "The newest event that the figures contain.", nil},
	{"figures_pending_since_timestamp_seconds", "Since when facts wait that the figures do not contain; not there where none do.", nil},
}

// statements give rows of stateMetrics.
var statements = []string{
	"telemetry/sources.sql", "telemetry/jobs.sql", "telemetry/runs.sql", "telemetry/notifications.sql", "telemetry/checks.sql", "telemetry/exceptions.sql", "telemetry/figures.sql",
}

// sample is one value of a metric.
type sample struct {
	Metric string   `ch:"metric"`
	Labels []string `ch:"labels"`
	Value  float64  `ch:"value"`
}

// Declared are names of what the config in force declares: what the warehouse says of others is history.
type Declared struct{ Jobs, Receivers []string }

// State are the metrics of the warehouse.
type State struct {
	warehouse Warehouse
	health    *Health
	declared  func() Declared
	log       *zap.Logger
	descs     map[string]*prometheus.Desc

	mu      sync.Mutex
	at      time.Time
	samples []sample // nil where the warehouse could not be read
}

// NewState gives the metrics of a warehouse whose health is known.
func NewState(warehouse Warehouse, health *Health, declared func() Declared, log *zap.Logger) *State {
	s := &State{warehouse: warehouse, health: health, declared: declared, log: log, descs: map[string]*prometheus.Desc{}}
	for _, m := range stateMetrics {
		s.descs[m.name] = prometheus.NewDesc(prefix+m.name, m.help, m.labels, nil)
	}
	return s
}

var (
	warehouseUp   = prometheus.NewDesc(prefix+"warehouse_up", "Whether the warehouse answers in time.", nil, nil)
	schemaCurrent = prometheus.NewDesc(prefix+"schema_current", "Whether the warehouse's schema is this program's.", nil, nil)
)

// Describe implements prometheus.Collector.
func (s *State) Describe(to chan<- *prometheus.Desc) {
	to <- warehouseUp
	to <- schemaCurrent
	for _, desc := range s.descs {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (s *State) Collect(to chan<- prometheus.Metric) {
	samples, up, current := s.read()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	gauge(warehouseUp, asFloat(up))
	if up {
		gauge(schemaCurrent, asFloat(current))
	}
	for _, sample := range samples {
		gauge(s.descs[sample.Metric], sample.Value, sample.Labels...)
	}
}

func asFloat(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// read gives what the warehouse says, from memory where that is fresh.
func (s *State) read() (samples []sample, up, current bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), asked)
	defer cancel()
	up, why := s.health.state(ctx)
	switch {
	case why == nil && s.samples != nil && time.Since(s.at) < fresh:
		return s.samples, true, true
	case !up:
		s.samples = nil
		return nil, false, false
	}
	samples, err := s.ask(ctx)
	s.samples, s.at = samples, time.Now()
	if err != nil {
		s.log.Warn("the warehouse's state cannot be read", zap.Error(err))
		return nil, why != nil, why == nil // an outdated schema may lack what is asked for
	}
	return samples, true, why == nil
}

func (s *State) ask(ctx context.Context) ([]sample, error) {
	declared := s.declared()
	params := map[string]string{}
	for name, names := range map[string][]string{"jobs": declared.Jobs, "receivers": declared.Receivers} {
		list, err := json.Marshal(append([]string{}, names...))
		if err != nil {
			return nil, fmt.Errorf("the names of %s: %w", name, err)
		}
		params[name] = string(list)
	}
	all := []sample{}
	for _, statement := range statements {
		var rows []sample
		if err := s.warehouse.Select(ctx, statement, params, &rows); err != nil {
			return nil, err
		}
		for _, row := range rows {
			if s.descs[row.Metric] == nil {
				return nil, fmt.Errorf("%s gives a metric %q that nobody declared", statement, row.Metric)
			}
		}
		all = append(all, rows...)
	}
	return all, nil
}
