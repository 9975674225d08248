// Package browser has tests look at pages as a person does: in a headless Chromium, where one is installed. It must not
// know whose pages they are.
package browser

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/partnerplus/warehouse/internal/chromium"
)

// none is what a test says that is skipped for want of a browser. `make test` says so too.
const none = "Chromium is not installed here: apt-get install chromium"

// patience is how long a test may look at pages.
const patience = 2 * time.Minute

// Open gives a tab of a Chromium of the test's own, and what is noticed in it from now on. Without Chromium, the test is
// skipped.
func Open(t *testing.T) (context.Context, *Noticed) {
	t.Helper()
	program, err := chromium.Find()
	if errors.Is(err, chromium.ErrNone) {
		t.Skip(none)
	}
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	Do(ctx, t) // the tab
	noticed := new(Noticed)
	if err := chromedp.Listen(ctx, noticed.hear); err != nil {
		t.Fatal(err)
	}
	return ctx, noticed
}

// Noticed is what a tab asked for, and what it complained about.
type Noticed struct {
	mu       sync.Mutex
	requests []string
	errors   []string
}

func (n *Noticed) hear(event any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		n.requests = append(n.requests, e.Request.URL)
	case *log.EventEntryAdded:
		n.errors = append(n.errors, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		n.errors = append(n.errors, "the page writes to the console")
	case *runtime.EventExceptionThrown:
		n.errors = append(n.errors, e.ExceptionDetails.Text)
	}
}

// Forget begins anew.
func (n *Noticed) Forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests, n.errors = nil, nil
}

// Check fails the test where the tab complained, asked for anything that is not below the address, or asked for less than
// so many things: then nothing was noticed.
func (n *Noticed) Check(t *testing.T, address string, least int) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, text := range n.errors {
		t.Errorf("the browser complains: %s", text)
	}
	if len(n.requests) < least {
		t.Errorf("only %d requests were seen", len(n.requests))
	}
	for _, asked := range n.requests {
		if !strings.HasPrefix(asked, address+"/") && !strings.HasPrefix(asked, "data:") {
			t.Errorf("a request leaves: %s", asked)
		}
	}
}

// Look evaluates an expression on the page.
func Look[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// Do takes steps in the tab.
func Do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}
