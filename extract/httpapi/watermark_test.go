package httpapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/extract/httpapi"
)

func openSpec(spec extract.HTTPSpec, f extract.FormatSpec) (extract.Source, error) {
	return httpapi.Open("partner", spec, f, extract.NewOptions(extract.WithClock(func() time.Time { return now })))
}

func names(units []extract.Unit) (list []string) {
	for _, u := range units {
		list = append(list, strings.ReplaceAll(u.Name, ":00Z", "Z"))
	}
	return list
}

func TestWatermark(t *testing.T) {
	t.Parallel()
	lookback := 2 * time.Hour
	base := extract.WatermarkSpec{Start: "2024-03-14", Lookback: &lookback}
	for name, test := range map[string]struct {
		change func(*extract.WatermarkSpec)
		cursor string
		units  []string
		next   string
	}{
		"anew": {nil, "", []string{"2024-03-14T00:00Z/2024-03-15T00:00Z", "2024-03-15T00:00Z/2024-03-15T12:00Z"}, "2024-03-14T00:00:00Z/2024-03-15T12:00:00Z"},
		"on from before": {nil, "2024-03-14T00:00:00Z/2024-03-15T11:00:00Z",
			[]string{"2024-03-15T09:00Z/2024-03-15T12:00Z"}, "2024-03-14T00:00:00Z/2024-03-15T12:00:00Z"},
		"no earlier than the start": {nil, "2024-03-14T00:00:00Z/2024-03-14T01:00:00Z",
			[]string{"2024-03-14T00:00Z/2024-03-15T00:00Z", "2024-03-15T00:00Z/2024-03-15T12:00Z"}, "2024-03-14T00:00:00Z/2024-03-15T12:00:00Z"},
		"in pieces": {func(w *extract.WatermarkSpec) { w.AtMost = 2 * time.Hour }, "2024-03-14T00:00:00Z/2024-03-15T09:00:00Z",
			[]string{"2024-03-15T07:00Z/2024-03-15T09:00Z", "2024-03-15T09:00Z/2024-03-15T11:00Z", "2024-03-15T11:00Z/2024-03-15T12:00Z"}, "2024-03-14T00:00:00Z/2024-03-15T12:00:00Z"},
		"not up to now": {func(w *extract.WatermarkSpec) { w.Delay = 30 * time.Minute }, "2024-03-14T00:00:00Z/2024-03-15T11:00:00Z",
			[]string{"2024-03-15T09:00Z/2024-03-15T11:30Z"}, "2024-03-14T00:00:00Z/2024-03-15T11:30:00Z"},
		"history that nobody had": {func(w *extract.WatermarkSpec) { w.Start = "2024-03-13T12:00:00Z" }, "2024-03-14T00:00:00Z/2024-03-15T11:00:00Z",
			[]string{"2024-03-13T12:00Z/2024-03-14T12:00Z", "2024-03-14T12:00Z/2024-03-15T12:00Z"}, "2024-03-13T12:00:00Z/2024-03-15T12:00:00Z"},
		"a clock put back": {nil, "2024-03-14T00:00:00Z/2024-03-15T13:00:00Z", nil, "2024-03-14T00:00:00Z/2024-03-15T13:00:00Z"},
		"not begun":        {func(w *extract.WatermarkSpec) { w.Start = "2024-04-01" }, "", nil, ""},
		"days in a zone": {func(w *extract.WatermarkSpec) { w.Format, w.Zone = "2006-01-02", "America/New_York" }, "2024-03-09T05:00:00Z/2024-03-14T04:00:00Z",
			[]string{"2024-03-14T04:00Z/2024-03-15T04:00Z"}, "2024-03-14T04:00:00Z/2024-03-15T04:00:00Z"},
	} {
		spec := base
		if test.change != nil {
			test.change(&spec)
		}
		s := open(t, extract.HTTPSpec{URL: "http://127.0.0.1:1/", Watermark: spec}, &pauses{})
		units, next, err := s.(extract.Incremental).UnitsSince(t.Context(), test.cursor)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(test.units, names(units)); diff != "" || next != test.next {
			t.Errorf("%s: next %s %s", name, next, diff)
		}
	}
	s := open(t, extract.HTTPSpec{URL: "http://127.0.0.1:1/", Watermark: base}, &pauses{})
	for _, cursor := range []string{"x", "/", "2024-03-14T00:00:00Z", "2024-03-14T00:00:00Z/", "2024-03-14T00:00:00Z/x"} {
		if _, _, err := s.(extract.Incremental).UnitsSince(t.Context(), cursor); err == nil || !strings.Contains(err.Error(), "start anew") {
			t.Errorf("%s: %v", cursor, err)
		}
	}
	if _, is := open(t, extract.HTTPSpec{URL: "http://127.0.0.1:1/"}, &pauses{}).(extract.Incremental); is {
		t.Error("a source without a watermark cannot go on from one")
	}
}

