package notify

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
)

// told are the summaries that a receiver got: each with the span that it tells of, in Berlin's time.
func (s *stage) told(name string) []string {
	var all []string
	const layout = "2006-01-02 15:04"
	for _, m := range s.inboxes[name].got {
		all = append(all, fmt.Sprintf("%s %s to %s", m.Kind, m.Summary.From.In(berlin).Format(layout), m.Summary.To.In(berlin).Format(layout)))
	}
	s.inboxes[name].got = nil
	return all
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSummaries(t *testing.T) {
	t.Parallel()
	c := config.Notifications{Receivers: []config.Receiver{hook("a", "critical", "daily", "weekly", "monthly"), hook("b", "info", "daily")}}
	c.SetDefaults()
	s := newStage(t, c)
	at := func(text string) {
		t.Helper()
		now, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		must(t, err)
		s.now = now
		s.restart(t)
		s.look(t)
		s.now = s.now.Add(time.Minute)
		s.look(t)
	}
	at("2026-10-21 12:00") // the first come at once
	same(t, s.told("a"), "daily 2026-10-20 08:00 to 2026-10-21 08:00", "weekly 2026-10-12 08:00 to 2026-10-19 08:00", "monthly 2026-09-02 09:00 to 2026-10-02 09:00")
	same(t, s.told("b"), "daily 2026-10-20 08:00 to 2026-10-21 08:00")
	at("2026-10-22 07:58")
	same(t, s.told("a"))
	at("2026-10-22 08:00")
	same(t, s.told("a"), "daily 2026-10-21 08:00 to 2026-10-22 08:00")
	at("2026-10-25 12:00") // down for two days, over the end of summer time: told of once
	same(t, s.told("a"), "daily 2026-10-22 08:00 to 2026-10-25 08:00")
	s.inboxes["b"].got = nil
	// One that is not accepted until the next is due becomes part of that one.
	s.inboxes["b"].down = errors.New("down")
	at("2026-10-26 08:00")
	same(t, s.told("a"), "daily 2026-10-25 08:00 to 2026-10-26 08:00", "weekly 2026-10-19 08:00 to 2026-10-26 08:00")
	at("2026-10-27 08:00")
	s.inboxes["b"].down = nil
	at("2026-10-27 12:00")
	same(t, s.told("b"), "daily 2026-10-25 08:00 to 2026-10-27 08:00")
	at("2026-11-02 09:00")
	same(t, s.told("a"), "daily 2026-10-26 08:00 to 2026-10-27 08:00", "daily 2026-10-27 08:00 to 2026-11-02 08:00", "weekly 2026-10-26 08:00 to 2026-11-02 08:00",
		"monthly 2026-10-02 09:00 to 2026-11-02 09:00")
}

func TestSummariesAreValid(t *testing.T) {
	t.Parallel()
	_, err := New(nil, Options{Zone: time.UTC, Config: config.Notifications{Summaries: config.Summaries{Daily: "8 o'clock", Weekly: "0 8 * * 1", Monthly: "0 0 31 2 *"}}})
	for _, want := range []string{`notifications.summaries.daily: cron: "8 o'clock" is not a cron expression`, `notifications.summaries.monthly: cron: "0 0 31 2 *" is never due`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
