package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/config/strictyaml"
)

// Notifications say who is told when something is wrong, and of the summaries.
type Notifications struct {
	// Receivers are told, by their names.
	Receivers []Receiver `yaml:"receivers,omitempty"`
	// Summaries say when the summaries are sent.
	Summaries Summaries `yaml:"summaries,omitempty"`
	// Repeat is after how long what still stands is told again, such as 24h; never by default.
	Repeat time.Duration `yaml:"repeat,omitempty"`
	// RecoveryAfter is how long a matter must be gone before its recovery is told; 10m by default. One that comes back sooner
	// is still the same matter.
	RecoveryAfter time.Duration `yaml:"recovery_after,omitempty"`
	// Templates is a folder with texts of messages in the place of the built-in ones, relative to this file.
	Templates string `yaml:"templates,omitempty"`
}

// SetDefaults sets what the file may leave out.
func (n *Notifications) SetDefaults() {
	n.RecoveryAfter = 10 * time.Minute
	n.Summaries.SetDefaults()
}

// Summaries are cron expressions in the reporting zone.
type Summaries struct {
	// Daily is when the summary of the day is sent; 0 8 * * * by default.
	Daily string `yaml:"daily,omitempty"`
	// Weekly is when the summary of the week is sent; 0 8 * * 1 by default.
	Weekly string `yaml:"weekly,omitempty"`
	// Monthly is when the summary of the newest complete month is sent; 0 9 2 * * by default.
	Monthly string `yaml:"monthly,omitempty"`
}

// SetDefaults sets what the file may leave out.
func (s *Summaries) SetDefaults() {
	s.Daily, s.Weekly, s.Monthly = "0 8 * * *", "0 8 * * 1", "0 9 2 * *"
}

// Severities of matters, the least first.
var Severities = []string{"info", "warning", "critical"}

// Kinds of what receivers are told.
var (
	// MatterKinds are the kinds of matters: each but warehouse_away is a file of sql/matters.
	MatterKinds = []string{"critical_exception", "failed_check", "failed_job", "failed_run", "killed_run", "late_source", "warehouse_away"}
	// SummaryKinds are the summaries.
	SummaryKinds = []string{"daily", "weekly", "monthly"}
)

// Receiver is somebody, or something, that is told.
type Receiver struct {
	// Name is the receiver's key in the file: small letters, digits, - and _.
	Name string `yaml:"-" strict:"key"`

	// Slack is an incoming webhook of Slack, or of what speaks as Slack does, such as Mattermost.
	Slack *Slack `yaml:"slack,omitempty"`
	// Email is a mail server, with who gets the mail.
	Email *Email `yaml:"email,omitempty"`
	// Webhook is an address that takes a JSON document.
	Webhook *Webhook `yaml:"webhook,omitempty"`

	// Kinds are what it is told: critical_exception, failed_check, failed_job, failed_run, killed_run, late_source,
	// warehouse_away, daily, weekly and monthly; all by default.
	Kinds []string `yaml:"kinds,omitempty"`
	// Severity is the least severe matter that it is told: info, warning or critical; warning by default. Summaries go by
	// kinds alone.
	Severity string `yaml:"severity,omitempty"`
}

// SetDefaults sets what the file may leave out.
func (r *Receiver) SetDefaults() { r.Severity = "warning" }

// Wants tells whether the receiver is told of a kind.
func (r Receiver) Wants(kind string) bool { return len(r.Kinds) == 0 || slices.Contains(r.Kinds, kind) }

// Slack is an incoming webhook.
type Slack struct {
	// URL is the webhook's address; all of it is secret.
	URL string `yaml:"url" secret:"true"`
}

// Webhook is an address that takes a JSON document: internal/notify/notification.schema.json describes it.
type Webhook struct {
	// URL is the address.
	URL string `yaml:"url" secret:"address"`
	// Method is POST, PUT or PATCH; POST by default.
	Method string `yaml:"method,omitempty"`
	// Headers are sent with the document.
	Headers map[string]string `yaml:"headers,omitempty" secret:"named"`
	// Secret signs the document: the header X-Partnerplus-Signature then is sha256= and the HMAC of the body in hexadecimal.
	Secret string `yaml:"secret,omitempty" secret:"true"`
}

// SetDefaults sets what the file may leave out.
func (w *Webhook) SetDefaults() { w.Method = "POST" }

