package httpapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/httpapi"
)

// BenchmarkPages reads pages of an API that takes its time, and gives the ratio to what its latency alone would take.
func BenchmarkPages(b *testing.B) {
	const pages, records, latency = 200, 1000, 20 * time.Millisecond
	var page strings.Builder
	for i := range records {
		fmt.Fprintf(&page, `{"award_id":"A%09d","program_id":"P1","org_id":"O%03d","member_id":"M%06d","amount":"%d.25","currency":"USD","awarded_at":"2024-03-01T10:00:00.125Z"},`,
			i, i%50, i*7, i)
	}
	body := fmt.Sprintf(`{"total":%d,"records":[%s]}`, pages*records, strings.TrimSuffix(page.String(), ","))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		// The same records on each page would look like a loop.
		_, _ = io.WriteString(w, strings.Replace(body, `"A0`, `"A`+r.URL.Query().Get("page"), 1))
	}))
	defer server.Close()
	for _, parallel := range []int{1, 10} {
		b.Run(strconv.Itoa(parallel)+" at once", func(b *testing.B) {
			spec := extract.HTTPSpec{URL: server.URL, Records: "records", Paging: extract.PagingSpec{Type: "page", TotalPath: "total", Parallel: parallel}}
			s, err := httpapi.Open("bench", spec, extract.FormatSpec{}, extract.NewOptions())
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(pages * len(body)))
			for b.Loop() {
				r, err := s.Open(b.Context(), extract.Unit{Name: "all", Size: -1})
				if err != nil {
					b.Fatal(err)
				}
				rows := int64(0)
				for {
					batch, err := r.Next(b.Context())
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					rows += batch.Record.NumRows()
					batch.Record.Release()
				}
				if rows != pages*records {
					b.Fatalf("%d records", rows)
				}
			}
			bound := time.Duration((pages+parallel-1)/parallel) * latency
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/bound.Seconds(), "bounds")
		})
	}
}
