package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shelf is a store of secrets.
type shelf struct {
	secrets map[string]string
	asked   []string
}

func (s *shelf) Secret(_ context.Context, arn string) (string, error) {
	s.asked = append(s.asked, arn)
	text, ok := s.secrets[arn]
	if !ok {
		return "", errors.New("there is no such secret")
	}
	return text, nil
}

const acmeARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme-AbCdEf"

func TestReferences(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"token": "hush-token\n", "windows": "hush-token\r\n", "lines": "two\n\n", "empty": "\n", "binary": "hush\xff", "zero": "hush\x00",
		"most": strings.Repeat("x", maxSecret), "large": strings.Repeat("hush", maxSecret/4+1), "nested": "${TEST_NESTED}",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := &shelf{secrets: map[string]string{
		acmeARN: `{"token": "hush-token", "port": 5432, "none": null, "more": {"a": 1}, "empty": ""}`, acmeARN + "1": "hush-text", acmeARN + "2": "",
	}}
	t.Setenv(envCredentials, folder)
	tests := []struct{ text, want, err string }{
		{"Bearer ${credential:token}", "Bearer hush-token", ""},
		{"${credential:none}", "", folder + "/none cannot be used: no such file"},
		{"${credential:../token}", "", "not the name of a credential"},
		{"${credential:..}", "", "not the name of a credential"},
		{"${credential:.}", "", "not the name of a credential"},
		{"${credential:}", "", "not the name of a credential"},
		{"${file:token}", "hush-token", ""},
		{"Bearer ${file:./windows}!", "Bearer hush-token!", ""},
		{"${file:" + folder + "/token}", "hush-token", ""},
		{"${file:lines}", "two\n", ""},
		{"${file:nested}", "${TEST_NESTED}", ""}, // a value is never expanded again
		{"$${file:token}", "${file:token}", ""},
		{"${file:}", "", "names no file"},
		{"${file:none}", "", folder + "/none cannot be used: no such file"},
		{"${file:.}", "", "it is no file"},
		{"${file:empty}", "", "it is empty"},
		{"${file:binary}", "", "it is not text"},
		{"${file:zero}", "", "it is not text"},
		{"${file:most}", strings.Repeat("x", maxSecret), ""},
		{"${file:large}", "", "more than 64 KiB"},
		{"${" + acmeARN + "#token}", "hush-token", ""},
		{"host:${" + acmeARN + "#port}", "host:5432", ""},
		{"${" + acmeARN + "1}", "hush-text", ""},
		{"${" + acmeARN + "2}", "", "it is empty"},
		{"${" + acmeARN + "3}", "", "there is no such secret"},
		{"${" + acmeARN + "#tokn}", "", `no key "tokn"; it has empty, more, none, port, token`},
		{"${" + acmeARN + "#none}", "", "neither a text nor a number"},
		{"${" + acmeARN + "#more}", "", "neither a text nor a number"},
		{"${" + acmeARN + "#empty}", "", "it is empty"},
		{"${" + acmeARN + "1#token}", "", "it is no JSON object"},
	}
	c := &Config{references: references{folder: folder}}
	WithStore(t.Context(), store)(c)
	for _, tt := range tests {
		got, err := c.expand(tt.text)
		if tt.err == "" && (err != nil || got != tt.want) {
			t.Errorf("%s: %.40q and %v, want %.40q", tt.text, got, err, tt.want)
		}
		if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: %v, want an error with %q", tt.text, err, tt.err)
		}
	}
	if diff := cmp.Diff([]string{acmeARN, acmeARN + "1", acmeARN + "2", acmeARN + "3"}, store.asked); diff != "" {
		t.Error("each secret is asked for once:", diff)
	}
	if got := c.Redact("hush-token, hush-text"); got != "${credential:token}, ${"+acmeARN+"1}" {
		t.Error(got)
	}
	t.Setenv(envCredentials, "")
	if _, err := c.expand("${credential:token}"); err == nil || !strings.Contains(err.Error(), "LoadCredential=token:FILE") {
		t.Error(err)
	}
	if _, err := new(Config).expand("${" + acmeARN + "}"); err == nil || !strings.Contains(err.Error(), "no secret store") {
		t.Error(err)
	}
}

// What cannot be resolved is a problem of its field like any other, all of them at once.
func TestUnresolvedReferences(t *testing.T) {
	setSecrets(t)
	yaml := strings.Replace(full, "${TEST_DSN}", "${file:none}", 1)
	yaml = strings.Replace(yaml, "${TEST_TOKEN}", "${"+acmeARN+"}", 1)
	yaml = strings.Replace(yaml, "currency: USD", "currency: dollars", 1)
	path := filepath.Join(t.TempDir(), FileName)
	write(t, path, yaml)
	_, err := Load(path, WithStore(t.Context(), &shelf{}))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`:3:8: warehouse.dsn: "${file:none}": the secret file ` + filepath.Dir(path) + "/none cannot be used: no such file",
		`:19:21: sources.zebra-redemptions.http.bearer_token: "${` + acmeARN + `}": the secret cannot be used: there is no such secret`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in: %v", want, err)
		}
	}
}

