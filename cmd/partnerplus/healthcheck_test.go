package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("alive\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the warehouse does not answer", http.StatusServiceUnavailable)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")

	if o := command(t, "", exitDone, "healthcheck", "--address", address); o.out != "alive\n" {
		t.Errorf("said %q, want what serve says", o.out)
	}
	command(t, "", exitFailed, "healthcheck", "--ready", "--address", address).says(t, "503", "the warehouse does not answer")
	command(t, "", exitUsage, "healthcheck", "--address", "no address").says(t, "--address")
	server.Close()

	secure := httptest.NewTLSServer(mux)
	defer secure.Close()
	command(t, "", exitDone, "healthcheck", "--tls", "--address", strings.TrimPrefix(secure.URL, "https://"))
	command(t, "", exitFailed, "healthcheck", "--address", address).says(t, "serve does not answer", "--address")
}
