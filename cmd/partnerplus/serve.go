package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/telemetry"
)

func (a *app) serveCommand() *cobra.Command {
	listen := ""
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the jobs of the schedules when they are due, until interrupted",
		Long: `serve is the cron daemon: it runs the jobs of the schedules (live, nightly and month-end, unless the config names a
folder of its own), one at a time, and catches up what was missed while it was down. What became of each due time is
kept in etl.job_runs: see partnerplus schedule. It keeps the embedded warehouse running, and tells the receivers of the
config's notifications what is wrong. Its log is JSON where standard error is no terminal.

It answers GET / (the status page, for a browser), /status (the same in short, as JSON), /metrics (for Prometheus), /healthz
(alive) and /readyz (the warehouse answers and its schema is current), on this machine alone unless serve.listen in the config
or --listen says otherwise. An address that other machines reach needs serve.auth in the config, which all but /healthz
and /readyz then ask for.

SIGHUP has it read the config, the job files and the secrets anew. If all is well, they are in force once the job that
is running has ended; if not, what was in force stays, and the log and the metrics say so. Another address of the
warehouse, of the collector of traces, or to answer on, takes a restart.`,
		Example: `  partnerplus serve
  partnerplus serve --listen 127.0.0.1:8080 --log-format json
  partnerplus serve --listen :9090 # needs serve.auth in the config
  kill -HUP $(pidof partnerplus)   # read the config anew`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("log-level") {
				a.logLevel = "info"
			}
			if !cmd.Flags().Changed("log-format") && !isTerminal(a.errOut) {
				a.logFormat = "json"
			}
			log, err := a.logger()
			if err != nil {
				return err
			}
			hangups := make(chan os.Signal, 1)
			signal.Notify(hangups, syscall.SIGHUP) // from the first moment: it would end the program
			defer signal.Stop(hangups)
			c, err := a.load()
			if err != nil {
				return err
			}
			if listen == "" {
				listen = c.Serve.Listen
			} else if err := c.Serve.CheckListen(listen); err != nil {
				return &usageError{fmt.Errorf("--listen: %w", err)}
			}
			return a.serve(cmd.Context(), c, log, listen, hangups)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", listen, "address to answer on; by default serve.listen of the config, else 127.0.0.1:9090")
	return cmd
}

// serve runs jobs until ctx is done.
func (a *app) serve(ctx context.Context, c *config.Config, log *zap.Logger, listen string, hangups <-chan os.Signal) (err error) {
	a.warn(c)
	if err := checkCertificate(c.Serve.TLS); err != nil {
		return err
	}
	jobs, err := a.jobs(c)
	if err != nil {
		return err
	}
	metrics := telemetry.NewMetrics(built().watched())
	a.patient.Again = metrics.WarehouseRetried
	a.patient.Notice = func(err error) {
		log.Warn("the warehouse is waited for", zap.Error(err), zap.Duration("for_up_to", c.Warehouse.Patience))
	}
	warehouse, err := a.openMigrated(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, warehouse.Close()) }()
	traces, err := a.traces(ctx, c, log)
	if err != nil {
		return err
	}
	d, err := newDaemon(a, log, warehouse, metrics, traces, c, jobs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.glance.Close()) }()
	listener, address, err := listenOn(ctx, listen, c.Serve.TLS)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: d.handler(), ErrorLog: zap.NewStdLog(log),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("serving", zap.String("listen", address), zap.String("warehouse", warehouse.Address()))
	if warehouse.engine != nil {
		go warehouse.engine.Keep(ctx)
	}
	err = d.run(ctx, hangups)
	traces.Close()
	err = errors.Join(err, server.Close()) // last, so that it can be watched to its end; who watches comes back
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	log.Info("stopped")
	return err
}

// traces begins to send traces where the config or the environment names a collector.
func (a *app) traces(ctx context.Context, c *config.Config, log *zap.Logger) (*telemetry.Traces, error) {
	to := c.Telemetry.Traces
	traces, err := telemetry.NewTraces(ctx, telemetry.Collector{Endpoint: to.Endpoint, Headers: to.Headers, Share: to.Share}, built().watched(), log)
	if err != nil {
		return nil, &usageError{err}
	}
	return traces, nil
}
