package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partnerplus/warehouse/internal/config"
)

// site is an HTTP server that answers as a test says, and keeps what it gets.
type site struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []func(http.ResponseWriter, *http.Request) // one a request; then 200
	requests []*http.Request
	bodies   [][]byte
}

func newSite(t *testing.T, start func(http.Handler) *httptest.Server, answers ...func(http.ResponseWriter, *http.Request)) *site {
	t.Helper()
	s := &site{answers: answers}
	s.Server = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		s.requests, s.bodies = append(s.requests, r), append(s.bodies, body)
		var answer func(http.ResponseWriter, *http.Request)
		if len(s.answers) > 0 {
			answer, s.answers = s.answers[0], s.answers[1:]
		}
		s.mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	return s
}

func status(code int, headers ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "said sesame\nand more")
	}
}

// pauses are what a Notifier waited for.
type pauses []time.Duration

// sending gives a Notifier with one receiver, which a test sends to.
func sending(t *testing.T, r config.Receiver, roots *x509.CertPool) (*Notifier, *receiver, *pauses) {
	t.Helper()
	s := newStage(t, config.Notifications{Summaries: never})
	waited := new(pauses)
	s.n.pause = func(_ context.Context, d time.Duration) error {
		*waited = append(*waited, d)
		return nil
	}
	r.Name = "r"
	return s.n, newReceiver(r, roots), waited
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	s := newSite(t, httptest.NewServer)
	n, r, _ := sending(t, config.Receiver{Webhook: &config.Webhook{URL: s.URL + "/hook?x=1", Method: "PUT", Secret: "key", Headers: map[string]string{"Authorization": "Bearer b"}}}, nil)
	schema := compiled(t)
	for _, m := range samples() {
		must(t, n.send(t.Context(), r, m))
		request, body := s.requests[0], s.bodies[0]
		s.requests, s.bodies = nil, nil
		mac := hmac.New(sha256.New, []byte("key"))
		mac.Write(body)
		if request.Method != "PUT" || request.URL.String() != "/hook?x=1" || request.Header.Get("Authorization") != "Bearer b" || request.Header.Get("Idempotency-Key") != m.ID ||
			request.Header.Get("X-Partnerplus-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("%s: it got %s %s %v", m.Kind, request.Method, request.URL, request.Header)
		}
		document, err := validator.UnmarshalJSON(bytes.NewReader(body))
		must(t, err)
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", m.Kind, err)
		}
	}
	must(t, r.sender.reach(t.Context()))
	if len(s.requests) > 0 {
		t.Error("to reach it sends something")
	}
	s.Close()
	if err := r.sender.reach(t.Context()); err == nil {
		t.Error("a server that is gone was reached")
	}
}

func TestSlack(t *testing.T) {
	t.Parallel()
	s := newSite(t, httptest.NewServer)
	n, r, _ := sending(t, config.Receiver{Slack: &config.Slack{URL: s.URL + "/services/T/B/secret"}}, nil)
	m := samples()[0]
	m.Text += strings.Repeat("<&>", 3000)
	must(t, n.send(t.Context(), r, m))
	var got struct {
		Text   string
		Blocks []struct {
			Type string
			Text struct{ Type, Text string }
		}
	}
	must(t, json.Unmarshal(s.bodies[0], &got))
	if len(got.Blocks) != 2 || got.Blocks[0].Text.Text != "[critical] Something is wrong" || got.Blocks[0].Type != "header" || got.Blocks[1].Text.Type != "mrkdwn" {
		t.Fatalf("it got %+v", got)
	}
	for _, text := range []string{got.Text, got.Blocks[1].Text.Text} {
		if !strings.Contains(text, "What it is &lt;in words&gt; &amp; figures.") || strings.ContainsAny(text, "<>") || len([]rune(text)) > 3000 ||
			!strings.HasSuffix(text, "…") || !strings.HasSuffix(strings.TrimSuffix(text, "…"), ";") {
			t.Errorf("it got the text %q", text)
		}
	}
}

