package statuspage

import "github.com/partnerplus/warehouse/schedules"

// badge is a status as the page shows it: never by its colour alone.
type badge struct {
	Class string // good, look, bad or plain
	Mark  string // for the eye only
	Word  string
}

var badges = map[string]badge{
	schedules.StatusDone:        {"good", "✓", "done"},
	schedules.StatusRejects:     {"look", "!", "done, with rejects"},
	schedules.StatusChecks:      {"bad", "✗", "checks failed"},
	schedules.StatusFailed:      {"bad", "✗", "failed"},
	schedules.StatusInterrupted: {"look", "!", "interrupted"},
	schedules.StatusSkipped:     {"plain", "–", "skipped"},
	schedules.StatusWaiting:     {"plain", "…", "waiting"},
	schedules.StatusRunning:     {"plain", "▸", "running"}, // the scheduler's word too
	string(schedules.Queued):    {"plain", "…", "queued"},

	"pass": {"good", "✓", "pass"},
	"warn": {"look", "!", "warn"},
	"fail": {"bad", "✗", "fail"},

	"on time": {"good", "✓", "on time"},
	"late":    {"bad", "✗", "late"},
	"free":    {"plain", "–", "no limit"},
	"gone":    {"plain", "–", "not in the config"},

	"critical": {"bad", "✗", "critical"},
	"warning":  {"look", "!", "warning"},
	"info":     {"plain", "i", "info"},

	"wrong": {"bad", "✗", "wrong"},
	"look":  {"look", "!", "look"},
}

// badgeOf shows a status that it does not know by its own word.
func badgeOf(status any) badge {
	text := ""
	switch status := status.(type) {
	case string:
		text = status
	case schedules.State:
		text = string(status)
	}
	if b, ok := badges[text]; ok {
		return b
	}
	return badge{Class: "plain", Mark: "·", Word: text}
}

// Freshness is the status of the source's deliveries.
func (s sourceRow) Freshness() string {
	switch {
	case !s.Configured:
		return "gone"
	case s.Late:
		return "late"
	case s.Limit == nil:
		return "free"
	}
	return "on time"
}
