package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// Warehouse is what a Notifier needs of the warehouse.
type Warehouse interface {
	// Select reads the answer of a statement of package sql into a pointer to a slice of structs with ch tags.
	Select(ctx context.Context, name string, params map[string]string, rows any) error
	// Notices reads the notices that are not done with, the oldest first.
	Notices(ctx context.Context) ([]load.Notice, error)
	// RecordNotices writes notices in the place of what there is of them: all or none.
	RecordNotices(ctx context.Context, notices ...load.Notice) error
	// ClaimNotices gives nil where another process tells receivers, else what lets the next one.
	ClaimNotices(ctx context.Context, lasting time.Duration) (release func(context.Context) error, err error)
}

// Options are what a Notifier tells whom. Now and Pause are for tests.
type Options struct {
	Config  config.Notifications
	Zone    *time.Location           // the reporting zone
	Retries map[string]int           // of all jobs of the schedules: how often each is tried again
	Reports string                   // folder of review packs; empty: none is written
	Redact  func(text string) string // takes secrets out of errors; nil: there are none
	RootCAs *x509.CertPool           // that sign receivers' certificates; nil: those of the machine
	Log     *zap.Logger

	Now   func() time.Time
	Pause func(ctx context.Context, d time.Duration) error
}

// Notifier tells receivers what stands in the warehouse.
type Notifier struct {
	warehouse Warehouse
	zone      *time.Location
	retries   map[string]int
	reports   string
	redact    func(string) string
	log       *zap.Logger
	now       func() time.Time
	pause     func(context.Context, time.Duration) error

	kinds     []string // of matters in the warehouse
	rules     rules
	timetable timetable
	texts     *texts
	declared  []config.Receiver
	receivers map[string]*receiver

	began time.Time
	wake  chan struct{}
	away  away
}

const (
	every      = time.Minute // between looks
	lookLasts  = 100 * time.Second
	claimLasts = 2 * time.Minute
	// perReceiver and mostMessages bound what one look does for a receiver; the rest is for the next one.
	perReceiver  = 45 * time.Second
	mostMessages = 20
)

// New makes a Notifier. Its error lists all that is wrong with templates and cron expressions. To check them, or to send a test,
// it needs no warehouse.
func New(warehouse Warehouse, o Options) (*Notifier, error) {
	scripts, err := kindsOfMatters()
	if err != nil {
		return nil, err
	}
	n := &Notifier{
		warehouse: warehouse, zone: o.Zone, retries: o.Retries, reports: o.Reports, redact: o.Redact, log: o.Log, now: o.Now, pause: o.Pause,
		kinds: slices.Sorted(maps.Keys(scripts)), rules: rules{repeat: o.Config.Repeat, quiet: o.Config.RecoveryAfter},
		declared: o.Config.Receivers, receivers: map[string]*receiver{}, wake: make(chan struct{}, 1),
	}
	if n.now == nil {
		n.now = time.Now
	}
	if n.pause == nil {
		n.pause = pause
	}
	if n.redact == nil {
		n.redact = func(text string) string { return text }
	}
	if n.log == nil {
		n.log = zap.NewNop()
	}
	n.began = n.instant()
	var problems [2]error
	n.timetable, problems[0] = newTimetable(o.Config.Summaries, o.Zone)
	n.texts, problems[1] = newTexts(o.Config.Templates, o.Zone)
	for _, r := range n.declared {
		n.receivers[r.Name] = newReceiver(r, o.RootCAs)
	}
	return n, errors.Join(problems[:]...)
}

// instant is now, as exact as the warehouse keeps it.
func (n *Notifier) instant() time.Time { return n.now().UTC().Truncate(time.Microsecond) }

// Wake lets the next look begin at once.
func (n *Notifier) Wake() {
	select {
	case n.wake <- struct{}{}:
	default: // it is about to begin
	}
}

