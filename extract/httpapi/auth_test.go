package httpapi_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/httpapi"
)

func TestAuth(t *testing.T) {
	t.Parallel()
	const secret = "secret-4711"
	sign := func(text string) string {
		h := hmac.New(sha256.New, []byte(secret))
		h.Write([]byte(text))
		return hex.EncodeToString(h.Sum(nil))
	}
	for name, test := range map[string]struct {
		auth  extract.AuthSpec
		body  string
		form  bool
		knows func(r *http.Request, body string) bool
	}{
		"bearer": {extract.AuthSpec{Bearer: secret}, "", false, func(r *http.Request, _ string) bool {
			return r.Header.Get("Authorization") == "Bearer "+secret
		}},
		"basic": {extract.AuthSpec{Basic: &extract.BasicSpec{User: "u", Password: secret}}, "", false, func(r *http.Request, _ string) bool {
			user, password, ok := r.BasicAuth()
			return ok && user == "u" && password == secret
		}},
		"header": {extract.AuthSpec{Header: &extract.KeySpec{Name: "X-Api-Key", Value: secret}}, "", false, func(r *http.Request, _ string) bool {
			return r.Header.Get("X-Api-Key") == secret
		}},
		"query": {extract.AuthSpec{Query: &extract.KeySpec{Name: "key", Value: secret}}, "", false, func(r *http.Request, _ string) bool {
			return r.URL.Query().Get("key") == secret && r.URL.Query().Get("a") == "1"
		}},
		"form": {extract.AuthSpec{Body: &extract.KeySpec{Name: "token_auth", Value: secret}}, "a=1", true, func(_ *http.Request, body string) bool {
			return body == "a=1&token_auth="+secret
		}},
		"JSON": {extract.AuthSpec{Body: &extract.KeySpec{Name: "auth.token", Value: secret}}, `{"a":1}`, false, func(_ *http.Request, body string) bool {
			return body == `{"a":1,"auth":{"token":"`+secret+`"}}`
		}},
		"HMAC": {extract.AuthSpec{HMAC: &extract.HMACSpec{KeyID: "id", Secret: secret}}, `{"a":1}`, false, func(r *http.Request, body string) bool {
			digest := sha256.Sum256([]byte(body))
			return r.Header.Get("X-Key-Id") == "id" && r.Header.Get("X-Timestamp") == "1710504000" &&
				r.Header.Get("X-Signature") == sign("POST\n/v1\na=1&z=%26\n1710504000\n"+hex.EncodeToString(digest[:]))
		}},
		"HMAC of one's own": {extract.AuthSpec{HMAC: &extract.HMACSpec{
			KeyID: "id", Secret: secret, Algorithm: "sha512", Encoding: "base64", Timestamp: "iso", Sign: "{timestamp}{method}{path}{body}{nonce}",
			Headers: map[string]string{"Authorization": "Sig {key_id}:{signature}", "X-Nonce": "{nonce}"},
		}}, "", false, func(r *http.Request, _ string) bool {
			h := hmac.New(sha512.New, []byte(secret))
			h.Write([]byte("2024-03-15T12:00:00ZGET/v1" + r.Header.Get("X-Nonce")))
			return len(r.Header.Get("X-Nonce")) == 32 && r.Header.Get("Authorization") == "Sig id:"+base64.StdEncoding.EncodeToString(h.Sum(nil))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if test.knows(r, string(body)) {
					_, _ = io.WriteString(w, `[{"id":1}]`)
					return
				}
				// a server that says too much
				http.Error(w, fmt.Sprint(r.URL, r.Header, string(body)), http.StatusUnauthorized)
			})
			spec := extract.HTTPSpec{URL: url + "/v1", Query: map[string]string{"z": "&", "a": "1"}, Auth: test.auth, Body: test.body}
			if test.form {
				spec.ContentType = "application/x-www-form-urlencoded"
			}
			if ids, _, err := read(t, open(t, spec, &pauses{})); err != nil || len(ids) != 1 {
				t.Errorf("%v, %v", ids, err)
			}
			spec.URL = url + "/other" // whose HMAC is another
			if name != "HMAC" {
				test.knows = func(*http.Request, string) bool { return false }
			}
			_, _, err := read(t, open(t, spec, &pauses{}))
			basic := base64.StdEncoding.EncodeToString([]byte("u:" + secret))
			if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), basic) || !strings.Contains(err.Error(), "check http.bearer_token, http.auth") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// tokenServer gives access-1, access-2 and so on, and serves pages to whoever has the one that holds.
type tokenServer struct {
	asked   []string // the grants
	holds   string
	answers []string // instead of a token, first
	pages   int
	limit   int // of the pages that a token is good for; 0 for no limit
	used    int
	forgets bool // every token, at once
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		_ = r.ParseForm()
		user, password, basic := r.BasicAuth()
		if !basic {
			user, password = r.Form.Get("client_id"), r.Form.Get("client_secret")
		}
		s.asked = append(s.asked, strings.Join([]string{r.Form.Get("grant_type"), user, password, r.Form.Get("scope"), r.Form.Get("audience"), r.Form.Get("refresh_token")}, " "))
		if len(s.answers) > 0 {
			status := http.StatusServiceUnavailable
			if strings.HasPrefix(s.answers[0], "{") {
				status = http.StatusBadRequest
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, s.answers[0])
			s.answers = s.answers[1:]
			return
		}
		s.holds, s.used = fmt.Sprintf("access-token-%d", len(s.asked)), 0
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": s.holds, "token_type": "Bearer", "expires_in": 3600, "refresh_token": "refresh-" + s.holds})
		return
	}
	if s.used++; s.forgets || s.holds == "" || r.Header.Get("Authorization") != "Bearer "+s.holds || s.limit > 0 && s.used > s.limit {
		http.Error(w, "not "+r.Header.Get("Authorization"), http.StatusUnauthorized)
		return
	}
	s.pages++
	items := []map[string]int{}
	if s.pages <= 5 {
		items = append(items, map[string]int{"id": s.pages})
	}
	_ = json.NewEncoder(w).Encode(items)
}

