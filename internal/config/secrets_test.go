package config

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	t.Setenv("TEST_A", "alpha")
	t.Setenv("TEST_EMPTY", "")
	t.Setenv("TEST_NESTED", "${TEST_A}")
	tests := []struct{ text, want, err string }{
		{"plain", "plain", ""},
		{"$row and $ and 5$", "$row and $ and 5$", ""},
		{"${TEST_A}", "alpha", ""},
		{"x${TEST_A}-${TEST_A}y", "xalpha-alphay", ""},
		{"$${TEST_A}", "${TEST_A}", ""},
		{"$$${TEST_A}", "$${TEST_A}", ""},
		{"${TEST_NONE:-other}", "other", ""},
		{"${TEST_NONE:-}", "", ""},
		{"${TEST_NONE:-http://x:1}", "http://x:1", ""},
		{"${TEST_EMPTY:-other}", "other", ""},
		{"${TEST_A:-other}", "alpha", ""},
		{"${TEST_NESTED}", "${TEST_A}", ""}, // a value is never expanded again
		{"${TEST_NONE}", "", "TEST_NONE is not set"},
		{"${TEST_EMPTY}", "", "TEST_EMPTY is not set, or empty"},
		{"${TEST_A", "", "without a }"},
		{"${}", "", "neither"},
		{"${TEST_A-x}", "", "neither"},
	}
	for _, tt := range tests {
		got, err := new(Config).expand(tt.text)
		if tt.err == "" && (err != nil || got != tt.want) {
			t.Errorf("%s: %q and %v, want %q", tt.text, got, err, tt.want)
		}
		if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: %v, want an error with %q", tt.text, err, tt.err)
		}
	}
}

func TestRedact(t *testing.T) {
	setSecrets(t)
	t.Setenv("TEST_SHORT", "id")
	yaml := strings.Replace(full, "      timeout: 90s\n", `      headers: {X-Api-Key: literal-key, Accept: application/json, X-Id: "${TEST_SHORT}"}
      query: {access_token: "literal/token", page: first}
`, 1)
	c, err := load(t, yaml)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ text, want string }{
		{"nothing secret here", "nothing secret here"},
		{"dial https://loader:s3cr3t-pass@clickhouse.example.com:8443/: refused", "dial ${TEST_DSN}: refused"},
		{"user loader with s3cr3t-pass", "user loader with ***"},
		{`header "Bearer tok\"en: {x}"`, `header "Bearer ${TEST_TOKEN}"`},
		{`tok"en: {x}`, "${TEST_TOKEN}"},
		{"?t=tok%22en%3A+%7Bx%7D&u=1", "?t=${TEST_TOKEN}&u=1"},
		{"X-Api-Key literal-key, Accept application/json, page first", "X-Api-Key ***, Accept application/json, page first"},
		{"literal/token and literal%2Ftoken", "*** and ***"},
		{"http://other:pw@host/ and https://u:p@ss@h?x=1", "http://other:***@host/ and https://u:***@h?x=1"},
		{"http://h/?user=u&password=pw&X-Amz-Signature=abc#f", "http://h/?user=u&password=***&X-Amz-Signature=***#f"},
		{"an id stays as it is", "an id stays as it is"},
	}
	for _, tt := range tests {
		if got := c.Redact(tt.text); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
	if got := Default().Redact("http://u:pw@h/"); got != "http://u:***@h/" {
		t.Errorf("without a file: %s", got)
	}
}

// Whatever an API is asked with is masked, by the field that holds it.
func TestRedactAuth(t *testing.T) {
	setSecrets(t)
	for _, auth := range []string{
		"bearer: sesame-1", "basic: {user: u, password: sesame-1}", "header: {name: X, value: sesame-1}", "query: {name: x, value: sesame-1}",
		"hmac: {secret: sesame-1}", "oauth2: {token_url: https://t/, client_id: c, client_secret: sesame-1}",
		"oauth2: {token_url: https://t/, client_id: c, refresh_token: sesame-1}",
		"oauth2: {token_url: https://t/, client_id: c, params: {api_key: sesame-1}}",
		`oauth2: {google_service_account: '"sesame-1"'}`,
	} {
		replaced := strings.Replace(full, "bearer_token: ${TEST_TOKEN}", "auth: {"+auth+"}", 1)
		secret := "sesame-1"
		if strings.Contains(auth, "google") {
			secret = `{"private_key":"sesame-1"}`
			replaced = strings.Replace(replaced, `'"sesame-1"'`, "'"+secret+"'", 1)
		}
		c, err := load(t, replaced)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Redact("<" + secret + ">"); got != "<***>" {
			t.Errorf("%s: %s", auth, got)
		}
	}
}

// A value of the environment must not show in an error, whichever check finds fault with it.
func TestErrorsHoldNoSecret(t *testing.T) {
	setSecrets(t)
	const secret = "Hush-Hush"
	t.Setenv("TEST_SECRET", secret)
	for _, replaced := range []string{
		"Europe/Berlin", "currency: USD", "cents", "id}", "api.example.com", "https://api", "csv", "90s", "card-of-member}", "acme}", `"0.01"`, "awards/*.csv.gz", "0.05",
	} {
		key, rest, found := strings.Cut(replaced, ": ")
		variable := `"${TEST_SECRET}"`
		if found && rest != "" {
			variable = key + ": " + variable
		}
		if strings.HasSuffix(replaced, "}") {
			variable += "}"
		}
		_, err := load(t, strings.Replace(full, replaced, variable, 1))
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the secret shows: %v", replaced, err)
		}
	}
}
