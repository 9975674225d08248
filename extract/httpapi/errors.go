package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
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
	err   error
	after time.Duration // that the server asks to wait, 0 where it does not
}

func (t *transient) Error() string { return t.err.Error() }
func (t *transient) Unwrap() error { return t.err }

var (
	errPageTooLong = fmt.Errorf("a page is longer than %d MiB", maxPageBytes>>20)
	errOtherHost   = errors.New("the next page's address leads to another host")
	errTotal       = errors.New("the records do not add up to the promised total")
	errLoop        = errors.New("the pages repeat themselves")
)

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
	if errors.As(err, &answer) {
		switch answer.status {
		case http.StatusUnauthorized, http.StatusForbidden:
			return "check http.bearer_token and http.headers"
		case http.StatusNotFound:
			return "check http.url, and the parameters of http.paging"
		case http.StatusTooManyRequests:
			return "the API allows fewer requests; read it less often or in larger pages"
		}
		return ""
	}
	var network net.Error
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ""
	case errors.As(err, &syntax):
		return "the answer is not JSON; check http.url, and whether it asks for a login"
	case errors.Is(err, errPageTooLong):
		return "ask for smaller pages with http.paging.size"
	case errors.Is(err, errTotal):
		return "the data changed while it was read, or http.paging loses some; it will be read again on the next run"
	case errors.Is(err, errLoop):
		return "check http.paging: the API may not know the parameter"
	case errors.As(err, &network):
		return "check http.url, and that it can be reached from here"
	}
	return ""
}

// cleaned is an error whose text has no secret in it.
type cleaned struct {
	text string
	err  error
}

func (c *cleaned) Error() string { return c.text }
func (c *cleaned) Unwrap() error { return c.err }

// clean takes the secrets out of an error's text, where the server repeats them.
func (s *Source) clean(err error) error {
	text := err.Error()
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	if text == err.Error() {
		return err
	}
	return &cleaned{text: text, err: err}
}

// secrets lists what no error may show. Short values are left: they would turn words into stars.
func secrets(spec extract.HTTPSpec) []string {
	const shortest = 6
	values := []string{spec.BearerToken}
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
	var list []string
	for _, value := range values {
		if len(value) < shortest {
			continue
		}
		list = append(list, value)
		if escaped := url.QueryEscape(value); escaped != value {
			list = append(list, escaped)
		}
	}
	return list
}
