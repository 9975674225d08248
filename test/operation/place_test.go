package operation_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/partnerplus/warehouse/internal/notify"
)

// proxy stands before the warehouse, which is away while it says so.
type proxy struct {
	dsn  string // of the warehouse, through it
	away atomic.Bool
}

func newProxy(t *testing.T, dsn string) *proxy {
	t.Helper()
	address, err := url.Parse(dsn)
	must(t, err)
	target := &url.URL{Scheme: address.Scheme, Host: address.Host}
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	onward := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:    transport,
		ErrorLog:     log.New(io.Discard, "", 0),
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the connection breaks, as the engine's did
	}
	p := new(proxy)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if p.away.Load() {
			panic(http.ErrAbortHandler)
		}
		onward.ServeHTTP(w, r)
	})
	address.Scheme, address.Host = "http", server.Listener.Addr().String()
	p.dsn = address.String()
	return p
}

// receiver is a webhook that keeps what it is told.
type receiver struct {
	*httptest.Server

	mu   sync.Mutex
	told []notify.Message
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := new(receiver)
	r.Server = serve(t, func(w http.ResponseWriter, request *http.Request) {
		var m notify.Message
		if err := json.NewDecoder(request.Body).Decode(&m); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.told = append(r.told, m)
	})
	return r
}

// messages gives what it was told.
func (r *receiver) messages() []notify.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.told)
}
