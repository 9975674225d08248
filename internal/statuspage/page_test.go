package statuspage

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/gate"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

const (
	hostile = `<script>alert("x")</script>/../x`
	user    = "operator"
	word    = "correct horse: bättery"
	// provenance ends every fact: version, is_deleted, source, unit, run_id, delivered_at, source_row.
	provenance = `1, 0, 'partner', 'u', 'r1', '2025-05-02 00:00:00', 1`
)

// contents are a year of a programme, a source that is late, one with a hostile name whose unit failed, rejects with a
// name in them, and what became of jobs.
var contents = []string{
	`INSERT INTO warehouse.programs VALUES ('gold', 'Gold', 'Gold & Sons', 'CAD', '2024-04-01', 'active', ` + provenance + `)`,
	`INSERT INTO warehouse.organisations VALUES ('gold', 'north', 'North', '2024-04-01', NULL, ` + provenance + `)`,
	`INSERT INTO warehouse.members SELECT 'gold', concat('m', toString(number)), 'north', '', '2024-04-01', NULL, ` + provenance + ` FROM numbers(12)`,
	`INSERT INTO warehouse.awards SELECT 'gold', concat('a', toString(number)), 'north', concat('m', toString(number)), 'award', toDecimal64('100.1234', 4) * number * number * number, 'USD', '2025-04-10 12:00:00', ` + provenance + ` FROM numbers(12)`,
	`INSERT INTO warehouse.awards VALUES
		('gold', 'march', 'north', 'm2', 'award', 1000.005, 'USD', '2025-03-31 23:00:00', ` + provenance + `),
		('gold', 'unrated', 'north', 'm2', 'award', 77.5, 'EUR', '2025-04-11 12:00:00', ` + provenance + `),
		('gold', 'last', 'north', 'm2', 'award', 1, 'USD', '2025-05-01 03:59:00', ` + provenance + `),
		('gold', 'of 2062', 'north', 'm2', 'award', 1, 'EUR', '2062-05-01 12:00:00', ` + provenance + `)`,
	`INSERT INTO warehouse.redemptions VALUES ('gold', 'r1', 'north', 'm5', 'redemption', 33.3333, 'USD', 'food', '2025-04-20 12:00:00', ` + provenance + `)`,
	`INSERT INTO etl.touched_months (month, source, unit, version, settled, touched_at) SELECT addMonths(toDate32('2024-04-01'), number), 'partner', 'u', 'v', 0, now64(6) FROM numbers(13)`,
	`INSERT INTO etl.sources (source, configured, fresh_within, max_share, max_rows, updated_at) VALUES ('partner', 1, 129600, 0.1, NULL, now64(6)), ('silent', 1, NULL, 0.1, NULL, now64(6))`,
	`INSERT INTO etl.units (source, unit, version, status, run_id, load_id, delivered_at, rows_read, bytes_read, error, updated_at) VALUES
		('partner', 'u', 'v', 'loaded', 'r1', 'l', '2025-05-02 00:00:00', 1260, 1000000, '', '2025-05-02 00:01:00'),
		('` + hostile + `', 'awards/2025-05.csv', 'v', 'failed', 'r2', 'l', '2025-05-02 00:00:00', 0, 0, concat('cut off: ', repeat('on and on ', 90), '<i>', repeat('x', 500)), '2025-05-03 00:01:00')`,
	`INSERT INTO etl.rejects (source, unit, run_id, load_id, entity, mapping, position, column, reason, rule, raw, recorded_at)
		SELECT 'partner', 'u', 'r1', 'l', 'awards', 1, number + 1, 'amount', 'amount: "Jane Roe, 555-0100" is not a decimal number', 'type', '{"name":"Jane Roe"}', '2025-05-02 00:00:00' FROM numbers(1234)`,
	`INSERT INTO etl.runs (run_id, job, started_at, finished_at, status, units_listed, units_loaded, units_failed, rows_read, rows_loaded, rows_rejected, bytes_read, error, updated_at) VALUES
		('r1', 'nightly', '2025-05-02 06:00:00', '2025-05-02 06:04:31', 'rejects', 2, 1, 0, 1260, 26, 1234, 1000000, '', now64(6)),
		('r2', 'nightly', '2025-05-03 06:00:00', '2025-05-03 06:00:10', 'failed', 2, 0, 1, 0, 0, 0, 0, concat('s3cret: ', repeat('on and on ', 200)), now64(6)),
		('r3', 'live', '2025-05-03 07:00:00', '2025-05-03 07:00:01', 'done', 2, 0, 0, 0, 0, 0, 0, '', now64(6)),
		('r4', 'live', '2025-05-03 07:05:00', '2025-05-03 07:05:01', 'done', 2, 0, 0, 0, 0, 0, 0, '', now64(6))`,
	`INSERT INTO etl.notices (receiver, matter, kind, opened_at, tell, told, resolved_at, failures, error, tried_at) VALUES
		('operators', 'a', 'failed_job', '2025-05-03 06:00:00', 1, 0, NULL, 2, 'refused by s3cret', '2025-05-03 06:02:00'),
		('operators', 'b', 'failed_job', '2025-05-03 06:00:00', 1, 0, NULL, 0, '', NULL),
		('operators', 'c', 'failed_job', '2025-05-03 06:00:00', 1, 0, '2025-05-03 06:00:00', 9, 'given up', '2025-05-03 06:02:00'),
		('operators', 'daily', 'daily', '2025-05-02 06:00:00', 1, 0, NULL, 8, 'replaced', '2025-05-02 06:02:00'),
		('operators', 'daily', 'daily', '2025-05-03 06:00:00', 1, 0, NULL, 1, 'refused by s3cret', '2025-05-03 06:02:00'),
		('removed', 'a', 'failed_job', '2025-05-03 06:00:00', 1, 0, NULL, 5, 'removed', '2025-05-03 06:02:00')`,
	`INSERT INTO etl.job_runs (job, due_at, attempt, status, reason, missed, started_at, finished_at, run_id, holder, by_hand, updated_at) VALUES
		('nightly', '2025-05-02 06:00:00', 1, 'rejects', '', 0, '2025-05-02 06:00:00', '2025-05-02 06:04:31', 'r1', 'h', 0, now64(6)),
		('nightly', '2025-05-03 06:00:00', 1, 'failed', 'no route', 0, '2025-05-03 06:00:00', '2025-05-03 06:00:05', 'r2', 'h', 0, now64(6)),
		('nightly', '2025-05-03 06:00:00', 2, 'failed', 'no route with s3cret', 0, '2025-05-03 06:01:00', '2025-05-03 06:01:05', 'r2', 'h', 0, now64(6)),
		('month-end', '2025-05-01 08:00:00', 1, 'waiting', 'for a good run of nightly', 2, NULL, NULL, '', 'h', 0, now64(6))`,
}

