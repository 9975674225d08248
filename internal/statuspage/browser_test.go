package statuspage

import (
	"context"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/partnerplus/warehouse/load"
)

// noChromium is what a test says that is skipped for want of a browser. `make test` says so too.
const noChromium = "Chromium is not installed here: apt-get install chromium"

// browser gives a headless Chromium of the test's own.
func browser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && program == "" {
			program = path
		}
	}
	if program == "" {
		t.Skip(noChromium)
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// seen is what a tab asked for, and what it complained about.
type seen struct {
	mu       sync.Mutex
	requests []string
	errors   []string
}

func (s *seen) hear(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		s.requests = append(s.requests, e.Request.URL)
	case *log.EventEntryAdded:
		s.errors = append(s.errors, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		s.errors = append(s.errors, "the page writes to the console")
	case *runtime.EventExceptionThrown:
		s.errors = append(s.errors, e.ExceptionDetails.Text)
	}
}

func (s *seen) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.errors = nil, nil
}

// look evaluates an expression on the page.
func look[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// testBrowser looks at the pages as a person does, on a phone and on a desk, in light and in dark.
func testBrowser(t *testing.T, w *load.Warehouse, address string) {
	ctx := browser(t)
	noticed := new(seen)
	do(ctx, t) // the tab
	if err := chromedp.Listen(ctx, noticed.hear); err != nil {
		t.Fatal(err)
	}
	withKey, err := url.Parse(address + "/")
	if err != nil {
		t.Fatal(err)
	}
	withKey.User = url.UserPassword(user, word)

	if err := chromedp.Do(ctx, chromedp.Navigate(address+"/")); err == nil || !strings.Contains(err.Error(), "ERR_INVALID_AUTH_CREDENTIALS") {
		t.Errorf("without a key: %v", err)
	}
	do(ctx, t, chromedp.Navigate(withKey.String())) // the browser keeps the key
	noticed.forget()                                // it complained of the 401s
	grounds := map[string]bool{}
	for _, scheme := range []string{"light", "dark"} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		for _, size := range [][2]int64{{360, 740}, {1280, 800}} {
			for _, path := range []string{"/", "/runs/r2", sourcePath("/", hostile)} {
				do(ctx, t, chromedp.EmulateViewport(size[0], size[1]), chromedp.Navigate(address+path))
				if over := look[int](ctx, t, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
					t.Errorf("%s, %d wide: %d pixels more than the window", path, size[0], over)
				}
			}
		}
		grounds[look[string](ctx, t, "getComputedStyle(document.body).backgroundColor")] = true
	}
	if len(grounds) != 2 {
		t.Errorf("light and dark have the grounds %v", grounds)
	}
	testSections(ctx, t, w, address)

	noticed.mu.Lock()
	defer noticed.mu.Unlock()
	for _, text := range noticed.errors {
		t.Errorf("the browser complains: %s", text)
	}
	if len(noticed.requests) < 12 {
		t.Errorf("only %d requests were seen", len(noticed.requests))
	}
	for _, asked := range noticed.requests {
		if !strings.HasPrefix(asked, address+"/") && !strings.HasPrefix(asked, "data:") {
			t.Errorf("a request leaves: %s", asked)
		}
	}
}

// testSections finds every section with the warehouse's figures, and goes where a link leads.
func testSections(ctx context.Context, t *testing.T, w *load.Warehouse, address string) {
	do(ctx, t, chromedp.Navigate(address+"/"))
	for name, want := range map[string]string{
		"document.title": "5 things are wrong · KPI warehouse",
		"[...document.querySelectorAll('h1, main h2')].map(e => e.innerText).join()":                                               "5 things are wrong,Jobs,Sources,Last runs,Rejects,Checks,Exceptions of April 2025",
		"[...document.querySelectorAll('main section')].every(e => document.getElementById(e.getAttribute('aria-labelledby')))+''": "true",
		"[...document.querySelectorAll('th')].every(e => e.scope)+''":                                                              "true",
		"['header', 'nav', 'main', 'footer'].every(e => document.querySelectorAll(e).length == 1)+''":                              "true",
		"[...document.querySelectorAll('nav a[href^=\"#\"]')].every(e => document.querySelector(e.hash))+''":                       "true",
		"document.documentElement.lang + document.scripts.length":                                                                  "en0",
		"document.querySelectorAll('#sources tbody tr').length + ''": ask(t, w, "TSV", `SELECT uniqExact(source) FROM
			(SELECT toString(source) AS source FROM etl.units UNION ALL SELECT toString(source) FROM etl.sources)`, false),
		"document.querySelector('#rejects td.number').innerText.replace(',', '')": ask(t, w, "TSV", "SELECT count() FROM etl.open_rejects", false),
		"[...document.querySelectorAll('#exceptions summary')].reduce((n, e) => n + parseInt(e.innerText.replace(/\\D/g, '')), 0) + ''": ask(t, w, "TSV",
			"SELECT count() FROM kpi.exceptions WHERE month = '2025-04-01'", false),
	} {
		if got := look[string](ctx, t, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(`#sources a[href*="script"]`))); err != nil {
		t.Fatal(err)
	}
	if got := look[string](ctx, t, "document.querySelector('h1').innerText"); got != "Source "+hostile {
		t.Errorf("the link leads to %q", got)
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(".site a"))); err != nil {
		t.Fatal(err)
	}
	if got := look[string](ctx, t, "location.pathname"); got != "/" {
		t.Errorf("the way back leads to %s", got)
	}
}
