package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
)

// shelf is an API with numbered records on pages, which notes how it is asked.
type shelf struct {
	records int
	most    int // records of a page, whatever is asked for
	allowed int // requests at once that are not refused; 0 for all

	refuse func(number, attempt int) int // a status, 0 for none
	total  func(number int) int          // nil for records
	gather int                           // so many requests have to be under way before any but the first is answered

	mu       sync.Mutex
	underWay int
	busiest  int
	together chan struct{}
	asked    map[int]int // by place
}

func newShelf(records, most int) *shelf {
	return &shelf{records: records, most: most, asked: map[int]int{}, together: make(chan struct{})}
}

func (s *shelf) enter(number int) (attempt, underWay int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[number]++
	s.underWay++
	s.busiest = max(s.busiest, s.underWay)
	if s.gather > 0 && s.underWay == s.gather {
		close(s.together)
		s.gather = 0
	}
	return s.asked[number], s.underWay
}

func (s *shelf) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.underWay--
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size, _ := strconv.Atoi(q.Get("size"))
	size = min(size, s.most)
	first, number := 0, 0
	if q.Has("offset") {
		first, _ = strconv.Atoi(q.Get("offset"))
		number = first
	} else {
		number, _ = strconv.Atoi(q.Get("page"))
		first = (number - 1) * size
	}
	waits := s.gather > 0 && first > 0
	attempt, underWay := s.enter(number)
	defer s.leave()
	if waits {
		select {
		case <-s.together:
		case <-r.Context().Done():
			return
		}
	}
	if s.allowed > 0 && underWay > s.allowed {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many", http.StatusTooManyRequests)
		return
	}
	if s.refuse != nil {
		if status := s.refuse(number, attempt); status != 0 {
			http.Error(w, "no", status)
			return
		}
	}
	total := s.records
	if s.total != nil {
		total = s.total(number)
	}
	var page strings.Builder
	last := min(first+size, s.records)
	for i := first; i < last; i++ {
		if i > first {
			page.WriteByte(',')
		}
		fmt.Fprintf(&page, `{"id":"r%d"}`, i)
	}
	_, _ = fmt.Fprintf(w, `{"records":[%s],"total":%d,"more":%t}`, page.String(), total, last < s.records)
}

func (s *shelf) spec(t *testing.T, paging extract.PagingSpec) extract.HTTPSpec {
	paging.SizeParam, paging.Size = "size", 10
	return extract.HTTPSpec{URL: serve(t, s.ServeHTTP), Records: "records", Paging: paging}
}

func TestPagesAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		records, most int
		paging        extract.PagingSpec
	}{
		"page":                        {records: 237, most: 10, paging: extract.PagingSpec{Type: "page"}},
		"page, the last one full":     {records: 240, most: 10, paging: extract.PagingSpec{Type: "page"}},
		"page with a total":           {records: 237, most: 10, paging: extract.PagingSpec{Type: "page", TotalPath: "total"}},
		"page that says more":         {records: 237, most: 10, paging: extract.PagingSpec{Type: "page", MorePath: "more"}},
		"pages as few as allowed":     {records: 237, most: 10, paging: extract.PagingSpec{Type: "page", MaxPages: 24, TotalPath: "total"}},
		"offset":                      {records: 237, most: 10, paging: extract.PagingSpec{Type: "offset"}},
		"offset with a total":         {records: 237, most: 10, paging: extract.PagingSpec{Type: "offset", TotalPath: "total"}},
		"offset of smaller pages":     {records: 237, most: 7, paging: extract.PagingSpec{Type: "offset", TotalPath: "total"}},
		"one page":                    {records: 7, most: 10, paging: extract.PagingSpec{Type: "page"}},
		"one page that is the total":  {records: 10, most: 10, paging: extract.PagingSpec{Type: "page", TotalPath: "total"}},
		"nothing":                     {records: 0, most: 10, paging: extract.PagingSpec{Type: "page", TotalPath: "total"}},
		"records that fill the pages": {records: 100, most: 10, paging: extract.PagingSpec{Type: "offset", MorePath: "more"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := newShelf(test.records, test.most)
			ids, version, err := read(t, open(t, one.spec(t, test.paging), &pauses{}))
			if err != nil {
				t.Fatal(err)
			}
			if len(ids) != test.records || one.busiest > 1 {
				t.Fatalf("one at a time: %d records, %d requests at once", len(ids), one.busiest)
			}
			many := newShelf(test.records, test.most)
			if test.records > 100 {
				many.gather = 8
			}
			test.paging.Parallel = 8
			again, sameVersion, err := read(t, open(t, many.spec(t, test.paging), &pauses{}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ids, again); diff != "" || version != sameVersion {
				t.Errorf("eight at once give version %s for %s, and others:\n%s", sameVersion, version, diff)
			}
			if many.busiest > 8 || test.records > 100 && many.busiest < 8 {
				t.Errorf("%d requests at once, want 8", many.busiest)
			}
			for number, times := range many.asked {
				if times != 1 {
					t.Errorf("page %d was asked for %d times", number, times)
				}
				if test.paging.TotalPath != "" && one.asked[number] == 0 {
					t.Errorf("page %d was asked for, though the total tells that there is none", number)
				}
			}
		})
	}
}

// The source's rate holds for all its requests, whoever makes them.
func TestPagesAtOnceKeepTheRate(t *testing.T) {
	t.Parallel()
	api := newShelf(500, 10)
	spec := api.spec(t, extract.PagingSpec{Type: "page", TotalPath: "total", Parallel: 8})
	spec.Rate = extract.RateSpec{Concurrent: 3}
	s := open(t, spec, &pauses{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if ids, _, err := read(t, s); err != nil || len(ids) != 500 {
				t.Errorf("%d records: %v", len(ids), err)
			}
		})
	}
	group.Wait()
	if api.busiest > 3 {
		t.Errorf("%d requests at once, with concurrent: 3", api.busiest)
	}
}

