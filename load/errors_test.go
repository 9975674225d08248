package load_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for code, why := range load.Codes() {
		if why == "" {
			t.Errorf("code %d has no reason", code)
		}
		// Wrapped, as the client gives it.
		if v, got := load.Judge(fmt.Errorf("read: %w", &clickhouse.Exception{Code: code})); v == load.Fail || got != why {
			t.Errorf("code %d is judged %v, %q", code, v, got)
		}
	}
	// What a dial gives that takes longer than dialTimeout: its time ran out, not the caller's.
	_, slowDial := (&net.Dialer{Deadline: time.Unix(1, 0)}).DialContext(t.Context(), "tcp", "127.0.0.1:1")
	if !errors.Is(slowDial, context.DeadlineExceeded) {
		t.Fatalf("the dial did not time out: %v", slowDial)
	}
	for name, test := range map[string]struct {
		err    error
		broken bool
	}{
		"none":               {nil, false},
		"unknown code":       {&clickhouse.Exception{Code: 47, Message: "UNKNOWN_IDENTIFIER"}, false},
		"wrong password":     {&clickhouse.Exception{Code: 516}, false},
		"cancelled":          {&url.Error{Op: "Post", Err: context.Canceled}, false},
		"the caller's time":  {fmt.Errorf("wait: %w", context.DeadlineExceeded), false},
		"a mistake":          {errors.New("no such column"), false},
		"refused":            {&url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, true},
		"reset":              {fmt.Errorf("write: %w", syscall.ECONNRESET), true},
		"end of file":        {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		"closed pipe":        {fmt.Errorf("write: %w", syscall.EPIPE), true},
		"dial timeout":       {&url.Error{Op: "Post", Err: slowDial}, true},
		"too many queries":   {&clickhouse.Exception{Code: 202}, true},
		"out of connections": {errors.New("clickhouse: acquire conn timeout. you can increase the number of max open conn"), true},
	} {
		v, _ := load.Judge(test.err)
		if broken := v == load.Retry || v == load.Reopen; broken != test.broken {
			t.Errorf("%s: %v is judged %v", name, test.err, v)
		}
		if load.IsBroken(test.err) {
			t.Errorf("%s: %v is not the warehouse's, but IsBroken", name, test.err)
		}
		own := &load.Error{Op: "stage awards", Err: test.err}
		if test.err != nil && load.IsBroken(fmt.Errorf("unit u: %w", own)) != test.broken {
			t.Errorf("%s: IsBroken is %v", name, !test.broken)
		}
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	refused := &url.Error{Op: "Post", Err: syscall.ECONNREFUSED}
	w, err := load.Open("http://127.0.0.1:1/")
	must(t, err)
	defer func() { _ = w.Close() }()

	t.Run("a failure is not repeated", func(t *testing.T) {
		calls := 0
		err := w.Do(t.Context(), "ask", func(context.Context) error {
			calls++
			return &clickhouse.Exception{Code: 62, Message: "Syntax error\nstack"}
		})
		if calls != 1 || err == nil || err.Error() != "warehouse: ask: code: 62, message: Syntax error" {
			t.Errorf("%d calls, %v", calls, err)
		}
	})
	t.Run("what passes is repeated", func(t *testing.T) {
		calls := 0
		must(t, w.Do(t.Context(), "ask", func(context.Context) error {
			if calls++; calls < 3 {
				return refused
			}
			return nil
		}))
		if calls != 3 {
			t.Errorf("%d calls", calls)
		}
	})
	t.Run("cancelled while it waits", func(t *testing.T) {
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		calls := 0
		err := w.Do(ctx, "ask", func(context.Context) error { calls++; cancel(cause); return refused })
		if calls != 1 || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%d calls, %v", calls, err)
		}
	})
	t.Run("cancelled during the statement", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		err := w.Do(ctx, "ask", func(ctx context.Context) error { calls++; cancel(); return ctx.Err() })
		if calls != 1 || !errors.Is(err, context.Canceled) {
			t.Errorf("%d calls, %v", calls, err)
		}
	})
	t.Run("a warehouse that does not come back", func(t *testing.T) {
		gone := errors.New("it is gone")
		w, err := load.Open("http://127.0.0.1:1/", load.WithRevival(func(context.Context) error { return gone }))
		must(t, err)
		defer func() { _ = w.Close() }()
		if err := w.Do(t.Context(), "ask", func(context.Context) error { return refused }); !errors.Is(err, gone) {
			t.Errorf("error is %v", err)
		}
	})
}

// TestSecrets: no error shows a password, whatever is wrong with the address.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter%2F2"
	for _, dsn := range []string{
		"http://user:" + secret + "@127.0.0.1:1/default", "http://127.0.0.1:1/default?username=u&password=" + secret,
		"http://user:" + secret + "@host:port/", "tcp://user:" + secret + "@host:9000/", "user:" + secret + "@host:8123", "http://user:" + secret,
		"http://user:" + secret + "@host:8123/?dial_timeout=soon", "http://host:8123/?dial_timeout=soon&password=" + secret, "http://user:hunter/2@host:8123/", "::" + secret,
	} {
		w, err := load.Open(dsn)
		if err == nil {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err = errors.Join(w.Ping(ctx), w.Do(t.Context(), "ask", func(context.Context) error { return &clickhouse.Exception{Code: 47} }))
			_ = w.Close()
		}
		if err == nil {
			t.Errorf("%s is no error", dsn)
			continue
		}
		if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "hunter") {
			t.Errorf("the error of %s shows its password: %s", dsn, text)
		}
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(warehousetest.DSN(t))
	must(t, err)
	address.User = url.UserPassword("partnerplus", "hunter2")
	w, err := load.Open(address.String())
	must(t, err)
	defer func() { _ = w.Close() }()
	err = w.Ping(t.Context())
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "password") || load.IsBroken(err) {
		t.Errorf("error is %v", err)
	}
}
