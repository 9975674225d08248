package gate

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

var inside = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "inside") })

// knock asks a gate from an address, and gives the answer's status and headers.
func knock(gate http.Handler, from string, prepare func(*http.Request)) (int, http.Header) {
	request := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "http://127.0.0.1:9090/", nil)
	request.RemoteAddr = from
	if prepare != nil {
		prepare(request)
	}
	answer := httptest.NewRecorder()
	gate.ServeHTTP(answer, request)
	if (answer.Code == http.StatusOK) != (answer.Body.String() == "inside") {
		panic("the status does not tell who is let in")
	}
	return answer.Code, answer.Header()
}

func basic(user, password string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(user, password) }
}

func header(value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", value) }
}

func TestKeys(t *testing.T) {
	t.Parallel()
	user, token, both := Keys{User: "op", Password: "päss:word"}, Keys{Token: "t0ken"}, Keys{User: "op", Password: "päss:word", Token: "t0ken"}
	tests := []struct {
		name    string
		keys    Keys
		prepare func(*http.Request)
		want    int
	}{
		{"nothing", user, nil, 401},
		{"the right user", user, basic("op", "päss:word"), 200},
		{"a wrong password", user, basic("op", "päss:wor"), 401},
		{"a wrong user", user, basic("Op", "päss:word"), 401},
		{"empty", user, basic("", ""), 401},
		{"the password as a token", user, header("Bearer päss:word"), 401},
		{"no base64", user, header("Basic !"), 401},
		{"another scheme", user, header("Digest op"), 401},
		{"nothing for a token", token, nil, 401},
		{"the right token", token, header("Bearer t0ken"), 200},
		{"the scheme in small letters", token, header("bearer t0ken"), 200},
		{"a wrong token", token, header("Bearer t0kem"), 401},
		{"a longer token", token, header("Bearer t0kent0ken"), 401},
		{"no token", token, header("Bearer "), 401},
		{"no user where there is none", token, basic("", ""), 401},
		{"the token as a password", token, basic("", "t0ken"), 401},
		{"the user of both", both, basic("op", "päss:word"), 200},
		{"the token of both", both, header("Bearer t0ken"), 200},
		{"neither of both", both, header("Bearer x"), 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, _ := knock(Guard(tt.keys, inside), "192.0.2.1:1", tt.prepare); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
	_, headers := knock(Guard(both, inside), "192.0.2.1:1", nil)
	if challenges := headers.Values("WWW-Authenticate"); len(challenges) != 2 || challenges[0] != `Basic realm="partnerplus", charset="UTF-8"` {
		t.Errorf("the challenges are %q", challenges)
	}
}

// Without keys, only this machine's own names open the gate: a page of another site whose name leads here does not.
func TestWithoutKeys(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]int{
		"127.0.0.1:9090": 200, "localhost:9090": 200, "LOCALHOST": 200, "[::1]:9090": 200, "127.8.0.1": 200,
		"evil.example:9090": 421, "localhost.evil.example": 421, "192.168.0.7:9090": 421, "": 421, "127.0.0.1.evil.example": 421,
	} {
		got, _ := knock(Guard(Keys{}, inside), "127.0.0.1:5", func(r *http.Request) { r.Host = host })
		if got != want {
			t.Errorf("%q: %d, want %d", host, got, want)
		}
	}
}

func TestGuessesAreSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := Guard(Keys{User: "op", Password: "password"}, inside)
		right, wrong := basic("op", "password"), basic("op", "guess")
		for range 3 * guesses { // no key is no guess
			knock(gate, "192.0.2.1:1", nil)
		}
		for i := range guesses {
			if got, _ := knock(gate, fmt.Sprintf("192.0.2.1:%d", i+1), wrong); got != 401 {
				t.Fatalf("guess %d: %d", i+1, got)
			}
		}
		for _, key := range []func(*http.Request){wrong, right, nil} {
			if got, headers := knock(gate, "192.0.2.1:99", key); got != 429 || headers.Get("Retry-After") != "10" {
				t.Errorf("after all guesses: %d, try again after %q", got, headers.Get("Retry-After"))
			}
		}
		if got, _ := knock(gate, "192.0.2.2:1", right); got != 200 {
			t.Errorf("another address: %d", got)
		}
		time.Sleep(respite)
		if got, _ := knock(gate, "192.0.2.1:1", right); got != 200 {
			t.Errorf("after a respite: %d", got)
		}
		if got, _ := knock(gate, "192.0.2.1:1", wrong); got != 401 {
			t.Errorf("the guess of the respite: %d", got)
		}
		if got, _ := knock(gate, "192.0.2.1:1", right); got != 429 {
			t.Errorf("one respite gives more than one guess: %d", got)
		}
	})
}

// The addresses of one network of IPv6 share their guesses, and those that no text says too.
func TestOrigin(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1", "[2001:db8:1:2:3::4]:80": "2001:db8:1:2::", "[fe80::1%eth0]:80": "fe80::",
		"@": "invalid IP",
	} {
		if got := origin(&http.Request{RemoteAddr: from}).String(); got != want {
			t.Errorf("%s comes from %s, want %s", from, got, want)
		}
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Keys{Token: "right"})
		address := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}) }
		for i := range 2 * mostAddresses {
			g.guessed(address(i))
		}
		if len(g.guessers) != mostAddresses {
			t.Errorf("%d addresses are remembered", len(g.guessers))
		}
		// One that guesses on is not forgotten for those that have their guesses back.
		tireless := address(1 << 20)
		for range guesses {
			g.guessed(tireless)
		}
		time.Sleep(respite)
		g.guessed(tireless)
		g.guessed(address(1<<20 + 1))
		if !g.isTired(tireless) || len(g.guessers) != 2 {
			t.Errorf("of %d addresses that are remembered, the one that guesses on is none", len(g.guessers))
		}
	})
}
