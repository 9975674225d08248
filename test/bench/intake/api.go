package intake

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// api is a server of pages of awards. Every request takes a while, and more than some at once are refused.
type api struct {
	latency time.Duration
	atOnce  int64
	total   uint64   // records
	pages   *os.File // the pages' records, one page behind the other: memory is the program's matter here
	ends    []int64  // where in it each page ends

	running, served, refused atomic.Int64
}

// add adds a page of records, a line each.
func (a *api) add(page []byte) error {
	records := bytes.ReplaceAll(bytes.TrimSuffix(page, []byte("\n")), []byte("\n"), []byte(","))
	if _, err := a.pages.Write(records); err != nil {
		return err
	}
	end, err := a.pages.Seek(0, io.SeekCurrent)
	a.ends = append(a.ends, end)
	return err
}

// ServeHTTP gives the page that the parameter page names, from 1.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer a.running.Add(-1)
	if a.running.Add(1) > a.atOnce {
		a.refused.Add(1)
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many requests at once", http.StatusTooManyRequests)
		return
	}
	time.Sleep(a.latency) // what is measured against
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 1 {
		http.Error(w, "page counts from 1", http.StatusBadRequest)
		return
	}
	a.served.Add(1)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"total":%d,"records":[`, a.total)
	if page <= len(a.ends) {
		from := int64(0)
		if page > 1 {
			from = a.ends[page-2]
		}
		_, _ = io.Copy(w, io.NewSectionReader(a.pages, from, a.ends[page-1]-from)) // a client that left needs no answer
	}
	_, _ = io.WriteString(w, "]}")
}

// bound is the least time in which all pages can be had.
func (a *api) bound() time.Duration {
	return a.latency * time.Duration(len(a.ends)) / time.Duration(a.atOnce)
}
