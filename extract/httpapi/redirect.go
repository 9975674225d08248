package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxRedirects is how many redirects are followed.
const maxRedirects = 10

var (
	errRedirects   = fmt.Errorf("more than %d redirects", maxRedirects)
	errGetInstead  = errors.New("a redirect turns the POST into a GET")
	errUnencrypted = errors.New("the way leads from https to http")
	errOtherHost   = errors.New("the way leads to another host")
	errBodyAbroad  = errors.New("a redirect would take the request's body to another host")
)

// redirect follows a redirect within the source's own host with all that the request had, to a host that is allowed
// without any secret, and nowhere else.
func (s *Source) redirect(request *http.Request, via []*http.Request) error {
	request.Header.Del("Referer") // it would carry the query
	switch {
	case len(via) > maxRedirects:
		return errRedirects
	case request.Method != via[0].Method:
		return errGetInstead
	}
	if err := s.reachable(request.URL, via[len(via)-1].URL); err != nil {
		return err
	}
	if s.own(request.URL) {
		for name, value := range s.spec.Headers {
			request.Header.Set(name, value)
		}
		_, err := s.authorise(request.Context(), request)
		return err
	}
	if request.Method != http.MethodGet {
		return fmt.Errorf("%w, %s", errBodyAbroad, request.URL.Host)
	}
	request.Header = harmless(request.Header)
	return nil
}

// reachable says why a way that a server shows is not taken.
func (s *Source) reachable(to, from *url.URL) error {
	switch {
	case from.Scheme == "https" && to.Scheme != "https":
		return errUnencrypted
	case to.Scheme != "http" && to.Scheme != "https":
		return fmt.Errorf("%w: %q", errNoAddress, to.Scheme+":")
	case s.own(to), slices.ContainsFunc(s.spec.AllowHosts, func(host string) bool {
		return strings.EqualFold(host, to.Host) || strings.EqualFold(host, to.Hostname())
	}):
		return nil
	}
	return fmt.Errorf("%w, %s", errOtherHost, to.Host)
}

// own reports whether an address is the source's own host, by the scheme of its own address or a safer one.
func (s *Source) own(u *url.URL) bool {
	home := s.template.url
	if !strings.EqualFold(u.Hostname(), home.Hostname()) {
		return false
	}
	if u.Scheme == home.Scheme {
		return port(u) == port(home)
	}
	return home.Scheme == "http" && u.Scheme == "https" && port(home) == "80" && port(u) == "443"
}

func port(u *url.URL) string {
	return or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}

// bare is a request to another host: nothing in it is secret.
func bare(request *http.Request) (*http.Request, error) {
	if request.Method != http.MethodGet {
		return nil, fmt.Errorf("%w, %s", errBodyAbroad, request.URL.Host)
	}
	request.Header = harmless(request.Header)
	return request, nil
}

func harmless(header http.Header) http.Header {
	kept := http.Header{}
	for _, name := range []string{"Accept", "Accept-Encoding", "Range", "If-Range"} {
		if values := header.Values(name); len(values) > 0 {
			kept[name] = values
		}
	}
	return kept
}
