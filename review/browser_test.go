package review_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/partnerplus/warehouse/review"
	"github.com/partnerplus/warehouse/test/browser"
)

// a4 is how many pixels wide a page of A4 is between its margins.
const a4 = 703

// lookAtPages looks at a pack, and at one of sixty programmes with odd names, as people do: on a phone, on a desk, on paper, by
// keyboard, and with a screen reader.
func lookAtPages(t *testing.T, file string) {
	ctx, noticed := browser.Open(t)
	crowded := filepath.Join(filepath.Dir(file), "crowded.html")
	to, err := os.Create(crowded)
	if err != nil {
		t.Fatal(err)
	}
	if err := review.Crowd(60).WriteHTML(to); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, crowded} {
		for _, look := range []struct {
			media string
			width int64
		}{{"screen", 360}, {"screen", 1280}, {"print", a4}} {
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: look.media}); err != nil {
				t.Fatal(err)
			}
			browser.Do(ctx, t, chromedp.EmulateViewport(look.width, 900), chromedp.Navigate("file://"+path))
			if over := browser.Look[int](ctx, t, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
				t.Errorf("%s, %s, %d wide: %d pixels more than the window", filepath.Base(path), look.media, look.width, over)
			}
			if over := browser.Look[int](ctx, t, "[...document.querySelectorAll('.lens li')].filter(e => e.scrollWidth > e.clientWidth).length"); over > 0 {
				t.Errorf("%s, %s, %d wide: the text of %d indicators leaves its card", filepath.Base(path), look.media, look.width, over)
			}
			if shown := browser.Look[bool](ctx, t, "[...document.querySelectorAll('details table')].every(e => e.checkVisibility({contentVisibilityAuto: true}))"); shown != (look.media == "print") {
				t.Errorf("%s, %s: what is in details is shown: %t", filepath.Base(path), look.media, shown)
			}
			if pale := browser.Look[string](ctx, t, paleText); pale != "" {
				t.Errorf("%s, %s: hard to read: %s", filepath.Base(path), look.media, pale)
			}
		}
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "screen"}); err != nil {
		t.Fatal(err)
	}
	browser.Do(ctx, t, chromedp.EmulateViewport(360, 740), chromedp.Navigate("file://"+file))
	structure(ctx, t)
	keyboard(ctx, t)

	noticed.Check(t, "file://"+filepath.Dir(file), 7)
}

// structure holds what a screen reader goes by.
func structure(ctx context.Context, t *testing.T) {
	for expression, want := range map[string]string{
		"document.documentElement.lang + document.scripts.length":                                                                                                   "en0",
		"['header', 'main', 'h1'].every(e => document.querySelectorAll(e).length == 1) + ''":                                                                        "true",
		"[...document.querySelectorAll('nav')].every(e => e.ariaLabel) + ''":                                                                                        "true",
		"[...document.querySelectorAll('section')].every(e => document.getElementById(e.getAttribute('aria-labelledby'))) + ''":                                     "true",
		"[...document.querySelectorAll('table')].filter(e => !e.caption || !e.caption.textContent.trim() || !e.tHead).length + ''":                                  "0",
		"[...document.querySelectorAll('th')].filter(e => !e.scope).length + ''":                                                                                    "0",
		"[...document.querySelectorAll('tbody tr')].filter(e => !e.querySelector('th[scope=row]') && e.innerText.trim()).length + ''":                               "0",
		"[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].reduce((at, e) => at == 9 || e.tagName[1] > at + 1 ? 9 : +e.tagName[1], 0) < 9 ? 'in order' : 'skips'": "in order",
		"[...document.querySelectorAll('svg[role=img]')].filter(e => !e.querySelector('title') || !(e.ariaLabel || e.querySelector('desc'))).length + ''":           "0",
		"[...document.querySelectorAll('svg:not([role=img])')].filter(e => e.ariaHidden != 'true').length + ''":                                                     "0",
		"[...document.querySelectorAll('a')].filter(e => !document.querySelector(e.hash)).length + ''":                                                              "0",
		"new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size - document.querySelectorAll('[id]').length + ''":                                       "0",
		"document.querySelectorAll('svg.chart').length + ''":                                                                                                        "3",
	} {
		if got := browser.Look[string](ctx, t, expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
}

// keyboard goes through the page by the tab key: the first stop skips to the summary, and every table that scrolls is reached.
func keyboard(ctx context.Context, t *testing.T) {
	regions := browser.Look[int](ctx, t, "[...document.querySelectorAll('.scroll')].filter(e => e.checkVisibility({contentVisibilityAuto: true})).length")
	browser.Do(ctx, t, chromedp.KeyEvent(kb.Tab))
	if first := browser.Look[string](ctx, t, "document.activeElement.hash"); first != "#short" {
		t.Errorf("the first stop leads to %q", first)
	}
	reached := 0
	for stops := 0; stops < 1000; stops++ {
		browser.Do(ctx, t, chromedp.KeyEvent(kb.Tab))
		at := browser.Look[string](ctx, t, "document.activeElement.className + ' ' + document.activeElement.tagName")
		if at == " BODY" {
			break
		}
		if strings.HasPrefix(at, "scroll ") {
			reached++
		}
	}
	if regions < 10 || reached != regions {
		t.Errorf("%d of %d tables that scroll were reached", reached, regions)
	}
}

// paleText gives a text whose colour has a contrast of less than 4.5 with its ground (WCAG 2), empty where there is none.
const paleText = `(() => {
	const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	const light = c => { const [r, g, b] = c.match(/[\d.]+/g).map(Number); return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
	const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!c.endsWith(', 0)')) return c; } return 'rgb(255, 255, 255)'; };
	const seen = new Set();
	for (const e of document.querySelectorAll('body *')) {
		if (![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim())) continue;
		const style = getComputedStyle(e), ink = e.closest('svg') ? style.fill : style.color, pair = ink + ' on ' + ground(e);
		if (seen.has(pair)) continue;
		seen.add(pair);
		const [a, b] = [light(ink), light(ground(e))].sort((x, y) => y - x);
		if ((a + 0.05) / (b + 0.05) < 4.5) return pair + ': ' + e.textContent.trim().slice(0, 40);
	}
	return seen.size > 3 ? '' : 'nothing was looked at';
})()`
