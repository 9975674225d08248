package operation_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The company's size.
const (
	members           = 12
	awardsPerDay      = 12
	redemptionsPerDay = 4
)

// company delivers awards as one file a day, and redemptions through its API. What it delivers on a day is of the day before.
type company struct {
	dir  string // of the files
	zone *time.Location
	api  *httptest.Server
	away atomic.Bool // the API

	mu          sync.Mutex
	awards      map[string]entry
	redemptions map[string]entry
}

// entry is an award or a redemption as it now is.
type entry struct {
	id      string
	member  int
	kind    string
	cents   int64
	at      time.Time
	updated time.Time
}

func newCompany(t *testing.T, dir string, zone *time.Location) *company {
	t.Helper()
	c := &company{dir: filepath.Join(dir, "awards"), zone: zone, awards: map[string]entry{}, redemptions: map[string]entry{}}
	must(t, os.MkdirAll(c.dir, 0o755))
	c.api = serve(t, c.answer)
	return c
}

// serve answers requests on connections that end with the answer.
func serve(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(answer)
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// name is what the file of a day's awards is called.
func name(day time.Time) string { return "awards-" + day.Format(time.DateOnly) + ".csv" }

// deliver brings what happened from one day until another, in one file and in the API.
func (c *company) deliver(t *testing.T, from, until time.Time) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var delivered []entry
	for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		for n := range awardsPerDay {
			e := entry{id: fmt.Sprintf("A-%s-%d", date, n), member: (n + day.YearDay()) % members, kind: "award", cents: 5_000 + int64(137*n+41*day.YearDay())%3_000}
			if n == awardsPerDay-1 {
				e.kind, e.cents = "reversal", 333
			}
			e.at = time.Date(day.Year(), day.Month(), day.Day(), 2*n, 5, 0, 0, c.zone) // one at 00:05, the last at 22:05
			e.updated = e.at
			c.awards[e.id] = e
			delivered = append(delivered, e)
		}
		for n := range redemptionsPerDay {
			e := entry{id: fmt.Sprintf("R-%s-%d", date, n), member: n, kind: "redemption", cents: 1_000 + int64(89*n+day.YearDay())%500}
			e.at = time.Date(day.Year(), day.Month(), day.Day(), 7*n, 45, 0, 0, c.zone)
			e.updated = time.Now()
			c.redemptions[e.id] = e
		}
	}
	c.write(t, name(until.AddDate(0, 0, -1)), csv(delivered), time.Now())
}

// csv writes awards as a file.
func csv(awards []entry) string {
	var b strings.Builder
	fmt.Fprintln(&b, "id,member,kind,cents,at,updated")
	for _, e := range awards {
		fmt.Fprintf(&b, "%s,M-%d,%s,%d,%s,%s\n", e.id, e.member, e.kind, e.cents, e.at.Format(time.RFC3339), e.updated.UTC().Format(time.RFC3339Nano))
	}
	return b.String()
}

// write puts a file there as of an instant.
func (c *company) write(t *testing.T, file, content string, at time.Time) {
	t.Helper()
	path := filepath.Join(c.dir, file)
	must(t, os.WriteFile(path, []byte(content), 0o600))
	must(t, os.Chtimes(path, at, at))
}

func (c *company) read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(c.dir, file))
	must(t, err)
	return string(content)
}

// breakFile makes a day's file one that no mapping can read, and gives what mends it.
func (c *company) breakFile(t *testing.T, day time.Time) (mend func()) {
	t.Helper()
	whole := c.read(t, name(day))
	c.write(t, name(day), strings.ReplaceAll(whole, ",award,", ",gift,"), time.Now())
	return func() { c.write(t, name(day), whole, time.Now()) }
}

// deliverAgain brings a day's file once more under another name, and lets the file itself look new.
func (c *company) deliverAgain(t *testing.T, day time.Time) {
	t.Helper()
	content := c.read(t, name(day))
	c.write(t, name(day), content, time.Now())
	c.write(t, "again-"+name(day), content, time.Now())
}

// correct brings other amounts for an award of each of the given days, in a file of its own, and for a redemption of the last of
// them, in the API.
func (c *company) correct(t *testing.T, days ...time.Time) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var corrected []entry
	for _, day := range days {
		e := c.awards[fmt.Sprintf("A-%s-%d", day.Format(time.DateOnly), 3)]
		e.cents, e.updated = e.cents+777, time.Now()
		c.awards[e.id] = e
		corrected = append(corrected, e)
	}
	r := c.redemptions[fmt.Sprintf("R-%s-%d", days[len(days)-1].Format(time.DateOnly), 1)]
	r.cents, r.updated = r.cents-55, time.Now()
	c.redemptions[r.id] = r
	c.write(t, "corrections-"+time.Now().Format(time.DateOnly)+".csv", csv(corrected), time.Now())
}

// answer is the API: the redemptions that were changed in a span.
func (c *company) answer(w http.ResponseWriter, r *http.Request) {
	if c.away.Load() {
		panic(http.ErrAbortHandler)
	}
	from, err := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
	to, wrong := time.Parse(time.RFC3339, r.URL.Query().Get("to"))
	if err = errors.Join(err, wrong); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(c.between(from, to), ",")) // who broke off asks again
}

// between gives the redemptions that were changed from one instant and before another.
func (c *company) between(from, to time.Time) (records []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.redemptions {
		if e.updated.Before(from) || !e.updated.Before(to) {
			continue
		}
		records = append(records, fmt.Sprintf(`{"id":%q,"member":"M-%d","cents":"%d","at":%q,"updated":%q}`,
			e.id, e.member, e.cents, e.at.Format(time.RFC3339), e.updated.UTC().Format(time.RFC3339Nano)))
	}
	slices.Sort(records)
	return records
}

// sums adds up dollars awarded and redeemed by month, in hundredths.
func (c *company) sums() map[string][2]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	sums := map[string][2]int64{}
	for i, entries := range []map[string]entry{c.awards, c.redemptions} {
		for _, e := range entries {
			cents := e.cents
			if e.kind == "reversal" {
				cents = -cents
			}
			month := e.at.In(c.zone).Format("2006-01")
			sum := sums[month]
			sum[i] += cents
			sums[month] = sum
		}
	}
	return sums
}
