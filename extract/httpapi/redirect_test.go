package httpapi

import (
	"errors"
	"net/url"
	"testing"

	"github.com/partnerplus/warehouse/extract"
)

// Which ways are taken, and which of them with the secrets. No server of a test has a certificate that is trusted, so this
// asks the judgement itself.
func TestWays(t *testing.T) {
	t.Parallel()
	parse := func(text string) *url.URL {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, test := range []struct {
		home, from, to string
		own            bool
		err            error
	}{
		{"https://a.example/x", "https://a.example/x", "https://a.example/y?z=1", true, nil},
		{"https://a.example/x", "https://a.example/x", "https://A.EXAMPLE:443/y", true, nil},
		{"http://a.example/x", "http://a.example/x", "https://a.example/y", true, nil},
		{"https://a.example/x", "https://a.example/x", "http://a.example/y", false, errUnencrypted},
		{"http://a.example/x", "https://a.example/x", "http://a.example/y", true, errUnencrypted},
		{"https://a.example/x", "https://a.example/x", "https://a.example:8443/y", false, errOtherHost},
		{"http://a.example:8080/x", "http://a.example:8080/x", "https://a.example/y", false, errOtherHost},
		{"https://a.example/x", "https://a.example/x", "https://files.a.example/y", false, errOtherHost},
		{"https://a.example/x", "https://a.example/x", "https://a.example.evil.example/", false, errOtherHost},
		{"https://a.example/x", "https://a.example/x", "https://a.example@evil.example/", false, errOtherHost},
		{"https://a.example/x", "https://a.example/x", "https://cdn.example/y", false, nil},
		{"https://a.example/x", "https://a.example/x", "https://CDN.example:8443/y", false, nil},
		{"https://a.example/x", "https://a.example/x", "http://cdn.example/y", false, errUnencrypted},
		{"http://a.example/x", "http://a.example/x", "file:///etc/passwd", false, errNoAddress},
		{"http://a.example/x", "http://a.example/x", "gopher://a.example/", false, errNoAddress},
	} {
		home := parse(test.home)
		s := &Source{spec: extract.HTTPSpec{AllowHosts: []string{"cdn.example"}}, template: &template{url: home}}
		if own := s.own(parse(test.to)); own != test.own {
			t.Errorf("%s to %s: own is %v", test.home, test.to, own)
		}
		if err := s.reachable(parse(test.to), parse(test.from)); !errors.Is(err, test.err) || err != nil && test.err == nil {
			t.Errorf("%s to %s: %v, want %v", test.from, test.to, err, test.err)
		}
	}
}
