package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/jobledger"
	"github.com/partnerplus/warehouse/internal/jobs"
	"github.com/partnerplus/warehouse/internal/notify"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/internal/telemetry"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
)

// jobGrace is how long a running job may go on once the daemon is to end: one that is nearly done may finish.
const jobGrace = 500 * time.Millisecond

// daemon is what serve keeps from its start to its end, whichever config is in force.
type daemon struct {
	*app
	log       *zap.Logger
	warehouse *opened
	glance    *load.Warehouse // the same, for whoever watches
	metrics   *telemetry.Metrics
	health    *telemetry.Health
	tracer    trace.Tracer
	started   *config.Config // what takes a restart is as it says
	inForce   atomic.Pointer[generation]
	refused   atomic.Pointer[string] // why the config that was read last is not in force; nil where it is
}

// generation is a config with what goes by it, from when it is in force until another one is.
type generation struct {
	config    *config.Config
	jobs      []schedules.Job
	scheduler *schedules.Scheduler
	notifier  *notify.Notifier
	guarded   http.Handler // the pages that tell something
}

func newDaemon(a *app, log *zap.Logger, warehouse *opened, metrics *telemetry.Metrics, traces *telemetry.Traces, c *config.Config, jobs []schedules.Job) (*daemon, error) {
	glance, err := warehouse.glance()
	if err != nil {
		return nil, err
	}
	d := &daemon{app: a, log: log, warehouse: warehouse, glance: glance, metrics: metrics, tracer: traces.Tracer, started: c}
	watched := watchedWarehouse{glance, d}
	d.health = telemetry.NewHealth(watched)
	metrics.Add(telemetry.NewState(watched, d.health, func() telemetry.Declared { return declared(d.inForce.Load()) }, log))
	metrics.Add(telemetry.NewJobs(d.watchedJobs))
	if err := d.begin(&generation{config: c, jobs: jobs}); err != nil {
		return nil, errors.Join(err, glance.Close())
	}
	metrics.Reloaded(true, time.Now())
	return d, nil
}

// run runs the jobs of one generation after another, until ctx is done.
func (d *daemon) run(ctx context.Context, hangups <-chan os.Signal) error {
	for {
		next, err := d.serveOne(ctx, d.inForce.Load(), hangups)
		if err != nil || ctx.Err() != nil {
			return err
		}
		if err := d.succeed(ctx, next); err != nil {
			return err
		}
	}
}

// serveOne runs the jobs of a generation, and tells its receivers. It ends with the one that is to follow, once no job is
// running, or with ctx.
func (d *daemon) serveOne(ctx context.Context, g *generation, hangups <-chan os.Signal) (next *generation, err error) {
	telling, tellNoMore := context.WithCancel(ctx)
	var told sync.WaitGroup
	told.Go(func() { g.notifier.Run(telling) })
	defer told.Wait()
	defer tellNoMore()
	ended := make(chan error, 1)
	go func() { ended <- g.scheduler.Run(ctx) }()
	for {
		select {
		case <-hangups:
			if fresh := d.read(); fresh != nil {
				next = fresh
				g.scheduler.Retire()
			}
		case err := <-ended:
			return next, err
		}
	}
}

// read reads the config anew, with all that it names. What is wrong with it is logged, and gives none.
func (d *daemon) read() *generation {
	c, err := config.Load(d.configPath, d.secrets)
	if err != nil {
		d.refuse(err)
		return nil
	}
	// A job that is running has the secrets of the config in force, and the warehouse those of the first one.
	d.mask(d.started, d.inForce.Load().config, c)
	jobs, err := d.jobs(c)
	fresh := &generation{config: c, jobs: jobs}
	if err == nil {
		err = d.prepare(fresh)
	}
	if err != nil {
		d.refuse(err)
		return nil
	}
	for _, warning := range c.Warnings {
		d.log.Warn("config", zap.String("warning", warning))
	}
	for name, section := range map[string][2]any{
		"warehouse": {c.Warehouse, d.started.Warehouse}, "telemetry": {c.Telemetry, d.started.Telemetry},
		"serve.listen": {c.Serve.Listen, d.started.Serve.Listen}, "serve.tls": {c.Serve.TLS, d.started.Serve.TLS},
	} {
		if !reflect.DeepEqual(section[0], section[1]) {
			d.log.Warn("a change takes a restart: until then, what was there at the start is in force", zap.String("section", name))
		}
	}
	d.refused.Store(nil)
	d.metrics.Reloaded(true, time.Now())
	d.log.Info("the config was read anew; it is in force once no job is running")
	return fresh
}

