package extract

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// Validate checks the spec without looking at the place. The error names each wrong field and its value, but no
// secret.
func (s Spec) Validate() error {
	var places []string
	var err error
	if s.File != nil {
		places, err = append(places, "file"), errors.Join(err, s.File.validate())
	}
	if s.S3 != nil {
		places, err = append(places, "s3"), errors.Join(err, s.S3.validate())
	}
	if s.HTTP != nil {
		places, err = append(places, "http"), errors.Join(err, s.HTTP.validate(), s.HTTP.validateFormat(s.Format))
	}
	if s.Postgres != nil {
		places, err = append(places, "postgres"), errors.Join(err, s.Postgres.validate())
		if !reflect.ValueOf(s.Format).IsZero() {
			err = errors.Join(err, errors.New("format: a postgres source has none; leave it out"))
		}
	}
	if len(places) != 1 {
		err = errors.Join(err, fmt.Errorf("exactly one of file, s3, http and postgres must be set, not %d (%s)",
			len(places), strings.Join(places, ", ")))
	}
	return errors.Join(err, s.Format.validate())
}

func required(field, value string) error {
	if value == "" {
		return fmt.Errorf("%s: missing", field)
	}
	return nil
}

// oneOf allows the empty value too: it stands for the default.
func oneOf(field, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s: %q is none of %s", field, value, strings.Join(allowed, ", "))
}

// address does not repeat the value, which may hold a password.
func address(field, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%s: not an address such as https://example.com/path", field)
	}
	return nil
}

func character(field, value string) error {
	switch {
	case value == "", value == `\t`:
		return nil
	case len(value) == 1 && value[0] < 0x80 && !strings.ContainsRune("\"\r\n\x00", rune(value[0])):
		return nil
	}
	return fmt.Errorf("%s: %q is not a single ASCII character other than a quote or a line end", field, value)
}
