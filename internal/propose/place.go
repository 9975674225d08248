package propose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/source"
)

// place is where the sample comes from.
type place struct {
	spec extract.Spec // with which it is read now
	// written is how the config names the place: paths relative to the config, ${NAME} in place of secrets.
	written extract.Spec
	name    string // to call the source by
	chosen  string // the one file or object that was named; empty for all
}

var (
	reference  = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
	secretName = regexp.MustCompile(`(?i)passw|secret|token|key|auth|sig|credential`)
)

// placeOf reads what --from says.
func placeOf(ctx context.Context, r Request) (place, error) {
	switch scheme, _, _ := strings.Cut(r.From, "://"); {
	case r.From == "":
		return place{}, errors.New("it names no place; give a file, a folder, s3://bucket/prefix or https://…")
	case scheme == "s3":
		return s3Place(ctx, r)
	case scheme == "http" || scheme == "https":
		return webPlace(r)
	case scheme != r.From:
		return place{}, fmt.Errorf("%s:// is no place that can be read; give a file, a folder, s3://bucket/prefix or https://…", scheme)
	}
	return filePlace(r)
}

func filePlace(r Request) (place, error) {
	root, glob := doublestar.SplitPattern(filepath.ToSlash(r.From))
	info, err := os.Stat(r.From)
	switch {
	case err == nil && info.IsDir():
		root, glob = r.From, ""
	case err == nil:
		root, glob = path.Dir(filepath.ToSlash(r.From)), ""
	case glob == "" || !strings.ContainsAny(glob, "*?[{"):
		return place{}, fmt.Errorf("there is no such file or folder: %w", err)
	}
	p := place{name: path.Base(filepath.ToSlash(r.From))}
	if err == nil && !info.IsDir() {
		p.chosen = path.Base(filepath.ToSlash(r.From))
	}
	if strings.ContainsAny(p.name, "*?[{") {
		p.name = path.Base(root)
	}
	from, err := filepath.Abs(root)
	if err != nil {
		return place{}, err
	}
	to, err := filepath.Abs(r.Dir)
	if err != nil {
		return place{}, err
	}
	p.spec.File = &extract.FileSpec{Path: from, Glob: glob}
	written := *p.spec.File
	if rel, err := filepath.Rel(to, from); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
		written.Path = filepath.ToSlash(rel)
	}
	written.Path = literal(written.Path)
	p.written.File = &written
	if p.name == "." || p.name == "/" {
		p.name = path.Base(filepath.ToSlash(from))
	}
	return p, nil
}

func s3Place(ctx context.Context, r Request) (place, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.From, "s3://"), "/")
	if bucket == "" {
		return place{}, errors.New("it names no bucket; write s3://bucket/prefix")
	}
	prefix, glob := key, ""
	if strings.ContainsAny(key, "*?[{") {
		prefix, glob = doublestar.SplitPattern(key)
		prefix = strings.TrimPrefix(prefix, ".")
	}
	p := place{name: path.Base(strings.TrimSuffix(r.From, "/"))}
	if glob != "" {
		p.name = path.Base(bucket + "/" + prefix)
	}
	spec := extract.S3Spec{Bucket: bucket, Prefix: strings.Trim(prefix, "/"), Glob: glob, Endpoint: r.Endpoint, Region: r.Region, PathStyle: r.PathStyle}
	p.spec.S3 = &spec
	if key != "" && glob == "" && !strings.HasSuffix(key, "/") {
		// A key, or a prefix without its slash? Nothing below a prefix is an error.
		if units, err := list(ctx, p.spec); err != nil || len(units) == 0 {
			p.chosen = path.Base(key)
			spec.Prefix = strings.Trim(strings.TrimSuffix(key, p.chosen), "/")
			spec.Glob = "*"
			if units, second := list(ctx, p.spec); second != nil || !slices.Contains(p.below(units), p.chosen) {
				return place{}, cmp.Or(err, fmt.Errorf("there is neither an object nor a folder of that name in the bucket"))
			}
		}
	}
	written := spec
	written.Glob, written.Prefix = "", literal(spec.Prefix)
	p.written.S3 = &written
	return p, nil
}

// webPlace takes ${NAME} in the address from the environment, and refuses secrets that stand there as they are.
func webPlace(r Request) (place, error) {
	plain, err := expand(r.From)
	if err != nil {
		return place{}, err
	}
	u, err := url.Parse(plain)
	if err != nil || u.Host == "" {
		return place{}, errors.New("it is no address such as https://example.com/path")
	}
	masked, err := url.Parse(reference.ReplaceAllString(r.From, "REFERENCE"))
	if err != nil {
		return place{}, errors.New("it is no address such as https://example.com/path")
	}
	if password, set := masked.User.Password(); set && password != "REFERENCE" {
		return place{}, errors.New("it holds a password: put that into an environment variable and write ${NAME} in its place, in single quotes")
	}
	for name, values := range masked.Query() {
		if secretName.MatchString(name) && strings.Join(values, "") != "REFERENCE" {
			return place{}, fmt.Errorf("its parameter %s looks like a secret: put that into an environment variable and write %s=${NAME}, in single quotes", name, name)
		}
	}
	p := place{name: path.Base(strings.TrimSuffix(u.Path, "/"))}
	if p.name == "." || p.name == "/" {
		p.name = u.Hostname()
	}
	p.name = strings.TrimSuffix(p.name, path.Ext(p.name))
	p.spec.HTTP = &extract.HTTPSpec{URL: plain}
	p.written.HTTP = &extract.HTTPSpec{URL: r.From}
	if r.BearerToken != "" {
		if !reference.MatchString(r.BearerToken) {
			return place{}, errors.New("--bearer-token: put the token into an environment variable and write '${NAME}', in single quotes: it goes into the config as it stands")
		}
		if p.spec.HTTP.BearerToken, err = expand(r.BearerToken); err != nil {
			return place{}, err
		}
		p.written.HTTP.BearerToken = r.BearerToken
	}
	return p, nil
}

// expand puts the environment's values in the place of ${NAME}.
func expand(text string) (string, error) {
	var errs []error
	expanded := reference.ReplaceAllStringFunc(text, func(ref string) string {
		name := ref[2 : len(ref)-1]
		value := os.Getenv(name)
		if value == "" {
			errs = append(errs, fmt.Errorf("the environment variable %s is not set, or empty", name))
		}
		return value
	})
	return expanded, errors.Join(errs...)
}

// literal keeps the config from taking ${ in a name for a variable.
func literal(s string) string { return strings.ReplaceAll(s, "${", "$${") }

// relative is a unit's name as a glob of the place sees it: an object's key without the prefix.
func (p place) relative(unit string) string {
	if p.spec.S3 != nil && p.spec.S3.Prefix != "" {
		return strings.TrimPrefix(unit, p.spec.S3.Prefix+"/")
	}
	return unit
}

func (p place) below(units []extract.Unit) []string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = p.relative(u.Name)
	}
	return names
}

// shown is an address without what may be secret.
func shown(from string) string {
	u, err := url.Parse(from)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return from
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// list gives a place's units.
func list(ctx context.Context, spec extract.Spec) (units []extract.Unit, err error) {
	s, err := source.Open(ctx, "sample", spec)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Units(ctx, extract.Range{})
}
