package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// memory is a Warehouse whose matters a test decides.
type memory struct {
	matters []Matter

	mu      sync.Mutex // guards what receivers change at once
	notices map[string]load.Notice
	// failing is what Select and RecordNotices give; failAfter lets so many RecordNotices pass before.
	failing   error
	failAfter int
	claimed   bool
}

var errAway = errors.New("the warehouse is away")

func (m *memory) Select(_ context.Context, name string, _ map[string]string, rows any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failing != nil && m.failAfter == 0 {
		return m.failing
	}
	switch rows := rows.(type) {
	case *[]matterRow:
		for _, matter := range m.matters {
			if "matters/"+matter.Kind+".sql" == name {
				*rows = append(*rows, matterRow{Matter: matter})
			}
		}
	case *[]Activity:
		*rows = []Activity{{Runs: 3}}
	}
	return nil // no figures
}

func keyOf(n load.Notice) string { return fmt.Sprint(n.OpenedAt.UnixMicro(), n.Receiver, n.Matter) }

func (m *memory) Notices(context.Context) ([]load.Notice, error) {
	var all []load.Notice
	for _, key := range slices.Sorted(maps.Keys(m.notices)) {
		all = append(all, m.notices[key])
	}
	return all, nil
}

func (m *memory) RecordNotices(_ context.Context, notices ...load.Notice) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failing != nil {
		if m.failAfter == 0 {
			return m.failing
		}
		m.failAfter--
	}
	for _, n := range notices {
		m.notices[keyOf(n)] = n
	}
	return nil
}

func (m *memory) ClaimNotices(context.Context, time.Duration) (func(context.Context) error, error) {
	if m.claimed {
		return nil, nil
	}
	return func(context.Context) error { return nil }, nil
}

// inbox is a sender that keeps what it accepts.
type inbox struct {
	down error
	got  []Message
}

func (i *inbox) send(_ context.Context, m Message) error {
	if i.down != nil {
		return i.down
	}
	i.got = append(i.got, m)
	return nil
}

func (i *inbox) reach(context.Context) error { return i.down }

// never is a timetable without a summary for the time of these tests.
var never = config.Summaries{Daily: "0 0 29 2 *", Weekly: "0 0 29 2 *", Monthly: "0 0 29 2 *"}

// stage is a warehouse with its receivers and a clock.
type stage struct {
	*memory
	config  config.Notifications
	inboxes map[string]*inbox
	now     time.Time
	n       *Notifier
}

func newStage(t rapid.TB, c config.Notifications) *stage {
	t.Helper()
	s := &stage{memory: &memory{notices: map[string]load.Notice{}}, config: c, inboxes: map[string]*inbox{}, now: time.Date(2026, 10, 7, 6, 0, 0, 0, time.UTC)}
	for _, r := range c.Receivers {
		s.inboxes[r.Name] = &inbox{}
	}
	s.restart(t)
	return s
}

// base is what all tests' Notifiers have in common: the templates take longer to parse than most tests do.
var base = sync.OnceValues(func() (*Notifier, error) {
	return New(nil, Options{
		Config: config.Notifications{Summaries: never}, Zone: time.UTC,
		Redact: func(text string) string { return strings.ReplaceAll(text, "sesame", "***") },
	})
})

// restart makes a Notifier that remembers nothing.
func (s *stage) restart(t rapid.TB) {
	t.Helper()
	shared, err := base()
	if err != nil {
		t.Fatal(err)
	}
	n := *shared
	n.warehouse, n.declared, n.rules = s.memory, s.config.Receivers, rules{s.config.Repeat, s.config.RecoveryAfter}
	n.now = func() time.Time { return s.now }
	n.pause = func(context.Context, time.Duration) error { return nil }
	if n.timetable, err = newTimetable(s.config.Summaries, berlin); err != nil {
		t.Fatal(err)
	}
	n.receivers = map[string]*receiver{}
	for name, inbox := range s.inboxes {
		n.receivers[name] = &receiver{name: name, sender: inbox}
	}
	s.n = &n
}

