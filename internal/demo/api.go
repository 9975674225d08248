package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"time"
)

// What the API serves, below the company's folder.
const (
	redemptionsFile = "api/redemptions.ndjson"
	sessionsFile    = "api/sessions.ndjson"
)

// maxPage bounds the rows of one answer.
const maxPage = 1000

// API serves a company's redemptions and sessions. Both ask for a window, from and to (days or
// instants, to excluded) or month (as in 2024-09), and answer in pages:
//
//	GET /v1/redemptions?month=2024-09&page=1&page_size=500  {"data":[…],"page":1,"total":1234}
//	GET /v1/sessions?from=2024-09-01&to=2024-10-01&cursor=…&limit=500  {"items":[…],"next_cursor":"…"}
//
// After the last page, next_cursor is null. A window without rows is answered with none.
type API struct {
	URL   string // such as http://127.0.0.1:41234
	Token string // what every request has to bear; a new one each time

	redemptions, sessions timeline
	server                *http.Server
	stop                  func() bool
}

// Serve starts the API of a generated company on a loopback address such as 127.0.0.1:0. It ends with
// the context, or with Close.
func Serve(ctx context.Context, company *Company, addr string) (*API, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("demo: address %q: %w", addr, err)
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("demo: address %q is not on loopback; use 127.0.0.1:0", addr)
	}
	a := &API{Token: rand.Text()}
	if a.redemptions, err = readTimeline(company.Dir, redemptionsFile, "redeemed_at"); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if a.sessions, err = readTimeline(company.Dir, sessionsFile, "started_at"); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("demo: serve the API: %w", err)
	}

	a.URL = "http://" + listener.Addr().String()
	a.server = &http.Server{Handler: a.handler(), ReadHeaderTimeout: 10 * time.Second}
	a.stop = context.AfterFunc(ctx, func() { _ = a.server.Close() })
	go func() { _ = a.server.Serve(listener) }() // ends with the server
	return a, nil
}

// Close ends the API at once.
func (a *API) Close() error {
	a.stop()
	return a.server.Close()
}

// timeline is rows as JSON, in the order of their times.
type timeline struct {
	rows  []json.RawMessage
	times []time.Time
}

// readTimeline reads rows as Generate wrote them, so that a key looks one way only.
func readTimeline(dir, name, key string) (timeline, error) {
	var t timeline
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return t, err
	}
	for line := range bytes.Lines(content) {
		_, rest, _ := bytes.Cut(line, []byte(`"`+key+`":"`))
		text, _, _ := bytes.Cut(rest, []byte(`"`))
		at, err := time.Parse(time.RFC3339, string(text))
		if err != nil {
			return t, fmt.Errorf("%s, row %d: %s: %w", name, len(t.rows)+1, key, err)
		}
		t.rows = append(t.rows, json.RawMessage(bytes.TrimSpace(line)))
		t.times = append(t.times, at)
	}
	return t, nil
}

// within gives the rows of the half-open window.
func (t timeline) within(from, to time.Time) []json.RawMessage {
	first := sort.Search(len(t.times), func(i int) bool { return !t.times[i].Before(from) })
	last := sort.Search(len(t.times), func(i int) bool { return !t.times[i].Before(to) })
	return t.rows[first:max(first, last)]
}

func (a *API) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/redemptions", answer(a.redemptionsPage))
	mux.HandleFunc("GET /v1/sessions", answer(a.sessionsPage))
	bearer := []byte("Bearer " + a.Token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), bearer) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, `{"error":"a bearer token is required"}`, http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// answer writes what a page function gives, as JSON; its error is what is wrong with the request. The
// data stands as of the last delivery.
func answer(page func(url.Values) (any, error)) http.HandlerFunc {
	asOf := delivered(months).Format(http.TimeFormat)
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := page(r.URL.Query())
		status := http.StatusOK
		if err != nil {
			status, body = http.StatusBadRequest, map[string]string{"error": err.Error()}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Last-Modified", asOf)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // fails only when the caller is gone
	}
}

func (a *API) redemptionsPage(query url.Values) (any, error) {
	rows, err := window(a.redemptions, query)
	if err != nil {
		return nil, err
	}
	page, err := number(query, "page", 1, 1, 1<<30)
	if err != nil {
		return nil, err
	}
	size, err := number(query, "page_size", 500, 1, maxPage)
	if err != nil {
		return nil, err
	}
	first := min((page-1)*size, len(rows))
	return struct {
		Data  []json.RawMessage `json:"data"`
		Page  int               `json:"page"`
		Total int               `json:"total"`
	}{rows[first:min(first+size, len(rows))], page, len(rows)}, nil
}

func (a *API) sessionsPage(query url.Values) (any, error) {
	rows, err := window(a.sessions, query)
	if err != nil {
		return nil, err
	}
	first, err := number(query, "cursor", 0, 0, len(rows))
	if err != nil {
		return nil, err
	}
	limit, err := number(query, "limit", 500, 1, maxPage)
	if err != nil {
		return nil, err
	}
	body := struct {
		Items []json.RawMessage `json:"items"`
		Next  *string           `json:"next_cursor"`
	}{Items: rows[first:min(first+limit, len(rows))]}
	if next := first + limit; next < len(rows) {
		cursor := strconv.Itoa(next)
		body.Next = &cursor
	}
	return body, nil
}

// window gives the rows that a request asks for.
func window(t timeline, query url.Values) ([]json.RawMessage, error) {
	if month := query.Get("month"); month != "" {
		from, err := time.Parse("2006-01", month)
		if err != nil {
			return nil, fmt.Errorf("month %q is not as in 2024-09", month)
		}
		return t.within(from, from.AddDate(0, 1, 0)), nil
	}
	var bounds [2]time.Time
	for i, name := range []string{"from", "to"} {
		text := query.Get(name)
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			at, err = time.Parse(time.RFC3339, text)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %q is not as in 2024-09-01 or 2024-09-01T00:00:00Z (or give month)", name, text)
		}
		bounds[i] = at
	}
	return t.within(bounds[0], bounds[1]), nil
}

// number reads a parameter within bounds; assumed stands in where it is missing.
func number(query url.Values, name string, assumed, low, high int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return assumed, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%s %q is not a number from %d to %d", name, text, low, high)
	}
	return n, nil
}
