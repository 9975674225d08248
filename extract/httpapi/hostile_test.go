package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// answer gives the same text to every request.
func answer(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// raw answers with bytes of its own, below HTTP, and hangs up.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func gzipped(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, text)
	}
}

// counting answers with %d replaced by the number of the request.
func counting(text string) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		n++
		_, _ = io.WriteString(w, strings.ReplaceAll(text, "%d", fmt.Sprint(n)))
	}
}

// inTurn gives one text after the other, the last one for ever.
func inTurn(texts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, texts[0])
		texts = texts[min(1, len(texts)-1):]
	}
}

// stuck sends a beginning, and then nothing until it is hung up on.
func stuck(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, text)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

func zeros(n int) string { return strings.Repeat(" ", n) }

// A server may do what it likes: the unit fails, says why, shows no secret, and gives no version under which anything of
// it could be kept.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	type spec = extract.HTTPSpec
	type paging = extract.PagingSpec
	cursor := paging{Type: "cursor", CursorPath: "next"}
	none := 0
	for name, test := range map[string]struct {
		serve    http.HandlerFunc
		spec     spec
		want     string
		requests int // 0 for whatever
	}{
		// loops
		"a cursor that repeats":    {answer(`{"items":[{"id":1}],"next":"x"}`), spec{Paging: cursor}, "cursor comes twice", 2},
		"cursors in a circle":      {inTurn(`{"items":[{"id":1}],"next":"a"}`, `{"items":[{"id":2}],"next":"b"}`, `{"items":[{"id":3}],"next":"a"}`), spec{Paging: cursor}, "cursor comes twice", 3},
		"new cursors, old records": {counting(`{"items":[{"id":1}],"next":"c%d"}`), spec{Paging: cursor}, "has the records of page 1", 2},
		"pages in a circle":        {inTurn(`{"items":[{"id":1}]}`, `{"items":[{"id":2}]}`, `{"items":[{"id":1}]}`), spec{Paging: paging{Type: "page"}}, "page 3 has the records of page 1", 3},
		"new cursors for ever":     {counting(`{"items":[{"id":%d}],"next":"c%d"}`), spec{Paging: paging{Type: "cursor", CursorPath: "next", MaxPages: 9}}, "more than 9 pages", 9},
		"empty pages for ever":     {counting(`{"items":[],"next":"c%d"}`), spec{Paging: paging{Type: "cursor", CursorPath: "next", MaxPages: 9}}, "more than 9 pages", 9},
		"pages for ever":           {counting(`{"items":[{"id":%d}]}`), spec{Paging: paging{Type: "page", MaxPages: 9}}, "more than 9 pages", 9},
		"more than was promised":   {counting(`{"items":[{"id":%d}],"next":"c%d","total":3}`), spec{Paging: paging{Type: "cursor", CursorPath: "next", TotalPath: "total"}}, "promises 3, there are 4", 4},
		"the same page for ever":   {answer(`{"items":[{"id":1}]}`), spec{Paging: paging{Type: "offset"}}, "has the records of page 1", 2},
		"a link to itself":         {answer(`{"items":[{"id":1}],"next":"?a=1"}`), spec{Paging: paging{Type: "next_link", NextPath: "next"}}, "next page comes twice", 2},
		"a link to another host":   {answer(`{"items":[{"id":1}],"next":"https://evil.example/"}`), spec{Paging: paging{Type: "next_link", NextPath: "next"}}, "another host, evil.example", 1},
		"a link to a file":         {answer(`{"items":[{"id":1}],"next":"file:///etc/passwd"}`), spec{Paging: paging{Type: "next_link", NextPath: "next"}}, "is none", 1},
		"redirects in a circle":    {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }, spec{}, "more than 10 redirects", 11},
		"a redirect to another host": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example/", http.StatusFound)
		}, spec{}, "another host, evil.example", 1},
		"a redirect that drops a body": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, spec{Method: "POST", Body: "{}"}, "turns the POST into a GET", 1},
		// lies
		"a total too high":          {answer(`{"items":[{"id":1}],"total":2}`), spec{Paging: paging{TotalPath: "total"}}, "total promises 2, there are 1", 1},
		"a total too low":           {answer(`{"items":[{"id":1}],"total":0}`), spec{Paging: paging{Type: "page", TotalPath: "total"}}, "total promises 0, there are 1", 1},
		"a total that changes":      {inTurn(`{"items":[{"id":1}],"total":3}`, `{"items":[{"id":2}],"total":2}`), spec{Paging: paging{Type: "page", TotalPath: "total"}}, "total was 3, and is 2 on page 2", 2},
		"a total that is none":      {answer(`{"items":[],"total":"many"}`), spec{Paging: paging{TotalPath: "total"}}, `"many", not a number`, 1},
		"a negative total":          {answer(`{"items":[],"total":-1}`), spec{Paging: paging{TotalPath: "total"}}, "not a number", 1},
		"a count too high":          {answer(`{"items":[{"id":1}],"count":2}`), spec{Paging: paging{CountPath: "count"}}, "count is 2, there are 1", 1},
		"a count too low":           {answer(`{"items":[{"id":1}],"count":0}`), spec{Paging: paging{CountPath: "count"}}, "count is 0, there are 1", 1},
		"more, but no cursor":       {answer(`{"items":[{"id":1}],"more":true}`), spec{Paging: paging{Type: "cursor", CursorPath: "next", MorePath: "more"}}, "more is true, but nothing leads there", 1},
		"neither more nor not":      {answer(`{"items":[{"id":1}],"more":"x"}`), spec{Paging: paging{Type: "page", MorePath: "more"}}, "neither true nor false", 1},
		"200, but failed":           {answer(`{"result":"error","message":"no access for api-key-1"}`), spec{Failure: extract.FailureSpec{MatchSpec: extract.MatchSpec{Path: "result", Equals: "error"}, MessagePath: "message"}}, "says that it failed: no access for ***", 1},
		"200, failed, with records": {answer(`{"items":[{"id":1}],"errors":[{"why":"half of it is missing"}]}`), spec{Failure: extract.FailureSpec{MatchSpec: extract.MatchSpec{Path: "errors"}, MessagePath: "errors.0.why"}}, "half of it is missing", 1},
		"failed at the end of much": {answer(`{"items":[{"id":1}],` + zeros(70<<10) + `"error":"late"}`), spec{Failure: extract.FailureSpec{MatchSpec: extract.MatchSpec{Path: "error"}}}, "error is late", 1},
		"no records, and not empty": {answer(`{"kind":"other"}`), spec{Empty: extract.MatchSpec{Path: "kind", Equals: "report"}}, "no array of records", 1},
		// texts that are none
		"half an answer":    {answer(`{"items":[{"id":1},`), spec{}, "5 attempts failed", 5},
		"an empty body":     {answer(``), spec{}, "5 attempts failed", 5},
		"a short body":      {raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + `{"items":[{"id":1}]}`), spec{}, "5 attempts failed", 5},
		"a chunk cut off":   {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + `{"items":[{"id":1}]}` + "\r\n"), spec{}, "5 attempts failed", 5},
		"a broken chunk":    {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), spec{}, "5 attempts failed", 5},
		"not HTTP":          {raw("hello\r\n\r\n"), spec{}, "5 attempts failed", 5},
		"nothing at all":    {raw(""), spec{}, "5 attempts failed", 5},
		"gzip cut off":      {gzipped(packed(`{"items":[{"id":1}]}`)[:30]), spec{}, "5 attempts failed", 5},
		"gzip that is none": {gzipped(`{"items":[{"id":1}]}`), spec{}, "unpack the answer", 5},
		"an encoding that nobody knows": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "x")
		}, spec{}, `the encoding "br"`, 1},
		"text after the JSON":    {answer(`{"items":[{"id":1}]} <br>`), spec{}, "invalid character", 1},
		"two documents":          {answer(`{"items":[{"id":1}]}{"items":[{"id":2}]}`), spec{}, "more than one JSON document", 1},
		"records twice":          {answer(`{"items":[{"id":1}],"items":[{"id":2}]}`), spec{}, "twice", 1},
		"a login page":           {answer(`<!doctype html><title>Sign in</title>`), spec{}, "asks for a login", 1},
		"a number that is none":  {answer(`{"items":[{"id":NaN}]}`), spec{}, "invalid character", 1},
		"a deep nest":            {answer(`{"x":` + strings.Repeat("[", 200_000)), spec{}, "nested more than", 1},
		"a deep record":          {answer(`{"items":[` + strings.Repeat("[", 200_000)), spec{}, "exceeded max depth", 1},
		"202 for ever":           {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }, spec{}, "202 Accepted", 5},
		"206 that nobody wanted": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) }, spec{}, "206 Partial Content", 1},
		"304 that nobody wanted": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, spec{}, "304 Not Modified", 1},
		// floods and droughts
		"10 MB of headers": {raw("HTTP/1.1 200 OK\r\nX-Flood: " + strings.Repeat("x", 10<<20) + "\r\n\r\n{}"), spec{}, "response headers exceeded", 5},
		"a 429 storm": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
		}, spec{}, "http.rate", 5},
		"a 429 at every page": {func() http.HandlerFunc {
			n := 0
			return func(w http.ResponseWriter, _ *http.Request) {
				if n++; n%2 == 0 {
					_, _ = fmt.Fprintf(w, `{"items":[{"id":%d}]}`, n)
					return
				}
				w.Header().Set("Retry-After", "300")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}(), spec{Paging: paging{Type: "page"}}, "waited for the server for more than 1h", 25},
		"Retry-After: a day": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, spec{}, "come back in 24h", 1},
		"a drip":                      {stuck(`{"items":[`), spec{RequestTimeout: 50 * time.Millisecond, MaxRetries: &none}, "sends too slowly", 1},
		"silence":                     {stuck(`{"items":[`), spec{Timeout: 50 * time.Millisecond, MaxRetries: &none}, "sends nothing any more", 1},
		"silence from the start":      {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, spec{RequestTimeout: 50 * time.Millisecond, MaxRetries: &none}, "sends too slowly", 1},
		"a unit without end":          {stuck(`{"items":[`), spec{Deadline: 50 * time.Millisecond}, "not read within http.deadline", 1},
		"a record outside its window": {answer(`{"items":[{"id":1,"at":"2024-03-14T23:59:59Z"}]}`), spec{Window: extract.WindowSpec{Every: "day", Start: "2024-03-01", TimePath: "at"}}, "outside of the time that it was asked for", 1},
		"a record without a time":     {answer(`{"items":[{"id":1}]}`), spec{Window: extract.WindowSpec{Every: "day", Start: "2024-03-01", TimePath: "at"}}, "no time at at", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := make(chan struct{}, 1000)
			test.spec.URL = serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests <- struct{}{}
				test.serve(w, r)
			})
			test.spec.Records = "items"
			test.spec.Auth = extract.AuthSpec{Query: &extract.KeySpec{Name: "key", Value: "api-key-1"}}
			s := open(t, test.spec, &pauses{})
			_, version, err := read(t, s)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "api-key-1") || version != "" {
				t.Errorf("version %q, got %v, want %q", version, err, test.want)
			}
			if test.requests > 0 && len(requests) != test.requests {
				t.Errorf("%d requests, not %d", len(requests), test.requests)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A few bytes that unpack to very many are given up before they fill the memory.
func TestGzipBomb(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, _ = io.WriteString(z, `[{"id":"`)
	part := []byte(zeros(1 << 20))
	for range 40 {
		_, _ = z.Write(part)
	}
	_ = z.Close()
	_, _, err := read(t, open(t, extract.HTTPSpec{URL: serve(t, gzipped(b.String()))}, &pauses{}))
	if err == nil || !strings.Contains(err.Error(), "longer than 16 MiB") {
		t.Errorf("got %v", err)
	}
}

// What looks odd but is right is read.
func TestHarmlessOddities(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		serve http.HandlerFunc
		spec  extract.HTTPSpec
		want  string
	}{
		"no content": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, extract.HTTPSpec{}, "[]"},
		"no records, as an empty answer says": {answer(`{"kind":"report"}`), extract.HTTPSpec{
			Empty: extract.MatchSpec{Path: "kind", Equals: "report"}, Paging: extract.PagingSpec{Type: "offset", TotalPath: "total"},
		}, "[]"},
		"no errors":         {answer(`{"items":[{"id":1}],"errors":[]}`), extract.HTTPSpec{Failure: extract.FailureSpec{MatchSpec: extract.MatchSpec{Path: "errors"}}}, "[1]"},
		"a byte order mark": {answer("\uFEFF" + `{"items":[{"id":1}]}`), extract.HTTPSpec{}, "[1]"},
		"no more, but a cursor": {answer(`{"items":[{"id":1}],"next":"x","more":false}`), extract.HTTPSpec{
			Paging: extract.PagingSpec{Type: "cursor", CursorPath: "next", MorePath: "more", CountPath: ""},
		}, "[1]"},
	} {
		test.spec.URL, test.spec.Records = serve(t, test.serve), "items"
		ids, version, err := read(t, open(t, test.spec, &pauses{}))
		if err != nil || fmt.Sprint(ids) != test.want || version == "" {
			t.Errorf("%s: %v, version %q, %v", name, ids, version, err)
		}
	}
}

