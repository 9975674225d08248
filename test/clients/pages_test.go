package clients

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/test/browser"
)

var update = flag.Bool("update", false, "write deploy/bi/dashboard.hash anew")

// scripts are what a page loads from elsewhere.
var scripts = regexp.MustCompile(`(?:src|href)="(https?:[^"]+\.(?:js|css))"`)

// testPages holds the engine's own pages to what deploy/bi/README.md says of them: they need nothing from elsewhere to begin
// with; /dashboard has no charts of its own for a reader.
func testPages(t *testing.T, w warehouse) {
	for _, path := range []string{"/dashboard", "/play", "/js/uplot.js", "/js/lz-string.js"} {
		status, body := get(t, w, path, "", nil)
		if elsewhere := scripts.FindAllStringSubmatch(string(body), -1); status != http.StatusOK || len(elsewhere) > 0 {
			t.Errorf("%s: %d, loads %q", path, status, elsewhere)
		}
	}

	// The charts that the page has by itself are of the server's health.
	if status, body := get(t, w, "/", "SELECT title, query FROM system.dashboards WHERE dashboard = 'Overview'", nil); !strings.Contains(string(body), "ACCESS_DENIED") {
		t.Errorf("/dashboard by itself: %d %.300s", status, body)
	}
}

// chart is one of the page's.
type chart struct {
	Title string `json:"title"`
	Query string `json:"query"`
}

// charts are those of deploy/bi/dashboard, in the order of their names: the comment of the first line is the title.
func charts(t *testing.T) []chart {
	t.Helper()
	paths, err := filepath.Glob("../../deploy/bi/dashboard/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	var all []chart
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		first, query, _ := strings.Cut(string(content), "\n")
		title, found := strings.CutPrefix(first, "-- ")
		if !found {
			t.Fatalf("%s does not begin with its title", path)
		}
		all = append(all, chart{title, strings.TrimSpace(query)})
	}
	return all
}

const hashPath = "../../deploy/bi/dashboard.hash"

// dashboardHash is what stands behind # in the page's address: its state. The host is that of the page.
func dashboardHash(t *testing.T) string {
	t.Helper()
	state, err := json.Marshal(map[string]any{
		"host": "/", "user": "reader", "queries": charts(t), "params": map[string]string{"months": "13", "program": ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(state) + "\n"
}

// testDashboard opens the KPI dashboard of deploy/bi as a person does, with the password, and looks at every chart; then it
// runs a statement in /play.
func testDashboard(t *testing.T, w warehouse) {
	hash := dashboardHash(t)
	if *update {
		if err := os.WriteFile(hashPath, []byte(hash), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(hashPath)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != hash {
		t.Fatal("deploy/bi/dashboard.hash is not what deploy/bi/dashboard says; write it anew with go test ./test/clients -run TestClients -update")
	}

	ctx, noticed := browser.Open(t)
	browser.Do(ctx, t, chromedp.EmulateViewport(1400, 1000), chromedp.Navigate(w.address+"/dashboard#"+strings.TrimSpace(hash)))
	until := func(condition string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(time.Minute))); err != nil {
			t.Fatalf("%s: %v", condition, err)
		}
	}
	// Without the password it says so, once each chart and the list of dashboards are refused.
	until(fmt.Sprintf("!is_drawing && performance.getEntriesByType('resource').filter(e => e.initiatorType == 'fetch').length > %d", len(charts(t))))
	if said := browser.Look[string](ctx, t, "document.getElementById('global-error').textContent"); !strings.Contains(said, "Error authenticating") {
		t.Errorf("without the password the dashboard says %q", said)
	}
	noticed.Forget() // it complained of the refusal
	browser.Do(ctx, t, chromedp.SendKeys(chromedp.CSS("#password"), w.password+"\r"))
	until("plots.length > 0 && plots.every(p => p)")
	if problem := browser.Look[string](ctx, t, "[...document.querySelectorAll('.query-error, #global-error')].map(e => e.textContent).join('')"); problem != "" {
		t.Errorf("the dashboard says %s", problem)
	}

	// Every point of every chart is the warehouse's.
	type drawn struct {
		Title string       `json:"title"`
		Data  [][]*float64 `json:"data"`
	}
	var got, want []drawn
	if err := json.Unmarshal([]byte(browser.Look[string](ctx, t, "JSON.stringify(plots.map((p, i) => ({title: queries[i].title, data: p.data})))")), &got); err != nil {
		t.Fatal(err)
	}
	for _, c := range charts(t) {
		want = append(want, drawn{c.Title, series(t, w, c.Query)})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the charts (-warehouse +page):\n%s", diff)
	}
	noticed.Check(t, w.address, len(want))

	statement := base64.StdEncoding.EncodeToString([]byte("SELECT * FROM kpi.as_of"))
	browser.Do(ctx, t, chromedp.Navigate(w.address+"/play?user="+w.user+"#"+statement),
		chromedp.SendKeys(chromedp.CSS("#password"), w.password), chromedp.Click(chromedp.CSS("#run")))
	until("[...document.querySelectorAll('*')].some(e => e.shadowRoot?.textContent.includes('1 rows in result'))")
}

// series is what a chart shows of a statement's answer: the times, and a line for each other column, or for each text of the
// second.
func series(t *testing.T, w warehouse, statement string) [][]*float64 {
	t.Helper()
	status, body := get(t, w, "/", statement, url.Values{"default_format": {"JSONCompact"}, "param_months": {"13"}, "param_program": {""}})
	var answer struct {
		Meta []struct{ Type string }
		Data [][]any
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s: %d %s %v", statement, status, body, err)
	}
	number := func(v any) *float64 {
		if n, ok := v.(float64); ok {
			return &n
		}
		return nil
	}
	if !strings.Contains(answer.Meta[1].Type, "String") {
		lines := make([][]*float64, len(answer.Meta))
		for _, row := range answer.Data {
			for i, v := range row {
				lines[i] = append(lines[i], number(v))
			}
		}
		return lines
	}
	lines := [][]*float64{nil}
	of := map[any]int{} // the line of each text
	for _, row := range answer.Data {
		time := number(row[0])
		if last := len(lines[0]); last == 0 || *lines[0][last-1] != *time {
			lines[0] = append(lines[0], time)
		}
		i, known := of[row[1]]
		if !known {
			i = len(lines)
			of[row[1]] = i
			lines = append(lines, nil)
		}
		for len(lines[i]) < len(lines[0])-1 {
			lines[i] = append(lines[i], nil)
		}
		lines[i] = append(lines[i], number(row[2]))
	}
	for i := range lines {
		for len(lines[i]) < len(lines[0]) {
			lines[i] = append(lines[i], nil)
		}
	}
	return lines
}
