package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerplus/warehouse/internal/gate"
)

const (
	// answering is how long an answer may take that reads the warehouse.
	answering = 10 * time.Second
	// stuck is how long the scheduler may not have looked at the clock before the daemon counts as dead, besides what the
	// warehouse is waited for.
	stuck = 5 * time.Minute
)

// handler answers who watches the daemon: all that tells something is guarded, by the config in force.
func (d *daemon) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", d.alive)
	mux.HandleFunc("GET /readyz", d.ready)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { d.inForce.Load().guarded.ServeHTTP(w, r) })
	return mux
}

// guard gives the pages of a generation to who has its keys.
func (d *daemon) guard(g *generation) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", d.statusPage(g))
	mux.Handle("GET /metrics", d.metrics.Handler(d.log))
	mux.HandleFunc("GET /status", d.status)
	return gate.Guard(keys(g.config.Serve.Auth), mux)
}

// alive answers whether the scheduler goes round. The warehouse does not matter: a restart would not bring it back.
func (d *daemon) alive(w http.ResponseWriter, _ *http.Request) {
	looked := d.inForce.Load().scheduler.Looked()
	if since := time.Since(looked); since > stuck+d.started.Warehouse.Patience {
		http.Error(w, fmt.Sprintf("the scheduler has not looked which jobs are due for %s", since.Round(time.Second)), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "alive")
}

// ready answers whether jobs can run.
func (d *daemon) ready(w http.ResponseWriter, r *http.Request) {
	if err := d.health.Ready(r.Context()); err != nil {
		http.Error(w, d.redact(err.Error()), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ready")
}

// status answers what was run, and what is planned, as JSON.
func (d *daemon) status(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answering)
	defer cancel()
	status, err := d.glance.Status(ctx, "", 20)
	if err != nil {
		http.Error(w, d.redact(err.Error()), http.StatusServiceUnavailable)
		return
	}
	g := d.inForce.Load()
	w.Header().Set("Content-Type", "application/json")
	_ = printJSON(w, map[string]any{"warehouse": status, "jobs": listJobs(g.scheduler.Next(time.Now()), g.config)})
}
