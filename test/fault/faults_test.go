package fault_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing/iotest"
)

// asked is what a request asks for: a statement, or the path and the query of an address.
func asked(r *http.Request) string {
	if r.Method != http.MethodPost {
		return r.URL.Path + "?" + r.URL.RawQuery
	}
	if statement := r.URL.Query().Get("query"); statement != "" {
		return statement // its body are rows
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return statementOf(r.Header.Get("Content-Type"), body)
}

// statementOf finds the statement in a body: all of it, or the field of a form that brings rows, too.
func statementOf(contentType string, body []byte) string {
	kind, params, _ := mime.ParseMediaType(contentType)
	if kind != "multipart/form-data" {
		return string(body)
	}
	form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(int64(len(body)))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return form.Value["query"][0]
}

func anything(string) bool { return true }

// object tells requests for an object from listings.
func object(asked string) bool { return strings.Contains(asked, ".csv") }

// staging are the statements that bring a unit's rows.
func staging(asked string) bool { return strings.HasPrefix(asked, "INSERT INTO etl.stage_") }

func contains(text string) func(string) bool {
	return func(asked string) bool { return strings.Contains(asked, text) }
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// always applies a fault to all requests that match.
func always(matches func(string) bool, f fault) fault {
	return func(p *place, w http.ResponseWriter, r *http.Request) bool { return matches(asked(r)) && f(p, w, r) }
}

// first applies a fault to the first requests that match.
func first(times int, matches func(string) bool, f fault) fault {
	var mu sync.Mutex
	return always(matches, func(p *place, w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		times--
		now := times >= 0
		mu.Unlock()
		return now && f(p, w, r)
	})
}

// both applies one fault, or the other.
func both(f, g fault) fault {
	return func(p *place, w http.ResponseWriter, r *http.Request) bool { return f(p, w, r) || g(p, w, r) }
}

// names are what differs between two attempts at the same statement.
var names = regexp.MustCompile(`[0-9a-f]{32}`)

// eachFirst applies a fault to the first attempt at every statement that matches.
func eachFirst(matches func(string) bool, f fault) fault {
	var mu sync.Mutex
	known := map[string]bool{}
	return func(p *place, w http.ResponseWriter, r *http.Request) bool {
		statement := names.ReplaceAllString(asked(r), "")
		mu.Lock()
		now := !known[statement] && matches(statement)
		known[statement] = true
		mu.Unlock()
		return now && f(p, w, r)
	}
}

// answer answers instead of the server.
func answer(status int, body string) fault {
	return func(_ *place, w http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body) // all that there is
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

// dropped resets the connection before anything is done.
func dropped(_ *place, w http.ResponseWriter, _ *http.Request) bool {
	reset(w)
	return true
}

// lost resets the connection when all is done.
func lost(p *place, w http.ResponseWriter, r *http.Request) bool {
	p.answer(r)
	reset(w)
	return true
}

// cutAnswer passes on so many bytes of an answer.
func cutAnswer(bytes int) fault {
	return func(p *place, w http.ResponseWriter, r *http.Request) bool {
		whole := p.answer(r)
		whole.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
		whole.Body.Truncate(min(bytes, whole.Body.Len()-1))
		pass(w, whole)
		panic(http.ErrAbortHandler)
	}
}

// cutRequest passes on so many bytes of a request, and breaks it off.
func cutRequest(bytes int64) fault {
	return func(p *place, w http.ResponseWriter, r *http.Request) bool {
		r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, bytes), iotest.ErrReader(io.ErrClosedPipe)))
		p.answer(r)
		reset(w)
		return true
	}
}

// half passes on half of a request as though it were all.
func half(p *place, w http.ResponseWriter, r *http.Request) bool {
	whole, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(whole[:len(whole)/2]))
	pass(w, p.answer(r))
	return true
}

// killed has the server do something long under the statement's name, and kills that.
func killed(s *site) fault {
	return func(p *place, w http.ResponseWriter, r *http.Request) bool {
		id := sleep(r)
		answers := make(chan *httptest.ResponseRecorder)
		go func() { answers <- p.answer(r) }()
		for {
			s.kill(id)
			select {
			case answer := <-answers:
				pass(w, answer)
				return true
			default:
			}
		}
	}
}

// sleep puts a statement that does not end in the place of another one, whose id it gives.
func sleep(r *http.Request) (id string) {
	_, _ = io.Copy(io.Discard, r.Body) // all that there is
	query := r.URL.Query()
	for name := range query { // the statement, and what says how rows that come with it are written
		if name == "query" || strings.HasPrefix(name, "given_") {
			query.Del(name)
		}
	}
	r.URL.RawQuery = query.Encode()
	r.ContentLength, r.TransferEncoding = -1, nil
	r.Header.Del("Content-Type")
	r.Body = io.NopCloser(strings.NewReader("SELECT sleepEachRow(0.1) FROM system.numbers SETTINGS max_block_size = 1 FORMAT Null"))
	return query.Get("query_id")
}

// goesAway closes all connections, and refuses others.
func goesAway(p *place, _ http.ResponseWriter, _ *http.Request) bool {
	p.proxy.Stop()
	panic(http.ErrAbortHandler)
}

// with has the server do the statement under another setting.
func with(name, value string) fault {
	return func(_ *place, _ http.ResponseWriter, r *http.Request) bool {
		query := r.URL.Query()
		query.Set(name, value)
		r.URL.RawQuery = query.Encode()
		return false
	}
}

// answer is what the server answers, whole.
func (p *place) answer(r *http.Request) (w *httptest.ResponseRecorder) {
	w = httptest.NewRecorder()
	defer func() {
		switch ended := recover(); ended {
		case nil, http.ErrAbortHandler:
		default:
			panic(ended)
		}
	}()
	p.server.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	return w
}

func pass(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
	_ = http.NewResponseController(w).Flush()
}

// reset ends a request's connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err) // HTTP/1 can always
	}
	_ = conn.(*net.TCPConn).SetLinger(0) // what is not sent yet is not sent
	_ = conn.Close()
}
