package notify

import (
	"time"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// rules say when a matter is told again, and when it is over.
type rules struct {
	repeat time.Duration // 0: never again
	quiet  time.Duration // how long it must be gone
}

// matterID finds what a receiver knows of a matter.
type matterID struct{ receiver, matter string }

// reconcile works out what receivers are to be told, from what they were told and what stands now. It gives all notices that are
// not done with, and those of them that changed. Notices of summaries are not its own.
func reconcile(notices []load.Notice, matters []Matter, receivers []config.Receiver, r rules, now time.Time) (all, changed []load.Notice) {
	standing := map[string]Matter{}
	for _, m := range matters {
		standing[m.Key] = m
	}
	open := map[matterID]bool{}
	for _, n := range notices {
		if n.ResolvedAt == nil {
			open[matterID{n.Receiver, n.Matter}] = true
			if m, stands := standing[n.Matter]; r.follow(&n, m, stands, now) {
				changed = append(changed, n)
			}
		}
		all = append(all, n)
	}
	for _, receiver := range receivers {
		for _, m := range matters {
			if !receiver.Wants(m.Kind) || severity(m.Severity) < severity(receiver.Severity) || open[matterID{receiver.Name, m.Key}] {
				continue
			}
			n := load.Notice{Receiver: receiver.Name, Matter: m.Key, Kind: m.Kind, OpenedAt: now, Tell: 1}
			describe(&n, m)
			all, changed = append(all, n), append(changed, n)
		}
	}
	return all, changed
}

// follow brings the notice of a matter that had not ended up to date, and tells whether that changed anything.
func (r rules) follow(n *load.Notice, m Matter, stands bool, now time.Time) (changed bool) {
	if !stands {
		if n.GoneAt == nil {
			n.GoneAt, changed = &now, true
		}
		if now.Sub(*n.GoneAt) >= r.quiet {
			n.ResolvedAt, changed = &now, true
		}
		return changed
	}
	if n.GoneAt != nil {
		n.GoneAt, changed = nil, true
	}
	worse := severity(m.Severity) > severity(n.Severity)
	again := r.repeat > 0 && n.Told == n.Tell && n.ToldAt != nil && now.Sub(*n.ToldAt) >= r.repeat
	if !worse && !again {
		return changed
	}
	if n.Told == n.Tell { // else the message to come says it all
		n.Tell++
	}
	describe(n, m)
	return true
}

// describe takes the matter's words into the notice.
func describe(n *load.Notice, m Matter) {
	n.Severity, n.Title, n.Text, n.Todo, n.Since = m.Severity, m.Title, m.Text, m.Todo, m.Since
}

// toSend says which message a notice is worth next, empty where there is none. What is over is told after that it was.
func toSend(n load.Notice) Event {
	switch {
	case isSummary(n.Kind):
		if n.Told < n.Tell {
			return EventSummary
		}
	case n.Told < n.Tell && n.Told == 0:
		return EventOpened
	case n.Told < n.Tell:
		return EventRepeated
	case n.ResolvedAt != nil && n.RecoveredAt == nil:
		return EventRecovered
	}
	return ""
}

// accepted notes that the receiver took the message.
func accepted(n *load.Notice, event Event, now time.Time) {
	if event == EventRecovered {
		n.RecoveredAt = &now
	} else {
		n.Told, n.ToldAt = n.Tell, &now
	}
	n.Failures, n.TriedAt, n.Error = 0, nil, ""
}

// longestWait is the longest time between two tries to deliver a message.
const longestWait = time.Hour

// isDue tells whether a message that failed may be tried again: after a minute, then two, and so on.
func isDue(n load.Notice, now time.Time) bool {
	if n.Failures == 0 || n.TriedAt == nil {
		return true
	}
	wait := min(time.Minute<<min(n.Failures-1, 10), longestWait)
	return now.Sub(*n.TriedAt) >= wait-tolerance
}

// tolerance lets a look that comes a moment early count as on time: looks are a minute apart.
const tolerance = 5 * time.Second
