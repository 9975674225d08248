package notify

import (
	"fmt"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// samples are one message of every kind and event: what templates are tried with.
func samples() []Message {
	at := time.Date(2026, 10, 1, 6, 30, 0, 0, time.UTC)
	var all []Message
	add := func(n load.Notice, event Event) {
		m := message(n, event)
		if event == EventSummary {
			m.Summary = sampleSummary(n.Kind, at)
		}
		all = append(all, m)
	}
	for _, kind := range config.MatterKinds {
		n := load.Notice{
			Receiver: "sample", Matter: kind + ":sample", Kind: kind, OpenedAt: at, Severity: "critical", Title: "Something is wrong",
			Text: "What it is <in words> & figures.", Todo: "What to do about it.", Since: at.Add(-time.Hour), Tell: 1,
		}
		add(n, EventOpened)
		add(n, EventRepeated)
		gone := at.Add(time.Hour)
		n.GoneAt = &gone
		add(n, EventRecovered)
	}
	for _, kind := range config.SummaryKinds {
		n := load.Notice{Receiver: "sample", Matter: kind, Kind: kind, OpenedAt: at, Since: at.AddDate(0, 0, -1), Severity: "info", Tell: 1}
		add(n, EventSummary)
		if kind != "daily" { // of a warehouse without figures
			m := message(n, EventSummary)
			m.Summary = &Summary{From: n.Since, To: at, Matters: []Matter{}}
			all = append(all, m)
		}
	}
	return append(all, testMessage("sample", at))
}

// testMessage is what partnerplus notify test sends.
func testMessage(receiver string, now time.Time) Message {
	n := load.Notice{
		Receiver: receiver, Matter: testTemplate, Kind: testTemplate, OpenedAt: now, Since: now, Severity: "info", Tell: 1,
		Title: "This is a test", Text: "Somebody tried whether messages for " + receiver + " arrive. This one did.", Todo: "Nothing.",
	}
	return message(n, EventTest)
}

func sampleSummary(kind string, to time.Time) *Summary {
	s := &Summary{
		From: to.AddDate(0, 0, -1), To: to,
		Activity: Activity{Runs: 289, FailedRuns: 1, UnitsLoaded: 12, UnitsFailed: 1, RowsRead: 104_512, RowsLoaded: 104_500, RowsRejected: 12},
		Matters: []Matter{{Kind: "late_source", Key: "late_source:sample", Severity: "warning", Title: "Source sample is late",
			Text: "Its newest delivery is 40.0 hours ago; the limit is 36.0 hours.", Todo: "Ask who delivers it.", Since: to.Add(-4 * time.Hour)}},
	}
	if kind == "daily" {
		return s
	}
	s.Figures = &Figures{Month: "2026-09", Currency: "USD", Headlines: []Headline{
		{Metric: "dollars_awarded", Name: "Dollars awarded", Form: "money", Value: "1234567.8900", Previous: "1200000", MoM: "34567.89", MoMPct: "0.0288"},
		{Metric: "activation_rate", Name: "Activation rate", Form: "ratio", Value: "0.717", Previous: "0.814", MoM: "-0.097", MoMPct: "-0.119164619164"},
		{Metric: "users_awarded", Name: "Users awarded", Form: "count", Value: "", Previous: "31"},
		{Metric: "total_users", Name: "Total users", Form: "count", Value: "10234", Previous: "10300", MoM: "-66", MoMPct: "-0.006407766990"},
	}}
	if kind == "monthly" {
		for i := range 2 {
			s.Figures.Exceptions = append(s.Figures.Exceptions, Exception{Severity: "warning", Sentence: fmt.Sprintf("Something moved, number %d.", i+1)})
		}
		s.Figures.ExceptionsInAll = 17
		s.Figures.Liability = []Headline{{Metric: "liability_0_30", Name: "Liability 0 to 30 days old", Value: "1000.5"}}
		s.Figures.Pack = "partnerplus review pack --month 2026-09"
		s.Figures.PackFiles = []string{"/var/lib/partnerplus/reports/review-2026-09.html", "/var/lib/partnerplus/reports/review-2026-09.xlsx"}
	}
	return s
}
