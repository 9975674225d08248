package httpapi_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

const token = "bearer-token-77aa"

var now = time.Date(2024, 3, 15, 12, 0, 0, 0, time.UTC)

// pauses collects what the source waits, without waiting.
type pauses struct {
	mu   sync.Mutex
	list []time.Duration
}

func (p *pauses) pause(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, d)
	return ctx.Err()
}

func open(t *testing.T, spec extract.HTTPSpec, p *pauses) extract.Source {
	t.Helper()
	return openAs(t, spec, extract.FormatSpec{}, p)
}

func openAs(t *testing.T, spec extract.HTTPSpec, f extract.FormatSpec, p *pauses) extract.Source {
	t.Helper()
	if err := (extract.Spec{HTTP: &spec, Format: f}).Validate(); err != nil {
		t.Fatal(err)
	}
	s, err := httpapi.Open("partner", spec, f, extract.NewOptions(
		extract.WithClock(func() time.Time { return now }),
		extract.WithPause(p.pause),
		extract.WithBackoff(func(int) time.Duration { return time.Millisecond })))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// read gives the ids of a source's last unit.
func read(t *testing.T, s extract.Source) (ids []string, version string, err error) {
	t.Helper()
	units, err := s.Units(t.Context(), extract.Range{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(t.Context(), units[len(units)-1])
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		batch, err := r.Next(t.Context())
		if err == io.EOF {
			return ids, r.Version(), nil
		}
		if err != nil {
			return nil, "", err
		}
		for i := range int(batch.Record.NumRows()) {
			ids = append(ids, batch.Record.Column(0).ValueStr(i))
		}
		batch.Record.Release()
	}
}

// windows is an API with a window per month and numbered pages.
type windows struct {
	mu   sync.Mutex
	rows map[string][]extracttest.Row
	gone map[string]bool
}

func (a *windows) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := r.URL.Query()
	month := q.Get("from")[:7]
	if a.gone[month] || r.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, "nothing here for "+r.Header.Get("Authorization"), http.StatusNotFound)
		return
	}
	page, _ := strconv.Atoi(q.Get("page"))
	size, _ := strconv.Atoi(q.Get("per_page"))
	rows := a.rows[month]
	var items []map[string]any
	for _, row := range rows[min(len(rows), (page-1)*size):min(len(rows), page*size)] {
		items = append(items, map[string]any{"id": row.ID, "amount": json.Number(strings.TrimLeft(row.Amount, "+"))})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"items": items}, "total": len(rows)})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	extracttest.Run(t, func(t *testing.T) extracttest.Fixture {
		api := &windows{rows: map[string][]extracttest.Row{}, gone: map[string]bool{}}
		spec := extract.HTTPSpec{
			URL: serve(t, api.ServeHTTP), BearerToken: token, Records: "data.items",
			Paging: extract.PagingSpec{Type: "page", SizeParam: "per_page", Size: 20_000, TotalPath: "total"},
			Window: extract.WindowSpec{Every: "month", Start: "2024-01-01"},
		}
		return extracttest.Fixture{
			Source:  "partner",
			Units:   [3]string{"2024-01", "2024-02", "2024-03"},
			Secrets: []string{token},
			Open:    func(t *testing.T) extract.Source { return open(t, spec, &pauses{}) },
			Broken: func(t *testing.T) extract.Source {
				spec := spec
				spec.URL = "http://127.0.0.1:1/?key=" + token
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

// pages serves five records, two to a page, in whatever way they are asked for.
func pages(base func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		at, _ := strconv.Atoi(q.Get("offset") + q.Get("cursor"))
		if page, _ := strconv.Atoi(q.Get("page")); page > 0 {
			at = 2 * (page - 1)
		}
		var items []string
		for i := at; i < min(at+2, 5); i++ {
			items = append(items, fmt.Sprintf(`{"id":%d}`, i))
		}
		cursor, next := "null", "null"
		if at+2 < 5 {
			cursor = strconv.Itoa(at + 2)
			next = fmt.Sprintf(`"%s?cursor=%d"`, base(), at+2)
			w.Header().Set("Link", fmt.Sprintf(`<%s?cursor=0>; rel="first", </?cursor=%d>; rel="next"`, base(), at+2))
		}
		_, _ = fmt.Fprintf(w, `{"meta":{"next":%s,"total":"5"},"items":[%s],"cursor":%s}`, next, strings.Join(items, ","), cursor)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	var url string
	url = serve(t, func(w http.ResponseWriter, r *http.Request) { pages(func() string { return url })(w, r) })
	for _, paging := range []extract.PagingSpec{
		{Type: "page"},
		{Type: "page", Size: 100, SizeParam: "size"},
		{Type: "offset"},
		{Type: "offset", TotalPath: "meta.total"},
		{Type: "cursor", CursorPath: "cursor", TotalPath: "meta.total"},
		{Type: "next_link", NextPath: "meta.next"},
		{Type: "next_link"},
	} {
		ids, version, err := read(t, open(t, extract.HTTPSpec{URL: url, Records: "items", Paging: paging}, &pauses{}))
		if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, ids); err != nil || diff != "" || len(version) != 64 {
			t.Errorf("%+v: %v, version %q, %s", paging, err, version, diff)
		}
	}
}

func TestAnswersThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body   string
		paging extract.PagingSpec
		want   string
	}{
		"a page that repeats":    {`{"items":[{"id":1}]}`, extract.PagingSpec{Type: "page"}, "repeat themselves"},
		"a cursor that repeats":  {`{"items":[{"id":1}],"c":"x"}`, extract.PagingSpec{Type: "cursor", CursorPath: "c"}, "cursor comes twice"},
		"a link that repeats":    {`{"items":[{"id":1}],"n":"?x=1"}`, extract.PagingSpec{Type: "next_link", NextPath: "n"}, "next page comes twice"},
		"a link to another host": {`{"items":[],"n":"http://evil.example/"}`, extract.PagingSpec{Type: "next_link", NextPath: "n"}, "another host"},
		"a total too high":       {`{"items":[{"id":1}],"t":2}`, extract.PagingSpec{TotalPath: "t"}, "t promises 2, there are 1"},
		"a total too low":        {`{"items":[{"id":1}],"t":0}`, extract.PagingSpec{Type: "page", TotalPath: "t"}, "t promises 0, there are 1"},
		"no total":               {`{"items":[]}`, extract.PagingSpec{TotalPath: "t"}, "not a number"},
		"no records":             {`{"error":"none"}`, extract.PagingSpec{}, `no array of records at "items"`},
		"a login page":           {`<html>`, extract.PagingSpec{}, "asks for a login"},
		"half an answer":         {`{"items":[{"id":1},`, extract.PagingSpec{}, "5 attempts failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, test.body) })
			_, _, err := read(t, open(t, extract.HTTPSpec{URL: url, Records: "items", Paging: test.paging}, &pauses{}))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	var requests int
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		requests++
		switch requests {
		case 1:
			w.Header().Set("Retry-After", "7")
			http.Error(w, "slowly", http.StatusTooManyRequests)
		case 2:
			w.Header().Set("Retry-After", now.Add(9*time.Second).Format(http.TimeFormat))
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case 3: // breaks after its second record
			_, _ = io.WriteString(w, `[{"id":1},{"id":2},`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		default:
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, `[{"id":1},{"id":2},{"id":3}]`)
			_ = z.Close()
		}
	})
	p := &pauses{}
	ids, _, err := read(t, open(t, extract.HTTPSpec{URL: url}, p))
	if diff := cmp.Diff([]string{"1", "2", "3"}, ids); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if diff := cmp.Diff([]time.Duration{7 * time.Second, 9 * time.Second, time.Millisecond}, p.list); diff != "" {
		t.Error(diff)
	}
}

func TestRepeatedPageMustBeTheSame(t *testing.T) {
	t.Parallel()
	var requests int
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests++; requests == 1 {
			_, _ = io.WriteString(w, `[{"id":1},{"id":2},`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `[{"id":0},{"id":1},{"id":2}]`)
	})
	if _, _, err := read(t, open(t, extract.HTTPSpec{URL: url}, &pauses{})); !errors.Is(err, extract.ErrChanged) {
		t.Errorf("got %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		400: "400 Bad Request: bad ***", 401: "check http.bearer_token", 403: "check http.bearer_token",
		404: "check http.url", 500: "5 attempts failed",
	} {
		var requests int
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			http.Error(w, "bad "+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), status)
		})
		_, _, err := read(t, open(t, extract.HTTPSpec{URL: url, BearerToken: token}, &pauses{}))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), token) {
			t.Errorf("%d: %v", status, err)
		}
		if attempts := map[bool]int{true: 5, false: 1}[status == 500]; requests != attempts {
			t.Errorf("%d: %d requests", status, requests)
		}
	}
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if _, _, err := read(t, open(t, extract.HTTPSpec{URL: url}, &pauses{})); err == nil || !strings.Contains(err.Error(), "come back in 24h") {
		t.Errorf("a day: %v", err)
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		window extract.WindowSpec
		first  string
		count  int
		last   string
		query  string
	}{
		{extract.WindowSpec{Every: "month", Start: "2024-01-01"}, "2024-01", 3, "2024-03", "from=2024-03-01T00%3A00%3A00Z&to=2024-04-01T00%3A00%3A00Z"},
		{extract.WindowSpec{Every: "day", Start: "2024-03-14", Format: "2006-01-02", FromParam: "a", ToParam: "b"}, "2024-03-14", 2, "2024-03-15", "a=2024-03-15&b=2024-03-16"},
		{extract.WindowSpec{Every: "month", Start: "2023-11-01", End: "2023-12-31"}, "2023-11", 2, "2023-12", "from=2023-12-01T00%3A00%3A00Z&to=2024-01-01T00%3A00%3A00Z"},
		{extract.WindowSpec{Every: "day", Start: "2024-03-14", Format: "unix", Zone: "Asia/Tokyo"}, "2024-03-14", 2, "2024-03-15", "from=1710428400&to=1710514800"},
		{extract.WindowSpec{Every: "day", Start: "2018-11-01", Format: "2006-01-02", Zone: "America/Sao_Paulo"}, "2018-11-01", 1962, "2024-03-15", "from=2024-03-15&to=2024-03-16"},
	} {
		var query string
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			query = r.URL.RawQuery
			_, _ = io.WriteString(w, "[]")
		})
		s := open(t, extract.HTTPSpec{URL: url, Window: test.window}, &pauses{})
		units, err := s.Units(t.Context(), extract.Range{})
		if err != nil {
			t.Fatal(err)
		}
		if len(units) != test.count || units[0].Name != test.first || units[len(units)-1].Name != test.last {
			t.Errorf("%+v: %d units from %s to %s", test.window, len(units), units[0].Name, units[len(units)-1].Name)
		}
		for i := 1; i < len(units); i++ {
			if !units[i].From.Equal(units[i-1].To) || units[i].Name <= units[i-1].Name {
				t.Errorf("%s does not follow %s", units[i].Name, units[i-1].Name)
			}
		}
		if _, _, err := read(t, s); err != nil || query != test.query {
			t.Errorf("%+v: %v, query %s", test.window, err, query)
		}
	}
}

func TestCancelWhileTheServerIsSilent(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	s := open(t, extract.HTTPSpec{URL: url}, &pauses{})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := s.Open(ctx, extract.Unit{Name: "all"})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-asked
		cancel()
	}()
	if _, err = r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