// Email is a mail server, with who gets the mail.
type Email struct {
	// Host is the mail server.
	Host string `yaml:"host"`
	// Port is 587 by default, 465 with tls: tls.
	Port int `yaml:"port,omitempty"`
	// TLS is how the connection is encrypted: starttls (the default), tls from its first byte, or none, on this machine alone.
	TLS string `yaml:"tls,omitempty"`
	// User is who logs in; nobody does by default.
	User string `yaml:"user,omitempty"`
	// Password is the user's.
	Password string `yaml:"password,omitempty" secret:"true"`
	// From is the sender, such as KPI warehouse <kpi@example.com>.
	From string `yaml:"from"`
	// To are the recipients.
	To []string `yaml:"to"`
}

// SetDefaults sets what the file may leave out.
func (e *Email) SetDefaults() { e.TLS = "starttls" }

// Address is the mail server with its port.
func (e Email) Address() (host string, port int) {
	switch {
	case e.Port != 0:
		return e.Host, e.Port
	case e.TLS == "tls":
		return e.Host, 465
	}
	return e.Host, 587
}

// check adds everything that is wrong with the values to doc. The cron expressions and templates are checked by those who use
// them.
func (n Notifications) check(doc *strictyaml.Document) {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"repeat", n.Repeat}, {"recovery_after", n.RecoveryAfter}} {
		if d.value < 0 {
			doc.Addf("notifications."+d.key, "%s is negative", d.value)
		}
	}
	if n.Repeat > 0 && n.Repeat < time.Minute {
		doc.Addf("notifications.repeat", "%s is less than a minute, which is how often it is looked", n.Repeat)
	}
	for _, r := range n.Receivers {
		doc.Add("notifications.receivers."+r.Name, r.check())
	}
}

func (r Receiver) check() error {
	err := checkName(r.Name)
	ways := 0
	if r.Slack != nil {
		ways++
		err = errors.Join(err, checkAddress("slack.url", r.Slack.URL))
	}
	if r.Webhook != nil {
		ways++
		err = errors.Join(err, r.Webhook.check())
	}
	if r.Email != nil {
		ways++
		err = errors.Join(err, r.Email.check())
	}
	if ways != 1 {
		err = errors.Join(err, errors.New("needs exactly one of slack, email and webhook"))
	}
	known := slices.Concat(MatterKinds, SummaryKinds)
	for i, kind := range r.Kinds {
		if !slices.Contains(known, kind) {
			err = errors.Join(err, fmt.Errorf("kinds[%d]: there is no kind %q; %s", i, kind, meant(kind, known, "there are: "+strings.Join(known, ", "))))
		}
	}
	if !slices.Contains(Severities, r.Severity) {
		err = errors.Join(err, fmt.Errorf("severity: %q is not one of %s", r.Severity, strings.Join(Severities, ", ")))
	}
	return err
}

func (w Webhook) check() error {
	err := checkAddress("webhook.url", w.URL)
	if !slices.Contains([]string{"POST", "PUT", "PATCH"}, w.Method) {
		err = errors.Join(err, fmt.Errorf("webhook.method: %q is not POST, PUT or PATCH", w.Method))
	}
	for name := range w.Headers {
		if name == "" || strings.ContainsAny(name, " :\r\n\t") {
			err = errors.Join(err, fmt.Errorf("webhook.headers: %q is no name of a header", name))
		}
	}
	return err
}

// checkAddress does not repeat the address, which may be secret. What is secret needs TLS beyond this machine.
func checkAddress(field, address string) error {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return fmt.Errorf("%s: missing; give the address that takes the messages", field)
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%s: not an address such as https://hooks.example.com/services/…", field)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return fmt.Errorf("%s: http would send the messages unencrypted; use https, which only an address of this machine can do without", field)
	}
	return nil
}

func (e Email) check() error {
	var err error
	add := func(format string, args ...any) { err = errors.Join(err, fmt.Errorf("email."+format, args...)) }
	switch {
	case e.Host == "":
		add("host: missing; name the mail server")
	case strings.ContainsAny(e.Host, "/ @"):
		add("host: %q is not the name of a host; the port has a key of its own", e.Host)
	}
	if e.Port < 0 || e.Port > 65535 {
		add("port: %d is not between 1 and 65535", e.Port)
	}
	switch {
	case !slices.Contains([]string{"starttls", "tls", "none"}, e.TLS):
		add("tls: %q is not starttls, tls or none", e.TLS)
	case e.TLS == "none" && !isLoopback(e.Host):
		add("tls: none is for a server on this machine; use starttls or tls")
	}
	if e.User == "" && e.Password != "" {
		add("password: there is no user that it is for")
	}
	if _, e := mail.ParseAddress(e.From); e != nil {
		add("from: not a mail address such as kpi@example.com")
	}
	if len(e.To) == 0 {
		add("to: missing; name at least one recipient")
	}
	for i, to := range e.To {
		if _, e := mail.ParseAddress(to); e != nil {
			add("to[%d]: %q is not a mail address", i, to)
		}
	}
	return err
}
