package s3_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/s3"
)

// testContext is for rapid's tests, which have none of their own.
var testContext = context.Background()

var epoch = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)

// since lists on from a cursor.
func since(t interface {
	Helper()
	Fatal(args ...any)
}, s *s3.Source, cursor string) ([]string, string) {
	t.Helper()
	units, next, err := s.UnitsSince(testContext, cursor)
	if err != nil {
		t.Fatal(err)
	}
	return names(units), next
}

func TestResume(t *testing.T) {
	t.Parallel()
	server := start(t)
	front := stand(t, server, nil)
	now := time.Now()
	spec := spec(server)
	spec.Endpoint, spec.Prefix, spec.Glob = front.URL, "awards", "dt={date}/*.csv"
	spec.Resume = &extract.ResumeSpec{Lookback: 72 * time.Hour, FullEvery: 24 * time.Hour}
	s := open(t, spec, quick(extract.WithClock(func() time.Time { return now })))
	put(t, server, "awards/dt=2024-03-01/a.csv", "awards/dt=2024-03-09/a.csv", "awards/dt=2024-03-10/a.csv")
	listed, cursor := since(t, s, "")
	if len(listed) != 3 || len(cursor) > 2000 {
		t.Errorf("%q, %q", listed, cursor)
	}
	put(t, server, "awards/dt=2024-03-02/late.csv", "awards/dt=2024-03-07/late.csv", "awards/dt=2024-03-11/a.csv")
	front.asked()
	now = now.Add(time.Hour)
	again, next := since(t, s, cursor)
	want := []string{"awards/dt=2024-03-09/a.csv", "awards/dt=2024-03-10/a.csv", "awards/dt=2024-03-07/late.csv", "awards/dt=2024-03-11/a.csv"}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(again))); diff != "" {
		t.Error(diff)
	}
	listings, _ := front.asked()
	if got := listings[0].URL.Query().Get("start-after"); len(listings) != 1 || got != "awards/dt=2024-03-06~" {
		t.Errorf("%d listings, after %q", len(listings), got)
	}
	if repeated, _ := since(t, s, cursor); !cmp.Equal(repeated, again) {
		t.Errorf("the old cursor lists %q, then %q", again, repeated)
	}
	now = now.Add(23 * time.Hour)
	if all, _ := since(t, s, next); len(all) != 6 {
		t.Errorf("a whole listing has %q", all)
	}
	now = now.Add(-23 * time.Hour)

	// Another pattern is another place.
	spec.Glob = "dt={date}/**"
	other := open(t, spec, quick(extract.WithClock(func() time.Time { return now })))
	if all, _ := since(t, other, next); len(all) != 6 {
		t.Errorf("another pattern lists %q", all)
	}
	spec.Resume = nil
	if all, none := since(t, open(t, spec, quick()), "anything"); len(all) != 6 || none != "" {
		t.Errorf("without resume: %q, %q", all, none)
	}
	for _, broken := range []string{"x", "{}", `{"place": "x", "full": "2024-03-01T00:00:00Z", "more": 1}`} {
		if _, _, err := s.UnitsSince(t.Context(), broken); err == nil || !strings.Contains(err.Error(), "start anew") {
			t.Errorf("%s: %v", broken, err)
		}
	}
}

func TestResumeByNames(t *testing.T) {
	t.Parallel()
	server := start(t)
	front := stand(t, server, nil)
	now := time.Now().Add(2 * time.Hour) // everything below is older than the lookback
	spec := spec(server)
	spec.Endpoint, spec.Prefix, spec.Glob = front.URL, "awards", "*.csv"
	spec.Resume = &extract.ResumeSpec{Lookback: 0, FullEvery: 24 * time.Hour}
	s := open(t, spec, quick(extract.WithClock(func() time.Time { return now })))
	put(t, server, "awards/001.csv", "awards/002.csv")
	_, cursor := since(t, s, "")
	put(t, server, "awards/003.csv", "awards/0000.csv")
	if listed, _ := since(t, s, cursor); !slices.Contains(listed, "awards/003.csv") || slices.Contains(listed, "awards/0000.csv") {
		t.Errorf("%q", listed)
	}
	listings, _ := front.asked()
	if got := listings[len(listings)-1].URL.Query().Get("start-after"); got != "awards/002.cs" {
		t.Errorf("listed after %q", got)
	}
}

