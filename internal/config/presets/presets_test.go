package presets_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/config/presets"
	"github.com/partnerplus/warehouse/internal/pipeline"
)

func TestNames(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"events", "ga4", "matomo", "plausible"}, presets.Names()); diff != "" {
		t.Error(diff)
	}
	var unknown *presets.UnknownError
	if _, err := presets.Get("../presets"); !errors.As(err, &unknown) || !strings.Contains(err.Error(), "events, ga4, matomo, plausible") {
		t.Errorf("got %v", err)
	}
}

// preview writes the preset's file, as it is, and gives the first rows that it makes of what the server answers. The
// environment may have files, too.
func preview(t *testing.T, name string, env map[string]string) (pipeline.Preview, error) {
	t.Helper()
	folder := t.TempDir()
	for key, value := range env {
		name, isFile := strings.CutPrefix(key, "file:")
		if !isFile {
			t.Setenv(key, value)
		} else if err := os.WriteFile(filepath.Join(folder, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := presets.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, config.FileName)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 1 {
		t.Fatalf("%d sources", len(c.Sources))
	}
	return (&pipeline.Pipeline{Config: c}).Preview(t.Context(), pipeline.PreviewRequest{Source: c.Sources[0].Name, Rows: 10})
}

// columns gives some columns of the only mapping's rows, and fails for rejects.
func columns(t *testing.T, p pipeline.Preview, names ...string) (rows [][]string) {
	t.Helper()
	for _, row := range p.Rows {
		if row.Rejected() || len(row.Outcomes) != 1 {
			t.Fatalf("row %d: %+v", row.Position, row)
		}
		if row.LeftOut() {
			continue
		}
		var some []string
		for _, name := range names {
			for _, field := range row.Outcomes[0].Values {
				switch {
				case field.Name != name:
				case field.Null:
					some = append(some, "NULL")
				default:
					some = append(some, field.Text)
				}
			}
		}
		rows = append(rows, some)
	}
	return rows
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// paged cuts a list into pages.
func paged[T any](list []T, offset, limit, most int) []T {
	return list[min(offset, len(list)):min(offset+min(limit, most), len(list))]
}

func number(text string) int {
	var n int
	_, _ = fmt.Sscan(text, &n)
	return n
}

// Matomo answers as its Live API does: an array of visits, at most two to a page here, and its errors with status 200.
func TestMatomo(t *testing.T) {
	const token = "0123456789abcdef0123456789abcdef"
	visit := func(id, user, device string, first, seconds int) map[string]any {
		var userID any
		if user != "" {
			userID = user
		}
		return map[string]any{
			"idSite": "7", "idVisit": id, "visitIp": "192.0.2.0", "visitorId": "a1b2c3d4e5f60718", "userId": userID, "visitorType": "returning",
			"firstActionTimestamp": first, "lastActionTimestamp": first + seconds, "serverTimestamp": first + seconds,
			"visitDuration": fmt.Sprint(seconds), "visitDurationPretty": "1 min", "actions": "4", "interactions": "3", "searches": "0", "events": "1",
			"deviceType": device, "deviceTypeIcon": "plugins/Morpheus/icons/dist/devices/x.png", "plugins": "cookie", "pluginsIcons": []any{map[string]any{"pluginName": "cookie"}},
			"actionDetails": []any{},
		}
	}
	visits := []map[string]any{
		visit("101", "m-1", "Desktop", 1767225600, 65), visit("102", "", "Smartphone", 1767226000, 0), visit("103", "m-2", "Tablet", 1767227000, 600),
		visit("104", "m-3", "Console", 1767228000, 1),
	}
	var asked []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if r.PostForm.Get("token_auth") != token || r.URL.RawQuery != "" {
			_, _ = io.WriteString(w, `{"result":"error","message":"You can't access this resource as it requires 'view' access for the website id = 7."}`)
			return
		}
		f := r.PostForm
		asked = append(asked, strings.Join([]string{r.URL.Path, f.Get("method"), f.Get("format"), f.Get("idSite"), f.Get("period"), f.Get("date"), f.Get("filter_limit"), f.Get("filter_offset")}, " "))
		_ = json.NewEncoder(w).Encode(paged(visits, number(f.Get("filter_offset")), number(f.Get("filter_limit")), 2))
	})
	env := map[string]string{"MATOMO_URL": url, "MATOMO_TOKEN": token, "MATOMO_SITE": "7"}
	p, err := preview(t, "matomo", env)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"my-programme", "101", "m-1", "2026-01-01 00:00:00Z", "65", "3", "desktop", "1767225665000000"},
		{"my-programme", "102", "", "2026-01-01 00:06:40Z", "0", "3", "mobile", "1767226000000000"},
		{"my-programme", "103", "m-2", "2026-01-01 00:23:20Z", "600", "3", "tablet", "1767227600000000"},
		{"my-programme", "104", "m-3", "2026-01-01 00:40:00Z", "1", "3", "other", "1767228001000000"},
	}
	if diff := cmp.Diff(want, columns(t, p, "program_id", "session_id", "member_id", "started_at", "duration_s", "page_views", "device", "version")); diff != "" {
		t.Error(diff)
	}
	const call = "/index.php Live.getLastVisitsDetails JSON 7 day 2026-01-01 500 "
	if diff := cmp.Diff([]string{call + "0", call + "2", call + "4"}, asked); diff != "" {
		t.Error(diff)
	}

	env["MATOMO_TOKEN"] = "a-wrong-token-0000"
	_, err = preview(t, "matomo", env)
	if err == nil || !strings.Contains(err.Error(), "says that it failed: You can't access this resource") {
		t.Errorf("got %v", err)
	}
}