// filled brings the contents into a warehouse, and what follows from them.
func filled(t testing.TB, w *load.Warehouse) {
	t.Helper()
	for _, statement := range contents {
		ask(t, w, "Null", statement, true)
	}
	if _, err := w.Refresh(t.Context(), "0198c0de-0000-7000-8000-000000000001"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Check(t.Context(), time.Time{}, "freshness", "future_dated", "orphans"); err != nil {
		t.Fatal(err)
	}
}

func ask(t testing.TB, w *load.Warehouse, format, statement string, write bool) string {
	t.Helper()
	answer, err := w.Ask(t.Context(), format, statement, write, false)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	content, err := io.ReadAll(answer)
	if err := errors.Join(err, answer.Close()); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}

// site serves the page of a warehouse to whoever has the key.
func site(t *testing.T, from Reader) *httptest.Server {
	t.Helper()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	page := &Page{
		Warehouse: from, Zone: zone, Version: "v1.2.3", Command: "partnerplus -c x.yaml", Receivers: []string{"operators"},
		Redact: func(text string) string { return strings.ReplaceAll(text, "s3cret", "***") },
		Jobs: func(now time.Time) []schedules.Planned {
			return []schedules.Planned{
				{Job: schedules.Job{Name: "live", Description: "Loads what is new."}, Due: now.Add(5 * time.Minute), State: schedules.Running},
				{Job: schedules.Job{Name: "nightly"}, Due: now.Add(5 * time.Hour), State: schedules.Idle},
				{Job: schedules.Job{Name: "month-end"}, Due: now.Add(50 * time.Hour), State: schedules.Idle},
			}
		},
	}
	server := httptest.NewServer(gate.Guard(gate.Keys{User: user, Password: word}, page.Handler()))
	t.Cleanup(server.Close)
	return server
}

func request(t *testing.T, method, url string) (status int, header http.Header, content string) {
	t.Helper()
	asked, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	asked.SetBasicAuth(user, word)
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(body)
}

// get gives a page.
func get(t *testing.T, url string, want int) string {
	t.Helper()
	status, _, body := request(t, http.MethodGet, url)
	if status != want {
		t.Fatalf("%s: %d, want %d\n%s", url, status, want, body)
	}
	return body
}

func says(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("not on the page: %s", text)
		}
	}
}

