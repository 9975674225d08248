package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// session is a visit as the API tells it.
type session struct {
	ID        string    `json:"session_id"`
	Programme string    `json:"programme"`
	Company   string    `json:"company"`
	Member    *string   `json:"member"` // null: nobody logged in
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"`
	Seconds   int       `json:"seconds"`
	Pages     int       `json:"pages"`
	Device    string    `json:"device"`
}

// pageView is one step of a visit as ember's portal logs it.
type pageView struct {
	Event   string  `json:"event"`
	User    *string `json:"user"` // null until the visitor logs in
	Visitor string  `json:"visitor"`
	Seconds int64   `json:"ts"` // since 1970
	Page    string  `json:"page"`
	Device  string  `json:"device"`
}

// pages are what a visit leads through.
var pages = []string{"/", "/login", "/balance", "/rewards", "/rewards/gift-cards", "/rewards/travel", "/basket", "/history", "/help"}

// writePortal writes the visits: page views of ember as files, the sessions of the others for the API.
func writePortal(out *writer, worlds []*world) error {
	type of struct {
		visit
		programme string
	}
	var visits []of
	for _, w := range worlds {
		if w.ID == "ember" {
			if err := writeViews(out, w); err != nil {
				return err
			}
			continue
		}
		for _, v := range w.visits {
			visits = append(visits, of{v, w.ID})
		}
	}
	slices.SortStableFunc(visits, func(a, b of) int { return a.at.Compare(b.at) })

	lines := make([]string, len(visits))
	for i, v := range visits {
		began := v.at.Truncate(time.Second)
		s := session{
			ID: fmt.Sprintf("S%07d", i+1), Programme: v.programme, Company: v.member.org.id, StartedAt: began, EndedAt: began.Add(v.long),
			Seconds: int(v.long / time.Second), Pages: v.views, Device: v.device,
		}
		if v.known {
			s.Member = &v.member.id
		}
		line, err := json.Marshal(s)
		if err != nil {
			return err
		}
		lines[i] = string(line)
	}
	out.count("sessions", 0, len(lines))
	return out.file(sessionsFile, delivered(months).Add(time.Minute), linesFile(lines))
}

// writeViews writes the page views of a programme, a file for each month.
func writeViews(out *writer, w *world) error {
	monthly := make([][]pageView, months)
	for i, v := range w.visits {
		view := pageView{Visitor: fmt.Sprintf("guest-%d", i+1), Device: v.device}
		if v.known {
			view.Visitor = "browser-" + v.member.id
		}
		for step := range v.views {
			at := v.at.Add(v.long * time.Duration(step) / time.Duration(max(1, v.views-1)))
			if !at.Before(end) {
				break
			}
			if v.known && step > 0 {
				view.User = &v.member.id
			}
			view.Seconds, view.Page = at.Unix(), pages[step]
			month := monthOf(at)
			monthly[month] = append(monthly[month], view)
		}
	}
	for month, views := range monthly {
		if len(views) == 0 {
			continue
		}
		slices.SortStableFunc(views, func(a, b pageView) int { return int(a.Seconds - b.Seconds) })
		lines := make([]string, len(views))
		for i, view := range views {
			view.Event = fmt.Sprintf("%s-%05d", monthName(month), i+1)
			line, err := json.Marshal(view)
			if err != nil {
				return err
			}
			lines[i] = string(line)
		}
		out.count("ember-portal", 1, len(lines))
		name := "sources/portal/ember/" + monthName(month) + ".ndjson"
		if err := out.file(name, delivered(month).Add(time.Hour), linesFile(lines)); err != nil {
			return err
		}
	}
	return nil
}
