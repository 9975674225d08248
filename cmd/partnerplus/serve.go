package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/gate"
	"github.com/partnerplus/warehouse/internal/jobledger"
	"github.com/partnerplus/warehouse/internal/jobs"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/schedules"
)

func (a *app) serveCommand() *cobra.Command {
	listen := ""
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the jobs of the schedules when they are due, until interrupted",
		Long: `serve is the cron daemon: it runs the jobs of the schedules (live, nightly and month-end, unless the config names a
folder of its own), one at a time, and catches up what was missed while it was down. What became of each due time is
kept in etl.job_runs: see partnerplus schedule. It keeps the embedded warehouse running, and tells the receivers of the
config's notifications what is wrong.

It answers GET / (the status page, for a browser), /status (the same in short, as JSON), /healthz (alive) and /readyz (the
warehouse answers), on this machine alone unless serve.listen in the config or --listen says otherwise. An address that other
machines reach needs serve.auth in the config, which all but /healthz and /readyz then ask for.`,
		Example: `  partnerplus serve
  partnerplus serve --listen 127.0.0.1:8080 --log-format json
  partnerplus serve --listen :9090        # needs serve.auth in the config`,
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
			if listen == "" {
				listen = c.Serve.Listen
			} else if err := c.Serve.CheckListen(listen); err != nil {
				return &usageError{fmt.Errorf("--listen: %w", err)}
			}
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
	cmd.Flags().StringVar(&listen, "listen", listen, "address to answer on; by default serve.listen of the config, else 127.0.0.1:9090")
	return cmd
}

// jobGrace is how long a running job may go on once the daemon is to end: one that is nearly done may finish.
const jobGrace = 500 * time.Millisecond

func (a *app) serve(ctx context.Context, c *config.Config, jobs []schedules.Job, warehouse *opened, log *zap.Logger, listen string) error {
	notifier, err := a.notifier(c, c.Notifications, jobs, warehouse, log)
	if err != nil {
		return err
	}
	scheduler, err := schedules.New(jobs, c.Reporting.Zone(), jobledger.New(warehouse.Warehouse, c.Redact),
		&jobRunner{config: c, warehouse: warehouse, log: log, ended: notifier.Wake}, log)
	if err != nil {
		return &usageError{err}
	}
	scheduler.Grace = jobGrace
	listener, address, err := listenOn(ctx, listen, c.Serve.TLS)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: a.statusHandler(c, warehouse, scheduler), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("serving", zap.String("listen", address), zap.String("warehouse", warehouse.Address()))
	for _, planned := range scheduler.Next(time.Now()) {
		log.Info("job", zap.String("job", planned.Job.Name), zap.Time("due", planned.Due))
	}
	if warehouse.engine != nil {
		go warehouse.engine.Keep(ctx)
	}
	var telling sync.WaitGroup
	telling.Go(func() { notifier.Run(ctx) })
	err = scheduler.Run(ctx)
	telling.Wait()
	err = errors.Join(err, server.Close()) // who watches comes back
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	log.Info("stopped")
	return err
}

// statusHandler answers who watches the daemon: all that tells something is guarded.
func (a *app) statusHandler(c *config.Config, warehouse *opened, scheduler *schedules.Scheduler) http.Handler {
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
	guarded := http.NewServeMux()
	mux.Handle("/", gate.Guard(keys(c.Serve.Auth), guarded))
	guarded.Handle("/", a.statusPage(c, warehouse, scheduler))
	guarded.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
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

// jobRunner runs jobs on the warehouse.
type jobRunner struct {
	config    *config.Config
	warehouse *opened
	log       *zap.Logger
	ended     func() // called after each run
}

var _ schedules.Runner = (*jobRunner)(nil)

// RunJob implements schedules.Runner.
func (j *jobRunner) RunJob(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
	defer j.ended()
	return jobs.New(&pipeline.Pipeline{Config: j.config, Warehouse: j.warehouse.Warehouse, Log: j.log}).RunJob(ctx, job, o)
}
