package operation_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/jobledger"
	"github.com/partnerplus/warehouse/internal/jobs"
	"github.com/partnerplus/warehouse/internal/notify"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
)

// machine runs the jobs, as serve does, from when it is switched on until it is switched off.
type machine struct {
	runs      *runs
	end       context.CancelFunc
	ended     chan error
	warehouse *load.Warehouse
	ledger    *jobledger.Ledger
	notifier  *notify.Notifier
}

// on switches a machine on, once what goes before is done.
func (o *operation) on(before ...func(schedules.Ledger)) *machine {
	o.t.Helper()
	w, err := load.Open(o.proxy.dsn, load.PublishAtOnce())
	must(o.t, err)
	m := &machine{warehouse: w, ledger: jobledger.New(w, o.config.Redact), ended: make(chan error, 1)}
	m.runs = &runs{operation: o, real: jobs.New(&pipeline.Pipeline{Config: o.config, Warehouse: w, Log: zap.NewNop()})}
	retries := map[string]int{}
	for _, job := range o.jobs {
		retries[job.Name] = job.Retries
	}
	m.notifier, err = notify.New(w, notify.Options{Config: o.config.Notifications, Zone: o.zone, Retries: retries, Redact: o.config.Redact})
	must(o.t, err)
	scheduler, err := schedules.New(o.jobs, o.zone, m.ledger, m.runs, zap.NewNop())
	must(o.t, err)
	for _, do := range before {
		do(m.ledger)
	}
	ctx, end := context.WithCancel(context.Background())
	m.end = end
	go func() { m.ended <- scheduler.Run(ctx) }()
	return m
}

// off switches it off, and tells whether a run was cut short.
func (m *machine) off(t *testing.T) (cut bool) {
	t.Helper()
	m.end()
	err := <-m.ended
	must(t, m.warehouse.Close())
	return err != nil
}

// byHand has an operator run the job on it.
func (m *machine) byHand(t *testing.T, job schedules.Job) {
	t.Helper()
	for {
		result, err := schedules.ByHand(context.Background(), job, m.ledger, m.runs)
		if errors.As(err, new(*schedules.HeldError)) {
			time.Sleep(time.Minute)
			continue
		}
		if err != nil || result.Status != schedules.StatusDone {
			t.Errorf("%s: %s by hand is %+v: %v", time.Now(), job.Name, result, err)
		}
		return
	}
}

// tell has it tell receivers what stands.
func (m *machine) tell(t *testing.T) {
	t.Helper()
	if err := m.notifier.LookOnce(context.Background()); err != nil {
		t.Errorf("%s: receivers cannot be told: %v", time.Now(), err)
	}
}

// runs are a machine's runs of jobs. Some are made to last.
type runs struct {
	*operation
	real schedules.Runner
}

// RunJob implements schedules.Runner.
func (r *runs) RunJob(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
	defer r.together.enter(r.t, job.Name)()
	if lasts := time.Duration(r.lasting.Load()); lasts > 0 {
		timer := time.NewTimer(lasts)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return schedules.Result{Status: schedules.StatusInterrupted, Reason: "cut short"}, context.Cause(ctx)
		}
	}
	return r.real.RunJob(ctx, job, o)
}

// together counts the runs of each job, and lets no two go on at once.
type together struct {
	mu    sync.Mutex
	going map[string]int
}

func (g *together) enter(t *testing.T, job string) (leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.going == nil {
		g.going = map[string]int{}
	}
	if g.going[job]++; g.going[job] > 1 {
		t.Errorf("%s: two runs of %s at once", time.Now(), job)
	}
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.going[job]--
	}
}
