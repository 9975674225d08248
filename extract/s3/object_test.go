package s3

import (
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// endless serves the bytes of one long object, made up as they are asked for.
type endless struct{ size int64 }

// block is as long as a prime number, so that no two parts are alike.
var block = func() []byte {
	b := make([]byte, 65_521)
	for i := range b {
		b[i] = byte(i * i >> 7)
	}
	return b
}()

func (e endless) ReadAt(p []byte, offset int64) (n int, err error) {
	p = p[:max(0, min(int64(len(p)), e.size-offset))]
	for n < len(p) {
		n += copy(p[n:], block[(offset+int64(n))%int64(len(block)):])
	}
	if n == 0 {
		err = io.EOF
	}
	return n, err
}

func (e endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", r.Header.Get("If-Match"))
	http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(e, 0, e.size))
}

// An object of any size takes the memory of the parts that are fetched at once.
func TestMemoryIsBounded(t *testing.T) {
	const size = 160<<20 + 3
	server := httptest.NewServer(endless{size})
	defer server.Close()
	want := digest(t, io.NewSectionReader(endless{size}, 0, size))
	for _, parallel := range []int{1, 4} {
		t.Run(strconv.Itoa(parallel), func(t *testing.T) {
			s, err := Open(t.Context(), "partner", extract.S3Spec{Bucket: "b", Endpoint: server.URL, PathStyle: true, AccessKeyID: "a", SecretAccessKey: "b",
				Parallel: parallel}, extract.FormatSpec{}, extract.NewOptions())
			if err != nil {
				t.Fatal(err)
			}
			o := newObject(t.Context(), s, extract.Unit{Name: "a", Version: "x", Size: size})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := digest(t, o)
			runtime.ReadMemStats(&after)
			if got != want || o.BytesRead() != size {
				t.Errorf("%d bytes of %x, not %x", o.BytesRead(), got, want)
			}
			// All that was ever allocated, by the server, too, and not only what was held at once.
			most := uint64(8 << 20)
			if parallel > 1 {
				most += uint64(parallel) * partBytes
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("%d bytes allocated, more than %d", n, most)
			}
			if err := o.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func digest(t *testing.T, r io.Reader) uint32 {
	t.Helper()
	sum := crc32.NewIEEE()
	if _, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{r}, make([]byte, 256<<10)); err != nil {
		t.Fatal(err)
	}
	return sum.Sum32()
}