// row gives the text of the row that begins with a name, in the section.
func row(t *testing.T, page, section, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `<section id="`+section+`"`)
	part, _, _ := strings.Cut(rest, "</section>")
	for _, candidate := range strings.Split(part, "<tr>") {
		text := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(candidate, " ")), " ")
		if strings.HasPrefix(text, name) {
			return text
		}
	}
	t.Fatalf("section %s (there: %v) has no row of %s", section, found, name)
	return ""
}

func TestPage(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, load.Reporting{Timezone: "America/Toronto", Currency: "USD"})
	server := site(t, w)
	t.Run("empty", func(t *testing.T) {
		says(t, get(t, server.URL+"/", 200), "<h1>Nothing is loaded yet</h1>", "partnerplus -c x.yaml run", "There are no figures yet.", "No source was loaded yet", "No row is rejected.", "never validated", "Loads what is new.")
		says(t, get(t, server.URL+"/sources/none", 404), "There is no such source")
	})
	filled(t, w)
	t.Run("filled", func(t *testing.T) { testFilled(t, w, server.URL) })
	t.Run("other pages", func(t *testing.T) { testOthers(t, server.URL) })
	t.Run("headers", func(t *testing.T) { testHeaders(t, server.URL) })
	t.Run("browser", func(t *testing.T) { testBrowser(t, w, server.URL) })
}

func testFilled(t *testing.T, w *load.Warehouse, url string) {
	page := get(t, url+"/", 200)
	for _, secret := range []string{"Jane", "555-0100", "s3cret", "<script", "<i>"} {
		if strings.Contains(page, secret) {
			t.Errorf("on the page: %s", secret)
		}
	}
	says(t, page, "Job nightly failed: no route with ***", "2 messages wait for receiver operators, 2 tries failed: refused by ***", "partnerplus -c x.yaml notify test operators", "Source silent has never delivered a row.", "Source partner is late", "limit is 36 h", "1,234 rows are rejected",
		"2 entries in EUR count nowhere", "partnerplus v1.2.3", "Times are in America/Toronto", "&lt;script&gt;", " …</small>")
	for section, rows := range map[string]map[string][]string{
		"jobs": {
			"live":      {"▸ running", "never"},
			"nightly":   {"2025-05-03 02:00 EDT", "✗ failed", "no route with ***; attempt 2", "last good 2025-05-02 02:04 EDT"},
			"month-end": {"… waiting", "for a good run of nightly; makes up for 2 missed due times"},
		},
		"sources": {
			"partner":    {"✗ late limit 36 h", "2025-05-01 20:00 EDT", "2025-04-30 23:59 EDT", " 1 1,260 1,234 rejected"},
			"silent":     {"✗ late never – 0 0"},
			"&lt;script": {"– not in the config never – 0 1 failed 0"},
		},
		"runs": {
			"2025-05-02 02:00 EDT": {"nightly ! done, with rejects in 4 min 31 s 1 26 1,234 rejected"},
			"2025-05-03 02:00 EDT": {"nightly ✗ failed in 10 s ***: on and on", "0 1 failed 0"},
			"2025-05-03 03:05 EDT": {"live ✓ done"},
		},
		"rejects": {"partner": {`type 1,234 amount: &#34;…&#34; is not a decimal number`}, "EUR": {"2 2025-04-11 2062-05-01"}},
		"checks":  {"orphans": {"✓ pass"}, "freshness": {"✗ fail", "partnerplus -c x.yaml query \"SELECT * FROM kpi.stale_sources\""}},
	} {
		for name, texts := range rows {
			got := row(t, page, section, name)
			for _, text := range texts {
				if !strings.Contains(got, text) {
					t.Errorf("%s of %s does not have %q: %s", name, section, text, got)
				}
			}
		}
	}
	if strings.Contains(page, "2025-05-03 03:00 EDT") {
		t.Error("a run that found nothing new hides others")
	}
	says(t, page, "Exceptions of April 2025")
	for _, line := range strings.Split(ask(t, w, "TSV", "SELECT severity, count(), min(sentence) FROM kpi.exceptions WHERE month = '2025-04-01' GROUP BY severity", false), "\n") {
		fields := strings.Split(line, "\t")
		if !strings.Contains(page, fields[0]+"</span> "+fields[1]+"</summary>") || !strings.Contains(page, fields[2]) {
			t.Errorf("not on the page: %s exceptions of severity %s, such as: %s", fields[1], fields[0], fields[2])
		}
	}
	refreshed := ask(t, w, "TSV", "SELECT formatDateTime(refreshed_at, '%Y-%m-%d %H:%i', 'America/Toronto') FROM kpi.as_of", false)
	says(t, page, "Figures as of <span class=\"since\"><time datetime=\""+strings.Replace(refreshed, " ", "T", 1), ">2025-04-30 23:59 EDT</time>")
}

