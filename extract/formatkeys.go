package extract

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
)

// formatKeys are the keys of a format that mean something for each type, besides type and compression.
var formatKeys = map[string][]string{
	"csv": {
		"delimiter", "quote", "escape", "lazy_quotes", "ragged", "line_end", "skip_rows", "header", "columns", "comment",
		"totals", "encoding",
	},
	"ndjson": {"encoding", "each", "elements"},
	"json":   {"encoding", "records", "each", "elements"},
	"xlsx":   {"skip_rows", "header", "columns", "totals", "sheet"},
}

// typesByExtension are the types that a name tells.
var typesByExtension = map[string]string{
	".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "json", ".parquet": "parquet",
	".xlsx": "xlsx", ".xlsm": "xlsx",
}

var compressionsByExtension = map[string]string{".gz": "gzip", ".zst": "zstd", ".zip": "zip"}

// TypeOf tells the type and the compression of a file by its name, and the extension that tells the type; an empty type
// where it does not tell.
func TypeOf(name string) (kind, compression, extension string) {
	name = strings.ToLower(path.Base(name))
	compression = "none"
	if packed := compressionsByExtension[path.Ext(name)]; packed != "" {
		name, compression = strings.TrimSuffix(name, path.Ext(name)), packed
	}
	extension = path.Ext(name)
	return typesByExtension[extension], compression, extension
}

// idle lists the keys that are set although they mean nothing for a single unit of that type.
func (f FormatSpec) idle(kind string, zipped bool) (keys []string) {
	fields := reflect.ValueOf(f)
	for i := range fields.NumField() {
		key, _, _ := strings.Cut(fields.Type().Field(i).Tag.Get("yaml"), ",")
		heeded := key == "type" || key == "compression" || key == "member" && zipped || slices.Contains(formatKeys[kind], key)
		if !heeded && !fields.Field(i).IsZero() {
			keys = append(keys, "format."+key)
		}
	}
	return keys
}

// validateFormat refuses what the format of an HTTP source says and nobody would heed.
func (h HTTPSpec) validateFormat(f FormatSpec) error {
	kind, compression := f.Type, f.Compression
	if u, err := url.Parse(h.URL); err == nil {
		byName, packed, _ := TypeOf(u.Path)
		if kind == "" {
			kind = byName
		}
		if compression == "" {
			compression = packed
		}
	}
	zipped := compression == "zip"
	if kind == "" && zipped { // the files of the archive tell
		return nil
	}
	pages := kind == "" || kind == "json" && (compression == "" || compression == "none")
	if pages {
		kind = "json"
	}
	var err error
	if keys := f.idle(kind, zipped); len(keys) > 0 {
		err = fmt.Errorf("format: %s mean nothing for %s over HTTP; leave them out", strings.Join(keys, ", "), kind)
	}
	if charset, e := f.Charset(); pages && (charset != nil || e != nil) {
		err = errors.Join(err, fmt.Errorf("format.encoding: %q: an API's JSON is UTF-8; leave it out", f.Encoding))
	}
	if pages && f.Records != "" && h.Records != "" && f.Records != h.Records {
		err = errors.Join(err, fmt.Errorf("format.records: %q, but http.records is %q; leave one of them out", f.Records, h.Records))
	}
	if p := h.Paging; !pages && p != (PagingSpec{}) {
		err = errors.Join(err, fmt.Errorf("http.paging: only json has pages, not format.type %q", kind))
	}
	return err
}