// No secret leaves the source's host: not with a redirect, and not with a next page.
func TestSecretsStayAtHome(t *testing.T) {
	t.Parallel()
	var got *http.Request
	abroad := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(context.Background())
		_, _ = io.WriteString(w, `{"items":[{"id":1}]}`)
	})
	host := strings.TrimPrefix(abroad, "http://")
	spec := extract.HTTPSpec{
		Auth: extract.AuthSpec{Bearer: token}, Records: "items", AllowHosts: []string{host},
		Headers: map[string]string{"X-Api-Key": "api-key-1"}, Query: map[string]string{"key": "query-key-1"},
	}
	for name, test := range map[string]struct {
		serve  http.HandlerFunc
		paging extract.PagingSpec
	}{
		"redirect":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, abroad, http.StatusFound) }, extract.PagingSpec{}},
		"next page": {answer(`{"items":[],"next":"` + abroad + `"}`), extract.PagingSpec{Type: "next_link", NextPath: "next"}},
	} {
		got = nil
		spec := spec
		spec.URL, spec.Paging = serve(t, test.serve), test.paging
		if ids, _, err := read(t, open(t, spec, &pauses{})); err != nil || len(ids) != 1 || got == nil {
			t.Fatalf("%s: %v, %v", name, ids, err)
		}
		if h := got.Header; h.Get("Authorization")+h.Get("X-Api-Key")+h.Get("Referer")+got.URL.RawQuery != "" {
			t.Errorf("%s: %v %s", name, h, got.URL)
		}
		got, spec.AllowHosts = nil, nil
		if _, _, err := read(t, open(t, spec, &pauses{})); err == nil || !strings.Contains(err.Error(), "another host, "+host) || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	spec.Method, spec.Body = "POST", `{"secret":1}`
	spec.URL = serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, abroad, http.StatusTemporaryRedirect)
	})
	got = nil
	if _, _, err := read(t, open(t, spec, &pauses{})); err == nil || !strings.Contains(err.Error(), "body to another host") || got != nil {
		t.Errorf("a body: %v", err)
	}
}

