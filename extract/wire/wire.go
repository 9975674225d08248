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
)

// ErrIdle says that an answer made no progress for too long. Another attempt may fare better.
var ErrIdle = errors.New("the server sends nothing any more")

// Bound sets the transport's timeouts. Headers is how long the answer may take to begin.
func Bound(t *http.Transport, headers time.Duration) {
	t.DialContext = (&net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = tlsTimeout
	t.ResponseHeaderTimeout = headers
	t.ExpectContinueTimeout = time.Second
	t.IdleConnTimeout = 90 * time.Second
}

// Doer sends requests, as http.Client does.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Guard sends requests through another Doer, and ends those whose body makes no progress for Idle while it is read.
type Guard struct {
	Next Doer
	Idle time.Duration
}

// Do implements Doer.
func (g Guard) Do(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	response, err := g.Next.Do(request.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	response.Body = &guardedBody{body: response.Body, ctx: ctx, cancel: cancel, idle: g.Idle}
	return response, nil
}

type guardedBody struct {
	body   io.ReadCloser
	ctx    context.Context //nolint:containedctx // it is the body's own lifetime
	cancel context.CancelCauseFunc
	idle   time.Duration
}

func (b *guardedBody) Read(p []byte) (int, error) {
	timer := time.AfterFunc(b.idle, func() { b.cancel(ErrIdle) })
	n, err := b.body.Read(p)
	timer.Stop()
	if err != nil && err != io.EOF && errors.Is(context.Cause(b.ctx), ErrIdle) {
		err = fmt.Errorf("%w: no progress within %s", ErrIdle, b.idle)
	}
	return n, err
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
