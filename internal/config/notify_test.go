package config

import (
	"strings"
	"testing"
	"time"
)

const noticeHead = "reporting: {currency: USD}\nnotifications:\n"

func TestNotifications(t *testing.T) {
	t.Setenv("TEST_HOOK", "https://hooks.example.com/services/T0/B0/sesame")
	t.Setenv("TEST_PASSWORD", "open-sesame")
	c, err := load(t, noticeHead+`
  repeat: 1d
  templates: texts
  receivers:
    operators: {slack: {url: "${TEST_HOOK}"}}
    managers:
      email: {host: smtp.example.com, tls: tls, user: kpi, password: "${TEST_PASSWORD}", from: KPI <kpi@example.com>, to: [a@example.com, B <b@example.com>]}
      kinds: [monthly]
    pager: {webhook: {url: "http://127.0.0.1:8080/", headers: {Authorization: "Bearer plain-token"}}, severity: critical}
`)
	if err != nil {
		t.Fatal(err)
	}
	n := c.Notifications
	if n.Repeat != 24*time.Hour || n.RecoveryAfter != 10*time.Minute || !strings.HasSuffix(n.Templates, "/texts") || n.Summaries.Daily != "0 8 * * *" {
		t.Errorf("notifications are %+v", n)
	}
	operators, managers, pager := n.Receivers[0], n.Receivers[1], n.Receivers[2]
	if operators.Name != "operators" || operators.Severity != "warning" || !operators.Wants("daily") || managers.Wants("daily") || !managers.Wants("monthly") {
		t.Errorf("receivers are %+v", n.Receivers)
	}
	if host, port := managers.Email.Address(); host != "smtp.example.com" || port != 465 {
		t.Errorf("the mail server is %s:%d", host, port)
	}
	if pager.Webhook.Method != "POST" || pager.Severity != "critical" {
		t.Errorf("the pager is %+v", pager)
	}
	for _, secret := range []string{"https://hooks.example.com/services/T0/B0/sesame", "open-sesame", "Bearer plain-token"} {
		if shown := c.Redact("a " + secret + " b"); strings.Contains(shown, secret) {
			t.Errorf("%s is shown", shown)
		}
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "notifications.receivers.pager.webhook.headers.Authorization: a secret in plain text") {
		t.Errorf("warnings are %q", c.Warnings)
	}
}

func TestNotificationProblems(t *testing.T) {
	const email = "host: h, from: a@example.com, to: [b@example.com]"
	tests := []struct{ yaml, want string }{
		{"repeat: -1h", "notifications.repeat: -1h0m0s is negative"},
		{"repeat: 5s", "notifications.repeat: 5s is less than a minute"},
		{"recovery_after: -1h", "notifications.recovery_after: -1h0m0s is negative"},
		{"receivers: {x: {}}", "notifications.receivers.x: needs exactly one of slack, email and webhook"},
		{"receivers: {X: {slack: {url: 'https://h/'}}}", `the name "X" must consist of small letters`},
		{"receivers: {x: {slack: {url: 'https://h/'}, webhook: {url: 'https://h/'}}}", "needs exactly one of"},
		{"receivers: {x: {slack: {url: 'https://h/'}, kinds: [failed_jbo]}}", `receivers.x.kinds[0]: there is no kind "failed_jbo"; did you mean failed_job?`},
		{"receivers: {x: {slack: {url: 'https://h/'}, severity: bad}}", `receivers.x.severity: "bad" is not one of info, warning, critical`},
		{"receivers: {x: {slack: {}}}", "receivers.x.slack.url: missing"},
		{"receivers: {x: {slack: {url: 'http://hooks.example.com/secret-path'}}}", "receivers.x.slack.url: http would send the messages unencrypted"},
		{"receivers: {x: {slack: {url: 'ftp://hooks.example.com/secret-path'}}}", "receivers.x.slack.url: not an address such as"},
		{"receivers: {x: {webhook: {url: 'https://h/', method: GET}}}", `receivers.x.webhook.method: "GET" is not POST, PUT or PATCH`},
		{`receivers: {x: {webhook: {url: 'https://h/', headers: {"A B": x}}}}`, `receivers.x.webhook.headers: "A B" is no name of a header`},
		{"receivers: {x: {email: {from: a@example.com, to: [b@example.com]}}}", "receivers.x.email.host: missing"},
		{"receivers: {x: {email: {host: 'h/x', from: a@example.com, to: [b@example.com]}}}", `receivers.x.email.host: "h/x" is not the name of a host`},
		{"receivers: {x: {email: {" + email + ", port: 70000}}}", "receivers.x.email.port: 70000 is not between"},
		{"receivers: {x: {email: {" + email + ", tls: ssl}}}", `receivers.x.email.tls: "ssl" is not starttls, tls or none`},
		{"receivers: {x: {email: {" + email + ", tls: none}}}", "receivers.x.email.tls: none is for a server on this machine"},
		{"receivers: {x: {email: {" + email + ", password: p}}}", "receivers.x.email.password: there is no user"},
		{"receivers: {x: {email: {host: h, from: nobody, to: [b@example.com]}}}", "receivers.x.email.from: not a mail address"},
		{"receivers: {x: {email: {host: h, from: a@example.com}}}", "receivers.x.email.to: missing"},
		{"receivers: {x: {email: {host: h, from: a@example.com, to: [b]}}}", `receivers.x.email.to[0]: "b" is not a mail address`},
	}
	for _, tt := range tests {
		_, err := load(t, noticeHead+"  "+tt.yaml+"\n")
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.yaml, err, tt.want)
		} else if strings.Contains(err.Error(), "secret-path") {
			t.Errorf("%s: the address is shown: %v", tt.yaml, err)
		}
	}
}