// A server that repeats a body as JSON writes a secret in it in another way.
func TestSecretRepeatedAsJSON(t *testing.T) {
	t.Parallel()
	const secret = `pass"word\17`
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.Copy(w, r.Body)
	})
	spec := extract.HTTPSpec{URL: url, Method: "POST", Auth: extract.AuthSpec{Body: &extract.KeySpec{Name: "key", Value: secret}}}
	_, _, err := read(t, open(t, spec, &pauses{}))
	if err == nil || !strings.Contains(err.Error(), `{"key":"***"}`) {
		t.Errorf("got %v", err)
	}
}

// Within its own host a redirect keeps what the request had: the key, the headers, and the body.
func TestRedirectAtHome(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if r.URL.Query().Get("key") == "api-key-1" && r.Header.Get("X-Tenant") == "t" && string(body) == `{"a":1}` {
			_, _ = io.WriteString(w, `[{"id":1}]`)
		}
	})
	ids, _, err := read(t, open(t, extract.HTTPSpec{
		URL: url, Body: `{"a": 1}`, Headers: map[string]string{"X-Tenant": "t"},
		Auth: extract.AuthSpec{Query: &extract.KeySpec{Name: "key", Value: "api-key-1"}},
	}, &pauses{}))
	if err != nil || len(ids) != 1 {
		t.Errorf("%v, %v", ids, err)
	}
}

