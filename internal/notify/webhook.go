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
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
)

// poster sends documents to one address. A redirect is an error: it would take the document, and its secrets, elsewhere.
type poster struct {
	client *http.Client
	method string
	url    string
}

func newPoster(method, address string, roots *x509.CertPool) poster {
	return poster{method: method, url: address, client: &http.Client{
		Timeout:       attemptLasts,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: attemptLasts,
			MaxIdleConns:        1, IdleConnTimeout: 30 * time.Second,
		},
	}}
}

func (p poster) post(ctx context.Context, document any, headers map[string]string, sign func(body []byte) map[string]string) error {
	body, err := json.Marshal(document)
	if err != nil {
		return &refusedError{"the message cannot be written as JSON: " + err.Error()}
	}
	request, err := http.NewRequestWithContext(ctx, p.method, p.url, bytes.NewReader(body))
	if err != nil {
		return &refusedError{"the address is not one"}
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "partnerplus")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	if sign != nil {
		for name, value := range sign(body) {
			request.Header.Set(name, value)
		}
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return withoutURL(err)
	}
	defer func() { _ = answer.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10)) // only told, where there is something to tell
	return judge(answer, strings.Join(strings.Fields(strings.ToValidUTF8(string(said), "")), " "))
}

// withoutURL takes the address, which may be secret, out of an error.
func withoutURL(err error) error {
	if address := new(url.Error); errors.As(err, &address) {
		err = address.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", attemptLasts)
	}
	return err
}

// judge says what an answer means for the message.
func judge(answer *http.Response, said string) error {
	text := "it answers " + answer.Status
	if said != "" {
		text += ": " + shorten(said, 200)
	}
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code >= 300 && code < 400:
		return &refusedError{text + "; redirects are not followed: give the address that takes the message itself"}
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		return &busyError{text, retryAfter(answer.Header.Get("Retry-After"))}
	case code >= 500 || code == http.StatusRequestTimeout:
		return errors.New(text)
	}
	return &refusedError{text}
}

// retryAfter reads seconds or a date; 0 where there is neither.
func retryAfter(text string) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 20); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// reach connects, with a handshake where the address says https.
func (p poster) reach(ctx context.Context) error {
	u, err := url.Parse(p.url)
	if err != nil {
		return errors.New("the address is not one")
	}
	proxied, err := p.client.Transport.(*http.Transport).Proxy(&http.Request{URL: u})
	if err == nil && proxied != nil {
		u = proxied // who reaches the receiver itself
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	var conn net.Conn
	if u.Scheme == "https" {
		conn, err = (&tls.Dialer{Config: p.client.Transport.(*http.Transport).TLSClientConfig}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = new(net.Dialer).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return err
	}
	return conn.Close()
}

// webhook sends messages as they are.
type webhook struct {
	poster
	headers map[string]string
	secret  string
}

func newWebhook(spec config.Webhook, roots *x509.CertPool) *webhook {
	return &webhook{newPoster(spec.Method, spec.URL, roots), spec.Headers, spec.Secret}
}

func (w *webhook) send(ctx context.Context, m Message) error {
	return w.post(ctx, m, w.headers, func(body []byte) map[string]string {
		added := map[string]string{"Idempotency-Key": m.ID}
		if w.secret != "" {
			added["X-Partnerplus-Signature"] = signature(w.secret, body)
		}
		return added
	})
}

// signature is what a receiver compares with its own, to know that a document comes from who has the secret.
func signature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// slack sends messages as an incoming webhook of Slack takes them.
type slack struct{ poster }

func newSlack(spec config.Slack, roots *x509.CertPool) *slack {
	return &slack{newPoster(http.MethodPost, spec.URL, roots)}
}

// Bounds of Slack on the texts of its blocks.
const (
	longestHeader  = 150
	longestSection = 2900
)

func (s *slack) send(ctx context.Context, m Message) error {
	// In Slack's texts these three have a meaning, and no others need to be escaped.
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	type text struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	type block struct {
		Type string `json:"type"`
		Text text   `json:"text"`
	}
	blocks := []block{{"header", text{"plain_text", shorten(m.Subject, longestHeader)}}}
	if body := shorten(m.Body, longestSection*9/10); body != "" {
		blocks = append(blocks, block{"section", text{"mrkdwn", cut(escape(body))}})
	}
	return s.post(ctx, map[string]any{"text": escape(m.Subject) + "\n" + cut(escape(m.Body)), "blocks": blocks}, nil,
		func([]byte) map[string]string { return map[string]string{"Idempotency-Key": m.ID} })
}

// cut bounds a text that was escaped, and leaves no half of an escape at its end.
func cut(text string) string {
	short := shorten(text, longestSection)
	if at := strings.LastIndexByte(short, '&'); len(short) != len(text) && at >= 0 && !strings.Contains(short[at:], ";") {
		short = short[:at] + "…"
	}
	return short
}