func testOthers(t *testing.T, url string) {
	for path, texts := range map[string][]string{
		"/runs/r2":               {"<h1>Run of nightly</h1>", "✗", "***: on and on", "&lt;script&gt;", "&lt;i&gt;", "1 failed", "../sources/%3Cscript%3E"},
		"/runs/r1":               {"1,260 read, 26 loaded, 1,234 rejected", "in 4 min 31 s", "1.0 MB", ">partner</a>"},
		"/sources/partner":       {"<h1>Source partner</h1>", "limit 36 h", "1,260 read, 1,234 rejected", "is not a decimal number"},
		sourcePath("/", hostile): {"Source &lt;script&gt;", "cut off: on and on", "../runs/r2"},
	} {
		page := get(t, url+path, 200)
		says(t, page, texts...)
		if strings.Contains(page, "Jane") || strings.Contains(page, "<script") || strings.Contains(page, "s3cret") {
			t.Errorf("%s shows what it must not", path)
		}
	}
	for _, path := range []string{"/runs/none", "/runs/", "/sources/", "/nothing", "/runs/r1/more", "/index.html"} {
		says(t, get(t, url+path, 404), "There is no such", `<a href="`)
	}
}

func sourcePath(root, name string) string { return root + sourceLink(name) }

func testHeaders(t *testing.T, url string) {
	for _, path := range []string{"/", "/runs/r1", "/nothing"} {
		_, header, _ := request(t, http.MethodGet, url+path)
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Content-Security-Policy": policy,
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s of %s: %q", name, path, got)
			}
		}
	}
	if status, _, body := request(t, http.MethodHead, url+"/"); status != 200 || body != "" {
		t.Errorf("HEAD: %d %q", status, body)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if status, _, _ := request(t, method, url+"/"); status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, status)
		}
	}
	says(t, get(t, url+"/?refresh", 200), `<meta http-equiv="refresh" content="60">`)
	if strings.Contains(get(t, url+"/", 200), "http-equiv") {
		t.Error("the page refreshes itself unasked")
	}
}

// What a page costs that finds the figures as they were, and one that does not.
func BenchmarkOverview(b *testing.B) {
	w := warehousetest.Migrated(b, load.Reporting{Timezone: "UTC", Currency: "USD"})
	filled(b, w)
	for name, renew := range map[string]bool{"as they were": false, "new figures": true} {
		b.Run(name, func(b *testing.B) {
			page := &Page{Warehouse: w, Zone: time.UTC}
			for b.Loop() {
				if renew {
					page = &Page{Warehouse: w, Zone: time.UTC}
				}
				answer := httptest.NewRecorder()
				page.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil))
				if answer.Code != http.StatusOK {
					b.Fatal(answer.Body.String())
				}
			}
		})
	}
}

// A warehouse that is away: the page says so, and what is planned.
func TestAway(t *testing.T) {
	t.Parallel()
	w, err := load.Open("http://op:s3cret@127.0.0.1:1/", load.WithPatience(load.Patience{Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	server := site(t, w)
	for path, root := range map[string]string{"/": "./", "/runs/r1": "../", "/sources/partner": "../"} {
		says(t, get(t, server.URL+path, 503), "<h1>The warehouse cannot be read</h1>", "connection refused", "validate --connect", "Loads what is new.", `<a href="`+root+`">`)
	}
}

// Each text has the contrast of 4.5 to 1 that WCAG asks for on its ground, in light and in dark.
func TestContrast(t *testing.T) {
	t.Parallel()
	schemes := regexp.MustCompile(`:root \{ [^}]*\}`).FindAllString(style, -1)
	if len(schemes) != 3 {
		t.Fatalf("%d schemes of colours", len(schemes))
	}
	for i, scheme := range schemes[:2] {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]+)`).FindAllStringSubmatch(scheme, -1) {
			colours[m[1]] = m[2]
		}
		for _, pair := range [][2]string{
			{"text", "ground"}, {"text", "raised"}, {"soft", "ground"}, {"soft", "raised"}, {"link", "ground"}, {"link", "raised"}, {"good", "good-on"}, {"good", "raised"},
			{"look", "look-on"}, {"bad", "bad-on"}, {"bad", "ground"}, {"bad", "raised"},
		} {
			if got := contrast(t, colours[pair[0]], colours[pair[1]]); got < 4.5 {
				t.Errorf("scheme %d: %s on %s has a contrast of %.2f", i, pair[0], pair[1], got)
			}
		}
	}
}