// Spans follow one another without a gap, whatever the format can say, over both changes of the clocks.
func TestSpansHaveNoGap(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"", "unix", "unix_ms", "2006-01-02", "2006-01-02 15:04", "2006-01-02 15"} {
		for _, atMost := range []time.Duration{time.Hour, 24 * time.Hour, 100 * time.Hour} {
			s := open(t, extract.HTTPSpec{URL: "http://127.0.0.1:1/", Watermark: extract.WatermarkSpec{
				Start: "2023-10-25", Format: format, AtMost: atMost, Zone: "Europe/Berlin",
			}}, &pauses{})
			units, err := s.Units(t.Context(), extract.Range{})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for i, u := range units {
				if !u.To.After(u.From) || seen[u.Name] || i > 0 && !u.From.Equal(units[i-1].To) || u.To.Sub(u.From) > max(atMost, 25*time.Hour) {
					t.Fatalf("%q, %s: %s after %s", format, atMost, u.Name, units[max(0, i-1)].Name)
				}
				seen[u.Name] = true
			}
			if begin := units[0].From; !begin.Equal(time.Date(2023, 10, 24, 22, 0, 0, 0, time.UTC)) || units[len(units)-1].To.Before(now.Add(-24*time.Hour)) {
				t.Errorf("%q: from %s to %s", format, begin, units[len(units)-1].To)
			}
		}
	}
}

// A source that moves on while it is read is asked only up to the fixed end.
func TestMovingSource(t *testing.T) {
	t.Parallel()
	var asked []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, q.Get("since")+" "+q.Get("until")+" "+q.Get("page"))
		if q.Get("page") == "3" {
			_, _ = io.WriteString(w, "[]")
			return
		}
		_, _ = fmt.Fprintf(w, `[{"id":%s,"changed":{"at":"2024-03-15T11:59:59Z"}}]`, q.Get("page"))
	})
	spec := extract.HTTPSpec{
		URL: url, Paging: extract.PagingSpec{Type: "page"},
		Watermark: extract.WatermarkSpec{Start: "2024-03-15", FromParam: "since", ToParam: "until", Format: "unix", TimePath: "changed.at"},
	}
	ids, _, err := read(t, open(t, spec, &pauses{}))
	want := []string{"1710460800 1710504000 1", "1710460800 1710504000 2", "1710460800 1710504000 3"}
	if diff := cmp.Diff(want, asked); err != nil || len(ids) != 2 || diff != "" {
		t.Errorf("%v, %v %s", ids, err, diff)
	}
}

func TestHoursAndWeeks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		window      extract.WindowSpec
		count       int
		first, last string
	}{
		{extract.WindowSpec{Every: "hour", Start: "2024-03-14"}, 37, "2024-03-14T00Z", "2024-03-15T12Z"},
		{extract.WindowSpec{Every: "hour", Start: "2023-10-29", End: "2023-10-29", Zone: "Europe/Berlin"}, 25, "2023-10-28T22Z", "2023-10-29T22Z"},
		{extract.WindowSpec{Every: "week", Start: "2024-02-29", Zone: "Europe/Berlin"}, 3, "2024-W09", "2024-W11"},
		{extract.WindowSpec{Every: "week", Start: "2023-12-31"}, 12, "2023-W52", "2024-W11"},
	} {
		units, err := open(t, extract.HTTPSpec{URL: "http://127.0.0.1:1/", Window: test.window}, &pauses{}).Units(t.Context(), extract.Range{})
		if err != nil || len(units) != test.count || units[0].Name != test.first || units[len(units)-1].Name != test.last {
			t.Fatalf("%+v: %v, %v", test.window, err, names(units))
		}
		for i := 1; i < len(units); i++ {
			if !units[i].From.Equal(units[i-1].To) || units[i].Name <= units[i-1].Name {
				t.Errorf("%s does not follow %s", units[i].Name, units[i-1].Name)
			}
		}
	}
}

