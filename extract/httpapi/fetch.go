package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/partnerplus/warehouse/extract/wire"
)

const (
	// maxPageBytes bounds one answer, unpacked.
	maxPageBytes = 256 << 20
	// maxRetryAfter is the longest wait that a server is granted.
	maxRetryAfter = 5 * time.Minute
	// quoteBytes is how much of a refusal's text goes into the error.
	quoteBytes = 200
	// maxRedirects is how many redirects are followed.
	maxRedirects = 10
)

// fetch makes one attempt at an address. The body is unpacked, bounded, and marks what breaks it as transient.
func (s *Source) fetch(ctx context.Context, address *url.URL, received *wire.Counter) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, or(s.spec.Method, http.MethodGet), address.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	for name, value := range s.spec.Headers {
		request.Header.Set(name, value)
	}
	if s.spec.BearerToken != "" {
		request.Header.Set("Authorization", "Bearer "+s.spec.BearerToken)
	}
	response, err := wire.Guard{Next: s.client, Idle: s.options.Idle}.Do(request)
	if err != nil {
		var whole *url.Error
		if errors.As(err, &whole) {
			err = whole.Err // without the address, which may hold a secret in its query
		}
		if errors.Is(err, errRedirects) {
			return nil, err
		}
		return nil, &transient{err: err}
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, s.refused(response)
	}
	body := io.Reader(&breakable{r: received.Reader(response.Body)})
	if strings.EqualFold(response.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, errors.Join(&transient{err: fmt.Errorf("unpack the answer: %w", err)}, response.Body.Close())
		}
		body = &breakable{r: unpacked}
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{&bounded{r: body, left: maxPageBytes}, response.Body}
	return response, nil
}

// refused reads what a refusal says.
func (s *Source) refused(response *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(response.Body, quoteBytes)) // as much as there is
	_ = response.Body.Close()                                        // of an answer that is given up
	answer := &refusal{status: response.StatusCode, body: strings.Join(strings.Fields(strings.ToValidUTF8(string(text), "")), " ")}
	if response.StatusCode != http.StatusTooManyRequests && response.StatusCode < 500 {
		return answer
	}
	after := s.retryAfter(response.Header.Get("Retry-After"))
	if after > maxRetryAfter {
		return fmt.Errorf("%w; it asks to come back in %s", answer, after)
	}
	return &transient{err: answer, after: after}
}

// retryAfter reads the header, in seconds or as a date; 0 where there is none.
func (s *Source) retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(s.options.Now()))
	}
	return 0
}

var errRedirects = fmt.Errorf("more than %d redirects", maxRedirects)

// redirect leaves the secrets behind on the way to another host.
func (s *Source) redirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	request.Header.Del("Referer") // it would carry the query
	if !sameOrigin(request.URL, via[0].URL) {
		request.Header.Del("Authorization")
		for name := range s.spec.Headers {
			request.Header.Del(name)
		}
	}
	return nil
}

func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Host, b.Host) && a.Scheme == b.Scheme
}

// breakable marks a body's failures as transient.
type breakable struct{ r io.Reader }

func (b *breakable) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && err != io.EOF {
		err = &transient{err: err}
	}
	return n, err
}

// bounded fails where io.LimitReader would pretend that the text ends.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errPageTooLong
	}
	return n, err
}
