package crash_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/partnerplus/warehouse/internal/engine"
)

// phase is how far a statement is when something dies.
type phase string

const (
	arrives  phase = "before"       // the engine has not seen it
	underWay phase = "in the midst" // the engine has all of it, and is at work
	answered phase = "after"        // it is done, and whoever asked does not know
)

var phases = []phase{arrives, underWay, answered}

// proxy stands between the program and the engine, counts statements, and kills at them.
type proxy struct {
	*httptest.Server
	upstream func() engine.Address

	mu      sync.Mutex
	seen    int
	waiting []point
	fired   []point
	kill    func(point)
	since   int // statements of the undisturbed command that count as done before
}

func newProxy(t *testing.T, upstream func() engine.Address) *proxy {
	t.Helper()
	p := &proxy{upstream: upstream, kill: func(point) {}}
	transport := &http.Transport{}
	p.Server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", p.upstream().Port)})
		},
		Transport:    through{p, transport},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the connection breaks, as the engine's did
	})
	t.Cleanup(func() {
		p.CloseClientConnections()
		p.Close()
		transport.CloseIdleConnections()
	})
	return p
}

// dsn is the warehouse's address through the proxy.
func (p *proxy) dsn() string {
	a := p.upstream()
	address, _ := url.Parse(p.URL) // its own
	address.User, address.Path = url.UserPassword(a.WriterUser, a.WriterPassword), "/default"
	return address.String()
}

// arm begins to count anew, and says what dies when. So many statements of the undisturbed command were done before.
func (p *proxy) arm(points []point, since int, kill func(point)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen, p.waiting, p.fired, p.since, p.kill = 0, points, nil, since, kill
}

// disarm ends that, and tells how many statements there were and what was killed at them.
func (p *proxy) disarm() (seen int, fired []point) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen, fired, p.waiting = p.seen, p.fired, nil
	return seen, fired
}

func (p *proxy) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen++
	return p.seen
}

// at kills what is to be killed at this phase of a statement, and tells whether that was anything.
func (p *proxy) at(statement int, now phase) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.waiting, func(w point) bool { return max(w.statement-p.since, 1) <= statement && w.phase == now })
	if i < 0 {
		return false
	}
	one := p.waiting[i]
	p.waiting = slices.Delete(p.waiting, i, i+1)
	p.kill(one)
	p.fired = append(p.fired, one)
	return true
}

// through is a transport that tells its proxy of each statement.
type through struct {
	*proxy
	transport http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t through) RoundTrip(r *http.Request) (*http.Response, error) {
	statement := t.next()
	if t.at(statement, arrives) {
		return nil, http.ErrAbortHandler
	}
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { t.at(statement, underWay) },
	}))
	response, err := t.transport.RoundTrip(r)
	if err == nil && t.at(statement, answered) {
		_ = response.Body.Close()
		return nil, http.ErrAbortHandler
	}
	return response, err
}
