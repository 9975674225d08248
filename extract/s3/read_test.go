package s3_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// big is an ndjson of so many rows of 512 bytes.
func big(rows int) []byte {
	row := `{"id": 1, "text": "` + strings.Repeat("x", 512-22) + "\"}\n"
	return []byte(strings.Repeat(row, rows))
}

func TestParallelParts(t *testing.T) {
	t.Parallel()
	server := start(t)
	const rows = 50_000 // four parts, the last a short one
	server.Put(t, bucket, "big.ndjson", big(rows))
	var now, most atomic.Int64
	var gate sync.WaitGroup
	gate.Add(3)
	front := stand(t, server, func(_ http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, ".ndjson") {
			return false
		}
		most.Store(max(most.Load(), now.Add(1)))
		if strings.Contains(r.Header.Get("Range"), "-8388607") || strings.Contains(r.Header.Get("Range"), "-16777215") ||
			strings.Contains(r.Header.Get("Range"), "-25165823") {
			gate.Done()
			gate.Wait() // all three are under way at once
		}
		now.Add(-1)
		return false
	})
	spec := spec(server)
	spec.Endpoint, spec.Parallel = front.URL, 3
	s := open(t, spec, quick())
	unit := list(t, s)[0]
	if n, err := count(t, s, unit); n != rows || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	_, objects := front.asked()
	if len(objects) != 4 || most.Load() > 3 {
		t.Errorf("%d requests, %d at once", len(objects), most.Load())
	}
	for _, r := range objects {
		if r.Header.Get("If-Match") != `"`+unit.Version+`"` {
			t.Errorf("a request with If-Match: %q", r.Header.Get("If-Match"))
		}
	}
}

func TestBrokenParts(t *testing.T) {
	t.Parallel()
	server := start(t)
	const rows = 40_000
	server.Put(t, bucket, "big.ndjson", big(rows))
	for _, test := range []struct {
		cuts     int64
		parallel int
		intact   bool
	}{{4, 2, true}, {4, 1, true}, {1000, 2, false}} {
		front, _ := flaky(t, server, test.cuts, 100_000)
		spec := spec(server)
		spec.Endpoint, spec.Parallel = front.URL, test.parallel
		s := open(t, spec, quick())
		n, err := count(t, s, list(t, s)[0])
		if test.intact != (err == nil && n == rows) || !test.intact && !strings.Contains(err.Error(), "broke 5 times") {
			t.Errorf("%+v: %d rows, %v", test, n, err)
		}
	}
}

// An object that is replaced while it is read never gives rows of both.
func TestChangeInTheMiddle(t *testing.T) {
	t.Parallel()
	server := start(t)
	for _, parallel := range []int{1, 3} {
		server.Put(t, bucket, "big.ndjson", big(60_000))
		front, requests := flaky(t, server, 1, 1<<20)
		var once sync.Once
		spec := spec(server)
		spec.Endpoint, spec.Parallel = front.URL, parallel
		s := open(t, spec, quick(extract.WithPause(func(context.Context, time.Duration) error {
			once.Do(func() { server.Put(t, bucket, "big.ndjson", big(60_001)) })
			return nil
		})))
		_, err := count(t, s, list(t, s)[0])
		if !errors.Is(err, extract.ErrChanged) {
			t.Errorf("%d at once, after %d requests: %v", parallel, requests.Load(), err)
		}
	}
}

func TestServersThatIgnoreConditions(t *testing.T) {
	t.Parallel()
	server := start(t)
	server.Put(t, bucket, "a.ndjson", big(1000))
	for name, test := range map[string]struct {
		header string
		want   string
	}{
		"If-Match": {"If-Match", "changed"},
		"Range":    {"Range", "the server sends"},
	} {
		var broken atomic.Bool
		front := stand(t, server, func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, ".ndjson") {
				return false
			}
			etag := `"other"`
			if test.header == "Range" {
				etag = r.Header.Get("If-Match")
			}
			w.Header().Set("ETag", etag)
			w.WriteHeader(http.StatusOK) // chunked, whole, and broken the first time
			_, _ = w.Write(big(1000)[:200_000])
			if !broken.Swap(true) {
				panic(http.ErrAbortHandler)
			}
			return true
		})
		spec := spec(server)
		spec.Endpoint = front.URL
		s := open(t, spec, quick())
		if _, err := count(t, s, list(t, s)[0]); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