// GA4 answers as runReport does: every value a text, offset and limit as texts, neither rows nor rowCount without a row,
// and its errors as google.rpc.Status.
func TestGA4(t *testing.T) {
	row := func(dimensions, metrics []string) map[string]any {
		values := func(list []string) (objects []map[string]string) {
			for _, v := range list {
				objects = append(objects, map[string]string{"value": v})
			}
			return objects
		}
		return map[string]any{"dimensionValues": values(dimensions), "metricValues": values(metrics)}
	}
	rows := []map[string]any{
		row([]string{"m-1", "1769990400", "desktop"}, []string{"5", "123"}), row([]string{"(not set)", "1769990460", "mobile"}, []string{"1", "0"}),
		row([]string{"m-1", "1769994000", "smart tv"}, []string{"2", "7"}),
	}
	type request struct {
		DateRanges            []struct{ StartDate, EndDate string }
		Dimensions, Metrics   []struct{ Name string }
		Offset, Limit         string
		DimensionFilter, Keep any
	}
	var asked []string
	refused, other := false, false
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		if r.URL.Path == "/token" {
			_, _ = io.WriteString(w, `{"access_token":"ya29.abc","expires_in":3599,"token_type":"Bearer"}`)
			return
		}
		if r.Method != http.MethodPost || r.URL.Path != "/v1beta/properties/4711:runReport" || r.Header.Get("Authorization") != "Bearer ya29.abc" || refused {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error":{"code":403,"message":"User does not have sufficient permissions for this property.","status":"PERMISSION_DENIED"}}`)
			return
		}
		var q request
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.Dimensions) != 3 || len(q.Metrics) != 2 {
			t.Errorf("asked %+v, %v", q, err)
			return
		}
		asked = append(asked, strings.Join([]string{q.DateRanges[0].StartDate, q.DateRanges[0].EndDate, q.Offset, q.Limit}, " "))
		answer := map[string]any{
			"dimensionHeaders": q.Dimensions, "metricHeaders": q.Metrics, "kind": "analyticsData#runReport",
			"metadata": map[string]any{"currencyCode": "USD", "timeZone": "Etc/UTC", "dataLossFromOtherRow": other},
		}
		if q.DateRanges[0].StartDate == "2026-02-01" {
			answer["rows"], answer["rowCount"] = paged(rows, number(q.Offset), number(q.Limit), 2), len(rows)
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	env := map[string]string{"GA4_URL": url, "GA4_PROPERTY": "4711", "file:ga4-key.json": serviceAccount(t, url+"/token")}
	p, err := preview(t, "ga4", env)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"my-programme", "m-1/1769990400", "m-1", "2026-02-02 00:00:00Z", "123", "5", "desktop"},
		{"my-programme", "(not set)/1769990460", "", "2026-02-02 00:01:00Z", "0", "1", "mobile"},
		{"my-programme", "m-1/1769994000", "m-1", "2026-02-02 01:00:00Z", "7", "2", "other"},
	}
	if diff := cmp.Diff(want, columns(t, p, "program_id", "session_id", "member_id", "started_at", "duration_s", "page_views", "device")); diff != "" {
		t.Error(diff)
	}
	// January has no row.
	if diff := cmp.Diff([]string{"2026-01-01 2026-01-31 0 100000", "2026-02-01 2026-02-28 0 100000", "2026-02-01 2026-02-28 2 100000"}, asked); diff != "" {
		t.Error(diff)
	}
	other = true
	if _, err = preview(t, "ga4", env); err == nil || !strings.Contains(err.Error(), "metadata.dataLossFromOtherRow is true") {
		t.Errorf("rows thrown together: %v", err)
	}
	refused = true
	if _, err = preview(t, "ga4", env); err == nil || !strings.Contains(err.Error(), "403 Forbidden") || !strings.Contains(err.Error(), "sufficient permissions") {
		t.Errorf("refused: %v", err)
	}
}

