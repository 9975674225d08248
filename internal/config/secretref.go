package config

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Store keeps secrets outside of the config. Its implementation bounds how long it takes.
type Store interface {
	// Secret gives the text of the secret of an ARN. Its error says what to do, and holds no secret.
	Secret(ctx context.Context, arn string) (string, error)
}

// WithStore lets a config file refer to the secrets of a store as ${arn:…}, while the context lasts.
func WithStore(ctx context.Context, store Store) Option {
	return func(c *Config) {
		c.references.ask = func(arn string) (string, error) { return store.Secret(ctx, arn) }
	}
}

const (
	filePrefix = "file:"
	arnPrefix  = "arn:"
	// credentialPrefix stands before the name of a credential of a systemd unit, whichever unit that is.
	credentialPrefix = "credential:"
	// envCredentials names the variable with the folder of the unit's credentials.
	envCredentials = "CREDENTIALS_DIRECTORY"
	// keyMark stands before the key of a secret that is a JSON object. No ARN has it.
	keyMark = "#"
	// maxSecret is what AWS keeps at most, too.
	maxSecret = 64 << 10
)

// references gives what a config file refers to outside of the environment.
type references struct {
	folder string // of the config file
	ask    func(arn string) (string, error)
	known  map[string]answer // by ARN: each is asked for once
}

type answer struct {
	text string
	err  error
}

func isReference(expression string) bool {
	return strings.HasPrefix(expression, filePrefix) || strings.HasPrefix(expression, credentialPrefix) || strings.HasPrefix(expression, arnPrefix)
}

func (r *references) get(expression string) (string, error) {
	if path, ok := strings.CutPrefix(expression, filePrefix); ok {
		return r.file(path)
	}
	if name, ok := strings.CutPrefix(expression, credentialPrefix); ok {
		return r.credential(name)
	}
	arn, key, hasKey := strings.Cut(expression, keyMark)
	text, err := r.secret(arn)
	if err == nil && hasKey {
		text, err = valueOf(text, key)
	}
	if err == nil {
		err = usable(text)
	}
	if err != nil {
		return "", fmt.Errorf("the secret cannot be used: %w", err)
	}
	return text, nil
}

func (r *references) secret(arn string) (string, error) {
	if known, ok := r.known[arn]; ok {
		return known.text, known.err
	}
	if r.ask == nil {
		return "", errors.New("there is no secret store here")
	}
	text, err := r.ask(arn)
	if r.known == nil {
		r.known = map[string]answer{}
	}
	r.known[arn] = answer{text, err}
	return text, err
}

// valueOf gives the value of a key of a JSON object. Its error holds nothing of it but the keys.
func valueOf(text, key string) (string, error) {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &object) != nil {
		return "", fmt.Errorf("it is no JSON object; leave out %s%s", keyMark, key)
	}
	raw, ok := object[key]
	if !ok {
		return "", fmt.Errorf("it has no key %q; it has %s", key, strings.Join(slices.Sorted(maps.Keys(object)), ", "))
	}
	var value string
	switch {
	case json.Unmarshal(raw, &value) == nil && raw[0] == '"':
		return value, nil
	case raw[0] == '{', raw[0] == '[', bytes.Equal(raw, []byte("null")):
		return "", fmt.Errorf("its key %q is neither a text nor a number", key)
	}
	return string(raw), nil
}

// usable says what is wrong with a secret.
func usable(text string) error {
	switch {
	case text == "":
		return errors.New("it is empty")
	case !utf8.ValidString(text), strings.ContainsRune(text, 0):
		return errors.New("it is not text")
	}
	return nil
}

// file reads a secret, without the end of its line.
func (r *references) file(path string) (string, error) {
	if path == "" {
		return "", errors.New("${file:} names no file")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.folder, path)
	}
	text, err := readSecret(path)
	if err == nil {
		err = usable(text)
	}
	var file *os.PathError
	if errors.As(err, &file) {
		err = file.Err // it names the file again
	}
	if err != nil {
		return "", fmt.Errorf("the secret file %s cannot be used: %w", path, err)
	}
	return text, nil
}

// credential reads a secret that systemd gave this process.
func (r *references) credential(name string) (string, error) {
	if name != filepath.Base(name) || !filepath.IsLocal(name) || name == "." {
		return "", fmt.Errorf("${credential:%s} is not the name of a credential", name)
	}
	folder := os.Getenv(envCredentials)
	if folder == "" {
		return "", fmt.Errorf("there is no credential %s here: run this in a unit of systemd that has LoadCredential=%s:FILE, or by systemd-run "+
			"as deploy/README.md says", name, name)
	}
	return r.file(filepath.Join(folder, name))
}

func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is no file")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	if len(data) > maxSecret {
		return "", fmt.Errorf("it has more than %d KiB", maxSecret>>10)
	}
	text := strings.TrimSuffix(string(data), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}
