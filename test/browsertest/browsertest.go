// Package browsertest lets tests look at pages in a headless Chromium.
package browsertest

import (
	"context"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// NoChromium is what a test says that is skipped for want of a browser. `make test` says so too.
const NoChromium = "Chromium is not installed here: apt-get install chromium"

// Open gives a tab of a headless Chromium of the test's own, and what is noticed of it.
func Open(t testing.TB) (context.Context, *Noticed) {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && program == "" {
			program = path
		}
	}
	if program == "" {
		t.Skip(NoChromium)
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
	Do(ctx, t) // the tab
	noticed := new(Noticed)
	if err := chromedp.Listen(ctx, noticed.hear); err != nil {
		t.Fatal(err)
	}
	return ctx, noticed
}

// Noticed is what a tab asked for, and what it complained about.
type Noticed struct {
	mu         sync.Mutex
	requests   []string
	complaints []string
}

func (n *Noticed) hear(event any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		n.requests = append(n.requests, e.Request.URL)
	case *log.EventEntryAdded:
		n.complaints = append(n.complaints, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		n.complaints = append(n.complaints, "the page writes to the console")
	case *runtime.EventExceptionThrown:
		n.complaints = append(n.complaints, e.ExceptionDetails.Text)
	}
}

// Forget begins anew.
func (n *Noticed) Forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests, n.complaints = nil, nil
}

// All gives the addresses that were asked for, and the complaints.
func (n *Noticed) All() (requests, complaints []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string{}, n.requests...), append([]string{}, n.complaints...)
}

// Look evaluates an expression on the page.
func Look[T any](ctx context.Context, t testing.TB, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// Do does something in the tab.
func Do(ctx context.Context, t testing.TB, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}