// Pages too long to wait in memory keep their turn until they are read: nobody waits for another.
func TestLongPagesAtOnce(t *testing.T) {
	t.Parallel()
	const pages = 6
	long := strings.Repeat("x", 12<<20) // two wait, of 16 MiB each at most
	api := func(w http.ResponseWriter, r *http.Request) {
		if number, _ := strconv.Atoi(r.URL.Query().Get("page")); number <= pages {
			_, _ = fmt.Fprintf(w, `[{"id":"%d"},{"id":%q},{"id":"z"}]`, number, long+long[:number+5<<20])
			return
		}
		_, _ = io.WriteString(w, "[]")
	}
	spec := extract.HTTPSpec{URL: serve(t, api), Paging: extract.PagingSpec{Type: "page", Parallel: 4}, Rate: extract.RateSpec{Concurrent: 2}}
	ids, _, err := read(t, open(t, spec, &pauses{}))
	if err != nil || len(ids) != 3*pages {
		t.Fatalf("%d records: %v", len(ids), err)
	}
}

// An API that is asked too much is asked less.
func TestPagesAtOnceBeyondWhatIsAllowed(t *testing.T) {
	t.Parallel()
	api := newShelf(800, 10)
	api.allowed, api.gather = 3, 8
	waits := &pauses{}
	spec := api.spec(t, extract.PagingSpec{Type: "page", TotalPath: "total", Parallel: 8})
	ids, _, err := read(t, open(t, spec, waits))
	if err != nil || len(ids) != 800 {
		t.Fatalf("%d records: %v", len(ids), err)
	}
	if len(waits.list) == 0 || waits.list[0] != time.Second {
		t.Errorf("it waited for %v, want what the API asks for", waits.list)
	}
}

func TestPagesAtOnceThatFail(t *testing.T) {
	t.Parallel()
	failing := func(number, status, times int) func(int, int) int {
		return func(n, attempt int) int {
			if n == number && attempt <= times {
				return status
			}
			return 0
		}
	}
	for name, test := range map[string]struct {
		refuse func(int, int) int
		total  func(int) int
		want   string
	}{
		"once":                 {refuse: failing(7, http.StatusBadGateway, 1)},
		"for good":             {refuse: failing(7, http.StatusBadGateway, 99), want: "5 attempts failed, the last: the server answers 502"},
		"not to be repeated":   {refuse: failing(7, http.StatusForbidden, 99), want: "the server answers 403"},
		"the last page":        {refuse: failing(24, http.StatusBadGateway, 1)},
		"beyond the end":       {refuse: failing(26, http.StatusNotFound, 99)},
		"many, every one once": {refuse: func(_, attempt int) int { return map[int]int{1: http.StatusServiceUnavailable}[attempt] }},
		"the total shrinks":    {total: func(n int) int { return 237 - n/9 }, want: "total was 237, and is 236 on page 9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newShelf(237, 10)
			api.refuse, api.total = test.refuse, test.total
			paging := extract.PagingSpec{Type: "page", Parallel: 8}
			if test.total != nil {
				paging.TotalPath = "total"
			}
			ids, _, err := read(t, open(t, api.spec(t, paging), &pauses{}))
			switch {
			case test.want == "" && (err != nil || len(ids) != 237):
				t.Errorf("%d records: %v", len(ids), err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// Whoever stops in the middle leaves no request behind.
func TestPagesAtOnceEndWithTheirReader(t *testing.T) {
	t.Parallel()
	for _, cancelled := range []bool{false, true} {
		t.Run(fmt.Sprintf("cancelled %t", cancelled), func(t *testing.T) {
			t.Parallel()
			var requests sync.WaitGroup
			arrived := make(chan struct{}, 64)
			api := func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Query().Get("page") {
				case "1":
					_, _ = io.WriteString(w, `[{"id":"1"}]`)
				case "2": // more than a batch
					_, _ = io.WriteString(w, `[{"id":"2"}`+strings.Repeat(`,{"id":"2"}`, extract.BatchRows)+`]`)
				default:
					requests.Add(1)
					defer requests.Done()
					arrived <- struct{}{}
					<-r.Context().Done()
				}
			}
			s := open(t, extract.HTTPSpec{URL: serve(t, api), Paging: extract.PagingSpec{Type: "page", Parallel: 6}}, &pauses{})
			r, err := s.Open(t.Context(), extract.Unit{Name: "all", Size: -1})
			if err != nil {
				t.Fatal(err)
			}
			batch, err := r.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			batch.Record.Release()
			for range 5 {
				<-arrived
			}
			if cancelled {
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() {
					_, err := r.Next(ctx)
					ended <- err
				}()
				<-arrived // for page 8: page 2 is read to its end
				cancel()
				if err := <-ended; !errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want that it was cancelled", err)
				}
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			requests.Wait()
		})
	}
}

func TestPagesAtOnceNeedKnownPlaces(t *testing.T) {
	t.Parallel()
	for want, spec := range map[string]extract.HTTPSpec{
		"means nothing where http.paging.type is \"cursor\"": {Paging: extract.PagingSpec{Type: "cursor", CursorPath: "next", Parallel: 4}},
		"is not between 1 and 64":                            {Paging: extract.PagingSpec{Type: "page", Parallel: 65}},
		"set http.safe if the POST only asks":                {Method: "POST", Paging: extract.PagingSpec{Type: "page", Parallel: 4}},
	} {
		spec.URL = "https://api.example.com"
		if err := (extract.Spec{HTTP: &spec}).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
