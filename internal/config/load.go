package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/partnerplus/warehouse/internal/config/strictyaml"
	"github.com/partnerplus/warehouse/transform"
)

// Default is the config without a file: the embedded engine below the working folder, US dollars, UTC, the
// built-in jobs, no sources.
func Default() *Config {
	c := &Config{Reporting: Reporting{Currency: "USD"}}
	c.SetDefaults()
	c.resolve(".")
	return c
}

// SetDefaults sets what the file may leave out as a whole.
func (c *Config) SetDefaults() {
	c.Warehouse.SetDefaults()
	c.Reporting.SetDefaults()
	c.Telemetry.SetDefaults()
	c.Reports = ".partnerplus/reports"
	c.Notifications.SetDefaults()
	c.Serve.SetDefaults()
	c.Retention.SetDefaults()
}

// Error lists what is wrong with a config file, or with another file that a person wrote.
type Error = strictyaml.Error

// Option adds to what a config file may refer to.
type Option func(*Config)

// Load reads and checks a config file. Its error, an *Error, lists everything that is wrong with the file, and
// holds no secret.
func Load(path string, options ...Option) (*Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, unreadable(path, "there is no such config file; write one with: partnerplus init")
	}
	if err != nil {
		return nil, unreadable(path, "the config file cannot be read: "+err.Error())
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, unreadable(path, "its folder cannot be found: "+err.Error())
	}
	c := &Config{}
	c.references.folder = folder
	for _, option := range options {
		option(c)
	}
	written := map[string]string{} // the fields' texts as the file has them
	doc := strictyaml.Decode(data, c, strictyaml.Options{
		File: path,
		Expand: func(field, text string) (string, error) {
			written[field] = text
			return c.expand(text)
		},
		Short: map[reflect.Type]string{
			reflect.TypeFor[transform.ColumnSpec](): "from",
			reflect.TypeFor[ContractColumn]():       "type",
			reflect.TypeFor[Cluster]():              "name",
		},
	})
	c.collectSecrets()
	if doc.Err() == nil { // a check of what could not be read would only repeat that
		c.check(doc)
	}
	if err := doc.Err(); err != nil {
		return nil, c.redactError(err)
	}
	c.warnOfPlainSecrets(doc, path, written)
	c.resolve(folder)
	return c, nil
}

func unreadable(path, text string) error {
	return &Error{File: path, Problems: []strictyaml.Problem{{Text: text}}}
}

// resolve makes relative paths absolute: they are relative to the config file's folder.
func (c *Config) resolve(folder string) {
	absolute := func(path *string) {
		if *path == "" {
			return
		}
		if !filepath.IsAbs(*path) {
			*path = filepath.Join(folder, *path)
		}
		if abs, err := filepath.Abs(*path); err == nil { // fails only where the working folder is gone
			*path = abs
		}
	}
	absolute(&c.Warehouse.Path)
	absolute(&c.Schedules)
	absolute(&c.Metrics)
	absolute(&c.Reports)
	absolute(&c.Notifications.Templates)
	if c.Serve.TLS != nil {
		absolute(&c.Serve.TLS.Cert)
		absolute(&c.Serve.TLS.Key)
	}
	for _, l := range c.Lookups {
		if l.File != nil {
			absolute(&l.File.Path)
		}
	}
	for _, s := range c.Sources {
		if s.File != nil {
			absolute(&s.File.Path)
		}
	}
}

// redactError masks secrets in the problems of a file.
func (c *Config) redactError(err error) error {
	var problems *Error
	if errors.As(err, &problems) {
		for i := range problems.Problems {
			problems.Problems[i].Text = c.Redact(problems.Problems[i].Text)
		}
	}
	return err
}
