package statuspage

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/browsertest"
)

// testBrowser looks at the pages as a person does, on a phone and on a desk, in light and in dark.
func testBrowser(t *testing.T, w *load.Warehouse, address string) {
	ctx, noticed := browsertest.Open(t)
	withKey, err := url.Parse(address + "/")
	if err != nil {
		t.Fatal(err)
	}
	withKey.User = url.UserPassword(user, word)

	if err := chromedp.Do(ctx, chromedp.Navigate(address+"/")); err == nil || !strings.Contains(err.Error(), "ERR_INVALID_AUTH_CREDENTIALS") {
		t.Errorf("without a key: %v", err)
	}
	browsertest.Do(ctx, t, chromedp.Navigate(withKey.String())) // the browser keeps the key
	noticed.Forget()                                            // it complained of the 401s
	grounds := map[string]bool{}
	for _, scheme := range []string{"light", "dark"} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		for _, size := range [][2]int64{{360, 740}, {1280, 800}} {
			for _, path := range []string{"/", "/runs/r2", sourcePath("/", hostile)} {
				browsertest.Do(ctx, t, chromedp.EmulateViewport(size[0], size[1]), chromedp.Navigate(address+path))
				if over := browsertest.Look[int](ctx, t, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
					t.Errorf("%s, %d wide: %d pixels more than the window", path, size[0], over)
				}
			}
		}
		grounds[browsertest.Look[string](ctx, t, "getComputedStyle(document.body).backgroundColor")] = true
	}
	if len(grounds) != 2 {
		t.Errorf("light and dark have the grounds %v", grounds)
	}
	testSections(ctx, t, w, address)

	requests, complaints := noticed.All()
	for _, text := range complaints {
		t.Errorf("the browser complains: %s", text)
	}
	if len(requests) < 12 {
		t.Errorf("only %d requests were seen", len(requests))
	}
	for _, asked := range requests {
		if !strings.HasPrefix(asked, address+"/") && !strings.HasPrefix(asked, "data:") {
			t.Errorf("a request leaves: %s", asked)
		}
	}
}

// testSections finds every section with the warehouse's figures, and goes where a link leads.
func testSections(ctx context.Context, t *testing.T, w *load.Warehouse, address string) {
	browsertest.Do(ctx, t, chromedp.Navigate(address+"/"))
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
		if got := browsertest.Look[string](ctx, t, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(`#sources a[href*="script"]`))); err != nil {
		t.Fatal(err)
	}
	if got := browsertest.Look[string](ctx, t, "document.querySelector('h1').innerText"); got != "Source "+hostile {
		t.Errorf("the link leads to %q", got)
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(".site a"))); err != nil {
		t.Fatal(err)
	}
	if got := browsertest.Look[string](ctx, t, "location.pathname"); got != "/" {
		t.Errorf("the way back leads to %s", got)
	}
}
