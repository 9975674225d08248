package httpapi_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
)

// files serves a csv for each month.
type files struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, found := f.files[r.URL.Path]
	if !found || r.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, "nothing here for "+r.Header.Get("Authorization"), http.StatusNotFound)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func TestDownloadConformance(t *testing.T) {
	t.Parallel()
	extracttest.Run(t, func(t *testing.T) extracttest.Fixture {
		server := &files{files: map[string][]byte{}}
		spec := extract.HTTPSpec{
			URL: serve(t, server.ServeHTTP) + "/export/{from}.csv.gz", BearerToken: token,
			Window: extract.WindowSpec{Every: "month", Start: "2024-01-01", Format: "2006-01"},
		}
		change := func(unit string, content []byte) {
			server.mu.Lock()
			defer server.mu.Unlock()
			if content == nil {
				delete(server.files, "/export/"+unit+".csv.gz")
				return
			}
			server.files["/export/"+unit+".csv.gz"] = content
		}
		return extracttest.Fixture{
			Source:  "partner",
			Units:   [3]string{"2024-01", "2024-02", "2024-03"},
			Secrets: []string{token},
			Open:    func(t *testing.T) extract.Source { return open(t, spec, &pauses{}) },
			Broken: func(t *testing.T) extract.Source {
				spec := spec
				spec.URL = "http://127.0.0.1:1/x.csv.gz?key=" + token
				return open(t, spec, &pauses{})
			},
			Put: func(t *testing.T, unit string, rows []extracttest.Row) {
				change(unit, extracttest.CSV(t, "x.csv.gz", rows))
			},
			Remove: func(_ *testing.T, unit string) { change(unit, nil) },
		}
	})
}

func csvOf(n int) string {
	var b strings.Builder
	b.WriteString("id\n")
	for i := range n {
		fmt.Fprintf(&b, "%07d\n", i)
	}
	return b.String()
}

// A download that breaks is read on where it broke, if the server can and it is the same file still; else it is read
// again up to there, and must be the same.
func TestDownloadBreaks(t *testing.T) {
	t.Parallel()
	content := csvOf(50_000)
	for name, test := range map[string]struct {
		ranges, etag bool
		changes      bool
		want         string
		ranged       int // requests for a range
	}{
		"read on":                      {true, true, false, "", 1},
		"read again":                   {false, false, false, "", 0},
		"no name for the content":      {true, false, false, "", 0},
		"changed, and the server says": {true, true, true, "the file is another one now", 1},
		"changed, and it does not":     {false, false, true, "the file is another one now", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests, ranged := 0, 0
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
				served, tag := content, `"one"`
				if requests > 1 && test.changes {
					served, tag = strings.Replace(content, "0000007", "0000008", 1), `"two"`
				}
				if r.Header.Get("Range") != "" {
					ranged++
				}
				if test.etag {
					w.Header().Set("ETag", tag)
				}
				if test.ranges {
					w.Header().Set("Accept-Ranges", "bytes")
				}
				if requests == 1 {
					w.Header().Set("Content-Length", fmt.Sprint(len(content)))
					_, _ = io.WriteString(w, content[:200_000])
					w.(http.Flusher).Flush()
					panic(http.ErrAbortHandler)
				}
				if !test.ranges {
					r.Header.Del("Range")
				}
				http.ServeContent(w, r, "x.csv", time.Time{}, strings.NewReader(served))
			})
			ids, version, err := read(t, open(t, extract.HTTPSpec{URL: url + "/x.csv"}, &pauses{}))
			if test.want == "" && (err != nil || len(ids) != 50_000 || ids[49_999] != "0049999" || len(version) != 64) {
				t.Errorf("%d rows, version %q, %v", len(ids), version, err)
			}
			if test.want != "" && (!errors.Is(err, extract.ErrChanged) || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v", err)
			}
			if ranged != test.ranged {
				t.Errorf("%d ranges", ranged)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64}}, nil))
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues([]int64{1, 2}, nil)
	rec := b.NewRecord()
	defer rec.Release()
	var parquet bytes.Buffer
	w, err := pqarrow.NewFileWriter(rec.Schema(), &parquet, nil, pqarrow.DefaultWriterProps())
	if err == nil {
		err = errors.Join(w.Write(rec), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	archive := zip.NewWriter(&zipped)
	member, err := archive.Create("export.csv")
	if err == nil {
		_, err = io.WriteString(member, "id\n1\n2\n")
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		path, content string
		format        extract.FormatSpec
		encoding      string
	}{
		"csv":                      {"/x.csv", "id\n1\n2\n", extract.FormatSpec{}, ""},
		"csv, packed on the way":   {"/x.csv", packed("id\n1\n2\n"), extract.FormatSpec{}, "gzip"},
		"csv.gz":                   {"/x.csv.gz", packed("id\n1\n2\n"), extract.FormatSpec{}, ""},
		"csv.gz, labelled as such": {"/x.csv.gz", packed("id\n1\n2\n"), extract.FormatSpec{}, "gzip"},
		"ndjson":                   {"/export", "{\"id\":1}\n{\"id\":2}\n", extract.FormatSpec{Type: "ndjson"}, ""},
		"json.gz":                  {"/x.json.gz", packed(`[{"id":1},{"id":2}]`), extract.FormatSpec{}, ""},
		"parquet":                  {"/x.parquet", parquet.String(), extract.FormatSpec{}, ""},
		"zip":                      {"/x.zip", zipped.String(), extract.FormatSpec{}, ""},
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if test.encoding != "" {
				w.Header().Set("Content-Encoding", test.encoding)
			}
			_, _ = io.WriteString(w, test.content)
		})
		ids, version, err := read(t, openAs(t, extract.HTTPSpec{URL: url + test.path}, test.format, &pauses{}))
		if err != nil || fmt.Sprint(ids) != "[1 2]" || len(version) != 64 {
			t.Errorf("%s: %v, version %q, %v", name, ids, version, err)
		}
	}
}

