package operation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"

	"github.com/partnerplus/warehouse/internal/chromium"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) {
	_ = os.Setenv(chromium.EnvProgram, "none") // what is looked for is when packs are written, not how they are printed
	warehousetest.Main(m)
}

// What prolongs or repeats the test.
const (
	envDays = "PARTNERPLUS_OPERATION_DAYS"
	envSeed = "PARTNERPLUS_OPERATION_SEED"
)

// zoneName is where the company is.
const zoneName = "America/New_York"

// operation is a company, a warehouse, and a machine that runs the jobs.
type operation struct {
	t        *testing.T // of the bubble, while there is one
	zone     *time.Location
	proxy    *proxy
	company  *company
	receiver *receiver
	config   *config.Config
	jobs     []schedules.Job

	machine  *machine // nil while it is off
	together together
	lasting  atomic.Int64 // how long a run lasts, besides its work

	today time.Time
	dice  *rand.Rand // nil: troubles have their usual times
	plan  []event
}

// event is what happens at an instant.
type event struct {
	at      time.Time
	happens func()
}

// at plans what happens at a time of today's clock.
func (o *operation) at(clock string, happens func()) { o.within(clock, 0, happens) }

// within plans it for a time drawn from a span that begins then; where nothing is drawn, for its begin.
func (o *operation) within(clock string, span time.Duration, happens func()) {
	o.t.Helper()
	at, err := time.ParseInLocation(time.DateOnly+" 15:04", o.today.Format(time.DateOnly)+" "+clock, o.zone)
	must(o.t, err)
	if o.dice != nil && span > 0 {
		at = at.Add(time.Duration(o.dice.Int64N(int64(span)))).Truncate(time.Second)
	}
	o.plan = append(o.plan, event{at, happens})
}