// A POST that may have been acted upon is not sent again, unless it only asks.
func TestRepeatingAPost(t *testing.T) {
	t.Parallel()
	busy := func(after string, status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if after != "" {
				w.Header().Set("Retry-After", after)
			}
			w.WriteHeader(status)
		}
	}
	for name, test := range map[string]struct {
		serve    http.HandlerFunc
		safe     bool
		requests int
	}{
		"an error":         {busy("", 500), false, 1},
		"an error, asked":  {busy("", 500), true, 5},
		"busy":             {busy("", 503), false, 1},
		"busy, come again": {busy("1", 503), false, 5},
		"too many":         {busy("1", 429), false, 5},
		"hung up":          {raw(""), false, 1},
		"hung up, asked":   {raw(""), true, 5},
		"half an answer":   {answer("[{"), false, 1},
	} {
		requests := 0
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			test.serve(w, r)
		})
		_, _, err := read(t, open(t, extract.HTTPSpec{URL: url, Method: "POST", Safe: test.safe}, &pauses{}))
		if err == nil || requests != test.requests {
			t.Errorf("%s: %d requests, %v", name, requests, err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	p := &pauses{}
	if _, _, err := read(t, open(t, extract.HTTPSpec{URL: url, Method: "POST"}, p)); err == nil || len(p.list) != 4 {
		t.Errorf("nobody there: %d pauses, %v", len(p.list), err)
	}
}

// Requests wait for their turn, and a turn that is given up is free again.
func TestRate(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { pages(func() string { return "" })(w, r) })
	p := &pauses{}
	spec := extract.HTTPSpec{
		URL: url, Records: "items", Paging: extract.PagingSpec{Type: "page"},
		Rate: extract.RateSpec{PerSecond: 2, Burst: 2, Concurrent: 1},
	}
	s := open(t, spec, p)
	first, err := s.Open(t.Context(), extract.Unit{Name: "all"})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := first.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	batch.Record.Release()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(t, s); err != nil {
		t.Fatal(err)
	}
	var waits []string
	for _, wait := range p.list {
		waits = append(waits, wait.String())
	}
	if got := strings.Join(waits, " "); got != "500ms 1s 1.5s 2s 2.5s 3s" { // 8 requests by a clock that stands still
		t.Errorf("waits: %s", got)
	}
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 2)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		stuck("[")(w, r)
	})
	s := open(t, extract.HTTPSpec{URL: url, Rate: extract.RateSpec{Concurrent: 1}}, &pauses{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for range 2 {
		r, err := s.Open(ctx, extract.Unit{Name: "all"})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, err := r.Next(ctx)
			ended <- errors.Join(err, r.Close())
		}()
	}
	<-arrived
	cancel()
	for range 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if len(arrived) != 0 {
		t.Error("two requests at once")
	}
}
