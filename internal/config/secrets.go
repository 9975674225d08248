package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerplus/warehouse/extract"
)

// A mask stands in for a secret value in texts for people.
type mask struct{ value, shown string }

const (
	// hidden stands in for a secret that has no name.
	hidden = "***"
	// shortest is the length from which a value is masked: masking "1" or "USD" wherever it occurs would garble every
	// text. The password of an address is masked there at any length.
	shortest = 4
)

var variable = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$`)

// expand replaces ${NAME} and ${NAME:-default} in a scalar by values of the environment, and $${ by ${. It remembers
// the values for Redact.
func (c *Config) expand(text string) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		if !found {
			out.WriteString(text)
			return out.String(), nil
		}
		if escaped, ok := strings.CutSuffix(before, "$"); ok {
			out.WriteString(escaped + "${")
			text = rest
			continue
		}
		out.WriteString(before)
		expression, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", errors.New("${ without a }; write $${ for a plain ${")
		}
		value, err := c.lookup(expression)
		if err != nil {
			return "", err
		}
		out.WriteString(value)
		text = after
	}
}

func (c *Config) lookup(expression string) (string, error) {
	m := variable.FindStringSubmatch(expression)
	if m == nil {
		return "", fmt.Errorf("${%s} is neither ${NAME} nor ${NAME:-default}; write $${ for a plain ${", expression)
	}
	name, hasDefault, fallback := m[1], m[2] != "", m[3]
	if value := os.Getenv(name); value != "" {
		c.mask(value, "${"+name+"}")
		return value, nil
	}
	if !hasDefault {
		return "", fmt.Errorf("the environment variable %s is not set, or empty; set it, or write ${%s:-default}", name, name)
	}
	return fallback, nil
}

// secretName finds the parameters, headers and keys that hold a secret by their names.
const secretName = `[\w.-]*(?:passw(?:or)?d|secret|token|key|auth|sig|cookie|credential)[\w.-]*`

var (
	secretKey   = regexp.MustCompile(`(?i)^` + secretName + `$`)
	secretParam = regexp.MustCompile(`(?i)([?&]` + secretName + `=)[^&\s"'#]+`)
	userInfo    = regexp.MustCompile(`(://[^/\s:@"']*:)[^\s"']*(@)`)
)

// Redact masks in any text every value that came from the environment, every secret that the file holds, and the
// passwords of addresses. Errors and logs go through it before anybody sees them.
func (c *Config) Redact(text string) string {
	pairs := make([]string, 0, 2*len(c.masks))
	for _, m := range c.masks {
		pairs = append(pairs, m.value, m.shown)
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	text = userInfo.ReplaceAllString(text, "${1}"+hidden+"${2}")
	return secretParam.ReplaceAllString(text, "${1}"+hidden)
}

// collectSecrets masks the secrets that stand in fields made for them, wherever their values came from.
func (c *Config) collectSecrets() {
	c.maskAddress(c.Warehouse.DSN)
	for _, l := range c.Lookups {
		c.collectSpec(l.Spec)
	}
	for _, s := range c.Sources {
		c.collectSpec(s.Spec)
	}
	// The longest first: a secret may be part of another.
	slices.SortStableFunc(c.masks, func(a, b mask) int { return cmp.Compare(len(b.value), len(a.value)) })
}

func (c *Config) collectSpec(spec extract.Spec) {
	if s3 := spec.S3; s3 != nil {
		c.maskAddress(s3.Endpoint)
		c.mask(s3.SecretAccessKey, hidden)
		c.mask(s3.SSECustomerKey, hidden)
		if role := s3.AssumeRole; role != nil {
			c.maskAddress(role.Endpoint)
		}
	}
	if http := spec.HTTP; http != nil {
		c.maskAddress(http.URL)
		c.mask(http.BearerToken, hidden)
		for name, value := range http.Headers {
			c.maskNamed(name, value)
		}
		for name, value := range http.Query {
			c.maskNamed(name, value)
		}
	}
}

// maskAddress masks what is secret in an address: its password, and parameters that are named like a secret.
func (c *Config) maskAddress(address string) {
	u, err := url.Parse(address)
	if err != nil {
		return // refused by the check
	}
	if password, ok := u.User.Password(); ok {
		c.mask(password, hidden)
	}
	for name, values := range u.Query() {
		for _, value := range values {
			c.maskNamed(name, value)
		}
	}
}

func (c *Config) maskNamed(name, value string) {
	if secretKey.MatchString(name) {
		c.mask(value, hidden)
	}
}

// mask remembers a value, unless it is too short, in every form in which a text may quote it.
func (c *Config) mask(value, shown string) {
	trimmed := strings.TrimSpace(value)
	if len(trimmed) < shortest {
		return
	}
	quoted := strconv.Quote(trimmed)
	encoded, _ := json.Marshal(trimmed) // of a string, which cannot fail
	forms := []string{
		value, trimmed, quoted[1 : len(quoted)-1], string(encoded[1 : len(encoded)-1]),
		url.QueryEscape(trimmed), url.PathEscape(trimmed), strings.TrimPrefix(url.UserPassword("", trimmed).String(), ":"),
	}
	for _, form := range forms {
		if !slices.ContainsFunc(c.masks, func(m mask) bool { return m.value == form }) {
			c.masks = append(c.masks, mask{form, shown})
		}
	}
}