// live lets today pass.
func (o *operation) live() {
	slices.SortStableFunc(o.plan, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range o.plan {
		time.Sleep(time.Until(e.at))
		e.happens()
	}
	o.plan = nil
}

// off switches the machine off.
func (o *operation) off() (cut bool) {
	cut = o.machine.off(o.t)
	o.machine = nil
	return cut
}

// configure writes and reads the config, and the jobs: the built-in ones, but that live is due less often, shortly before
// nightly, and that nightly leaves the checks, which cost more than all else, to month-end and to the judge.
func (o *operation) configure(dir string) {
	o.t.Helper()
	file := filepath.Join(dir, config.FileName)
	must(o.t, os.WriteFile(file, fmt.Appendf(nil, `
reporting: {currency: USD, timezone: %s}
retention: {runs: 0s, checks: 0s, raw_rows: 0s}   # it goes by the server's clock, by which all of this is old
notifications:
  receivers:
    operators: {webhook: {url: %q}, kinds: [failed_job, failed_run]}
sources:
  awards:
    file: {path: awards, glob: "*.csv"}
    rejects: {max_share: 0.05}
    mappings:
      - entity: awards
        columns:
          program_id: {value: acme}
          award_id: id
          member_id: member
          kind: {from: kind, map: {award: award, reversal: reversal}}
          amount: {from: cents, scale: "0.01"}
          currency: {value: USD}
          awarded_at: at
          version: {from: updated, time: {format: iso}}
  redemptions:
    http:
      url: %q
      records: data
      watermark: {start: %q, at_most: 2400h, lookback: 1h, from_param: from, to_param: to, time_path: updated}
    rows: {min: 0}
    mappings:
      - entity: redemptions
        columns:
          program_id: {value: acme}
          redemption_id: id
          member_id: member
          kind: {value: redemption}
          amount: {from: cents, scale: "0.01"}
          currency: {value: USD}
          redeemed_at: at
          version: {from: updated, time: {format: iso}}
`, zoneName, o.receiver.URL, o.company.api.URL, historyBegins.Format(time.DateOnly)), 0o600))
	var err error
	o.config, err = config.Load(file)
	must(o.t, err)
	o.jobs, err = schedules.Builtin()
	must(o.t, err)
	for i := range o.jobs {
		switch j := &o.jobs[i]; j.Name {
		case "live":
			j.Cron = "40 1,7,13,19 * * *"
		case "nightly":
			j.Steps = []schedules.Step{schedules.StepLoad, schedules.StepRefresh}
		}
	}
}

func (o *operation) job(name string) schedules.Job {
	return o.jobs[slices.IndexFunc(o.jobs, func(j schedules.Job) bool { return j.Name == name })]
}

// Before the operation begins, the company has a history of some weeks.
var (
	historyBegins   = time.Date(2020, 10, 1, 0, 0, 0, 0, time.UTC)
	operationBegins = time.Date(2020, 10, 26, 0, 0, 0, 0, time.UTC)
)

func TestOperation(t *testing.T) {
	days, seed := settings(t)
	zone, err := time.LoadLocation(zoneName)
	must(t, err)
	dsn := warehousetest.DSN(t)
	w, err := load.Open(dsn, load.PublishAtOnce())
	must(t, err)
	defer func() { must(t, w.Close()) }()
	_, err = w.Migrate(t.Context(), load.Reporting{Timezone: zoneName, Currency: "USD"})
	must(t, err)

	files := t.TempDir()
	o := &operation{t: t, zone: zone, proxy: newProxy(t, dsn), company: newCompany(t, files, zone), receiver: newReceiver(t)}
	o.configure(files)
	begin := o.midnight(operationBegins)
	dice := rand.New(rand.NewPCG(seed, 0))
	synctest.Test(t, func(t *testing.T) {
		o.t = t
		time.Sleep(time.Until(begin))
		o.company.deliver(t, o.midnight(historyBegins), begin.AddDate(0, 0, -1))
		o.machine = o.on(func(ledger schedules.Ledger) { o.remember(ledger, begin) })
		for day := range days {
			o.today = begin.AddDate(0, 0, day)
			o.spend(o.trouble(dice, day, days))
		}
		o.off()
	})
	o.t = t
	o.judge(w, begin, days)
}

// remember lets the ledger know of good runs before the operation begins, so that nothing is to be caught up then.
func (o *operation) remember(ledger schedules.Ledger, begin time.Time) {
	o.t.Helper()
	for _, job := range o.jobs {
		due := job.Due(begin.AddDate(0, -2, 0), begin, o.zone)
		must(o.t, ledger.Record(context.Background(), schedules.Record{
			Job: job.Name, Occurrence: schedules.Occurrence{Due: due[len(due)-1], Attempt: 1}, Result: schedules.Result{Status: schedules.StatusDone},
			Started: due[len(due)-1], Finished: due[len(due)-1],
		}))
	}
}

// midnight is when a day begins where the company is.
func (o *operation) midnight(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, o.zone)
}

// spend lets a day with its trouble pass.
func (o *operation) spend(trouble trouble) {
	o.t.Helper()
	o.t.Logf("%s: %s", o.today.Format(time.DateOnly), trouble.name)
	o.at("00:15", func() { o.company.deliver(o.t, o.today.AddDate(0, 0, -1), o.today) })
	for _, clock := range []string{"03:30", "06:30", "14:30"} {
		o.at(clock, func() {
			if o.machine != nil {
				o.machine.tell(o.t)
			}
		})
	}
	trouble.happens(o)
	o.at("23:45", func() {}) // what has begun ends within the day
	o.live()
}

// settings reads what the environment says. Without it, all is as usual.
func settings(t *testing.T) (days int, seed uint64) {
	t.Helper()
	days, seed = len(troubles), rand.Uint64()>>32
	var err error
	if text := os.Getenv(envDays); text != "" {
		if days, err = strconv.Atoi(text); err != nil || days < len(troubles) {
			t.Fatalf("%s: %q is not a number from %d", envDays, text, len(troubles))
		}
	}
	if text := os.Getenv(envSeed); text != "" {
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", envSeed, err)
		}
	}
	if days > len(troubles) { // else nothing is drawn
		t.Logf("repeat it with %s=%d %s=%d", envDays, days, envSeed, seed)
	}
	return days, seed
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
