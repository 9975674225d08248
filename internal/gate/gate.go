// Package gate asks who knocks before a handler answers: a user with a password (basic), or a token (bearer).
//
// Secrets are compared in constant time. An address that keeps guessing is refused for a while, right or wrong, so that
// guesses are slow; one that is behind a proxy is the proxy's.
//
// It must not know what it guards, nor where its secrets come from.
package gate

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Keys are what opens the gate: a user with a password, a token, or either where both are set. Without any, it is open to
// everybody on this machine.
type Keys struct {
	User, Password string
	Token          string
}

func (k Keys) none() bool { return k == Keys{} }

// Guesses that an address has, and how soon it gets another.
const (
	guesses = 10
	respite = 10 * time.Second
	// mostAddresses bounds what is remembered.
	mostAddresses = 4096
)

// Guard lets those through to the handler who have a key. Without keys it lets all through who ask for this machine by a
// name or an address of its own: a page of another site cannot do so by giving its own name this machine's address.
func Guard(keys Keys, handler http.Handler) http.Handler {
	if keys.none() {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !isLocal(r.Host) {
				http.Error(w, "this machine is not called "+r.Host+" here: ask for localhost, or set serve.auth in the config", http.StatusMisdirectedRequest)
				return
			}
			handler.ServeHTTP(w, r)
		})
	}
	g := newGuard(keys)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.admit(w, r) {
			handler.ServeHTTP(w, r)
		}
	})
}

// isLocal tells whether a request's host, which may have a port, is this machine.
func isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

type guard struct {
	keys Keys

	mu       sync.Mutex
	guessers map[netip.Addr]*rate.Limiter // addresses that guessed wrong lately
}

func newGuard(keys Keys) *guard {
	return &guard{keys: keys, guessers: map[netip.Addr]*rate.Limiter{}}
}

// admit tells whether the request has a key, and answers it where not.
func (g *guard) admit(w http.ResponseWriter, r *http.Request) bool {
	from := origin(r)
	if g.isTired(from) {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many wrong keys came from "+from.String()+"; try again in a while", http.StatusTooManyRequests)
		return false
	}
	switch given, right := g.judge(r); {
	case right:
		return true
	case given: // who gives no key does not guess
		g.guessed(from)
	}
	if g.keys.User != "" {
		w.Header().Add("WWW-Authenticate", `Basic realm="partnerplus", charset="UTF-8"`)
	}
	if g.keys.Token != "" {
		w.Header().Add("WWW-Authenticate", `Bearer realm="partnerplus"`)
	}
	http.Error(w, "who are you? serve.auth in the config says which key opens this", http.StatusUnauthorized)
	return false
}

// judge tells whether the request gives a key, and whether it is right.
func (g *guard) judge(r *http.Request) (given, right bool) {
	header := r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(header, " ")
	if g.keys.Token != "" && strings.EqualFold(scheme, "Bearer") {
		return true, same(strings.TrimSpace(token), g.keys.Token)
	}
	user, password, ok := r.BasicAuth()
	rightUser, rightPassword := same(user, g.keys.User), same(password, g.keys.Password) // both, whatever the first says
	return header != "", ok && g.keys.User != "" && rightUser && rightPassword
}

// same compares in a time that tells nothing, not even of the lengths.
func same(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// origin is the address that the request came from; of IPv6 the network, which one guesser has many addresses of.
func origin(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // all of them share their guesses
	}
	address := peer.Addr().Unmap().WithZone("")
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return address
}

// isTired tells whether an address has no guess left.
func (g *guard) isTired(from netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	left, ok := g.guessers[from]
	return ok && left.TokensAt(time.Now()) < 1
}

// guessed takes one of its guesses from an address.
func (g *guard) guessed(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if _, ok := g.guessers[from]; !ok {
		g.forget(now)
		g.guessers[from] = rate.NewLimiter(rate.Every(respite), guesses)
	}
	g.guessers[from].AllowN(now, 1)
}

// forget makes room: for those that have all their guesses again, else for any.
func (g *guard) forget(now time.Time) {
	if len(g.guessers) < mostAddresses {
		return
	}
	for address, left := range g.guessers {
		if left.TokensAt(now) >= guesses {
			delete(g.guessers, address)
		}
	}
	for address := range g.guessers {
		if len(g.guessers) < mostAddresses {
			return
		}
		delete(g.guessers, address)
	}
}
