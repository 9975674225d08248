package demo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/demo"
)

// sharedAPI serves the shared company to all tests.
var sharedAPI = sync.OnceValues(func() (*demo.API, error) {
	c, err := shared()
	if err != nil {
		return nil, err
	}
	return demo.Serve(context.Background(), c, "127.0.0.1:0")
})

func serve(t *testing.T) *demo.API {
	t.Helper()
	api, err := sharedAPI()
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// page is an answer of either kind.
type page struct {
	Data  []json.RawMessage `json:"data"`
	Total int               `json:"total"`
	Items []json.RawMessage `json:"items"`
	Next  *string           `json:"next_cursor"`
}

// get asks the API and gives the status, and the answer if that is 200.
func get(t *testing.T, api *demo.API, token, path string) (int, page) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var p page
	if response.StatusCode == http.StatusOK {
		if err := json.NewDecoder(response.Body).Decode(&p); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return response.StatusCode, p
}

// linesOf reads what the API has to serve.
func linesOf(t *testing.T, name string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(setup(t).Dir, "api", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
}

// windows are the company's months, and two after it.
func windows() []time.Time {
	var all []time.Time
	for month := range 27 {
		all = append(all, time.Date(2024, time.Month(9+month), 1, 0, 0, 0, 0, time.UTC))
	}
	return all
}

func TestRedemptionPagesAddUp(t *testing.T) {
	t.Parallel()
	api := serve(t)
	var got []string
	for _, month := range windows() {
		total, rows := 1, 0
		for n := 1; rows < total; n++ {
			status, p := get(t, api, api.Token, fmt.Sprintf("/v1/redemptions?month=%s&page=%d&page_size=300", month.Format("2006-01"), n))
			if status != http.StatusOK || (len(p.Data) == 0 && p.Total > 0) {
				t.Fatalf("month %s, page %d: status %d, %d rows of %d", month, n, status, len(p.Data), p.Total)
			}
			for _, row := range p.Data {
				got = append(got, string(row))
			}
			total, rows = p.Total, rows+len(p.Data)
		}
		if rows != total {
			t.Errorf("month %s: %d rows, total says %d", month, rows, total)
		}
	}
	if want := linesOf(t, "redemptions.ndjson"); !slices.Equal(got, want) {
		t.Errorf("the pages' %d rows differ from the file's %d", len(got), len(want))
	}
}

func TestSessionCursorsAddUp(t *testing.T) {
	t.Parallel()
	api := serve(t)
	var got []string
	for _, month := range windows() {
		path := fmt.Sprintf("/v1/sessions?limit=1000&from=%s&to=%s", month.Format(time.DateOnly), month.AddDate(0, 1, 0).Format(time.RFC3339))
		for next := ""; ; {
			status, p := get(t, api, api.Token, path+next)
			if status != http.StatusOK || len(p.Items) > 1000 {
				t.Fatalf("month %s: status %d, %d rows", month, status, len(p.Items))
			}
			for _, row := range p.Items {
				got = append(got, string(row))
			}
			if p.Next == nil {
				break
			}
			next = "&cursor=" + *p.Next
		}
	}
	if want := linesOf(t, "sessions.ndjson"); !slices.Equal(got, want) {
		t.Errorf("the pages' %d rows differ from the file's %d", len(got), len(want))
	}
}

func TestMonthsAfterTheCompanyAreEmpty(t *testing.T) {
	t.Parallel()
	api := serve(t)
	for _, path := range []string{"/v1/redemptions", "/v1/sessions"} {
		status, p := get(t, api, api.Token, path+"?from=2026-10-01&to=2031-01-01")
		if status != http.StatusOK || p.Total != 0 || len(p.Data)+len(p.Items) != 0 || p.Next != nil {
			t.Errorf("%s: status %d, %+v; want an empty answer", path, status, p)
		}
	}
}

func TestTokenIsRequired(t *testing.T) {
	t.Parallel()
	api := serve(t)
	for _, token := range []string{"", "wrong", api.Token + "x"} {
		for _, path := range []string{"/v1/redemptions?month=2024-09", "/v1/sessions?month=2024-09", "/"} {
			if status, _ := get(t, api, token, path); status != http.StatusUnauthorized {
				t.Errorf("%s with token %q: status %d, want 401", path, token, status)
			}
		}
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	t.Parallel()
	api := serve(t)
	for path, want := range map[string]int{
		"/v1/redemptions":                            http.StatusBadRequest,
		"/v1/redemptions?month=09-2024":              http.StatusBadRequest,
		"/v1/redemptions?month=2024-09&page=0":       http.StatusBadRequest,
		"/v1/sessions?from=2024-09-01":               http.StatusBadRequest,
		"/v1/sessions?month=2024-09&cursor=x":        http.StatusBadRequest,
		"/v1/sessions?month=2024-09&limit=100000":    http.StatusBadRequest,
		"/v1/sessions?from=2024-10-01&to=2024-09-01": http.StatusOK, // nothing is between
		"/v1/members": http.StatusNotFound,
	} {
		if status, _ := get(t, api, api.Token, path); status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
}

func TestServeStaysOnLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "example.com:80", "127.0.0.1"} {
		if api, err := demo.Serve(t.Context(), setup(t), addr); err == nil {
			t.Errorf("serves on %s", api.URL)
			_ = api.Close()
		}
	}
}

func TestServeEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	api, err := demo.Serve(ctx, setup(t), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	// The end comes soon, but not before cancel returns: ask until nobody answers.
	for {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return
		}
		_ = response.Body.Close()
	}
}