func (s *stage) look(t rapid.TB) {
	t.Helper()
	if _, err := s.n.Look(context.Background()); err != nil && !errors.Is(err, errAway) {
		t.Fatal(err)
	}
}

// events are what a receiver got, in order.
func (s *stage) events(name string) []string {
	var all []string
	for _, m := range s.inboxes[name].got {
		all = append(all, strings.TrimSpace(string(m.Event)+" "+m.Key))
	}
	return all
}

func (s *stage) expect(t *testing.T, name string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, s.events(name)); diff != "" {
		t.Errorf("%s got (-want +got):\n%s", name, diff)
	}
	s.inboxes[name].got = nil
}

func matter(kind, about, severity string) Matter {
	return Matter{Kind: kind, Key: kind + ":" + about, Severity: severity, Title: about + " is wrong", Text: "why", Todo: "mend it", Since: time.Unix(0, 0)}
}

func hook(name, severity string, kinds ...string) config.Receiver {
	return config.Receiver{Name: name, Severity: severity, Kinds: kinds, Slack: &config.Slack{URL: "https://h/"}}
}

// TestEveryEpisodeIsToldOnce lets matters come and go, receivers and the warehouse fail, and processes die. Whatever happens, each
// receiver is told of each episode of each matter that it came up and that it is over, in this order; and twice only where the
// warehouse could not be written to in between, with the same id.
func TestEveryEpisodeIsToldOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const quiet = 3 * time.Minute
		c := config.Notifications{Summaries: never, RecoveryAfter: quiet, Receivers: []config.Receiver{hook("a", "info"), hook("b", "info"), hook("c", "critical")}}
		s := newStage(t, c)
		keys := []Matter{matter("late_source", "x", "warning"), matter("failed_job", "y", "critical")}
		model, crashed := map[string]*episodes{}, false
		for _, m := range keys {
			model[m.Key] = &episodes{quiet: quiet}
		}
		for range rapid.IntRange(1, 60).Draw(t, "looks") {
			s.now = s.now.Add(time.Minute)
			s.matters, s.failing, s.failAfter = nil, nil, 0
			for _, m := range keys {
				if rapid.IntRange(0, 2).Draw(t, m.Key) > 0 {
					s.matters = append(s.matters, m)
				}
			}
			for _, name := range []string{"a", "b", "c"} {
				s.inboxes[name].down = nil
				if rapid.IntRange(0, 3).Draw(t, name) == 0 {
					s.inboxes[name].down = errors.New("down")
				}
			}
			switch rapid.IntRange(0, 9).Draw(t, "event") {
			case 0:
				s.restart(t)
			case 1: // it dies after so many writes: 1 is after a message was sent, before that is recorded
				s.failing, s.failAfter, crashed = errAway, rapid.IntRange(0, 3).Draw(t, "writes"), true
			}
			nothingSeen := s.failing != nil && s.failAfter == 0
			s.look(t)
			if s.failing != nil {
				s.restart(t)
				if nothingSeen {
					continue
				}
			}
			for _, m := range keys {
				model[m.Key].see(slices.ContainsFunc(s.matters, func(o Matter) bool { return o.Key == m.Key }), s.now)
			}
		}
		s.matters, s.failing = nil, nil
		for range 10 { // all comes to rest, within the longest wait
			s.now = s.now.Add(longestWait)
			for _, inbox := range s.inboxes {
				inbox.down = nil
			}
			s.look(t)
		}
		for name, inbox := range s.inboxes {
			ids, order := map[string]bool{}, map[string][]Event{}
			for _, m := range inbox.got {
				if ids[m.ID] {
					if !crashed {
						t.Fatalf("%s got a message twice, though nothing failed in between: %+v", name, m)
					}
					continue
				}
				ids[m.ID] = true
				episode := m.Key + m.OpenedAt.String()
				order[episode] = append(order[episode], m.Event)
			}
			got := map[string]int{}
			for episode, events := range order {
				if !slices.Equal(events, []Event{EventOpened, EventRecovered}) {
					t.Fatalf("%s was told of %s: %v", name, episode, events)
				}
				key, _, _ := strings.Cut(episode, "20") // of the year
				got[key]++
			}
			want := map[string]int{}
			for key, e := range model {
				if e.count > 0 && (name != "c" || key != "late_source:x") {
					want[key] = e.count
				}
			}
			if !maps.Equal(want, got) {
				t.Fatalf("%s was told of %v, but there were %v", name, got, want)
			}
		}
	})
}

