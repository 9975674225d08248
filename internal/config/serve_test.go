package config

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	t.Setenv("TEST_PASSWORD", "correct-horse")
	t.Setenv("TEST_TOKEN", "0123456789abcdef")
	tests := []struct{ serve, problem string }{
		{"", ""},
		{"{listen: 127.0.0.1:80}", ""},
		{"{listen: localhost:80}", ""},
		{`{listen: "[::1]:0"}`, ""},
		{`{listen: ":9090", auth: {basic: {user: op, password: "${TEST_PASSWORD}"}}}`, ""},
		{`{listen: "0.0.0.0:9090", auth: {bearer: "${TEST_TOKEN}"}}`, ""},
		{`{auth: {bearer: "${TEST_TOKEN}", basic: {user: op, password: "${TEST_PASSWORD}"}}, tls: {cert: c.pem, key: k.pem}}`, ""},
		{`{listen: ":9090"}`, "serve.listen: :9090 can be reached from other machines, and nobody is asked who they are: set serve.auth"},
		{`{listen: "0.0.0.0:9090"}`, "or listen on 127.0.0.1:9090"},
		{`{listen: "[::]:9090"}`, "can be reached"},
		{"{listen: warehouse.example.com:9090}", "can be reached"},
		{"{listen: 192.168.0.7:9090}", "can be reached"},
		{"{listen: 127.0.0.1}", `listen: "127.0.0.1" is not an address with a port`},
		{`{listen: "127.0.0.1:"}`, "is not an address with a port"},
		{"{listen: 127.0.0.1:65536}", `listen: "127.0.0.1:65536" has no port from 0 to 65535`},
		{"{listen: 127.0.0.1:no-such}", "has no port"},
		{"{auth: {basic: {user: op, password: tiny-one}}}", "auth.basic.password: shorter than 12 characters"},
		{`{auth: {basic: {user: "o:p", password: "${TEST_PASSWORD}"}}}`, `auth.basic.user: "o:p"`},
		{`{auth: {basic: {password: "${TEST_PASSWORD}"}}}`, "auth.basic.user"},
		{"{auth: {bearer: tiny-one}}", "auth.bearer: shorter than 16 characters"},
		{"{tls: {cert: c.pem}}", "tls: give both cert and key"},
		{"{auth: {basik: {}}}", "did you mean basic?"},
	}
	for _, tt := range tests {
		c, err := load(t, "reporting: {currency: USD}\nserve: "+tt.serve+"\n")
		if tt.problem == "" {
			switch {
			case err != nil:
				t.Errorf("%s: %v", tt.serve, err)
			case len(c.Warnings) > 0:
				t.Errorf("%s: %v", tt.serve, c.Warnings)
			case c.Serve.TLS != nil && !filepath.IsAbs(c.Serve.TLS.Key):
				t.Errorf("%s: the key is %s", tt.serve, c.Serve.TLS.Key)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.problem) {
			t.Errorf("%s: %v, want %q", tt.serve, err, tt.problem)
		}
	}
	c, err := load(t, "reporting: {currency: USD}\nserve: {auth: {bearer: plain-text-token-of-mine}}\n")
	if err != nil || len(c.Warnings) != 1 || c.Redact("plain-text-token-of-mine") != "***" || c.Serve.Listen != "127.0.0.1:9090" {
		t.Errorf("a token in plain text: %v, %v, %s", c.Warnings, err, c.Serve.Listen)
	}
}
