package extract

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
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
		places, err = append(places, "http"), errors.Join(err, s.HTTP.validate())
		if f := s.Format; f.Type != "" && f.Type != "json" {
			err = errors.Join(err, fmt.Errorf("format.type: %q: an http source is json", f.Type))
		}
	}
	if len(places) != 1 {
		err = errors.Join(err, fmt.Errorf("exactly one of file, s3 and http must be set, not %d (%s)",
			len(places), strings.Join(places, ", ")))
	}
	return errors.Join(err, s.Format.validate())
}

func (f FileSpec) validate() error {
	return errors.Join(required("file.path", f.Path), pattern("file.glob", f.Glob))
}

func (s S3Spec) validate() error {
	err := errors.Join(required("s3.bucket", s.Bucket), pattern("s3.glob", s.Glob))
	if s.Endpoint != "" {
		err = errors.Join(err, address("s3.endpoint", s.Endpoint))
	}
	if (s.AccessKeyID == "") != (s.SecretAccessKey == "") {
		err = errors.Join(err, errors.New("s3.access_key_id and s3.secret_access_key: set both or neither"))
	}
	if s.MinAge < 0 {
		err = errors.Join(err, fmt.Errorf("s3.min_age: %s is negative", s.MinAge))
	}
	return err
}

func (h HTTPSpec) validate() error {
	err := errors.Join(
		required("http.url", h.URL),
		oneOf("http.method", h.Method, "GET", "POST"),
		h.Paging.validate(),
		h.Window.validate(),
	)
	if h.URL != "" {
		err = errors.Join(err, address("http.url", h.URL))
	}
	if h.Timeout < 0 {
		err = errors.Join(err, fmt.Errorf("http.timeout: %s is negative", h.Timeout))
	}
	if h.MaxRetries != nil && *h.MaxRetries < 0 {
		err = errors.Join(err, fmt.Errorf("http.max_retries: %d is negative", *h.MaxRetries))
	}
	for name := range h.Headers {
		if h.BearerToken != "" && strings.EqualFold(name, "Authorization") {
			err = errors.Join(err, errors.New("http.headers: Authorization is set by http.bearer_token already"))
		}
	}
	return err
}

func (p PagingSpec) validate() error {
	err := oneOf("http.paging.type", p.Type, "none", "page", "offset", "cursor", "next_link")
	if p.Type == "cursor" {
		err = errors.Join(err, required("http.paging.cursor_path", p.CursorPath))
	}
	if p.Size < 0 {
		err = errors.Join(err, fmt.Errorf("http.paging.size: %d is negative", p.Size))
	}
	if p.SizeParam != "" && p.Size == 0 {
		err = errors.Join(err, fmt.Errorf("http.paging.size: missing, but size_param is %q", p.SizeParam))
	}
	return err
}

func (w WindowSpec) validate() error {
	if w.Every == "" {
		if w != (WindowSpec{}) {
			return errors.New("http.window.every: missing; it is day or month")
		}
		return nil
	}
	err := oneOf("http.window.every", w.Every, "day", "month")
	if _, e := time.Parse(time.DateOnly, w.Start); e != nil {
		err = errors.Join(err, fmt.Errorf("http.window.start: %q is not a date such as 2024-01-31", w.Start))
	}
	if _, e := time.Parse(time.DateOnly, w.End); w.End != "" && e != nil {
		err = errors.Join(err, fmt.Errorf("http.window.end: %q is not a date such as 2024-01-31", w.End))
	} else if w.End != "" && w.End < w.Start {
		err = errors.Join(err, fmt.Errorf("http.window.end: %s is before http.window.start, %s", w.End, w.Start))
	}
	if _, e := time.LoadLocation(w.Zone); e != nil {
		err = errors.Join(err, fmt.Errorf("http.window.zone: %q: %w", w.Zone, e))
	}
	if w.LookbackDays != nil && *w.LookbackDays < 0 {
		err = errors.Join(err, fmt.Errorf("http.window.lookback_days: %d is negative", *w.LookbackDays))
	}
	return err
}

func (f FormatSpec) validate() error {
	err := errors.Join(
		oneOf("format.type", f.Type, "csv", "ndjson", "json", "parquet"),
		oneOf("format.compression", f.Compression, "none", "gzip", "zstd"),
		oneOf("format.encoding", strings.ToLower(f.Encoding), "utf-8", "utf8"),
		character("format.delimiter", f.Delimiter),
		character("format.comment", f.Comment),
	)
	if f.Type == "parquet" && f.Compression != "" && f.Compression != "none" {
		err = errors.Join(err, fmt.Errorf("format.compression: %q: Parquet is compressed inside", f.Compression))
	}
	if f.Comment != "" && f.Comment == f.Delimiter {
		err = errors.Join(err, fmt.Errorf("format.comment: %q is the delimiter", f.Comment))
	}
	headless := f.Header != nil && !*f.Header
	if headless && len(f.Columns) == 0 {
		err = errors.Join(err, errors.New("format.columns: missing; without a header they name the columns"))
	}
	if !headless && len(f.Columns) > 0 {
		err = errors.Join(err, errors.New("format.columns: the header names the columns; set header to false or leave them out"))
	}
	for i, name := range f.Columns {
		if name == "" || slices.Contains(f.Columns[:i], name) {
			err = errors.Join(err, fmt.Errorf("format.columns: %q is empty or named twice", name))
		}
	}
	return err
}

func required(field, value string) error {
	if value == "" {
		return fmt.Errorf("%s: missing", field)
	}
	return nil
}

func pattern(field, value string) error {
	if !doublestar.ValidatePattern(value) {
		return fmt.Errorf("%s: %q is not a pattern such as \"awards/**/*.csv.gz\"", field, value)
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