// TestAnswers says what each answer of a server means for a message.
func TestAnswers(t *testing.T) {
	t.Parallel()
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	other := newSite(t, httptest.NewServer)
	tests := []struct {
		name     string
		answers  []func(http.ResponseWriter, *http.Request)
		requests int
		waits    string
		err      string
	}{
		{"accepted", nil, 1, "", ""},
		{"an error that passes", []func(http.ResponseWriter, *http.Request){hangUp, status(500)}, 3, "a b", ""},
		{"an error that stays", []func(http.ResponseWriter, *http.Request){status(502), status(500), status(504)}, 3, "a b", "it answers 504 Gateway Timeout: said *** and more"},
		{"refused", []func(http.ResponseWriter, *http.Request){status(404)}, 1, "", "it answers 404 Not Found"},
		{"too many requests", []func(http.ResponseWriter, *http.Request){status(429, "Retry-After", "7")}, 2, "7s", ""},
		{"far too many", []func(http.ResponseWriter, *http.Request){status(429, "Retry-After", "600")}, 1, "", "it answers 429"},
		{"redirected", []func(http.ResponseWriter, *http.Request){status(307, "Location", other.URL)}, 1, "", "redirects are not followed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, httptest.NewServer, tt.answers...)
			n, r, waited := sending(t, config.Receiver{Webhook: &config.Webhook{URL: s.URL, Method: "POST", Headers: map[string]string{"X-Key": "k"}}}, nil)
			err := n.send(t.Context(), r, samples()[0])
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("%v, want %q", err, tt.err)
			}
			var waits []string
			for i, d := range *waited {
				from := time.Second << i / 2
				if d >= from && d < 2*from {
					waits = append(waits, string(rune('a'+i)))
				} else {
					waits = append(waits, d.String())
				}
			}
			if got := strings.Join(waits, " "); len(s.requests) != tt.requests || got != tt.waits {
				t.Errorf("%d requests with pauses of %q, want %d and %q", len(s.requests), got, tt.requests, tt.waits)
			}
			if isLater := r.notBefore.After(n.instant()); isLater != (tt.name == "far too many") {
				t.Errorf("it is left alone until %v", r.notBefore)
			}
			for i := 1; i < len(s.requests); i++ {
				if !bytes.Equal(s.bodies[0], s.bodies[i]) {
					t.Errorf("the message was sent again as another one")
				}
			}
		})
	}
	if len(other.requests) > 0 {
		t.Errorf("a redirect was followed, with %v", other.requests[0].Header)
	}
}

// A server that never answers is waited for so long, and its address is in no error.
func TestHanging(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPoster("POST", "http://hook.example.com/secret-path", nil)
		transport := p.client.Transport.(*http.Transport)
		transport.Proxy = nil
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, there) }() // it reads, and says nothing
			return here, nil
		}
		n, r, _ := sending(t, config.Receiver{Slack: &config.Slack{URL: "https://h/"}}, nil)
		r.sender = &slack{p}
		began := time.Now()
		err := n.send(t.Context(), r, samples()[0])
		if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "no answer within 10s") || strings.Contains(err.Error(), "secret-path") || took > 31*time.Second {
			t.Errorf("%v after %s", err, took)
		}
		transport.CloseIdleConnections()
	})
}

func TestTLSIsVerified(t *testing.T) {
	t.Parallel()
	s := newSite(t, httptest.NewTLSServer)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	for _, trusted := range []*x509.CertPool{nil, roots} {
		n, r, _ := sending(t, config.Receiver{Slack: &config.Slack{URL: s.URL + "/secret-path"}}, trusted)
		err := n.send(t.Context(), r, samples()[0])
		reached := r.sender.reach(t.Context())
		if trusted == nil && (err == nil || reached == nil || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "secret-path")) {
			t.Errorf("of an authority that nobody knows: %v, %v", err, reached)
		}
		if trusted != nil && (err != nil || reached != nil) {
			t.Errorf("of a known authority: %v, %v", err, reached)
		}
	}
}

// post is an SMTP server that keeps what it gets.
type post struct {
	mu      sync.Mutex
	refuse  error
	letters []letter
}

type letter struct {
	user, from string
	to         []string
	text       string
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &postSession{post: p}, nil }

type postSession struct {
	post *post
	letter
}

