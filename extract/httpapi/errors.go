package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/wire"
)

// refusal is an answer that is not a success.
type refusal struct {
	status int
	body   string // its beginning
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("the server answers %d %s", r.status, http.StatusText(r.status))
	if r.body != "" {
		text += ": " + r.body
	}
	return text
}

// transient is a failure that another attempt may mend.
type transient struct {
	err       error
	after     time.Duration // that the server asks to wait, 0 where it does not
	untouched bool          // the server cannot have acted upon the request
}

func (t *transient) Error() string { return t.err.Error() }
func (t *transient) Unwrap() error { return t.err }

var (
	errPageTooLong = fmt.Errorf("a page is longer than %d MiB", maxPageBytes>>20)
	errUnsafe      = errors.New("a POST is not repeated")
)

// unsent is the failure of a request that has no answer, without its address, which may hold a secret in its query.
func unsent(err error, connected bool) error {
	var whole *url.Error
	if errors.As(err, &whole) {
		err = whole.Err
	}
	for _, final := range []error{errRedirects, errGetInstead, errUnencrypted, errOtherHost, errBodyAbroad, errNoAddress} {
		if errors.Is(err, final) {
			return err
		}
	}
	var token *tokenError
	if errors.As(err, &token) {
		return err
	}
	return &transient{err: err, untouched: !connected}
}

// fail wraps an error for the caller, without secrets.
func (s *Source) fail(op, unit string, err error) error {
	var already *extract.Error
	if errors.As(err, &already) {
		return err
	}
	return &extract.Error{Source: s.name, Unit: unit, Op: op, Hint: hint(err), Err: s.clean(err)}
}

func hint(err error) string {
	var answer *refusal
	var token *tokenError
	switch {
	case errors.As(err, &token):
		return "check http.auth.oauth2"
	case errors.Is(err, errUnsafe):
		return "set http.safe if the POST only asks"
	case errors.As(err, &answer):
		return ruleOf(answer.status).Why
	}
	for _, known := range hints {
		if errors.Is(err, known.err) {
			return known.hint
		}
	}
	var network net.Error
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ""
	case errors.As(err, &syntax):
		return "the answer is not JSON; check http.url, and whether it asks for a login"
	case errors.As(err, &network):
		return "check http.url, and that it can be reached from here"
	}
	return ""
}

// hints tell what to do about an error.
var hints = []struct {
	err  error
	hint string
}{
	{errPageTooLong, "ask for smaller pages with http.paging.size"},
	{errTotal, "the data changed while it was read, or http.paging loses some; it will be read again on the next run"},
	{errCount, "check http.paging.count_path; else the server's answer is incomplete"},
	{errLoop, "check http.paging: the API may not know the parameter"},
	{errMore, "check http.paging.more_path"},
	{errOutside, "check the parameters of http.window or http.watermark: the API may not know them"},
	{errOtherHost, "set http.url to where it leads, or allow the host with http.allow_hosts"},
	{errBodyAbroad, "set http.url to where it leads"},
	{errGetInstead, "set http.url to where it leads"},
	{errUnencrypted, "nothing is read over a way that others can see; set http.url to where it leads if that is right"},
	{errDeadline, "ask for smaller units with http.window or http.watermark, or set http.deadline"},
	{errNoEnd, "have it served with a Content-Length, or compressed"},
	{errWebPage, "check http.url, and whether it asks for a login"},
	{io.ErrUnexpectedEOF, "the server cuts its answer short; nothing of it is kept"},
	{wire.ErrSlow, "set http.request_timeout if the server needs longer"},
	{extract.ErrChanged, ""},
}

// clean takes the secrets out of an error's text, where the server repeats them.
func (s *Source) clean(err error) error {
	return extract.Reword(err, s.masked(err.Error()))
}

// masked is a text without the secrets in it.
func (s *Source) masked(text string) string {
	secrets := s.secrets
	if s.tokens != nil {
		secrets = append(slices.Clone(secrets), long(s.tokens.secrets())...)
	}
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// secrets lists what no error may show.
func secrets(spec extract.HTTPSpec) []string {
	values := authSecrets(spec.Auth)
	for _, value := range spec.Headers {
		values = append(values, value)
		if _, token, found := strings.Cut(value, " "); found {
			values = append(values, token)
		}
	}
	for _, value := range spec.Query {
		values = append(values, value)
	}
	if u, err := url.Parse(spec.URL); err == nil {
		if password, set := u.User.Password(); set {
			values = append(values, password)
		}
		for _, inURL := range u.Query() {
			values = append(values, inURL...)
		}
	}
	return long(values)
}

// long leaves short values out: they would turn words into stars.
func long(values []string) (list []string) {
	const shortest = 6
	for _, value := range values {
		if len(value) < shortest {
			continue
		}
		list = append(list, value)
		inJSON, _ := json.Marshal(value) // a text, which cannot fail
		for _, escaped := range []string{url.QueryEscape(value), strings.Trim(string(inJSON), `"`)} {
			if escaped != value {
				list = append(list, escaped)
			}
		}
	}
	return list
}
