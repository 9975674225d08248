package config

import (
	"errors"
	"fmt"
	"net/url"
)

// Telemetry says what others are told of the program's work. Metrics need no word here: serve shows them to whoever asks.
type Telemetry struct {
	// Traces says where the traces of runs go.
	Traces Traces `yaml:"traces,omitempty"`
}

// Traces says where the traces of runs go.
type Traces struct {
	// Endpoint is the address of an OpenTelemetry collector that takes OTLP over HTTP, such as http://localhost:4318; without
	// it, what OTEL_EXPORTER_OTLP_ENDPOINT says, and no traces without that either.
	Endpoint string `yaml:"endpoint,omitempty" secret:"address"`
	// Headers go with each request, such as Authorization: "Bearer ${TRACES_TOKEN}".
	Headers map[string]string `yaml:"headers,omitempty" secret:"named"`
	// Share is the share of runs that have a trace, from 0 to 1; all by default.
	Share float64 `yaml:"share,omitempty"`
}

// SetDefaults sets what the file may leave out.
func (t *Telemetry) SetDefaults() { t.Traces.SetDefaults() }

// SetDefaults sets what the file may leave out.
func (t *Traces) SetDefaults() { t.Share = 1 }

// check does not repeat the endpoint, which may hold a password.
func (t Telemetry) check() error {
	var err error
	if t.Traces.Endpoint != "" {
		if u, e := url.Parse(t.Traces.Endpoint); e != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			err = errors.New("traces.endpoint: not an address of HTTP such as http://localhost:4318")
		}
	}
	if share := t.Traces.Share; !(share >= 0 && share <= 1) { // false for NaN too
		err = errors.Join(err, fmt.Errorf("traces.share: %g is not between 0 and 1", share))
	}
	return err
}
