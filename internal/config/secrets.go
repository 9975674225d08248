package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// expand replaces ${NAME} and ${NAME:-default} in a scalar by values of the environment, ${file:…} by that of a file,
// ${credential:…} by that of a credential of the systemd unit, ${arn:…} by that of a secret store, and $${ by ${. It remembers the values for Redact.
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
	if isReference(expression) {
		value, err := c.references.get(expression)
		if err != nil {
			return "", err
		}
		c.mask(value, "${"+expression+"}")
		return value, nil
	}
	m := variable.FindStringSubmatch(expression)
	if m == nil {
		return "", fmt.Errorf("${%s} is neither ${NAME} nor ${NAME:-default}, ${file:…}, ${credential:…} or ${arn:…}; write $${ for a plain ${", expression)
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
	passwordKey = regexp.MustCompile(`(?i)(?:^|\s)(?:ssl)?password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']+)`)

	userInfoSecret = regexp.MustCompile(`://[^/\s:@"']*:([^\s"']+)@`)
	userInfo       = regexp.MustCompile(`(://[^/\s:@"']*:)[^\s"']*(@)`)
)

// Redact masks in any text every value that came from the environment or another place of secrets, every secret that the file holds, and the
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
	visitSecrets(reflect.ValueOf(c).Elem(), "", func(f secretField) {
		switch f.kind {
		case addressSecret:
			c.maskAddress(f.value)
		case namedSecret:
			c.maskNamed(f.name, f.value)
		default:
			c.mask(f.value, hidden)
		}
	})
	// The longest first: a secret may be part of another.
	slices.SortStableFunc(c.masks, func(a, b mask) int { return cmp.Compare(len(b.value), len(a.value)) })
}

// maskAddress masks what is secret in an address: its password, and parameters that are named like a secret. It may be
// one of keys and values too, such as host=h password=p.
func (c *Config) maskAddress(address string) {
	for _, m := range passwordKey.FindAllStringSubmatch(address, -1) {
		c.mask(strings.NewReplacer(`\'`, "'", `\\`, `\`).Replace(strings.Trim(m[1], "'")), hidden)
	}
	u, err := url.Parse(address)
	if err != nil { // refused by the check, which must not show it
		if m := userInfoSecret.FindStringSubmatch(address); m != nil {
			c.mask(m[1], hidden)
		}
		return
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