func TestHostileDownloads(t *testing.T) {
	t.Parallel()
	none := 0
	for name, test := range map[string]struct {
		serve http.HandlerFunc
		path  string
		spec  extract.HTTPSpec
		want  string
	}{
		"no end":                   {raw("HTTP/1.1 200 OK\r\n\r\nid\n1\n"), "/x.csv", extract.HTTPSpec{}, "does not tell where it ends"},
		"cut short":                {raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nid\n1\n"), "/x.csv", extract.HTTPSpec{}, "5 attempts failed"},
		"a chunk cut off":          {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nid\n1\n\r\n"), "/x.csv", extract.HTTPSpec{}, "5 attempts failed"},
		"packed, cut short":        {raw("HTTP/1.1 200 OK\r\n\r\n" + packed("id\n1\n")[:20]), "/x.csv.gz", extract.HTTPSpec{}, "cut short"},
		"nothing":                  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "/x.csv", extract.HTTPSpec{}, "204"},
		"a login page":             {answer("<!doctype html><title>Sign in</title>"), "/x.csv", extract.HTTPSpec{}, "asks for a login"},
		"a login page for Parquet": {answer("<!doctype html><title>Sign in</title>"), "/x.parquet", extract.HTTPSpec{}, "asks for a login"},
		"a broken Parquet":         {answer("PAR1 and no more"), "/x.parquet", extract.HTTPSpec{}, "Parquet"},
		"another range": {func() http.HandlerFunc {
			n := 0
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("ETag", `"one"`)
				w.Header().Set("Accept-Ranges", "bytes")
				if n++; n == 1 {
					w.Header().Set("Content-Length", "100")
					_, _ = io.WriteString(w, "id\n1\n")
					return
				}
				w.Header().Set("Content-Range", "bytes 0-99/100")
				w.WriteHeader(http.StatusPartialContent)
			}
		}(), "/x.csv", extract.HTTPSpec{}, "where byte 5 on was asked for"},
		"a drip":             {stuck("id\n1\n"), "/x.csv", extract.HTTPSpec{RequestTimeout: 50 * time.Millisecond, MaxRetries: &none}, "sends too slowly"},
		"a unit without end": {stuck("id\n1\n"), "/x.parquet", extract.HTTPSpec{Deadline: 50 * time.Millisecond}, "not read within http.deadline"},
		"refused": {func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "bad "+r.URL.RawQuery, http.StatusForbidden)
		}, "/x.csv", extract.HTTPSpec{}, "403 Forbidden: bad key=***"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.spec.URL = serve(t, test.serve) + test.path
			test.spec.Auth.Query = &extract.KeySpec{Name: "key", Value: "api-key-1"}
			_, version, err := read(t, open(t, test.spec, &pauses{}))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "api-key-1") || version != "" {
				t.Errorf("version %q, got %v, want %q", version, err, test.want)
			}
		})
	}
	spec := extract.HTTPSpec{URL: "http://127.0.0.1:1/x.csv", Paging: extract.PagingSpec{Type: "page"}}
	if _, err := openSpec(spec, extract.FormatSpec{}); err == nil || !strings.Contains(err.Error(), "http.paging is for pages of JSON, but x.csv is a csv") {
		t.Errorf("pages of csv: %v", err)
	}
}