func TestOAuth2(t *testing.T) {
	t.Parallel()
	client := extract.OAuth2Spec{
		ClientID: "client", ClientSecret: "client-secret-1", Scopes: []string{"read", "list"}, AuthStyle: "header", Params: map[string]string{"audience": "kpi"},
	}
	user := extract.OAuth2Spec{ClientID: "client", ClientSecret: "client-secret-1", RefreshToken: "refresh-1", AuthStyle: "params"}
	none := 0
	for name, test := range map[string]struct {
		server  tokenServer
		auth    extract.OAuth2Spec
		retries *int
		asked   []string
		err     string
	}{
		"client credentials": {tokenServer{}, client, nil, []string{"client_credentials client client-secret-1 read list kpi "}, ""},
		"a token is refused in the middle": {tokenServer{limit: 3}, client, nil, []string{
			"client_credentials client client-secret-1 read list kpi ", "client_credentials client client-secret-1 read list kpi ",
		}, ""},
		"a refresh token that is replaced": {tokenServer{limit: 3}, user, nil, []string{
			"refresh_token client client-secret-1   refresh-1", "refresh_token client client-secret-1   refresh-access-token-1",
		}, ""},
		"a server that is busy":    {tokenServer{answers: []string{"busy", "busy"}}, client, nil, nil, ""},
		"a server that stays busy": {tokenServer{answers: []string{"busy"}}, client, &none, nil, "fetch an access token: the server answers 503"},
		"credentials that it knows not": {tokenServer{answers: []string{`{"error":"invalid_client","error_description":"client-secret-1 is wrong"}`}}, client, nil, nil,
			"400 Bad Request: invalid_client *** is wrong (check http.auth.oauth2)"},
		"tokens that are never good": {tokenServer{forgets: true}, client, nil, nil, "401 Unauthorized: not Bearer ***"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := test.server
			url := serve(t, server.ServeHTTP)
			test.auth.TokenURL = url + "/token"
			ids, _, err := read(t, open(t, extract.HTTPSpec{
				URL: url, Auth: extract.AuthSpec{OAuth2: &test.auth}, Paging: extract.PagingSpec{Type: "page"}, MaxRetries: test.retries,
			}, &pauses{}))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "client-secret-1") {
					t.Errorf("got %v, want %q", err, test.err)
				}
				return
			}
			if err != nil || len(ids) != 5 {
				t.Errorf("%v, %v", ids, err)
			}
			if test.asked != nil && fmt.Sprint(server.asked) != fmt.Sprint(test.asked) {
				t.Errorf("asked %q", server.asked)
			}
		})
	}
}

// A token is replaced before it expires.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	var server tokenServer
	var clock atomic.Int64 // in seconds
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			clock.Add(1000)
		}
		server.ServeHTTP(w, r)
	})
	s, err := httpapi.Open("partner", extract.HTTPSpec{
		URL: url, Paging: extract.PagingSpec{Type: "page"}, Auth: extract.AuthSpec{OAuth2: &extract.OAuth2Spec{TokenURL: url + "/token", ClientID: "c"}},
	}, extract.FormatSpec{}, extract.NewOptions(extract.WithClock(func() time.Time { return now.Add(time.Duration(clock.Load()) * time.Second) })))
	if err != nil {
		t.Fatal(err)
	}
	// Six pages, a thousand seconds each: the token of an hour is too old for the fifth.
	if ids, _, err := read(t, s); err != nil || len(ids) != 5 || len(server.asked) != 2 {
		t.Errorf("%v, %v, %d tokens", ids, err, len(server.asked))
	}
}

// A Google service account signs an assertion with its key, which is exchanged for a token.
func TestServiceAccount(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ Iss, Scope, Aud string }
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			parts := strings.Split(r.FormValue("assertion"), ".")
			if len(parts) == 3 {
				text, _ := base64.RawURLEncoding.DecodeString(parts[1])
				_ = json.Unmarshal(text, &claims)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"ya29.token","expires_in":3599,"token_type":"Bearer"}`)
			return
		}
		if r.Header.Get("Authorization") == "Bearer ya29.token" {
			_, _ = io.WriteString(w, `[{"id":1}]`)
		}
	})
	account, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "kpi@example.iam.gserviceaccount.com", "private_key_id": "k1", "token_uri": url + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ids, _, err := read(t, open(t, extract.HTTPSpec{URL: url, Auth: extract.AuthSpec{OAuth2: &extract.OAuth2Spec{
		GoogleServiceAccount: string(account), Scopes: []string{"analytics.readonly"},
	}}}, &pauses{}))
	if err != nil || len(ids) != 1 || claims.Iss != "kpi@example.iam.gserviceaccount.com" || claims.Scope != "analytics.readonly" || claims.Aud != url+"/token" {
		t.Errorf("%v, %v, %+v", ids, err, claims)
	}
}

// A server of tokens that says nothing does not hold up the end of a run.
func TestCancelWhileATokenIsAwaited(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // before that, no server learns that the client is gone
		asked <- struct{}{}
		<-r.Context().Done()
	})
	s := open(t, extract.HTTPSpec{URL: url, Auth: extract.AuthSpec{OAuth2: &extract.OAuth2Spec{TokenURL: url, ClientID: "c"}}}, &pauses{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	for range 2 { // the turn is free again
		r, err := s.Open(context.WithoutCancel(ctx), extract.Unit{Name: "all"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.Next(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