// episodes counts how often a matter came up, by what looks saw of it.
type episodes struct {
	quiet  time.Duration
	count  int
	open   bool
	absent time.Time // since when, while it is open
}

func (e *episodes) see(present bool, now time.Time) {
	switch {
	case present && !e.open:
		e.count, e.open, e.absent = e.count+1, true, time.Time{}
	case present:
		e.absent = time.Time{}
	case e.open && e.absent.IsZero():
		e.absent = now
	case e.open && now.Sub(e.absent) >= e.quiet:
		e.open = false
	}
}

// What stands is told once; what got worse, again; and what repeat says.
func TestRepeat(t *testing.T) {
	t.Parallel()
	s := newStage(t, config.Notifications{Summaries: never, Repeat: time.Hour, RecoveryAfter: 10 * time.Minute, Receivers: []config.Receiver{
		hook("all", "info"), hook("severe", "critical"), hook("sources", "info", "late_source"),
	}})
	late, failed := matter("late_source", "x", "warning"), matter("failed_job", "y", "warning")
	looks := func(n int, matters ...Matter) {
		s.matters = matters
		for range n {
			s.look(t)
			s.now = s.now.Add(time.Minute)
		}
	}
	looks(59, late, failed)
	s.expect(t, "all", "opened failed_job:y", "opened late_source:x")
	s.expect(t, "sources", "opened late_source:x")
	s.expect(t, "severe")
	failed.Severity, failed.Text = "critical", "worse"
	looks(1, late, failed)
	s.expect(t, "severe", "opened failed_job:y")
	if got := s.inboxes["all"].got; len(got) != 1 || got[0].Event != EventRepeated || got[0].Severity != "critical" || got[0].Body[:5] != "worse" {
		t.Errorf("of what got worse, all got %+v", got)
	}
	s.inboxes["all"].got = nil
	looks(2, late, failed)
	s.expect(t, "all", "repeated late_source:x")
	s.expect(t, "sources", "repeated late_source:x")
	looks(9, failed) // late comes back before it was told to be over
	looks(1, late, failed)
	looks(10, failed)
	s.expect(t, "all")
	looks(1, failed)
	s.expect(t, "all", "recovered late_source:x")
	s.expect(t, "severe")
}

// A receiver that is down keeps nobody else waiting, is tried less and less often, and is told all in order once it is back.
func TestReceiverDown(t *testing.T) {
	t.Parallel()
	s := newStage(t, config.Notifications{Summaries: never, Receivers: []config.Receiver{hook("down", "info"), hook("up", "info")}})
	down := s.inboxes["down"]
	down.down = errors.New("no answer for sesame")
	s.matters = []Matter{matter("late_source", "x", "warning")}
	tries := map[time.Duration]bool{}
	begin := s.now
	for range 4 * 60 {
		s.look(t)
		for _, n := range s.notices {
			if n.TriedAt != nil {
				tries[n.TriedAt.Sub(begin)] = true
			}
			if strings.Contains(n.Error, "sesame") {
				t.Fatalf("a secret is recorded: %s", n.Error)
			}
		}
		s.now = s.now.Add(time.Minute)
	}
	s.expect(t, "up", "opened late_source:x")
	const m = time.Minute
	if want := []time.Duration{0, m, 3 * m, 7 * m, 15 * m, 31 * m, 63 * m, 123 * m, 183 * m}; !slices.Equal(slices.Sorted(maps.Keys(tries)), want) {
		t.Errorf("it was tried after %v, want %v", slices.Sorted(maps.Keys(tries)), want)
	}
	standing, _, err := s.n.List(t.Context())
	if err != nil || len(standing) != 1 || len(standing[0].Notices) != 2 || standing[0].Notices[0].Error != "no answer for ***" {
		t.Errorf("the list is %+v, %v", standing, err)
	}
	s.matters = nil
	s.look(t)
	_, pending, err := s.n.List(t.Context())
	if err != nil || len(pending) != 1 || pending[0].Receiver != "down" {
		t.Errorf("pending is %+v, %v", pending, err)
	}
	down.down, s.now = nil, s.now.Add(longestWait)
	s.look(t)
	s.expect(t, "down", "opened late_source:x", "recovered late_source:x")
	s.expect(t, "up", "recovered late_source:x")
}

