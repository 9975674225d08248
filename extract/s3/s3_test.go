package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/extract/s3"
)

const bucket = "partner"

// quick retries without pauses.
func quick(options ...extract.Option) extract.Options {
	return extract.NewOptions(append([]extract.Option{
		extract.WithBackoff(func(int) time.Duration { return time.Microsecond })}, options...)...)
}

func spec(server *extracttest.Server) extract.S3Spec {
	return extract.S3Spec{
		Bucket: bucket, Endpoint: server.Endpoint, PathStyle: true,
		AccessKeyID: server.AccessKey, SecretAccessKey: server.SecretKey,
	}
}

func open(t *testing.T, spec extract.S3Spec, options extract.Options) *s3.Source {
	t.Helper()
	s, err := s3.Open(t.Context(), "partner", spec, extract.FormatSpec{}, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func start(t *testing.T) *extracttest.Server {
	t.Helper()
	server := extracttest.Start(t)
	server.CreateBucket(t, bucket)
	return server
}

func list(t *testing.T, s *s3.Source) []extract.Unit {
	t.Helper()
	units, err := s.Units(t.Context(), extract.Range{})
	if err != nil {
		t.Fatal(err)
	}
	return units
}

func count(t *testing.T, s *s3.Source, u extract.Unit) (rows int64, err error) {
	t.Helper()
	r, err := s.Open(t.Context(), u)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		batch, err := r.Next(t.Context())
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows += batch.Record.NumRows()
		batch.Record.Release()
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server := extracttest.Start(t)
	conformance(t, server, "bucket", func(*extract.S3Spec) {})
	conformance(t, server, "resumed", func(spec *extract.S3Spec) {
		spec.Resume = &extract.ResumeSpec{Lookback: time.Hour, FullEvery: 24 * time.Hour}
		spec.Prefix, spec.Parallel = "/in/", 4
	})
}

func conformance(t *testing.T, server *extracttest.Server, name string, change func(*extract.S3Spec)) {
	t.Helper()
	buckets := 0
	extracttest.Run(t, func(t *testing.T) extracttest.Fixture {
		buckets++
		spec := spec(server)
		change(&spec)
		spec.Bucket = fmt.Sprintf("%s-%d", name, buckets)
		server.CreateBucket(t, spec.Bucket)
		return extracttest.Fixture{
			Source:  "partner",
			Units:   [3]string{"in/a/1.csv", "in/a/2.csv.gz", "in/b.csv"},
			Secrets: []string{server.SecretKey},
			Open:    func(t *testing.T) extract.Source { return open(t, spec, quick()) },
			Broken: func(t *testing.T) extract.Source {
				spec := spec
				spec.Bucket = "missing"
				return open(t, spec, quick())
			},
			Put: func(t *testing.T, unit string, rows []extracttest.Row) {
				server.Put(t, spec.Bucket, unit, extracttest.CSV(t, unit, rows))
			},
			Remove: func(t *testing.T, unit string) { server.Delete(t, spec.Bucket, unit) },
		}
	})
}

func TestListing(t *testing.T) {
	t.Parallel()
	server := start(t)
	var group sync.WaitGroup
	for part := range 4 {
		group.Go(func() {
			for i := part; i < 1100; i += 4 {
				server.Put(t, bucket, fmt.Sprintf("many/%04d.csv", i), []byte("a\n1\n"))
			}
		})
	}
	group.Wait()
	server.Put(t, bucket, "many-others/1.csv", []byte("a\n1\n"))

	spec := spec(server)
	spec.Prefix, spec.Glob = "many", "*.csv"
	if units := list(t, open(t, spec, quick())); len(units) != 1100 {
		t.Errorf("%d units", len(units))
	}
	spec.Glob = "10?0.csv"
	if units := list(t, open(t, spec, quick())); len(units) != 10 {
		t.Errorf("%d units match %s", len(units), spec.Glob)
	}
	spec.Glob = "nothing"
	if units := list(t, open(t, spec, quick())); len(units) != 0 {
		t.Errorf("%d units match %s", len(units), spec.Glob)
	}
	spec.MinAge = time.Hour
	spec.Glob = ""
	if units := list(t, open(t, spec, quick())); len(units) != 0 {
		t.Errorf("%d units are an hour old", len(units))
	}
	spec.MinAge = 0
	server.KeepVersions(t, bucket)
	for i := range 4 { // so that its versions stand on two pages
		server.Put(t, bucket, "many/0998.csv", fmt.Appendf(nil, "a\n%d\n", i))
	}
	spec.Versions = "all"
	versions := map[string][]string{}
	for _, u := range list(t, open(t, spec, quick())) {
		versions[u.Name] = append(versions[u.Name], u.Version)
	}
	spec.Versions, spec.Glob = "", "0998.csv"
	newest := list(t, open(t, spec, quick()))[0].Version
	if v := versions["many/0998.csv"]; len(versions) != 1100 || len(v) != 5 || v[4] != newest {
		t.Errorf("%d keys, one with the versions %v; the newest is %s", len(versions), v, newest)
	}
	spec.Prefix = "man"
	if _, err := open(t, spec, quick()).Units(t.Context(), extract.Range{}); err == nil || !strings.Contains(err.Error(), "s3.prefix") {
		t.Errorf("a missing prefix: %v", err)
	}
}

func TestErrorsHelp(t *testing.T) {
	t.Parallel()
	server := start(t)
	for name, test := range map[string]struct {
		change func(*extract.S3Spec)
		want   string
	}{
		"wrong secret":   {func(s *extract.S3Spec) { s.SecretAccessKey = "wrong-secret-key" }, "check s3.access_key_id and s3.secret_access_key"},
		"wrong key":      {func(s *extract.S3Spec) { s.AccessKeyID = "nobody" }, "check s3.access_key_id and s3.secret_access_key"},
		"missing bucket": {func(s *extract.S3Spec) { s.Bucket = "missing" }, `check s3.bucket, "missing"`},
		"nobody there":   {func(s *extract.S3Spec) { s.Endpoint = "http://127.0.0.1:1" }, "check s3.endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := spec(server)
			test.change(&spec)
			_, err := open(t, spec, quick()).Units(t.Context(), extract.Range{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			for _, secret := range []string{server.SecretKey, "wrong-secret-key"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the secret is in the error: %v", err)
				}
			}
		})
	}
}

// flaky stands before a server and cuts the bodies of the first answers to GETs of objects after so many bytes.
func flaky(t *testing.T, server *extracttest.Server, cuts int64, after int) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	var seen atomic.Int64
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error {
			if r.Request.Method == http.MethodGet && strings.Contains(r.Request.URL.Path, ".") && seen.Add(1) <= cuts {
				r.Body = struct {
					io.Reader
					io.Closer
				}{io.MultiReader(io.LimitReader(r.Body, int64(after)), cut{}), r.Body}
			}
			return nil
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { // the proxy aborts a cut answer by a panic; without its log
			if p := recover(); p != nil {
				panic(http.ErrAbortHandler)
			}
		}()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return front, &seen
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBrokenDownloads(t *testing.T) {
	t.Parallel()
	server := start(t)
	key := "big.csv"
	server.Put(t, bucket, key, extracttest.CSV(t, key, extracttest.Rows("big", 100_000)))
	spec := spec(server)
	for _, test := range []struct {
		cuts   int64
		intact bool
	}{{0, true}, {4, true}, {100, false}} {
		front, requests := flaky(t, server, test.cuts, 100_000)
		spec.Endpoint = front.URL
		s := open(t, spec, quick())
		rows, err := count(t, s, list(t, s)[0])
		switch {
		case test.intact && (err != nil || rows != 100_000):
			t.Errorf("%d cuts: %d rows, %v", test.cuts, rows, err)
		case !test.intact && (err == nil || !strings.Contains(err.Error(), "broke 5 times")):
			t.Errorf("%d cuts: %v", test.cuts, err)
		case test.intact && requests.Load() != test.cuts+1:
			t.Errorf("%d cuts: %d requests", test.cuts, requests.Load())
		}
	}
}

func TestParquet(t *testing.T) {
	t.Parallel()
	server := start(t)
	schema := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64}}, nil)
	b := array.NewInt64Builder(memory.DefaultAllocator)
	defer b.Release()
	for i := range int64(200_000) {
		b.Append(i * 7919)
	}
	ids := b.NewArray()
	defer ids.Release()
	rec := array.NewRecord(schema, []arrow.Array{ids}, int64(ids.Len()))
	defer rec.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(60_000)),
		pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(rec), w.Close()); err != nil {
		t.Fatal(err)
	}
	key := "a.parquet"
	server.Put(t, bucket, key, out.Bytes())
	front, requests := flaky(t, server, 2, 5)
	spec := spec(server)
	spec.Endpoint = front.URL
	s := open(t, spec, quick())
	unit := list(t, s)[0]
	rows, err := count(t, s, unit)
	if err != nil || rows != 200_000 {
		t.Errorf("%d rows, %v", rows, err)
	}
	if n := requests.Load(); n > 10 {
		t.Errorf("%d requests for 4 row groups", n)
	}
	server.Put(t, bucket, key, out.Bytes()[:1000])
	if _, err = count(t, s, unit); !errors.Is(err, extract.ErrChanged) {
		t.Errorf("a changed object: %v", err)
	}
}

func TestStalledDownload(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.(http.Flusher).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer front.Close()
	defer close(release)
	s := open(t, extract.S3Spec{Bucket: bucket, Endpoint: front.URL, PathStyle: true, AccessKeyID: "a", SecretAccessKey: "b"},
		quick(extract.WithIdle(30*time.Millisecond)))
	_, err := count(t, s, extract.Unit{Name: "a.csv", Version: "x", Size: 1000})
	if err == nil || !strings.Contains(err.Error(), "no progress") {
		t.Errorf("got %v", err)
	}
}