func TestPlainSecrets(t *testing.T) {
	setSecrets(t)
	const head = "reporting: {currency: USD}\nsources:\n  acme:\n"
	const tail = "\n    mappings: [{entity: programs, columns: {program_id: id}}]\n"
	query := `, query: SELECT 1}`
	tests := []struct {
		name, place string
		field       string // that is warned of; empty for none
		masked      string
	}{
		{"token", `http: {url: "http://x", bearer_token: plain-secret}`, "http.bearer_token", "plain-secret"},
		{"a variable", `http: {url: "http://x", bearer_token: "${TEST_TOKEN}"}`, "", ""},
		{"a variable with a default", `http: {url: "http://x", bearer_token: "${TEST_NONE:-none}"}`, "", ""},
		{"no variable", `http: {url: "http://x", bearer_token: "$${TEST_TOKEN}"}`, "http.bearer_token", ""},
		{"header", `http: {url: "http://x", headers: {X-Api-Key: plain-secret, Accept: text/json}}`, "http.headers.X-Api-Key", "plain-secret"},
		{"parameter", `http: {url: "http://x", query: {page_token: first, access_token: plain-secret}}`, "http.query.access_token", "plain-secret"},
		{"address", `http: {url: "https://user:plain-secret@x/"}`, "http.url", "plain-secret"},
		{"address with a variable", `http: {url: "https://user:${TEST_TOKEN}@x/"}`, "http.url: not an address", ""}, // which has to be escaped
		{"address with a port and an @", `http: {url: "https://x:80/a?mail=me@example.com"}`, "", ""},
		{"parameter of an address", `http: {url: "https://x/?api_key=plain-secret"}`, "http.url", "plain-secret"},
		{"S3", `s3: {bucket: b, access_key_id: id, secret_access_key: plain-secret}`, "s3.secret_access_key", "plain-secret"},
		{"database", `postgres: {dsn: "postgres://u:plain-secret@h/db"` + query, "postgres.dsn", "plain-secret"},
		{"database in keys", `postgres: {dsn: "host=h password='plain secret' user=u"` + query, "postgres.dsn", "plain secret"},
		{"database with keys of variables", `postgres: {dsn: "host=h password=${TEST_SHORTER}"` + query, "", "variable-7"},
		{"database without a password", `postgres: {dsn: "postgres://u@h:5432/db?sslkey=/etc/key"` + query, "", ""},
	}
	t.Setenv("TEST_SHORTER", "variable-7")
	for _, tt := range tests {
		c, err := load(t, head+"    "+tt.place+tail)
		if strings.Contains(tt.field, ": ") {
			if err == nil || !strings.Contains(err.Error(), tt.field) {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		warnings := strings.Join(c.Warnings, "\n")
		switch {
		case tt.field == "" && warnings != "":
			t.Errorf("%s: %s", tt.name, warnings)
		case tt.field != "" && (len(c.Warnings) != 1 || !regexp.MustCompile(`:4:\d+: sources\.acme\.`+regexp.QuoteMeta(tt.field)+`: a secret in plain text`).MatchString(warnings)):
			t.Errorf("%s: warnings %q", tt.name, warnings)
		case strings.Contains(warnings, "plain-secret"):
			t.Errorf("%s: a warning shows the secret: %s", tt.name, warnings)
		}
		if tt.masked != "" && strings.Contains(c.Redact("it is "+tt.masked), tt.masked) {
			t.Errorf("%s: the secret is not masked", tt.name)
		}
	}
}

// Every text field whose name says that it is a secret has the tag.
func TestSecretFieldsAreTagged(t *testing.T) {
	telling := regexp.MustCompile(`(^|_)(password|passphrase|secret|token|secret_access_key|private_key|api_key|dsn)$`)
	seen := map[reflect.Type]bool{}
	tagged := 0
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(of.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			switch kind := f.Tag.Get("secret"); kind {
			case wholeSecret, addressSecret, namedSecret:
				tagged++
			case "":
				if f.Type.Kind() == reflect.String && telling.MatchString(name) {
					t.Errorf("%s.%s is a secret by its name: give it the tag secret:\"true\" or secret:\"address\"", of, f.Name)
				}
			default:
				t.Errorf("%s.%s has an unknown tag secret:%q", of, f.Name, kind)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[Config]())
	if tagged < 7 {
		t.Errorf("%d fields have the tag", tagged)
	}
}