// One look sends a receiver so many messages; the rest comes with the next ones.
func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	s := newStage(t, config.Notifications{Summaries: never, Receivers: []config.Receiver{hook("a", "info")}})
	for i := range 2*mostMessages + 3 {
		s.matters = append(s.matters, matter("late_source", fmt.Sprintf("%03d", i), "warning"))
	}
	for _, want := range []int{mostMessages, 2 * mostMessages, 2*mostMessages + 3, 2*mostMessages + 3} {
		s.look(t)
		if got := len(s.inboxes["a"].got); got != want {
			t.Errorf("it has %d messages, want %d", got, want)
		}
	}
}

func TestOneProcessLooks(t *testing.T) {
	t.Parallel()
	s := newStage(t, config.Notifications{Summaries: never, Receivers: []config.Receiver{hook("a", "info")}})
	s.matters, s.claimed = []Matter{matter("late_source", "x", "warning")}, true
	s.look(t)
	if err := s.n.LookOnce(t.Context()); err == nil {
		t.Error("it looked, though another process does")
	}
	s.expect(t, "a")
	s.n.pause = func(context.Context, time.Duration) error {
		s.claimed = false
		return nil
	}
	must(t, s.n.LookOnce(t.Context()))
	s.expect(t, "a", "opened late_source:x")
}

// TestRun looks every minute, and when it is woken.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Notifications{Summaries: never, Receivers: []config.Receiver{hook("a", "info")}})
		s.n.now, s.n.wake = time.Now, make(chan struct{}, 1)
		ctx, cancel := context.WithCancel(t.Context())
		var ended sync.WaitGroup
		ended.Go(func() { s.n.Run(ctx) })
		synctest.Wait()
		s.matters = []Matter{matter("late_source", "x", "warning")}
		s.n.Wake()
		s.n.Wake()
		synctest.Wait()
		s.expect(t, "a", "opened late_source:x")
		s.matters = append(s.matters, matter("failed_job", "y", "critical"))
		time.Sleep(59 * time.Second)
		s.expect(t, "a")
		time.Sleep(10 * time.Second)
		s.expect(t, "a", "opened failed_job:y")
		cancel()
		ended.Wait()
	})
}

// TestWarehouseAway tells of a warehouse that does not answer, and of its return, without it.
func TestWarehouseAway(t *testing.T) {
	t.Parallel()
	s := newStage(t, config.Notifications{Summaries: never, Receivers: []config.Receiver{hook("a", "info"), hook("b", "info", "late_source")}})
	s.failing = fmt.Errorf("%w: sesame", errAway)
	look := func() {
		_, err := s.n.Look(t.Context())
		s.n.tellAway(t.Context(), err)
		s.now = s.now.Add(time.Minute)
	}
	for range 5 {
		look()
	}
	s.expect(t, "a")
	s.inboxes["a"].down = errors.New("down, too")
	look()
	s.inboxes["a"].down = nil
	for range 5 {
		look()
	}
	if got := s.inboxes["a"].got; len(got) != 1 || got[0].Severity != "critical" || !strings.Contains(got[0].Body, "the warehouse is away: ***") {
		t.Errorf("a got %+v", got)
	}
	s.expect(t, "a", "opened warehouse_away")
	s.failing = nil
	look()
	look()
	s.expect(t, "a", "recovered warehouse_away")
	s.expect(t, "b")
	if len(s.notices) != 0 || len(s.n.away.notices) != 0 {
		t.Errorf("left: %+v and %+v", s.notices, s.n.away.notices)
	}
}
