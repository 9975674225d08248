package httpapi

import (
	"context"
	"io"
	"net/http"
	"sync"

	"github.com/partnerplus/warehouse/extract"
)

// aheadBytes bounds what a unit holds of pages whose turn has not come, and of the one that is read.
const aheadBytes = 32 << 20

// ahead asks for the pages of a unit, for those of known places before their turn comes. Whoever reads them takes them in
// their order, so a unit reads as though its pages had been asked for one after the other. A page that failed is reported in
// its turn only, and never if its turn does not come.
type ahead struct {
	source   *Source
	unit     extract.Unit
	most     int             // requests at once
	width    int             // of these for now: fewer after failures
	farthest int             // pages that may be asked for or wait to be read
	slots    chan struct{}   // held by each request until its page is received
	asked    map[int]*answer // by the number of their place; that of the page at hand is not in it
	entered  <-chan struct{} // closed once the request made last has had its turn
}

func newAhead(s *Source, unit extract.Unit) *ahead {
	most := max(1, s.spec.Paging.Parallel)
	if bound := s.spec.Rate.Concurrent; bound > 0 {
		most = min(most, bound)
	}
	entered := make(chan struct{})
	close(entered)
	farthest := 2 * most
	if most == 1 {
		farthest = 1
	}
	return &ahead{
		source: s, unit: unit, most: most, width: most, farthest: farthest,
		slots: make(chan struct{}, most), asked: map[int]*answer{}, entered: entered,
	}
}

// reach is how many pages may be asked for or wait to be read: more than are asked for at once, so that the next request
// begins as soon as a page is there, read or not.
func (a *ahead) reach() int {
	if a.width < a.most {
		return a.width
	}
	return a.farthest
}

// take gives the answer for the first of the places, once it begins, and asks for the others meanwhile. Its body must be
// closed. Answers for other places are dropped.
func (a *ahead) take(ctx context.Context, places []place) (*http.Response, error) {
	wanted := make(map[int]*answer, len(places))
	failed := false
	for _, at := range places {
		if known := a.asked[at.number]; known != nil {
			wanted[at.number] = known
			delete(a.asked, at.number)
			failed = failed || known.failed()
		}
	}
	a.drop()
	a.asked = wanted
	for i, at := range places {
		// A failure may mean that the API is asked too much: it is heeded first.
		if a.asked[at.number] == nil && (i == 0 || i < a.reach() && !failed) {
			a.asked[at.number] = a.ask(ctx, at)
		}
	}
	first := a.asked[places[0].number]
	delete(a.asked, places[0].number)
	<-first.begun // as the end of its context makes it, too
	if first.err != nil {
		first.drop()
		return nil, first.err
	}
	response := *first.response
	response.Body = first
	return &response, nil
}

// slower is told of a failure: what is under way is given up, and less is asked at once from now on.
func (a *ahead) slower() {
	a.width = max(1, a.width/2)
	for number, asked := range a.asked {
		if !asked.whole() {
			asked.drop()
			delete(a.asked, number)
		}
	}
}

// faster is told of a page that came whole.
func (a *ahead) faster() { a.width = min(a.most, a.width+1) }

// drop gives up all pages whose turn has not come.
func (a *ahead) drop() {
	for _, asked := range a.asked {
		asked.cancel()
	}
	for _, asked := range a.asked {
		asked.drop()
	}
	clear(a.asked)
}

// ask begins a request. Requests have their turns in the order of their pages: a page that waits for its turn would wait for
// ever if the pages after it, which are read after it, had taken all.
func (a *ahead) ask(ctx context.Context, at place) *answer {
	q := &answer{bound: aheadBytes / a.farthest, begun: make(chan struct{}), ended: make(chan struct{})}
	q.changed.L = &q.mu
	ctx, q.cancel = context.WithCancel(ctx)
	before, entered := a.entered, make(chan struct{})
	a.entered = entered
	go func() {
		defer close(q.ended)
		pass := sync.OnceFunc(func() { close(entered) })
		defer pass()
		if q.err = a.turn(ctx, before); q.err != nil {
			close(q.begun)
			return
		}
		defer func() { <-a.slots }()
		enter := func(ctx context.Context) (leave func(), err error) {
			defer pass()
			return a.source.limit.enter(ctx)
		}
		q.response, q.err = a.source.send(ctx, a.unit, at, enter, func(request *http.Request) { //nolint:bodyclose // fill does
			request.Header.Set("Accept", "application/json")
			request.Header.Set("Accept-Encoding", "gzip")
		})
		close(q.begun)
		if q.err == nil {
			q.fill(q.response.Body)
		}
	}()
	return q
}

// turn waits until the request before has had its turn, and there is room for another.
func (a *ahead) turn(ctx context.Context, before <-chan struct{}) error {
	select {
	case <-before:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case a.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// answer is a page that was asked for. Its body is received in the background, as far as there is room. It is an
// io.ReadCloser for whoever's turn it is.
type answer struct {
	bound    int // bytes that wait to be read
	cancel   context.CancelFunc
	begun    chan struct{} // closed once there is a response or an error
	response *http.Response
	err      error
	ended    chan struct{} // closed once its goroutine is gone

	mu       sync.Mutex
	changed  sync.Cond
	received []byte // and not read yet
	end      error  // what follows it; nil while there may be more
	closed   bool
}

// fill receives the body.
func (q *answer) fill(body io.ReadCloser) {
	defer func() { _ = body.Close() }() // it is read to its end, or given up
	chunk := make([]byte, 64<<10)
	for end := error(nil); end == nil; {
		var n int
		n, end = body.Read(chunk)
		q.mu.Lock()
		for len(q.received) >= q.bound && !q.closed {
			q.changed.Wait()
		}
		if q.closed {
			end = io.ErrClosedPipe
		}
		q.received, q.end = append(q.received, chunk[:n]...), end
		q.changed.Broadcast()
		q.mu.Unlock()
	}
}

// Read implements io.Reader.
func (q *answer) Read(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.received) == 0 && q.end == nil {
		q.changed.Wait()
	}
	if len(q.received) == 0 {
		return 0, q.end
	}
	n := copy(p, q.received)
	q.received = q.received[n:]
	q.changed.Broadcast()
	return n, nil
}

// Close implements io.Closer. It returns once nothing is under way any more.
func (q *answer) Close() error {
	q.cancel()
	q.mu.Lock()
	q.closed = true
	q.changed.Broadcast()
	q.mu.Unlock()
	<-q.ended
	return nil
}

func (q *answer) drop() { _ = q.Close() }

// whole tells whether all of the page is here.
func (q *answer) whole() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.end == io.EOF
}

// failed tells whether the page is known to have failed.
func (q *answer) failed() bool {
	select {
	case <-q.begun:
	default:
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err != nil || q.end != nil && q.end != io.EOF
}