func (d *daemon) refuse(err error) {
	why := err.Error()
	d.refused.Store(&why)
	d.metrics.Reloaded(false, time.Now())
	d.log.Error("the config cannot be used; the one in force stays", zap.Error(err))
}

// succeed begins the generation after another. If the warehouse cannot be set to what the config says, the one before goes on.
func (d *daemon) succeed(ctx context.Context, next *generation) error {
	before := d.inForce.Load()
	if _, err := d.warehouse.Migrate(ctx, reporting(next.config)); err != nil {
		d.refuse(err)
		return d.begin(&generation{config: before.config, jobs: before.jobs})
	}
	return d.begin(next)
}

// begin puts a generation in force.
func (d *daemon) begin(g *generation) error {
	if err := d.prepare(g); err != nil {
		return &usageError{err}
	}
	d.inForce.Store(g)
	d.mask(d.started, g.config)
	for _, planned := range g.scheduler.Next(time.Now()) {
		d.log.Info("job", zap.String("job", planned.Job.Name), zap.Time("due", planned.Due))
	}
	return nil
}

// prepare makes anew what goes by the config of a generation.
func (d *daemon) prepare(g *generation) (err error) {
	if g.notifier, err = d.notifier(g.config, g.config.Notifications, g.jobs, d.warehouse, d.log); err != nil {
		return err
	}
	ledger := tellingLedger{jobledger.New(d.warehouse.Warehouse, d.redact), g.notifier}
	g.scheduler, err = schedules.New(g.jobs, g.config.Reporting.Zone(), ledger, &jobRunner{daemon: d, config: g.config}, d.log)
	if err != nil {
		return err
	}
	g.scheduler.Grace = jobGrace
	g.guarded = d.guard(g)
	return nil
}

// tellingLedger lets receivers hear at once how a run ended.
type tellingLedger struct {
	schedules.Ledger
	notifier *notify.Notifier
}

// Record implements schedules.Ledger.
func (l tellingLedger) Record(ctx context.Context, r schedules.Record) error {
	err := l.Ledger.Record(ctx, r)
	if !r.Finished.IsZero() {
		l.notifier.Wake()
	}
	return err
}

// watchedJobs are the jobs in force, as they stand.
func (d *daemon) watchedJobs() []telemetry.Job {
	var watched []telemetry.Job
	for _, p := range d.inForce.Load().scheduler.Next(time.Now()) {
		watched = append(watched, telemetry.Job{Name: p.Job.Name, Running: p.State == schedules.Running, Due: p.Due, Open: p.Open})
	}
	return watched
}

// declared are the names in a generation's config that the warehouse has more to say of.
func declared(g *generation) (names telemetry.Declared) {
	for _, job := range g.jobs {
		names.Jobs = append(names.Jobs, job.Name)
	}
	for _, receiver := range g.config.Notifications.Receivers {
		names.Receivers = append(names.Receivers, receiver.Name)
	}
	return names
}

// watchedWarehouse is the warehouse as telemetry sees it.
type watchedWarehouse struct {
	*load.Warehouse
	daemon *daemon
}

var _ telemetry.Warehouse = watchedWarehouse{}

// Outdated implements telemetry.Warehouse.
func (w watchedWarehouse) Outdated(ctx context.Context) (int, error) {
	changes, err := w.Pending(ctx, reporting(w.daemon.inForce.Load().config))
	return len(changes), err
}

// jobRunner runs jobs by a config.
type jobRunner struct {
	*daemon
	config *config.Config
}

var _ schedules.Runner = (*jobRunner)(nil)

// RunJob implements schedules.Runner.
func (j *jobRunner) RunJob(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
	p := &pipeline.Pipeline{Config: j.config, Warehouse: j.warehouse.Warehouse, Log: j.log, Observer: j.metrics, Tracer: j.tracer}
	return jobs.New(p).RunJob(ctx, job, o)
}
