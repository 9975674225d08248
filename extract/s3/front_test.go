package s3_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/partnerplus/warehouse/extract/extracttest"
)

// front stands before a server and remembers what it was asked.
type front struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

// stand puts a front before the server. What answer returns true for, it has answered.
func stand(t *testing.T, server *extracttest.Server, answer func(w http.ResponseWriter, r *http.Request) bool) *front {
	t.Helper()
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		ErrorLog: log.New(io.Discard, "", 0),
	}
	f := &front{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, r)
		f.mu.Unlock()
		if answer == nil || !answer(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

// asked gives the requests since the last call: listings, or those for objects.
func (f *front) asked() (listings, objects []*http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if strings.Count(strings.Trim(r.URL.Path, "/"), "/") == 0 {
			listings = append(listings, r)
		} else {
			objects = append(objects, r)
		}
	}
	f.requests = nil
	return listings, objects
}
