package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/schedules"
)

// defaultListen is where serve listens unless told otherwise.
const defaultListen = "127.0.0.1:9090"

func (a *app) serveCommand() *cobra.Command {
	listen := defaultListen
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the jobs of the schedules when they are due, until interrupted",
		Long: `serve is the cron daemon: it runs the jobs of the schedules (live, nightly and month-end, unless the config names a
folder of its own), one at a time, catches up what was missed while it was down, and records each run in etl.runs. It
keeps the embedded warehouse running.

It answers GET /healthz (alive), /readyz (the warehouse answers) and /status (JSON).`,
		Example: `  partnerplus serve
  partnerplus serve --listen 127.0.0.1:8080 --log-format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if !cmd.Flags().Changed("log-level") {
				a.logLevel = "info"
			}
			log, err := a.logger()
			if err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			a.warn(c)
			jobs, err := a.jobs(c)
			if err != nil {
				return err
			}
			warehouse, err := a.openMigrated(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			return a.serve(cmd.Context(), c, jobs, warehouse, log, listen)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", listen, "address of /healthz, /readyz and /status")
	return cmd
}

// jobGrace is how long a running job may go on once the daemon is to end: one that is nearly done may finish.
const jobGrace = 500 * time.Millisecond

func (a *app) serve(ctx context.Context, c *config.Config, jobs []schedules.Job, warehouse *opened, log *zap.Logger, listen string) error {
	scheduler, err := schedules.New(jobs, c.Reporting.Zone(), &jobRunner{config: c, warehouse: warehouse, log: log}, log)
	if err != nil {
		return &usageError{err}
	}
	scheduler.Grace = jobGrace
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --listen", listen, err)
	}
	server := &http.Server{Handler: a.statusHandler(warehouse, scheduler), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("serving", zap.String("listen", "http://"+listener.Addr().String()), zap.String("warehouse", warehouse.Address()))
	for _, planned := range scheduler.Next(time.Now()) {
		log.Info("job", zap.String("job", planned.Job.Name), zap.Time("due", planned.Due))
	}
	if warehouse.engine != nil {
		go warehouse.engine.Keep(ctx)
	}
	err = scheduler.Run(ctx)
	err = errors.Join(err, server.Close()) // who watches comes back
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	log.Info("stopped")
	return err
}

// statusHandler answers who watches the daemon.
func (a *app) statusHandler(warehouse *opened, scheduler *schedules.Scheduler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := warehouse.Ping(ctx); err != nil {
			http.Error(w, "the warehouse does not answer", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ready")
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		status, err := warehouse.Status(r.Context(), "", 20)
		if err != nil {
			http.Error(w, a.config.Redact(err.Error()), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = printJSON(w, map[string]any{"warehouse": status, "jobs": scheduler.Next(time.Now())})
	})
	return mux
}

// jobRunner runs jobs on the warehouse, and knows from its ledger when they last ran.
type jobRunner struct {
	config    *config.Config
	warehouse *opened
	log       *zap.Logger
}

var (
	_ schedules.Runner = (*jobRunner)(nil)
	_ schedules.Ledger = (*jobRunner)(nil)
)

// RunJob implements schedules.Runner.
func (j *jobRunner) RunJob(ctx context.Context, job schedules.Job) error {
	p := &pipeline.Pipeline{Config: j.config, Warehouse: j.warehouse.Warehouse, Log: j.log}
	_, err := p.Run(ctx, pipeline.Request{Job: job.Name, Sources: job.Sources, Full: job.Full})
	return err
}

// LastDue implements schedules.Ledger.
func (j *jobRunner) LastDue(ctx context.Context, job string) (time.Time, error) {
	return j.warehouse.LastRun(ctx, job)
}
