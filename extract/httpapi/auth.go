package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// authorise signs a request, or says in it who asks. Token is the access token that it carries, if there is one. A key in
// the body is there already.
func (s *Source) authorise(ctx context.Context, request *http.Request) (token string, err error) {
	switch auth := s.spec.Auth; {
	case auth.Bearer != "":
		request.Header.Set("Authorization", "Bearer "+auth.Bearer)
	case auth.Basic != nil:
		request.SetBasicAuth(auth.Basic.User, auth.Basic.Password)
	case auth.Header != nil:
		request.Header.Set(auth.Header.Name, auth.Header.Value)
	case auth.Query != nil:
		query := request.URL.Query()
		query.Set(auth.Query.Name, auth.Query.Value)
		request.URL.RawQuery = query.Encode()
	case auth.HMAC != nil:
		return "", sign(request, *auth.HMAC, s.options.Now())
	case auth.OAuth2 != nil:
		if token, err = s.tokens.get(ctx); err != nil {
			return "", err
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return token, nil
}

// sign adds the headers of a signature.
func sign(request *http.Request, spec extract.HMACSpec, now time.Time) error {
	algorithm := sha256.New
	if spec.Algorithm == "sha512" {
		algorithm = sha512.New
	}
	var body []byte
	if request.GetBody != nil {
		r, err := request.GetBody()
		if err != nil {
			return err
		}
		if body, err = io.ReadAll(r); err != nil {
			return err
		}
	}
	values := map[string]string{
		"method":    request.Method,
		"host":      request.URL.Host,
		"path":      or(request.URL.EscapedPath(), "/"),
		"query":     request.URL.Query().Encode(),
		"body":      string(body),
		"body_hash": hex.EncodeToString(sum(algorithm(), body)),
		"key_id":    spec.KeyID,
		"nonce":     nonce(),
		"timestamp": stamp(now, spec.Timestamp),
	}
	const signed = "{method}\n{path}\n{query}\n{timestamp}\n{body_hash}"
	signature := sum(hmac.New(algorithm, []byte(spec.Secret)), []byte(replaced(or(spec.Sign, signed), values)))
	values["signature"] = hex.EncodeToString(signature)
	if spec.Encoding == "base64" {
		values["signature"] = base64.StdEncoding.EncodeToString(signature)
	}
	headers := spec.Headers
	if len(headers) == 0 {
		headers = map[string]string{"X-Key-Id": "{key_id}", "X-Timestamp": "{timestamp}", "X-Signature": "{signature}"}
	}
	for name, value := range headers {
		request.Header.Set(name, replaced(value, values))
	}
	return nil
}

func sum(h hash.Hash, text []byte) []byte {
	h.Write(text) // never fails
	return h.Sum(nil)
}

func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func stamp(t time.Time, format string) string {
	switch format {
	case "iso":
		return t.UTC().Format(time.RFC3339)
	case "unix_ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// authSecrets lists what an auth holds that no error may show.
func authSecrets(auth extract.AuthSpec) []string {
	list := []string{auth.Bearer}
	if b := auth.Basic; b != nil {
		list = append(list, b.Password, base64.StdEncoding.EncodeToString([]byte(b.User+":"+b.Password)))
	}
	for _, key := range []*extract.KeySpec{auth.Header, auth.Query, auth.Body} {
		if key == nil {
			continue
		}
		list = append(list, key.Value)
		if _, token, found := strings.Cut(key.Value, " "); found {
			list = append(list, token)
		}
	}
	if auth.HMAC != nil {
		list = append(list, auth.HMAC.Secret)
	}
	if o := auth.OAuth2; o != nil {
		list = append(list, o.ClientSecret, o.RefreshToken, o.GoogleServiceAccount)
		for _, value := range o.Params {
			list = append(list, value)
		}
	}
	return list
}
