package load_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/pagetest"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, r := range load.CodeRules() {
		// Wrapped, as the client gives it.
		v, why := load.Judge(fmt.Errorf("read: %w", &clickhouse.HTTPError{StatusCode: 500, Err: &clickhouse.Exception{Code: int32(r.Code)}}))
		if v == load.Fail || why == "" || why != r.Why {
			t.Errorf("code %d is judged %v, %q", r.Code, v, why)
		}
	}
	for _, r := range load.StatusRules() {
		v, why := load.Judge(fmt.Errorf("read: %w", &clickhouse.HTTPError{StatusCode: r.Code, Err: errors.New("<html>")}))
		if v == load.Fail || why == "" || why != r.Why {
			t.Errorf("status %d is judged %v, %q", r.Code, v, why)
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
		"a gateway's answer": {&clickhouse.HTTPError{StatusCode: 502, Err: errors.New("bad gateway")}, true},
		"not a warehouse":    {&clickhouse.HTTPError{StatusCode: 404, Err: errors.New("not found")}, false},
		"a full disk":        {&clickhouse.Exception{Code: 425, Message: "Cannot write: errno: 28, strerror: No space left on device"}, false},
		"out of connections": {errors.New("clickhouse: acquire conn timeout. you can increase the number of max open conn"), true},
	} {
		v, _ := load.Judge(test.err)
		if broken := v == load.Retry || v == load.Wait || v == load.Reopen; broken != test.broken {
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

// TestPolicyPage: the page says what the code does, and the codes have the names that the engine gives them.
func TestPolicyPage(t *testing.T) {
	t.Parallel()
	w := warehousetest.Open(t)
	var named []struct {
		Code int32  `ch:"code"`
		Name string `ch:"name"`
	}
	must(t, w.SelectText(t.Context(), "SELECT toInt32(number) AS code, toString(errorCodeToName(number)) AS name FROM numbers(1200)", &named))
	names := map[int]string{}
	for _, n := range named {
		names[int(n.Code)] = n.Name
	}
	codes := [][]string{{"code", "name", "verdict", "why, or what to do"}}
	for _, r := range load.CodeRules() {
		if r.Name != names[r.Code] {
			t.Errorf("code %d is called %s, not %s", r.Code, names[r.Code], r.Name)
		}
		codes = append(codes, []string{strconv.Itoa(r.Code), r.Name, r.Verdict, r.Why})
	}
	statuses := [][]string{{"status", "name", "verdict", "why, or what to do"}}
	for _, r := range load.StatusRules() {
		statuses = append(statuses, []string{strconv.Itoa(r.Code), http.StatusText(r.Code), r.Verdict, r.Why})
	}
	pagetest.Table(t, "RETRIES.md", "ClickHouse's error codes", codes)
	pagetest.Table(t, "RETRIES.md", "Statuses of what stands before ClickHouse", statuses)
}

// quick is patience for tests.
var quick = load.Patience{Attempts: 3, Limit: time.Second, First: time.Millisecond, Longest: 2 * time.Millisecond}

func TestDo(t *testing.T) {
	t.Parallel()
	refused := &url.Error{Op: "Post", Err: syscall.ECONNREFUSED}
	w, err := load.Open("http://127.0.0.1:1/", load.WithPatience(quick))
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
	t.Run("bad luck is repeated a few times", func(t *testing.T) {
		calls := 0
		err := w.Do(t.Context(), "ask", func(context.Context) error { calls++; return &clickhouse.Exception{Code: 394} })
		if calls != quick.Attempts || err == nil || !strings.Contains(err.Error(), "by an operator") {
			t.Errorf("%d calls, %v", calls, err)
		}
	})
	t.Run("a warehouse that is away is waited for", func(t *testing.T) {
		calls, told, again := 0, 0, 0
		patient := quick
		patient.Limit = time.Hour
		patient.Notice, patient.Again = func(error) { told++ }, func() { again++ }
		w, err := load.Open("http://127.0.0.1:1/", load.WithPatience(patient))
		must(t, err)
		defer func() { _ = w.Close() }()
		must(t, w.Do(t.Context(), "ask", func(context.Context) error {
			if calls++; calls <= 20*quick.Attempts {
				return refused
			}
			return nil
		}))
		if told != 1 || again != calls-1 {
			t.Errorf("it was told %d times of the wait, and %d of the %d attempts after the first", told, again, calls-1)
		}
	})
	t.Run("but not for ever", func(t *testing.T) {
		impatient := quick
		impatient.Limit = 0
		w, err := load.Open("http://127.0.0.1:1/", load.WithPatience(impatient))
		must(t, err)
		defer func() { _ = w.Close() }()
		calls := 0
		if err := w.Do(t.Context(), "ask", func(context.Context) error { calls++; return refused }); calls != 1 || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%d calls, %v", calls, err)
		}
	})
	t.Run("within another, attempts do not multiply", func(t *testing.T) {
		calls := 0
		_ = w.Do(t.Context(), "refresh", func(ctx context.Context) error {
			return w.Do(ctx, "ask", func(context.Context) error { calls++; return &clickhouse.Exception{Code: 394} })
		})
		if calls != quick.Attempts {
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
		w, err := load.Open("http://127.0.0.1:1/", load.WithPatience(quick), load.WithRevival(func(context.Context) error { return gone }))
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
		w, err := load.Open(dsn, load.WithPatience(quick))
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

// TestFailsInTheMiddle: a statement that fails when half of its rows are sent gives an error, and no rows.
func TestFailsInTheMiddle(t *testing.T) {
	t.Parallel()
	w := warehousetest.Open(t)
	const statement = "SELECT number AS n, throwIf(number = 900000, 'enough') AS thrown FROM numbers(1000000) SETTINGS max_block_size = 1000"
	answer, err := w.Ask(t.Context(), "CSV", statement, false, false)
	if err == nil {
		_, err = io.Copy(io.Discard, answer)
		t.Errorf("it has an answer that ends with %v", errors.Join(err, answer.Close()))
	}
	if err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("error is %v", err)
	}
	var rows []struct {
		N      uint64 `ch:"n"`
		Thrown uint8  `ch:"thrown"`
	}
	if err := w.SelectText(t.Context(), statement, &rows); err == nil || !strings.Contains(err.Error(), "enough") || len(rows) > 0 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}
