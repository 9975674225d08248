package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// AuthSpec says how an API knows who asks. At most one of its fields is set; secrets are best given as ${ENV}.
type AuthSpec struct {
	// Bearer is a token, sent as Authorization: Bearer ….
	Bearer string `yaml:"bearer,omitempty" secret:"true"`
	// Basic is a user with a password, sent as Authorization: Basic ….
	Basic *BasicSpec `yaml:"basic,omitempty"`
	// Header is a key in a header, such as X-Api-Key.
	Header *KeySpec `yaml:"header,omitempty"`
	// Query is a key in a parameter of the address.
	Query *KeySpec `yaml:"query,omitempty"`
	// Body is a key in the body of a POST.
	Body *KeySpec `yaml:"body,omitempty"`
	// HMAC signs every request with a shared secret.
	HMAC *HMACSpec `yaml:"hmac,omitempty"`
	// OAuth2 fetches tokens, and new ones before they expire or when one is refused.
	OAuth2 *OAuth2Spec `yaml:"oauth2,omitempty"`
}

// BasicSpec is a user with a password.
type BasicSpec struct {
	// User is the user's name.
	User string `yaml:"user"`
	// Password is the user's password.
	Password string `yaml:"password,omitempty" secret:"true"`
}

// KeySpec is a key under a name.
type KeySpec struct {
	// Name is the header, the parameter, or in a body the form's field or the dotted path in the JSON.
	Name string `yaml:"name"`
	// Value is the key.
	Value string `yaml:"value" secret:"true"`
}

// HMACSpec signs every request. Its templates may hold {method}, {host}, {path}, {query} (the parameters sorted by name,
// without the question mark), {body}, {body_hash} (hexadecimal, by Algorithm), {timestamp}, {nonce} (32 random hexadecimal
// digits), {key_id} and, in Headers, {signature}.
type HMACSpec struct {
	// KeyID names the secret to the server.
	KeyID string `yaml:"key_id,omitempty"`
	// Secret is what is signed with.
	Secret string `yaml:"secret" secret:"true"`
	// Algorithm is sha256, the default, or sha512.
	Algorithm string `yaml:"algorithm,omitempty"`
	// Encoding is that of the signature: hex, the default, or base64.
	Encoding string `yaml:"encoding,omitempty"`
	// Sign is what is signed; "{method}\n{path}\n{query}\n{timestamp}\n{body_hash}" by default.
	Sign string `yaml:"sign,omitempty"`
	// Headers are the headers that carry the signature; by default X-Key-Id: {key_id}, X-Timestamp: {timestamp} and
	// X-Signature: {signature}.
	Headers map[string]string `yaml:"headers,omitempty"`
	// Timestamp is unix (seconds, the default), unix_ms or iso.
	Timestamp string `yaml:"timestamp,omitempty"`
}

// OAuth2Spec fetches access tokens: by client credentials, with a refresh token, or as a Google service account.
type OAuth2Spec struct {
	// TokenURL is where tokens are fetched; that of the service account by default.
	TokenURL string `yaml:"token_url,omitempty" secret:"address"`
	// ClientID names the client to the server.
	ClientID string `yaml:"client_id,omitempty"`
	// ClientSecret is the client's password.
	ClientSecret string `yaml:"client_secret,omitempty" secret:"true"`
	// RefreshToken is exchanged for access tokens in the name of the user who gave it.
	RefreshToken string `yaml:"refresh_token,omitempty" secret:"true"`
	// GoogleServiceAccount is a Google service account's key, as JSON; ${file:ga4-key.json} reads it
	// from a file.
	GoogleServiceAccount string `yaml:"google_service_account,omitempty" secret:"true"`
	// Scopes are what the token shall be good for.
	Scopes []string `yaml:"scopes,omitempty"`
	// Params are further parameters of the token request of client credentials, such as audience.
	Params map[string]string `yaml:"params,omitempty" secret:"named"`
	// AuthStyle is how the client's credentials are sent: header or params; found out by default.
	AuthStyle string `yaml:"auth_style,omitempty"`
}

