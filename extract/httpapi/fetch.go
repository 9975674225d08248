package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/wire"
)

const (
	// maxRetryAfter is the longest wait that a server is granted, maxWaiting what it is granted for a unit in all.
	maxRetryAfter = 5 * time.Minute
	maxWaiting    = time.Hour
	// quoteBytes is how much of a server's text goes into an error.
	quoteBytes = 200
	// refusalBytes is how much of a refusal is read.
	refusalBytes = 8 << 10
)

// enter waits for a request's turn, which leave ends.
type enter = func(ctx context.Context) (leave func(), err error)

// send makes one attempt at a request, in its turn and with what the API wants to know of who asks. A token that is
// refused is replaced once. The answer is a success; its body must be closed.
func (s *Source) send(ctx context.Context, unit extract.Unit, at place, turn enter, change func(*http.Request)) (*http.Response, error) {
	for again := false; ; again = true {
		request, err := s.template.request(ctx, unit, at)
		if err != nil {
			return nil, err
		}
		change(request)
		var token string
		if s.own(request.URL) {
			for name, value := range s.spec.Headers {
				request.Header.Set(name, value)
			}
			if token, err = s.authorise(ctx, request); err != nil {
				return nil, err
			}
		} else if request, err = bare(request); err != nil {
			return nil, err
		}
		response, err := s.do(request, turn)
		var answer *refusal
		if token != "" && !again && errors.As(err, &answer) && answer.status == http.StatusUnauthorized {
			if err := s.tokens.drop(ctx, token); err != nil {
				return nil, err
			}
			continue
		}
		return response, err
	}
}

// do sends a request in its turn.
func (s *Source) do(request *http.Request, turn enter) (*http.Response, error) {
	leave, err := turn(request.Context())
	if err != nil {
		return nil, err
	}
	var connected atomic.Bool
	request = request.WithContext(httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	response, err := wire.Guard{Next: s.client, Idle: s.options.Idle, Whole: s.whole}.Do(request)
	if err != nil {
		leave()
		return nil, unsent(err, connected.Load())
	}
	response.Body = &leaving{ReadCloser: response.Body, leave: leave}
	switch response.StatusCode {
	case http.StatusOK, http.StatusNonAuthoritativeInfo, http.StatusNoContent:
		return response, nil
	case http.StatusPartialContent:
		if request.Header.Get("Range") != "" {
			return response, nil
		}
	}
	return nil, s.refused(response)
}

// leaving gives up its turn when it is closed.
type leaving struct {
	io.ReadCloser
	leave func()
	once  sync.Once
}

func (l *leaving) Close() error {
	err := l.ReadCloser.Close()
	l.once.Do(l.leave)
	return err
}

// refused reads what an answer says that is not a success.
func (s *Source) refused(response *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(response.Body, refusalBytes)) // as much as there is
	_ = response.Body.Close()                                          // of an answer that is given up
	// masked before it is cut: half a secret would not be known as one
	answer := &refusal{status: response.StatusCode, body: quoted([]byte(s.masked(string(text))))}
	if ruleOf(answer.status).Verdict != extract.Retry {
		return answer
	}
	after := s.retryAfter(response.Header.Get("Retry-After"))
	if after > maxRetryAfter {
		return fmt.Errorf("%w; it asks to come back in %s", answer, after)
	}
	// only these two say that nothing was done
	untouched := response.Header.Get("Retry-After") != "" &&
		(answer.status == http.StatusTooManyRequests || answer.status == http.StatusServiceUnavailable)
	return &transient{err: answer, after: after, untouched: untouched}
}

// quoted is the beginning of a server's text, on one line.
func quoted(text []byte) string {
	text = text[:min(len(text), quoteBytes)]
	return strings.Join(strings.Fields(strings.ToValidUTF8(string(text), "")), " ")
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

// patience counts the failures of a request, and what was waited for in a unit.
type patience struct {
	source   *Source
	failures int
	waited   time.Duration
}

// after waits before another attempt, or says why there is none.
func (p *patience) after(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var passing *transient
	cutShort := errors.Is(err, io.ErrUnexpectedEOF)
	if !errors.As(err, &passing) && !cutShort {
		return err
	}
	if spec := p.source.spec; spec.Post() && !spec.Safe && (passing == nil || !passing.untouched) {
		return fmt.Errorf("%w; %w", err, errUnsafe)
	}
	if p.failures++; p.failures > p.source.retries {
		return fmt.Errorf("%d attempts failed, the last: %w", p.failures, err)
	}
	wait := p.source.options.Backoff(p.failures)
	if passing != nil {
		wait = max(wait, passing.after)
	}
	if p.waited += wait; p.waited > maxWaiting {
		return fmt.Errorf("the unit has waited for the server for more than %s in all, the last time: %w", maxWaiting, err)
	}
	return p.source.options.Pause(ctx, wait)
}