// Plausible answers as its Stats API v2 does: rows of dimensions and metrics, the total on demand.
func TestPlausible(t *testing.T) {
	const key = "plausible-key-0815"
	rows := []map[string]any{
		{"dimensions": []any{"2026-01-05 09:00:00", "m-1"}, "metrics": []any{7, 2}}, {"dimensions": []any{"2026-01-05 09:00:00", "(none)"}, "metrics": []any{3, 3}},
		{"dimensions": []any{"2026-01-05 10:00:00", "m-1"}, "metrics": []any{0, 1}}, {"dimensions": []any{"2026-01-05 23:00:00", "m-2"}, "metrics": []any{1, 1}},
	}
	type query struct {
		SiteID     string         `json:"site_id"`
		Metrics    []string       `json:"metrics"`
		DateRange  []string       `json:"date_range"`
		Dimensions []string       `json:"dimensions"`
		Include    map[string]any `json:"include"`
		Pagination struct{ Limit, Offset int }
	}
	var asked []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var q query
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if r.Header.Get("Authorization") != "Bearer "+key {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":"Invalid API key or site ID. Please make sure you're using a valid API key with access to the site you've requested."}`)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || r.URL.Path != "/api/v2/query" || q.SiteID != "portal.example.com" || q.Include["total_rows"] != true {
			t.Errorf("asked %+v, %v", q, err)
		}
		asked = append(asked, fmt.Sprint(q.DateRange, q.Pagination.Limit, q.Pagination.Offset))
		_ = json.NewEncoder(w).Encode(map[string]any{
			"results": paged(rows, q.Pagination.Offset, q.Pagination.Limit, 3), "meta": map[string]any{"total_rows": len(rows)}, "query": q,
		})
	})
	env := map[string]string{"PLAUSIBLE_URL": url, "PLAUSIBLE_SITE": "portal.example.com", "PLAUSIBLE_KEY": key}
	p, err := preview(t, "plausible", env)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"my-programme", "m-1/2026-01-05 09:00:00", "m-1", "2026-01-05 09:00:00Z", "7"},
		{"my-programme", "(none)/2026-01-05 09:00:00", "", "2026-01-05 09:00:00Z", "3"},
		{"my-programme", "m-2/2026-01-05 23:00:00", "m-2", "2026-01-05 23:00:00Z", "1"},
	}
	if diff := cmp.Diff(want, columns(t, p, "program_id", "session_id", "member_id", "started_at", "page_views")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"[2026-01-01 2026-01-31] 10000 0", "[2026-01-01 2026-01-31] 10000 3"}, asked); diff != "" {
		t.Error(diff)
	}
	env["PLAUSIBLE_KEY"] = "a-wrong-key-0000"
	if _, err = preview(t, "plausible", env); err == nil || !strings.Contains(err.Error(), "401 Unauthorized") || !strings.Contains(err.Error(), "Invalid API key") {
		t.Errorf("got %v", err)
	}
}

