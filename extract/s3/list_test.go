package s3_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/extract/s3"
)

func names(units []extract.Unit) (names []string) {
	for _, u := range units {
		names = append(names, u.Name)
	}
	return names
}

// put writes small objects, in their order.
func put(t *testing.T, server *extracttest.Server, keys ...string) {
	t.Helper()
	for _, key := range keys {
		server.Put(t, bucket, key, []byte("a\n1\n"))
	}
}

func within(t *testing.T, s *s3.Source, from, to string) []extract.Unit {
	t.Helper()
	var r extract.Range
	for text, at := range map[string]*time.Time{from: &r.From, to: &r.To} {
		if text == "" {
			continue
		}
		var err error
		if *at, err = time.Parse(time.DateOnly, text); err != nil {
			t.Fatal(err)
		}
	}
	units, err := s.Units(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return units
}

func TestDates(t *testing.T) {
	t.Parallel()
	server := start(t)
	var keys []string
	for d := range 40 {
		date := time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d)
		keys = append(keys, date.Format("awards/dt=2006-01-02/a.csv"), date.Format("awards/dt=2006-01-02/b.csv"),
			date.Format("parts/2006/01/02/a.csv"))
	}
	put(t, server, keys...)
	put(t, server, "awards/readme.txt", "awards/dt=2024-02-30.csv", "awards2/dt=2024-02-01/1.csv", "parts/2024-old/a.txt")
	front := stand(t, server, nil)
	spec := spec(server)
	spec.Endpoint = front.URL
	for _, test := range []struct {
		prefix, glob, from, to string
		want                   int
		startAfter             string
	}{
		{"awards", "dt={date}/*.csv", "", "", 80, ""},
		{"awards/dt={date}", "", "2024-02-28", "2024-03-02", 6, "awards/dt=2024-02-27~"},
		{"awards", "dt={date}/*.csv", "2024-03-01", "", 22, "awards/dt=2024-03-00~"},
		{"awards", "dt={date}/*.csv", "", "2024-02-03", 4, ""},
		{"", "parts/{date:2006/01/02}/*.csv", "2024-02-28", "2024-03-02", 3, "parts/2024/02/27~"},
		{"parts/{year}", "{month}/**", "2024-02-28", "2024-03-01", 29, "parts/2024/01~"},
		{"", "*/{date:2006/01/02}/*.csv", "2024-02-28", "2024-03-02", 3, ""},
	} {
		spec.Prefix, spec.Glob = test.prefix, test.glob
		s := open(t, spec, quick())
		units := within(t, s, test.from, test.to)
		if len(units) != test.want {
			t.Errorf("%+v: %d units: %q", test, len(units), names(units))
		}
		listings, _ := front.asked()
		if got := listings[0].URL.Query().Get("start-after"); got != test.startAfter || len(listings) != 1 {
			t.Errorf("%+v: %d listings, after %q", test, len(listings), got)
		}
		for _, u := range units {
			if !strings.Contains(u.Name, u.From.Format("2006-01")) && !strings.Contains(u.Name, u.From.Format("2006/01")) ||
				!u.To.After(u.From) {
				t.Errorf("%s is from %s to %s", u.Name, u.From, u.To)
			}
		}
	}

	put(t, server, "awards/dt=2024-02-31/1.csv", "awards/dt=latest/1.csv")
	spec.Prefix, spec.Glob = "awards", "dt={date}/*.csv"
	_, err := open(t, spec, quick()).Units(t.Context(), extract.Range{})
	for _, want := range []string{`"awards/dt=2024-02-31/1.csv"`, `"awards/dt=latest/1.csv"`, "s3.exclude"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	spec.Exclude = []string{"dt=2024-02-31/**", "dt=latest/*"}
	if units := list(t, open(t, spec, quick())); len(units) != 80 {
		t.Errorf("%d units without the excluded", len(units))
	}
}

func TestOddKeys(t *testing.T) {
	t.Parallel()
	server := start(t)
	keys := []string{"awards/a b.csv", "awards/a+b.csv", "awards/a%41b%.csv", "awards/größe ✓.csv", "awards/a#?&=;.csv", `awards/it's "q" [1] {x,y}*.csv`,
		"awards/ä/~b.csv", "awards/<&>.csv"}
	put(t, server, keys...)
	put(t, server, "awards2/x.csv", "awards.csv")
	server.Put(t, bucket, "awards/folder/", nil)
	spec := spec(server)
	spec.Prefix = "awards/"
	for _, spec.Versions = range []string{"", "all"} {
		s := open(t, spec, quick())
		units := list(t, s)
		got := map[string]bool{}
		for _, u := range units {
			got[u.Name] = true
			if rows, err := count(t, s, u); rows != 1 || err != nil {
				t.Errorf("%s: %d rows, %v", u.Name, rows, err)
			}
		}
		for _, key := range keys {
			if !got[key] {
				t.Errorf("%s is not listed", key)
			}
		}
		if len(units) != len(keys) {
			t.Errorf("%q", names(units))
		}
	}
	spec.Glob = `it's "q" \[1\] \{x,y\}\*.csv`
	if units := list(t, open(t, spec, quick())); len(units) != 1 {
		t.Errorf("%q", names(units))
	}
}

func TestEmptyObject(t *testing.T) {
	t.Parallel()
	server := start(t)
	server.Put(t, bucket, "a.ndjson", nil)
	s := open(t, spec(server), quick())
	unit := list(t, s)[0]
	if rows, err := count(t, s, unit); rows != 0 || err != nil || unit.Size != 0 {
		t.Errorf("%d rows of %d bytes, %v", rows, unit.Size, err)
	}
	server.Put(t, bucket, "a.ndjson", []byte("{}\n"))
	if _, err := count(t, s, unit); !errors.Is(err, extract.ErrChanged) {
		t.Errorf("it changed: %v", err)
	}
}

func TestMarkers(t *testing.T) {
	t.Parallel()
	server := start(t)
	put(t, server, "awards/2024/01/31/a.csv", "awards/2024/01/31/_SUCCESS", "awards/2024/02/01/a.csv", "awards/2024/02/02/a.csv",
		"awards/2024/02/02/_SUCCESS", "_SUCCESS", "awards2/_SUCCESS")
	spec := spec(server)
	spec.Prefix, spec.Glob, spec.Marker = "awards", "{year}/{month}/{day}/*", "_SUCCESS"
	s := open(t, spec, quick())
	day1, day31, day2 := "awards/2024/02/01/a.csv", "awards/2024/01/31/a.csv", "awards/2024/02/02/a.csv"
	if diff := cmp.Diff([]string{day31, day2}, names(list(t, s))); diff != "" {
		t.Error(diff)
	}
	put(t, server, "awards/2024/_SUCCESS")
	for _, r := range [][2]string{{"2024-02-01", ""}, {"2024-02-01", "2024-03-01"}} {
		if diff := cmp.Diff([]string{day1, day2}, names(within(t, s, r[0], r[1]))); diff != "" {
			t.Errorf("a marker before what is listed: %s", diff)
		}
	}
	server.Delete(t, bucket, "awards/2024/_SUCCESS")
	put(t, server, "awards/zzz/_SUCCESS", "awards/_SUCCESS")
	if diff := cmp.Diff([]string{day1}, names(within(t, s, "2024-02-01", "2024-02-02"))); diff != "" {
		t.Errorf("a marker of the prefix: %s", diff)
	}
}

func TestManifests(t *testing.T) {
	t.Parallel()
	server := start(t)
	put(t, server, "in/1/a.csv", "in/1/b.csv", "in/1/stray.csv")
	spec := spec(server)
	spec.Prefix, spec.Glob, spec.Manifest = "in", "*/*.csv", "**/manifest.json"
	s := open(t, spec, quick())
	if units := list(t, s); len(units) != 0 {
		t.Errorf("without a manifest: %q", names(units))
	}
	plain := spec
	plain.Manifest = ""
	version := list(t, open(t, plain, quick()))[0].Version
	manifest := func(text string) { server.Put(t, bucket, "in/1/manifest.json", []byte(text)) }
	manifest(fmt.Sprintf(`{"entries": [{"url": "s3://%s/in/1/a.csv", "size": 4, "etag": "%s"}, {"key": "b.csv"}]}`, bucket, version))
	if diff := cmp.Diff([]string{"in/1/a.csv", "in/1/b.csv"}, names(list(t, s))); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		`["a.csv", "c.csv"]`:                                      `manifest "in/1/manifest.json": it names "c.csv", which is missing`,
		`["s3://other/in/1/a.csv"]`:                               "in the bucket other, not partner",
		`["https://partner/in/1/a.csv"]`:                          "not s3://bucket/key",
		`[{"key": "in/1/a.csv", "size": 5}]`:                      "with 5 bytes, it has 4",
		`[{"key": "in/1/a.csv", "etag": "0123"}]`:                 "with the ETag 0123",
		`[` + strings.Repeat(`"in/1/a.csv",`, 1<<21) + `"a.csv"]`: "more than 16777216",
		"": "it is empty",
	} {
		manifest(text)
		_, err := s.Units(t.Context(), extract.Range{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "in/1/manifest.json") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	server := start(t)
	put(t, server, "awards/early.csv")
	server.KeepVersions(t, bucket)
	for rows := range 3 {
		server.Put(t, bucket, "awards/a.csv", extracttest.CSV(t, "a.csv", extracttest.Rows(fmt.Sprint(rows), rows+1)))
	}
	put(t, server, "awards/gone.csv", "awards/back.csv", "awards/early.csv", "awards/dir/b.csv")
	server.Delete(t, bucket, "awards/gone.csv")
	server.Delete(t, bucket, "awards/back.csv")
	put(t, server, "awards/back.csv")
	spec := spec(server)
	spec.Prefix = "awards"
	latest := list(t, open(t, spec, quick()))
	spec.Versions = "all"
	s := open(t, spec, quick())
	units := list(t, s)
	counts := map[string][]int64{}
	for i, u := range units {
		rows, err := count(t, s, u)
		if err != nil || u.Ref == "" {
			t.Errorf("%+v: %v", u, err)
		}
		counts[u.Name] = append(counts[u.Name], rows)
		if i > 0 && !u.Delivered.After(units[i-1].Delivered) {
			t.Errorf("%s is not delivered after %s", u.Name, units[i-1].Name)
		}
	}
	want := map[string][]int64{"awards/a.csv": {1, 2, 3}, "awards/back.csv": {1, 1}, "awards/early.csv": {1, 1}, "awards/dir/b.csv": {1}}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
	if len(latest) != 4 {
		t.Errorf("the latest are %q", names(latest))
	}
	for _, u := range latest {
		if u.Ref != "" {
			t.Errorf("%+v", u)
		}
	}
	u := units[len(units)-1]
	u.Ref = ""
	if _, err := s.Open(t.Context(), u); err == nil {
		t.Error("a unit without its version id was opened")
	}
}
