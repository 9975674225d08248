package pipeline

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
	"github.com/partnerplus/warehouse/transform"
)

// troubled is a site whose warehouse is reached through something that breaks the next stages of rows, and refuses the
// account of units named poison.
func troubled(t *testing.T, breaks *atomic.Int64) site {
	t.Helper()
	target, err := url.Parse(warehousetest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host}) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Query().Get("query"), "INSERT INTO etl.stage_") && breaks.Add(-1) >= 0 {
			panic(http.ErrAbortHandler)
		}
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			if bytes.Contains(body, []byte("INTO etl.unit_entities")) && bytes.Contains(body, []byte("poison")) {
				w.Header().Set("X-ClickHouse-Exception-Code", "6")
				http.Error(w, "Code: 6. DB::Exception: poison (CANNOT_PARSE_TEXT)", http.StatusInternalServerError)
				return
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	through := *target
	through.Host = strings.TrimPrefix(server.URL, "http://")
	w, err := load.Open(through.String(), load.PublishAtOnce())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if _, err := w.Migrate(t.Context(), load.Reporting{Timezone: "UTC", Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	return site{w, t.TempDir()}
}

// awardsFile is a file of so many awards of its own, and one that all files have.
func awardsFile(name string, rows int) string {
	var text strings.Builder
	text.WriteString(columns)
	for i := range rows {
		fmt.Fprintf(&text, "%s-%d,a,1,2024-01-05\n", name, i)
	}
	text.WriteString("shared,a,5,2024-02-05\n")
	return text.String()
}

const loads = "SELECT count(), uniqExact(load_id), sum(rows_read) FROM etl.units FINAL WHERE status = 'loaded'"

// TestLots loads units in lots: one that fails in the middle, one that is too large to be held, one that the warehouse
// refuses, and a connection that breaks under a lot.
func TestLots(t *testing.T) {
	t.Parallel()
	breaks := new(atomic.Int64)
	s := troubled(t, breaks)
	source := strings.Replace(awards("a: award"), "max_share: 1}", "max_rows: 1}\n    parallel: 1", 1)
	files := map[string]string{
		"awards/04.csv": columns + "bad-1,x,1,2024-01-05\nbad-2,x,1,2024-01-05\n", // more rejects than may be
		"awards/07.csv": awardsFile("07", unitRows),                               // one row too many
	}
	for _, name := range []string{"01", "02", "03", "06", "08", "09", "10"} {
		files["awards/"+name+".csv"] = awardsFile(name, 2)
	}
	s.write(t, files)
	breaks.Store(1)
	report := s.run(t, source, StatusFailed, Request{})
	got := report.Sources[0]
	if breaks.Load() >= 0 {
		t.Error("no connection broke")
	}
	if got.Loaded != 8 || got.Failed != 1 || got.Canonical != 7*3+unitRows+1 || len(report.Errors) != 1 {
		t.Errorf("the run reports %+v, %q", got, report.Errors)
	}
	s.expect(t, loads, fmt.Sprintf("8|3|%d", 7*3+unitRows+1)) // those before the large one, it, and those after
	s.expect(t, "SELECT count(), sum(amount) FROM warehouse.awards FINAL", fmt.Sprintf("%d|%d", 7*2+unitRows+1, 7*2+unitRows+5))
	s.expect(t, "SELECT unit, status, rows_read FROM etl.units FINAL WHERE unit = '04.csv'", "04.csv|failed|2")
	s.expect(t, "SELECT unit, position FROM etl.open_rejects WHERE unit = '04.csv' ORDER BY position", "04.csv|1", "04.csv|2")
	s.expect(t, "SELECT count() FROM kpi.unconserved_units", "0")
	s.expect(t, "SELECT count() FROM etl.touched_months FINAL WHERE settled = 0", "0")
	s.expect(t, "SELECT count() FROM system.tables WHERE database = 'etl' AND startsWith(name, 'stage_')", "0")

	s.write(t, map[string]string{
		"awards/11.csv": awardsFile("11", 1), "awards/12.csv": awardsFile("12", 1), "awards/poison.csv": awardsFile("poison", 1),
		"awards/13.csv": awardsFile("13", 1), "awards/14.csv": awardsFile("14", 1),
	})
	s.run(t, source, StatusFailed, Request{})
	s.expect(t, "SELECT unit, status FROM etl.units FINAL WHERE unit >= '11' ORDER BY unit", "11.csv|loaded", "12.csv|loaded", "13.csv|loaded", "14.csv|loaded", "poison.csv|failed")
	s.expect(t, "SELECT count() FROM warehouse.awards FINAL WHERE startsWith(award_id, 'poison')", "0")
}

// TestLotsAreBounded: what is held is bounded whatever the units are, for all workers together.
func TestLotsAreBounded(t *testing.T) {
	text := strings.Repeat("x", 1<<10)
	reject := heldRows{rejects: []transform.Reject{{Raw: text}}}
	for _, workers := range []int{1, 4, 16} {
		l := newLot(&units{}, workers)
		a := &attempt{atMost: l.atMost / 2}
		for a.hold(reject) {
			if a.size > l.atMost/2 {
				t.Fatalf("%d workers: a unit holds %d bytes", workers, a.size)
			}
		}
		for !l.isFull() {
			l.good, l.bytes = append(l.good, a), l.bytes+reject.bytes()*100
		}
		if int64(workers)*l.bytes > lotBytes+int64(workers)*reject.bytes()*100 {
			t.Errorf("%d workers hold %d bytes each", workers, l.bytes)
		}
	}
}