// kinds gives the names of the fields that are set.
func (a AuthSpec) kinds() (set []string) {
	for _, kind := range []struct {
		name string
		set  bool
	}{
		{"bearer", a.Bearer != ""},
		{"basic", a.Basic != nil},
		{"header", a.Header != nil},
		{"query", a.Query != nil},
		{"body", a.Body != nil},
		{"hmac", a.HMAC != nil},
		{"oauth2", a.OAuth2 != nil},
	} {
		if kind.set {
			set = append(set, kind.name)
		}
	}
	return set
}

// kind is the first field that is set; empty for none.
func (a AuthSpec) kind() string { return strings.Join(a.kinds()[:min(1, len(a.kinds()))], "") }

func (a AuthSpec) setsAuthorization() bool {
	if a.HMAC != nil {
		for name := range a.HMAC.Headers {
			if strings.EqualFold(name, "Authorization") {
				return true
			}
		}
	}
	return a.Bearer != "" || a.Basic != nil || a.OAuth2 != nil || a.Header != nil && strings.EqualFold(a.Header.Name, "Authorization")
}

func (a AuthSpec) validate() (err error) {
	if set := a.kinds(); len(set) > 1 {
		err = fmt.Errorf("http.auth: %s are set; choose one", strings.Join(set, " and "))
	}
	if a.Basic != nil {
		err = errors.Join(err, required("http.auth.basic.user", a.Basic.User))
	}
	for field, key := range map[string]*KeySpec{"header": a.Header, "query": a.Query, "body": a.Body} {
		if key != nil {
			field = "http.auth." + field
			err = errors.Join(err, required(field+".name", key.Name), required(field+".value", key.Value))
		}
	}
	if a.HMAC != nil {
		err = errors.Join(err, a.HMAC.validate())
	}
	if a.OAuth2 != nil {
		err = errors.Join(err, a.OAuth2.validate())
	}
	return err
}

func (h HMACSpec) validate() error {
	err := errors.Join(
		required("http.auth.hmac.secret", h.Secret),
		oneOf("http.auth.hmac.algorithm", h.Algorithm, "sha256", "sha512"),
		oneOf("http.auth.hmac.encoding", h.Encoding, "hex", "base64"),
		oneOf("http.auth.hmac.timestamp", h.Timestamp, "unix", "unix_ms", "iso"),
	)
	carried := len(h.Headers) == 0
	for _, value := range h.Headers {
		carried = carried || strings.Contains(value, "{signature}")
	}
	if !carried {
		err = errors.Join(err, errors.New("http.auth.hmac.headers: none of them carries {signature}"))
	}
	return err
}

func (o OAuth2Spec) validate() error {
	err := oneOf("http.auth.oauth2.auth_style", o.AuthStyle, "header", "params")
	if o.TokenURL != "" {
		err = errors.Join(err, address("http.auth.oauth2.token_url", o.TokenURL))
	}
	if key := o.GoogleServiceAccount; key != "" {
		if o.ClientID != "" || o.ClientSecret != "" || o.RefreshToken != "" {
			err = errors.Join(err, errors.New("http.auth.oauth2: google_service_account needs neither client nor refresh token"))
		}
		if !json.Valid([]byte(key)) {
			err = errors.Join(err, errors.New("http.auth.oauth2.google_service_account: not the JSON text of a key; ${file:NAME} reads it from a file"))
		}
		return err
	}
	if o.RefreshToken != "" && len(o.Params) > 0 {
		err = errors.Join(err, errors.New("http.auth.oauth2.params: for client credentials only, not with a refresh token"))
	}
	return errors.Join(err, required("http.auth.oauth2.token_url", o.TokenURL), required("http.auth.oauth2.client_id", o.ClientID))
}
