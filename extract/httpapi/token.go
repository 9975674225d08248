package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"

	"github.com/partnerplus/warehouse/extract"
)

const (
	// tokenTimeout bounds one request for a token.
	tokenTimeout = 30 * time.Second
	// tokenMargin is how long before it expires a token is no longer used.
	tokenMargin = 30 * time.Second
)

// tokens keeps the access token that all readers of a source share.
type tokens struct {
	spec    extract.OAuth2Spec
	options extract.Options
	retries int
	client  *http.Client
	fetch   func(ctx context.Context) (*oauth2.Token, error)
	turn    chan struct{} // holds one: who has it may look at what follows
	token   string
	until   time.Time // zero where the server does not say
	refresh string    // the refresh token that holds now

	mu   sync.Mutex
	used []string // the last tokens of both kinds: secrets
}

func newTokens(spec extract.OAuth2Spec, options extract.Options, retries int, transport http.RoundTripper) (*tokens, error) {
	t := &tokens{
		spec: spec, options: options, retries: retries, refresh: spec.RefreshToken, turn: make(chan struct{}, 1),
		// A token is asked for where the spec says, and nowhere else: a redirect is a refusal.
		client: &http.Client{Transport: transport, Timeout: tokenTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}
	style := map[string]oauth2.AuthStyle{"header": oauth2.AuthStyleInHeader, "params": oauth2.AuthStyleInParams}[spec.AuthStyle]
	switch {
	case spec.GoogleServiceAccount != "":
		account, err := serviceAccount(spec)
		if err != nil {
			return nil, err
		}
		t.fetch = func(ctx context.Context) (*oauth2.Token, error) {
			return ended(ctx, func() (*oauth2.Token, error) { return account.TokenSource(ctx).Token() })
		}
	case spec.RefreshToken != "":
		config := oauth2.Config{
			ClientID: spec.ClientID, ClientSecret: spec.ClientSecret, Scopes: spec.Scopes,
			Endpoint: oauth2.Endpoint{TokenURL: spec.TokenURL, AuthStyle: style},
		}
		t.fetch = func(ctx context.Context) (*oauth2.Token, error) {
			return config.TokenSource(ctx, &oauth2.Token{RefreshToken: t.refresh}).Token()
		}
	default:
		config := clientcredentials.Config{
			ClientID: spec.ClientID, ClientSecret: spec.ClientSecret, TokenURL: spec.TokenURL, Scopes: spec.Scopes,
			EndpointParams: url.Values{}, AuthStyle: style,
		}
		for name, value := range spec.Params {
			config.EndpointParams.Set(name, value)
		}
		t.fetch = config.Token
	}
	return t, nil
}

// ended waits for a request that does not heed the context, no longer than the context lasts. The request itself ends
// with its client's timeout.
func ended(ctx context.Context, fetch func() (*oauth2.Token, error)) (*oauth2.Token, error) {
	type result struct {
		token *oauth2.Token
		err   error
	}
	done := make(chan result, 1)
	go func() {
		token, err := fetch()
		done <- result{token, err}
	}()
	select {
	case r := <-done:
		return r.token, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// serviceAccount reads the key of a Google service account.
func serviceAccount(spec extract.OAuth2Spec) (*jwt.Config, error) {
	var key struct {
		Type         string `json:"type"`
		ClientEmail  string `json:"client_email"`
		PrivateKey   string `json:"private_key"`
		PrivateKeyID string `json:"private_key_id"`
		TokenURI     string `json:"token_uri"`
	}
	if err := json.Unmarshal([]byte(spec.GoogleServiceAccount), &key); err != nil || key.Type != "service_account" || key.PrivateKey == "" {
		return nil, errors.New("http.auth.oauth2.google_service_account: not the JSON key of a service account")
	}
	return &jwt.Config{
		Email: key.ClientEmail, PrivateKey: []byte(key.PrivateKey), PrivateKeyID: key.PrivateKeyID, Scopes: spec.Scopes,
		TokenURL: or(spec.TokenURL, or(key.TokenURI, "https://oauth2.googleapis.com/token")),
	}, nil
}

// lock waits for the turn.
func (t *tokens) lock(ctx context.Context) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *tokens) unlock() { <-t.turn }

// get gives a token that holds for a while yet.
func (t *tokens) get(ctx context.Context) (string, error) {
	if err := t.lock(ctx); err != nil {
		return "", err
	}
	defer t.unlock()
	if t.token != "" && (t.until.IsZero() || t.options.Now().Before(t.until)) {
		return t.token, nil
	}
	token, err := t.ask(ctx)
	if err != nil {
		return "", &tokenError{err}
	}
	if token.AccessToken == "" {
		return "", &tokenError{errors.New("the answer has no access token")}
	}
	t.token, t.until = token.AccessToken, time.Time{}
	t.remember(token.AccessToken, token.RefreshToken)
	if !token.Expiry.IsZero() { // by the machine's clock
		lifetime := time.Until(token.Expiry)
		t.until = t.options.Now().Add(lifetime - min(tokenMargin, lifetime/2))
	}
	if token.RefreshToken != "" {
		t.refresh = token.RefreshToken
	}
	return t.token, nil
}

// drop forgets a token that was refused, unless another has taken its place.
func (t *tokens) drop(ctx context.Context, refused string) error {
	if err := t.lock(ctx); err != nil {
		return err
	}
	defer t.unlock()
	if t.token == refused {
		t.token = ""
	}
	return nil
}

func (t *tokens) remember(tokens ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used = append(t.used, tokens...)
	t.used = t.used[max(0, len(t.used)-16):]
}

// secrets lists the tokens that were fetched.
func (t *tokens) secrets() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.used)
}

// tokenError says that there is no token.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return "fetch an access token: " + e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

// ask fetches a token, and again after what may pass. Asking twice changes nothing.
func (t *tokens) ask(ctx context.Context) (*oauth2.Token, error) {
	for failures := 1; ; failures++ {
		token, err := t.fetch(context.WithValue(ctx, oauth2.HTTPClient, t.client))
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		passing := true
		var answer *oauth2.RetrieveError
		if errors.As(err, &answer) {
			passing, err = refusedToken(answer)
		}
		var address *url.Error
		if errors.As(err, &address) {
			err = address.Err
		}
		if !passing || failures > t.retries {
			return nil, err
		}
		if err := t.options.Pause(ctx, t.options.Backoff(failures)); err != nil {
			return nil, err
		}
	}
}

func refusedToken(answer *oauth2.RetrieveError) (passing bool, err error) {
	text := strings.TrimSpace(answer.ErrorCode + " " + answer.ErrorDescription)
	if text == "" {
		text = quoted(answer.Body)
	}
	if answer.Response == nil {
		return false, errors.New(text)
	}
	status := answer.Response.StatusCode
	return ruleOf(status).Verdict == extract.Retry, &refusal{status: status, body: text}
}
