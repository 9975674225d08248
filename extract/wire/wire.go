// Package wire bounds every wait on a network: it gives the HTTP transport its timeouts and ends answers that make
// no progress.
//
// It must not know what is asked for, nor of whom.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	connectTimeout = 15 * time.Second
	tlsTimeout     = 15 * time.Second
	// maxHeaderBytes bounds the headers of an answer.
	maxHeaderBytes = 1 << 20
)

// ErrIdle says that an answer made no progress for too long. Another attempt may fare better.
var ErrIdle = errors.New("the server sends nothing any more")

// ErrSlow says that a whole answer took too long, although it made some progress.
var ErrSlow = errors.New("the server sends too slowly")

// Bound sets the transport's timeouts, and bounds the headers of an answer. Headers is how long the answer may take to
// begin.
func Bound(t *http.Transport, headers time.Duration) {
	t.DialContext = (&net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = tlsTimeout
	t.ResponseHeaderTimeout = headers
	t.ExpectContinueTimeout = time.Second
	t.IdleConnTimeout = 90 * time.Second
	t.MaxResponseHeaderBytes = maxHeaderBytes
}

// Doer sends requests, as http.Client does.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Guard sends requests through another Doer, and ends those whose body makes no progress for Idle while it is read,
// or for which, where Whole is set, was waited longer in all. What its reader does between two reads does not count.
type Guard struct {
	Next  Doer
	Idle  time.Duration
	Whole time.Duration
}

// Do implements Doer.
func (g Guard) Do(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	body := &guardedBody{ctx: ctx, cancel: cancel, idle: g.Idle, whole: g.Whole, left: g.Whole}
	response, err := wait(body, func() (*http.Response, error) { return g.Next.Do(request.WithContext(ctx)) }, false)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	body.body, response.Body = response.Body, body
	return response, nil
}

type guardedBody struct {
	body   io.ReadCloser
	ctx    context.Context //nolint:containedctx // it is the body's own lifetime
	cancel context.CancelCauseFunc
	idle   time.Duration
	whole  time.Duration // 0 for no bound
	left   time.Duration // of whole
}

func (b *guardedBody) Read(p []byte) (int, error) {
	return wait(b, func() (int, error) { return b.body.Read(p) }, true)
}

// wait does something on the network, no longer than the body has left; where idle is set, no longer than it may rest.
func wait[T any](b *guardedBody, do func() (T, error), idle bool) (T, error) {
	limit, cause := b.idle, ErrIdle
	if b.whole > 0 && (!idle || b.left < limit) {
		limit, cause = b.left, ErrSlow
	}
	begin := time.Now()
	if idle || b.whole > 0 {
		timer := time.AfterFunc(limit, func() { b.cancel(cause) })
		defer timer.Stop()
	}
	done, err := do()
	b.left -= time.Since(begin)
	if err == nil || err == io.EOF {
		return done, err
	}
	switch ended := context.Cause(b.ctx); {
	case errors.Is(ended, ErrIdle):
		err = fmt.Errorf("%w: no progress within %s", ErrIdle, b.idle)
	case errors.Is(ended, ErrSlow):
		err = fmt.Errorf("%w: the answer is not there within %s", ErrSlow, b.whole)
	}
	return done, err
}

func (b *guardedBody) Close() error {
	b.cancel(nil)
	return b.body.Close()
}

// Counter counts the bytes that pass through it.
type Counter struct{ n atomic.Int64 }

// Count gives the bytes so far.
func (c *Counter) Count() int64 { return c.n.Load() }

// Add counts bytes that were read.
func (c *Counter) Add(n int) { c.n.Add(int64(n)) }

// Reader counts what is read from r.
func (c *Counter) Reader(r io.Reader) io.Reader { return &countingReader{r: r, counter: c} }

type countingReader struct {
	r       io.Reader
	counter *Counter
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.counter.Add(n)
	return n, err
}
