package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Serve says where partnerplus serve answers, and whom.
type Serve struct {
	// Listen is the address and port of the status page and of what watches the daemon; 127.0.0.1:9090 by default. One that
	// other machines reach, such as :9090, needs auth. partnerplus serve --listen comes before it.
	Listen string `yaml:"listen,omitempty"`
	// Auth says who may see the status page, /status and /metrics; everybody on this machine by default. /healthz and /readyz
	// tell nothing and stay open.
	Auth ServeAuth `yaml:"auth,omitempty"`
	// TLS serves HTTPS; without it, put a proxy with HTTPS before an address that other machines reach.
	TLS *ServeTLS `yaml:"tls,omitempty"`
}

// ServeAuth says by what one is let in; by either where both are set. Secrets are best given as ${ENV} or ${file:…}.
type ServeAuth struct {
	// Basic is a user with a password, which browsers ask for.
	Basic *ServeUser `yaml:"basic,omitempty"`
	// Bearer is a token of at least 16 characters, sent as Authorization: Bearer …, for programs.
	Bearer string `yaml:"bearer,omitempty" secret:"true"`
}

// ServeUser is who may see the status page.
type ServeUser struct {
	// User is the user's name.
	User string `yaml:"user"`
	// Password is the user's password, of at least 12 characters.
	Password string `yaml:"password" secret:"true"`
}

// ServeTLS is a certificate with its key, as PEM files, relative to this file. A renewed one is taken up by the next connection.
type ServeTLS struct {
	// Cert is the file of the certificate, and of those between it and the root.
	Cert string `yaml:"cert"`
	// Key is the file of its key.
	Key string `yaml:"key"`
}

// Shortest secrets of ServeAuth: guesses are slowed down, but not stopped.
const (
	shortestPassword = 12
	shortestToken    = 16
)

// SetDefaults sets what the file may leave out.
func (s *Serve) SetDefaults() { s.Listen = "127.0.0.1:9090" }

// IsOpen tells whether everybody is let in.
func (a ServeAuth) IsOpen() bool { return a.Basic == nil && a.Bearer == "" }

// CheckListen finds fault with an address that cannot be listened on, or that other machines reach while everybody is let in.
func (s Serve) CheckListen(listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" {
		return fmt.Errorf("%q is not an address with a port, such as 127.0.0.1:9090", listen)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q has no port from 0 to 65535", listen)
	}
	if s.Auth.IsOpen() && !isLoopback(host) {
		return fmt.Errorf("%s can be reached from other machines, and nobody is asked who they are: set serve.auth in the config to "+
			`basic: {user: NAME, password: "${PASSWORD}"} or bearer: "${TOKEN}", or listen on 127.0.0.1:%s`, listen, port)
	}
	return nil
}

// isLoopback tells whether only this machine reaches the host; an empty one is every address.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

func (s Serve) check() error {
	var errs []error
	if err := s.CheckListen(s.Listen); err != nil {
		errs = append(errs, fmt.Errorf("listen: %w", err))
	}
	if basic := s.Auth.Basic; basic != nil {
		if basic.User == "" || strings.Contains(basic.User, ":") {
			errs = append(errs, fmt.Errorf("auth.basic.user: %q is not a name without a colon", basic.User))
		}
		if len(basic.Password) < shortestPassword {
			errs = append(errs, fmt.Errorf("auth.basic.password: shorter than %d characters; openssl rand -base64 18 makes one", shortestPassword))
		}
	}
	if bearer := s.Auth.Bearer; bearer != "" && len(bearer) < shortestToken {
		errs = append(errs, fmt.Errorf("auth.bearer: shorter than %d characters; openssl rand -hex 32 makes one", shortestToken))
	}
	if t := s.TLS; t != nil && (t.Cert == "" || t.Key == "") {
		errs = append(errs, errors.New("tls: give both cert and key"))
	}
	return errors.Join(errs...)
}
