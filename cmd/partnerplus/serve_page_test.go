package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/telemetry"
)

// Who has no key sees whether the daemon is alive, and nothing else.
func TestServeAsksWhoItIs(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Serve.Auth.Bearer = "0123456789abcdef"
	d := &daemon{app: new(app), log: zap.NewNop(), warehouse: new(opened), metrics: telemetry.NewMetrics(telemetry.Build{}), started: c}
	if err := d.begin(&generation{config: c}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(d.handler())
	defer server.Close()
	for path, want := range map[string]int{"/healthz": 200, "/": 401, "/status": 401, "/metrics": 401, "/runs/x": 401, "/nothing": 401} {
		if got, body := get(t, server.URL+path); got != want {
			t.Errorf("%s: %d %s", path, got, body)
		}
	}
}

// certificate makes one for this machine, with a serial number, and writes it where the config has it.
func certificate(t *testing.T, of *config.ServeTLS, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, "", map[string]string{
		of.Cert: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})),
		of.Key:  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
}

func TestServeOverTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := &config.ServeTLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	certificate(t, files, 1)
	listener, address, err := listenOn(t.Context(), "127.0.0.1:0", files)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // it ends with the test
	defer func() { _ = server.Close() }()
	if !strings.HasPrefix(address, "https://127.0.0.1:") {
		t.Errorf("it serves on %s", address)
	}
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // what it shows is looked at below
	for serial := int64(1); serial <= 2; serial++ {
		certificate(t, files, serial) // the second time, it is renewed
		conn, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if got := conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64(); got != serial {
			t.Errorf("it shows certificate %d, want %d", got, serial)
		}
		_ = conn.Close()
	}
}