// Run looks every minute, and when it is woken, until ctx is done. What goes wrong is logged, and told once it has gone wrong for
// long. Without receivers it does nothing.
func (n *Notifier) Run(ctx context.Context) {
	for len(n.declared) > 0 {
		_, err := n.Look(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			n.log.Warn("notifications are not up to date; looking again in a minute", zap.String("error", n.redact(err.Error())))
		}
		n.tellAway(ctx, err)
		// Not in step with another process: the two would claim, and step back, again and again.
		timer := time.NewTimer(every + rand.N(5*time.Second))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-n.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Look works out what receivers are to be told, and tells them, unless another process does at this moment. Its error is the
// warehouse's; a receiver that does not accept a message is none: the notice says so, and a later look tries again.
func (n *Notifier) Look(ctx context.Context) (looked bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookLasts)
	defer cancel()
	release, err := n.warehouse.ClaimNotices(ctx, claimLasts)
	if err != nil || release == nil {
		return false, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		err = errors.Join(err, release(ctx))
	}()
	return true, n.look(ctx)
}

// LookOnce looks for certain: it waits for another process that does, which may have begun before what there is to tell.
func (n *Notifier) LookOnce(ctx context.Context) error {
	const again = 5 * time.Second
	for waited := time.Duration(0); ; waited += again {
		looked, err := n.Look(ctx)
		if err != nil || looked {
			return err
		}
		if waited > claimLasts {
			return errors.New("other processes tell receivers all the time; the next look tells what this run left")
		}
		if err := n.pause(ctx, again); err != nil {
			return err
		}
	}
}

func (n *Notifier) look(ctx context.Context) error {
	known, err := n.warehouse.Notices(ctx)
	if err != nil {
		return err
	}
	matters, err := n.readMatters(ctx)
	if err != nil {
		return err
	}
	now := n.instant()
	ofMatters, ofSummaries := apart(known)
	notices, changed := reconcile(ofMatters, matters, n.declared, n.rules, now)
	summaries, opened := n.timetable.due(ofSummaries, n.declared, now)
	if err := n.warehouse.RecordNotices(ctx, append(changed, opened...)...); err != nil {
		return err
	}
	return n.deliverAll(ctx, append(notices, summaries...), matters)
}

// apart parts notices of matters from those of summaries.
func apart(notices []load.Notice) (matters, summaries []load.Notice) {
	for _, n := range notices {
		if isSummary(n.Kind) {
			summaries = append(summaries, n)
		} else {
			matters = append(matters, n)
		}
	}
	return matters, summaries
}

// deliverAll tells all receivers at once.
func (n *Notifier) deliverAll(ctx context.Context, notices []load.Notice, matters []Matter) error {
	var all sync.WaitGroup
	errs := make([]error, len(n.declared))
	for i, declared := range n.declared {
		var own []load.Notice
		for _, notice := range notices {
			if notice.Receiver == declared.Name {
				own = append(own, notice)
			}
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, perReceiver)
			defer cancel()
			errs[i] = n.deliver(ctx, n.receivers[declared.Name], own, matters, n.warehouse.RecordNotices)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// deliver sends a receiver what its notices are worth, until one message is not accepted. Its error is that of the warehouse.
func (n *Notifier) deliver(ctx context.Context, r *receiver, notices []load.Notice, matters []Matter, record func(context.Context, ...load.Notice) error) error {
	sent := 0
	for _, notice := range notices {
		for event := toSend(notice); event != "" && isDue(notice, n.instant()); event = toSend(notice) {
			if sent == mostMessages || !n.mayTry(ctx, r) {
				return nil // the rest is for a later look
			}
			m := message(notice, event)
			if event == EventSummary {
				var err error
				if m.Summary, err = n.summary(ctx, notice.Kind, notice.Since, notice.OpenedAt, matters); err != nil {
					return err
				}
			}
			failed := n.send(ctx, r, m)
			if failed != nil {
				now := n.instant()
				notice.Failures, notice.TriedAt, notice.Error = notice.Failures+1, &now, failed.Error()
				n.log.Warn("a receiver of notifications did not accept a message; it is tried again later",
					zap.String("receiver", r.name), zap.String("matter", notice.Matter), zap.String("error", notice.Error))
			} else {
				accepted(&notice, event, n.instant())
				sent++
			}
			if err := n.recorded(ctx, record, notice); err != nil || failed != nil {
				return err
			}
		}
	}
	return nil
}

// mayTry tells whether there is time left, and the receiver has not asked to be left alone.
func (n *Notifier) mayTry(ctx context.Context, r *receiver) bool {
	return ctx.Err() == nil && !n.instant().Before(r.notBefore)
}

// recorded writes a notice, though the look's time may be over: what was sent should not be sent twice.
func (n *Notifier) recorded(ctx context.Context, record func(context.Context, ...load.Notice) error, notice load.Notice) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second) // the program has five to end
	defer cancel()
	return record(ctx, notice)
}

// Tried is how a test message ended.
type Tried struct {
	Receiver string
	Err      error
}

// Test sends a test message to a receiver, or to all where none is named.
func (n *Notifier) Test(ctx context.Context, name string) ([]Tried, error) {
	return n.each(name, func(r *receiver) error { return n.send(ctx, r, testMessage(r.name, n.instant())) })
}

// Reach connects to all receivers, and sends nothing.
func (n *Notifier) Reach(ctx context.Context) []Tried {
	tried, _ := n.each("", func(r *receiver) error {
		ctx, cancel := context.WithTimeout(ctx, attemptLasts)
		defer cancel()
		return n.redacted(r.sender.reach(ctx))
	})
	return tried
}

func (n *Notifier) each(name string, do func(*receiver) error) ([]Tried, error) {
	var tried []Tried
	for _, declared := range n.declared {
		if name == "" || declared.Name == name {
			tried = append(tried, Tried{declared.Name, do(n.receivers[declared.Name])})
		}
	}
	if name != "" && len(tried) == 0 {
		return nil, fmt.Errorf("there is no receiver %q in notifications.receivers", name)
	}
	return tried, nil
}

// Standing is a matter that stands, with what receivers know of it.
type Standing struct {
	Matter
	Notices []load.Notice `json:"notices"`
}

// List gives what stands now, and notices whose messages are still to be accepted though what they tell of is over.
func (n *Notifier) List(ctx context.Context) (standing []Standing, pending []load.Notice, err error) {
	notices, err := n.warehouse.Notices(ctx)
	if err != nil {
		return nil, nil, err
	}
	matters, err := n.readMatters(ctx)
	if err != nil {
		return nil, nil, err
	}
	place := map[string]int{}
	for i, m := range matters {
		place[m.Key] = i
		standing = append(standing, Standing{Matter: m, Notices: []load.Notice{}})
	}
	for _, notice := range notices {
		i, stands := place[notice.Matter]
		switch {
		case stands && notice.ResolvedAt == nil:
			standing[i].Notices = append(standing[i].Notices, notice)
		case toSend(notice) != "":
			pending = append(pending, notice)
		}
	}
	return standing, pending, nil
}

// Preview gives the message that a summary would be now, or an example of a kind of matter.
func (n *Notifier) Preview(ctx context.Context, kind string) (Message, error) {
	if !isSummary(kind) {
		for _, m := range samples() {
			if m.Kind == kind {
				err := n.texts.render(&m)
				return m, err
			}
		}
		return Message{}, fmt.Errorf("there is no kind %q; there are: %v", kind, slices.Concat(config.SummaryKinds, config.MatterKinds))
	}
	matters, err := n.readMatters(ctx)
	if err != nil {
		return Message{}, err
	}
	now := n.instant()
	job := n.timetable.jobs[slices.Index(config.SummaryKinds, kind)]
	before, due := n.timetable.latest(job, now)
	m := message(load.Notice{Receiver: "preview", Matter: kind, Kind: kind, OpenedAt: due, Since: before, Severity: "info", Tell: 1}, EventSummary)
	if m.Summary, err = n.summary(ctx, kind, before, due, matters); err != nil {
		return Message{}, err
	}
	err = n.texts.render(&m)
	return m, err
}