// spans is an API that selects by time and pages by cursor, both in the body of a POST.
type spans struct {
	mu   sync.Mutex
	rows map[string][]extracttest.Row // by the span's name
	gone map[string]bool
}

func (a *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var q struct {
		Range  struct{ From, To string }
		Cursor string
		Size   int
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	unit := q.Range.From + "/" + q.Range.To
	if user, password, _ := r.BasicAuth(); a.gone[unit] || user != "kpi" || password != token {
		http.Error(w, "nothing here for "+password, http.StatusNotFound)
		return
	}
	at, _ := strconv.Atoi(q.Cursor)
	rows := a.rows[unit]
	items := []map[string]any{}
	for _, row := range rows[min(len(rows), at):min(len(rows), at+q.Size)] {
		items = append(items, map[string]any{"id": row.ID, "amount": row.Amount})
	}
	next := ""
	if at+q.Size < len(rows) {
		next = strconv.Itoa(at + q.Size)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "next": next, "total": len(rows), "count": len(items)})
}

func TestWatermarkConformance(t *testing.T) {
	t.Parallel()
	extracttest.Run(t, func(t *testing.T) extracttest.Fixture {
		api := &spans{rows: map[string][]extracttest.Row{}, gone: map[string]bool{}}
		spec := extract.HTTPSpec{
			URL: serve(t, api.ServeHTTP), Auth: extract.AuthSpec{Basic: &extract.BasicSpec{User: "kpi", Password: token}}, Records: "items",
			Body: `{"range":{"from":"{from}","to":"{to}"},"cursor":"{cursor}"}`, Safe: true,
			Paging:    extract.PagingSpec{Type: "cursor", CursorPath: "next", In: "body", SizeParam: "size", Size: 20_000, TotalPath: "total", CountPath: "count"},
			Watermark: extract.WatermarkSpec{Start: "2024-03-13"},
		}
		return extracttest.Fixture{
			Source:  "partner",
			Units:   [3]string{"2024-03-13T00:00:00Z/2024-03-14T00:00:00Z", "2024-03-14T00:00:00Z/2024-03-15T00:00:00Z", "2024-03-15T00:00:00Z/2024-03-15T12:00:00Z"},
			Secrets: []string{token},
			Open:    func(t *testing.T) extract.Source { return open(t, spec, &pauses{}) },
			Broken: func(t *testing.T) extract.Source {
				spec := spec
				spec.URL = "http://127.0.0.1:1/"
				return open(t, spec, &pauses{})
			},
			Put: func(_ *testing.T, unit string, rows []extracttest.Row) {
				api.mu.Lock()
				defer api.mu.Unlock()
				api.rows[unit] = rows
			},
			Remove: func(_ *testing.T, unit string) {
				api.mu.Lock()
				defer api.mu.Unlock()
				api.gone[unit] = true
			},
		}
	})
}

// Any text is either a cursor, which holds after another listing, or refused.
func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("2024-03-14T00:00:00Z/2024-03-15T11:00:00Z")
	f.Add("2024-03-14T00:00:00+05:00/0001-01-01T00:00:00.5Z")
	f.Add("9999-12-31T23:59:59Z/9999-12-31T23:59:59Z")
	s, err := openSpec(extract.HTTPSpec{URL: "http://127.0.0.1:1/", Watermark: extract.WatermarkSpec{Start: "2024-03-01"}}, extract.FormatSpec{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		units, next, err := s.(extract.Incremental).UnitsSince(t.Context(), cursor)
		if err != nil {
			if !strings.Contains(err.Error(), "start anew") {
				t.Fatal(err)
			}
			return
		}
		if len(units) > 15 {
			t.Fatalf("%d units", len(units))
		}
		if len(units) == 0 {
			return
		}
		again, same, err := s.(extract.Incremental).UnitsSince(t.Context(), next)
		if err != nil || same != next || len(again) != 1 || !again[0].To.Equal(units[len(units)-1].To) {
			t.Fatalf("%q, then %q: %v, %v", next, same, names(again), err)
		}
	})
}