func (s *postSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *postSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "kpi" || password != "sesame" {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *postSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.post.refuse
}

func (s *postSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *postSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.text = string(text)
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.letters = append(s.post.letters, s.letter)
	return nil
}

func (s *postSession) Reset()        {}
func (s *postSession) Logout() error { return nil }

// newPost starts an SMTP server with the certificate of a TLS server of httptest.
func newPost(t *testing.T, implicit bool) (p *post, roots *x509.CertPool, port int) {
	t.Helper()
	certified := httptest.NewTLSServer(nil)
	t.Cleanup(certified.Close)
	roots = x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	p = &post{}
	server := smtp.NewServer(p)
	server.TLSConfig, server.AllowInsecureAuth, server.ErrorLog = certified.TLS.Clone(), true, log.New(io.Discard, "", 0)
	server.TLSConfig.NextProtos = nil
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	port = listener.Addr().(*net.TCPAddr).Port
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		must(t, server.Close())
		<-served
	})
	return p, roots, port
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"starttls", "tls", "none"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			p, roots, port := newPost(t, way == "tls")
			spec := config.Email{Host: "127.0.0.1", Port: port, TLS: way, User: "kpi", Password: "sesame", From: "KPI warehouse <kpi@example.com>", To: []string{"a@example.com", "B <b@example.com>"}}
			n, r, _ := sending(t, config.Receiver{Email: &spec}, roots)
			m := samples()[0]
			m.Title = "Größe\r\nBcc: evil@example.com"
			must(t, n.send(t.Context(), r, m))
			must(t, n.send(t.Context(), r, m))
			must(t, r.sender.reach(t.Context()))
			if len(p.letters) != 2 {
				t.Fatalf("it got %d mails", len(p.letters))
			}
			got := p.letters[0]
			if got.user != "kpi" || got.from != "kpi@example.com" || strings.Join(got.to, " ") != "a@example.com b@example.com" {
				t.Errorf("it got %+v", got)
			}
			parsed, err := mail.ReadMessage(strings.NewReader(got.text))
			must(t, err)
			header := parsed.Header
			if header.Get("Message-ID") != "<"+m.ID+"@example.com>" || header.Get("Bcc") != "" || !strings.HasPrefix(header.Get("Content-Type"), "multipart/alternative") ||
				header.Get("X-Partnerplus-Key") != m.Key || header.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("its header is %v", header)
			}
			body, err := io.ReadAll(parsed.Body)
			must(t, err)
			for _, part := range []string{"text/plain", "text/html", "What it is <in words> & figures.", "What it is &lt;in words&gt; &amp; figures."} {
				if !strings.Contains(strings.ReplaceAll(string(body), "=\r\n", ""), part) { // long lines are broken
					t.Errorf("the mail has no %q:\n%s", part, body)
				}
			}

			wrong := spec
			wrong.Password = "open"
			_, r, _ = sending(t, config.Receiver{Email: &wrong}, roots)
			if err := n.send(t.Context(), r, m); err == nil || !strings.Contains(err.Error(), "Authentication failed") {
				t.Errorf("with a wrong password: %v", err)
			}
			if way == "none" {
				return
			}
			_, r, _ = sending(t, config.Receiver{Email: &spec}, nil)
			if err := n.send(t.Context(), r, m); err == nil || !strings.Contains(err.Error(), "certificate") {
				t.Errorf("with a certificate of an authority that nobody knows: %v", err)
			}
		})
	}
}

func TestEmailRefused(t *testing.T) {
	t.Parallel()
	p, _, port := newPost(t, false)
	n, r, waited := sending(t, config.Receiver{Email: &config.Email{Host: "127.0.0.1", Port: port, TLS: "none", From: "kpi@example.com", To: []string{"a@example.com"}}}, nil)
	for _, tt := range []struct {
		code, pauses int
	}{{550, 0}, {451, 2}} {
		p.refuse, *waited = &smtp.SMTPError{Code: tt.code, Message: "not you"}, nil
		if err := n.send(t.Context(), r, samples()[0]); err == nil || !strings.Contains(err.Error(), "not you") || len(*waited) != tt.pauses {
			t.Errorf("%d: %v with %d pauses, want %d", tt.code, err, len(*waited), tt.pauses)
		}
	}
}

// A mail server that accepts a connection and says nothing is not waited for any longer than the attempt lasts.
func TestEmailHanging(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	ctx, cancel := context.WithCancel(t.Context())
	_, r, _ := sending(t, config.Receiver{Email: &config.Email{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: "none", From: "kpi@example.com", To: []string{"a@example.com"}}}, nil)
	sent := make(chan error, 1)
	m := samples()[0]
	go func() { sent <- r.sender.send(ctx, m) }()
	conn := <-accepted
	cancel()
	if err := <-sent; err == nil {
		t.Error("a server that says nothing took a mail")
	}
	must(t, errors.Join(conn.Close(), listener.Close()))
}
