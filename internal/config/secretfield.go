package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/partnerplus/warehouse/internal/config/strictyaml"
)

// Kinds of fields with secrets, as the tag secret of a field says:
const (
	wholeSecret   = "true"    // a text, or all texts of a list or a map
	addressSecret = "address" // an address, or a list of these, with a password or parameters that are secret
	namedSecret   = "named"   // a map whose texts are secret by their keys, such as headers
)

// secretField is a text of the config that is or holds a secret.
type secretField struct {
	path  string // as in problems
	kind  string
	name  string // its key in a map; empty for others
	value string
}

// visitSecrets visits every such field below a value.
func visitSecrets(v reflect.Value, path string, visit func(secretField)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visitSecrets(v.Elem(), path, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, flags, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			switch {
			case !f.IsExported() || name == "-":
			case flags == "inline":
				visitSecrets(v.Field(i), path, visit)
			case f.Tag.Get("secret") != "":
				visitSecret(v.Field(i), secretField{path: below(path, name), kind: f.Tag.Get("secret")}, visit)
			default:
				visitSecrets(v.Field(i), below(path, name), visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			visitSecrets(v.Index(i), elementPath(path, v.Index(i), i), visit)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			visitSecrets(entry.Value(), below(path, entry.Key().String()), visit)
		}
	}
}

// visitSecret visits a field with the tag.
func visitSecret(v reflect.Value, f secretField, visit func(secretField)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visitSecret(v.Elem(), f, visit)
		}
	case reflect.String:
		f.value = v.String()
		visit(f)
	case reflect.Slice:
		for i := range v.Len() {
			visitSecret(v.Index(i), secretField{path: fmt.Sprintf("%s[%d]", f.path, i), kind: f.kind}, visit)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			name := entry.Key().String()
			visitSecret(entry.Value(), secretField{path: below(f.path, name), kind: f.kind, name: name}, visit)
		}
	default:
		panic(fmt.Sprintf("config: %s has the tag secret, but is a %s", f.path, v.Type()))
	}
}

func below(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// elementPath is by the key where the list is a mapping in the file.
func elementPath(path string, element reflect.Value, i int) string {
	if element.Kind() == reflect.Struct {
		for f := range element.NumField() {
			if element.Type().Field(f).Tag.Get("strict") == "key" {
				return below(path, element.Field(f).String())
			}
		}
	}
	return fmt.Sprintf("%s[%d]", path, i)
}

// warnOfPlainSecrets notes which secrets stand in the file itself. Written are the fields' texts as it has them.
func (c *Config) warnOfPlainSecrets(doc *strictyaml.Document, file string, written map[string]string) {
	visitSecrets(reflect.ValueOf(c).Elem(), "", func(f secretField) {
		if !plain(f, written[f.path]) {
			return
		}
		problem := doc.Problem(f.path, "a secret in plain text; write ${NAME} for a variable of the environment, ${file:/run/secrets/name} for a file, or ${arn:…} for a secret of AWS")
		c.Warnings = append(c.Warnings, (&Error{File: file, Problems: []strictyaml.Problem{problem}}).Error())
	})
	slices.Sort(c.Warnings)
}

var (
	// surelySecret finds the headers and parameters that nobody uses for anything else.
	surelySecret = regexp.MustCompile(`(?i)passw(or)?d|secret|access.?token|api.?key|authorization|signature|credential|cookie`)
	userPassword = regexp.MustCompile(`://[^/\s:@"']*:([^\s"'/?]+)@`)
	addressParam = regexp.MustCompile(`[?&]([^=&\s]+)=([^&\s"'#]+)`)
)

// plain tells whether a field holds a secret and not a reference to one.
func plain(f secretField, text string) bool {
	switch f.kind {
	case wholeSecret:
		return isPlain(text)
	case namedSecret:
		return surelySecret.MatchString(f.name) && isPlain(text)
	}
	if m := userPassword.FindStringSubmatch(text); m != nil && isPlain(m[1]) {
		return true
	}
	if m := passwordKey.FindStringSubmatch(text); m != nil && isPlain(m[1]) {
		return true
	}
	for _, m := range addressParam.FindAllStringSubmatch(text, -1) {
		if surelySecret.MatchString(m[1]) && isPlain(m[2]) {
			return true
		}
	}
	return false
}

// isPlain tells whether a text is there and refers to nothing.
func isPlain(text string) bool {
	return text != "" && !strings.Contains(strings.ReplaceAll(text, "$${", ""), "${")
}
