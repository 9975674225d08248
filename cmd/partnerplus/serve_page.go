package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/gate"
	"github.com/partnerplus/warehouse/internal/statuspage"
)

// statusPage is what a browser sees of the daemon.
func (d *daemon) statusPage(g *generation) http.Handler {
	refused := func() string {
		if why := d.refused.Load(); why != nil {
			return *why
		}
		return ""
	}
	page := &statuspage.Page{
		Receivers: declared(g).Receivers, Refused: refused,
		Warehouse: d.glance, Zone: g.config.Reporting.Zone(), Jobs: g.scheduler.Next, Redact: d.redact,
		Command: strings.TrimSpace("partnerplus " + d.configFlag()), Version: built().Version,
	}
	return page.Handler()
}

// keys are what opens the daemon's pages.
func keys(auth config.ServeAuth) gate.Keys {
	k := gate.Keys{Token: auth.Bearer}
	if auth.Basic != nil {
		k.User, k.Password = auth.Basic.User, auth.Basic.Password
	}
	return k
}

// checkCertificate finds fault with the files of the certificate, if there is to be one.
func checkCertificate(files *config.ServeTLS) error {
	if files == nil {
		return nil
	}
	if _, err := tls.LoadX509KeyPair(files.Cert, files.Key); err != nil {
		return &usageError{fmt.Errorf("serve.tls: %w; cert and key name the PEM files of a certificate and of its key", err)}
	}
	return nil
}

// listenOn listens on an address, with HTTPS where there is a certificate, and gives the address as a browser takes it.
func listenOn(ctx context.Context, address string, certificate *config.ServeTLS) (net.Listener, string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, "", fmt.Errorf("listen on %s: %w; choose another address with --listen", address, err)
	}
	if certificate == nil {
		return listener, "http://" + listener.Addr().String(), nil
	}
	// It is read for each connection: a renewed one needs no restart.
	read := func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(certificate.Cert, certificate.Key)
		return &pair, err
	}
	return tls.NewListener(listener, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: read}), "https://" + listener.Addr().String(), nil
}