// bucketOf speaks as much of S3 as a listing needs, with times of the test's own.
type bucketOf map[string]time.Time

func (b bucketOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	type object struct {
		Key, ETag    string
		LastModified time.Time
		Size         int
	}
	var answer struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []object
	}
	query := r.URL.Query()
	after := max(query.Get("start-after"), query.Get("continuation-token"))
	most := 7
	if n, err := strconv.Atoi(query.Get("max-keys")); err == nil {
		most = n
	}
	var keys []string
	for key := range b {
		if strings.HasPrefix(key, query.Get("prefix")) && key > after {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	for i, key := range keys {
		if i == most {
			answer.IsTruncated, answer.NextContinuationToken = true, keys[i-1]
			break
		}
		answer.Contents = append(answer.Contents, object{key, `"x"`, b[key], 1})
	}
	_ = xml.NewEncoder(w).Encode(answer) // to a test that would miss it
}

// arrival is an object of the model.
type arrival struct {
	key    string
	at     time.Time
	inTime bool // not later than the lookback
	listed bool
}

// Objects arrive in any order, some later than the lookback. Every one that is in time and old enough is in the next
// listing, and every one at all in the next whole one.
func TestResumeLosesNothing(t *testing.T) {
	t.Parallel()
	const lookback, fullEvery, hour = 72 * time.Hour, 10 * 24 * time.Hour, time.Hour
	place := bucketOf{}
	server := httptest.NewServer(place)
	defer server.Close()
	rapid.Check(t, func(t *rapid.T) {
		clear(place)
		dated, minAge := rapid.Bool().Draw(t, "dated"), time.Duration(rapid.SampledFrom([]int{0, 20, 90}).Draw(t, "min_age"))*hour
		now := epoch
		spec := extract.S3Spec{Bucket: bucket, Endpoint: server.URL, PathStyle: true, AccessKeyID: "a", SecretAccessKey: "b", Prefix: "in",
			Glob: "dt={date}/*", Resume: &extract.ResumeSpec{Lookback: lookback, FullEvery: fullEvery}}
		spec.MinAge = minAge
		if !dated {
			spec.Glob = "*"
		}
		s, err := s3.Open(testContext, "partner", spec, extract.FormatSpec{}, quick(extract.WithClock(func() time.Time { return now })))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }() // nothing is open
		var arrivals []*arrival
		cursor, full := "", time.Time{}
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * hour)
			for j := range rapid.IntRange(0, 4).Draw(t, "arrivals") {
				late := time.Duration(rapid.SampledFrom([]int{-48, 0, 1, 24, 47, 48, 72, 200, 10_000}).Draw(t, "late")) * hour
				a := &arrival{at: now.Add(-time.Duration(j) * time.Minute), inTime: late <= lookback-24*hour}
				label := a.at.Add(-late)
				if a.key = fmt.Sprintf("in/%s-%d-%d", label.Format("2006-01-02T15:04"), i, j); dated {
					a.key = fmt.Sprintf("in/dt=%s/%d-%d", label.Format(time.DateOnly), i, j)
				} else if late < 0 {
					continue // names of things to come would hide what follows
				}
				place[a.key] = a.at
				arrivals = append(arrivals, a)
			}
			if len(place) == 0 || rapid.IntRange(0, 2).Draw(t, "list") == 0 {
				continue
			}
			whole := full.IsZero() || now.Sub(full) >= fullEvery
			if whole {
				full = now
			}
			var listed []string
			listed, cursor = since(t, s, cursor)
			for _, a := range arrivals {
				a.listed = a.listed || slices.Contains(listed, a.key)
				a.inTime = a.inTime || whole // it was seen, if only as too young
				if old := !a.at.After(now.Add(-minAge)); old && (whole || a.inTime) && !a.listed {
					t.Fatalf("%s, which came at %s, is in no listing by %s; the last whole one was at %s", a.key, a.at, now, full)
				}
			}
		}
	})
}