func TestEvents(t *testing.T) {
	events := []map[string]any{
		{"id": "e-1", "member_id": nil, "visitor_id": "v-1", "occurred_at": "2026-01-01T10:00:00.250Z", "received_at": "2026-01-01T10:00:01Z", "page": "/", "device": "mobile"},
		{"id": "e-2", "member_id": "m-1", "visitor_id": "v-1", "occurred_at": "2026-01-01T10:01:00Z", "received_at": "2026-01-01T10:01:01Z", "page": "/rewards", "device": "mobile"},
		{"id": "e-3", "member_id": "m-2", "visitor_id": "v-2", "occurred_at": "2025-12-31T23:00:00Z", "received_at": "2026-01-01T10:02:00Z", "page": "/", "device": "watch"},
	}
	var asked []string
	count := 0
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, strings.Join([]string{r.URL.Path, q.Get("since"), q.Get("until"), q.Get("limit"), q.Get("cursor")}, " "))
		at := number(strings.TrimPrefix(q.Get("cursor"), "after-"))
		page := paged(events, at, number(q.Get("limit")), 2)
		answer := map[string]any{"data": page, "count": len(page) + count, "next_cursor": nil}
		if at+2 < len(events) {
			answer["next_cursor"] = fmt.Sprint("after-", at+2)
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	env := map[string]string{"EVENTS_URL": url + "/api", "EVENTS_TOKEN": "events-token-1"}
	p, err := preview(t, "events", env)
	if err != nil {
		t.Fatal(err)
	}
	version := func(text string) string {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(at.UnixMicro())
	}
	want := [][]string{
		{"my-programme", "e-1", "", "v-1", "2026-01-01 10:00:00.25Z", "/", "mobile", version("2026-01-01T10:00:01Z")},
		{"my-programme", "e-2", "m-1", "v-1", "2026-01-01 10:01:00Z", "/rewards", "mobile", version("2026-01-01T10:01:01Z")},
		{"my-programme", "e-3", "m-2", "v-2", "2025-12-31 23:00:00Z", "/", "other", version("2026-01-01T10:02:00Z")},
	}
	if diff := cmp.Diff(want, columns(t, p, "program_id", "event_id", "member_id", "visitor_id", "occurred_at", "page", "device", "version")); diff != "" {
		t.Error(diff)
	}
	const call = "/api/events 2026-01-01T00:00:00Z 2026-01-02T00:00:00Z 1000 "
	if diff := cmp.Diff([]string{call, call + "after-2"}, asked); diff != "" {
		t.Error(diff)
	}
	count = 1
	if _, err = preview(t, "events", env); err == nil || !strings.Contains(err.Error(), "count is 3, there are 2") {
		t.Errorf("a page that says too much: %v", err)
	}
	count, events[1]["received_at"] = 0, "2026-01-03T00:00:00Z"
	if _, err = preview(t, "events", env); err == nil || !strings.Contains(err.Error(), "outside of the time") {
		t.Errorf("a feed that ignores until: %v", err)
	}
}

// serviceAccount makes a key of Google's form.
func serviceAccount(t *testing.T, tokenURL string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "kpi@example.iam.gserviceaccount.com", "private_key_id": "k1", "token_uri": tokenURL,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
