package pattern_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/partnerplus/warehouse/extract/pattern"
)

func compile(t testing.TB, folder, glob, zone string) *pattern.Pattern {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pattern.Compile(folder, glob, location)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		folder, glob, zone, name string
		from, to                 string // empty for a name without a time
		chosen                   bool
		wrong                    string
	}{
		{name: "a/b.csv", chosen: true},
		{glob: "*.csv", name: "a/b.csv"},
		{folder: "a[b", glob: "*.csv", name: "a[b/c.csv", chosen: true},
		{folder: "a*", glob: "*.csv", name: "ab/c.csv"},
		{glob: "dt={date}/*.csv", name: "dt=2024-02-29/a.csv", chosen: true, from: "2024-02-29T00:00:00Z", to: "2024-03-01T00:00:00Z"},
		{glob: "dt={date}/*.csv", name: "dt=2024-02-29/a.json"},
		{glob: "dt={date}/*.csv", name: "dt=2023-02-29/a.csv", wrong: "no calendar"},
		{glob: "dt={date}/*.csv", name: "dt=2024-13-01/a.csv", wrong: "no calendar"},
		{glob: "dt={date}/*.csv", name: "dt=2024-3-1/a.csv", wrong: "has no date"},
		{glob: "dt={date}/*.csv", name: "dt=latest/a.csv", wrong: "has no date"},
		{glob: "dt={date}/*.csv", name: "dt=/a.csv", wrong: "has no date"},
		{glob: "dt={date}/*.csv", name: "dt=x/y/a.csv"},
		{folder: "in/{year}", glob: "{month}/{day}.csv", name: "in/2024/12/31.csv", chosen: true, from: "2024-12-31T00:00:00Z", to: "2025-01-01T00:00:00Z"},
		{folder: "in/{year}", glob: "{month}/*", name: "in/2024/12/31.csv", chosen: true, from: "2024-12-01T00:00:00Z", to: "2025-01-01T00:00:00Z"},
		{folder: "in/{year}", name: "in/2024/12/31.csv", chosen: true, from: "2024-01-01T00:00:00Z", to: "2025-01-01T00:00:00Z"},
		{folder: "in/{year}", name: "in/all/12/31.csv", wrong: "has no date"},
		{glob: "{date:20060102}T{hour}.csv", name: "20240301T23.csv", chosen: true, from: "2024-03-01T23:00:00Z", to: "2024-03-02T00:00:00Z"},
		{glob: "{date:20060102}T{hour}.csv", name: "20240301T24.csv", wrong: "no calendar"},
		{glob: "{date:2006/01/02}/*", name: "2024/03/01/a", chosen: true, from: "2024-03-01T00:00:00Z", to: "2024-03-02T00:00:00Z"},
		{glob: "{date:2006/01/02}/*", name: "2024/03/xx/a", wrong: "has no date"},
		{glob: "{date:20060102150405}.csv", name: "20240301235959.csv", chosen: true, from: "2024-03-01T23:59:59Z", to: "2024-03-02T00:00:00Z"},
		{glob: "{year}/a-{date}.csv", name: "2024/a-2024-03-01.csv", chosen: true, from: "2024-03-01T00:00:00Z", to: "2024-03-02T00:00:00Z"},
		{glob: "{year}/a-{date}.csv", name: "2023/a-2024-03-01.csv", wrong: "two years"},
		{glob: "**/{date}*.{csv,json}", name: "x/y/2024-03-01_1.json", chosen: true, from: "2024-03-01T00:00:00Z", to: "2024-03-02T00:00:00Z"},
		{glob: "**/{date}*.{csv,json}", name: "2024-03-01.csv", chosen: true, from: "2024-03-01T00:00:00Z", to: "2024-03-02T00:00:00Z"},
		{glob: "dt={date}/**", name: "dt=2024-03-01/a/b", chosen: true, from: "2024-03-01T00:00:00Z", to: "2024-03-02T00:00:00Z"},
		{glob: "{date}.csv", zone: "America/New_York", name: "2024-03-10.csv", chosen: true, from: "2024-03-10T05:00:00Z", to: "2024-03-11T04:00:00Z"},
		{glob: "{date}/{hour}", zone: "America/New_York", name: "2024-11-03/01", chosen: true, from: "2024-11-03T05:00:00Z", to: "2024-11-03T07:00:00Z"},
		{glob: "{date}/ünï ✓+%.csv", name: "2024-03-10/ünï ✓+%.csv", chosen: true, from: "2024-03-10T00:00:00Z", to: "2024-03-11T00:00:00Z"},
	} {
		period, chosen, err := compile(t, test.folder, test.glob, test.zone).Match(test.name)
		var date *pattern.DateError
		switch {
		case test.wrong != "":
			if !errors.As(err, &date) || date.Name != test.name || !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%s/%s, %s: got %v", test.folder, test.glob, test.name, err)
			}
		case err != nil || chosen != test.chosen:
			t.Errorf("%s/%s, %s: %v, %v", test.folder, test.glob, test.name, chosen, err)
		case test.from != "":
			got := [2]string{period.From.Format(time.RFC3339), period.To.Format(time.RFC3339)}
			if diff := cmp.Diff([2]string{test.from, test.to}, got); diff != "" {
				t.Errorf("%s/%s, %s: %s", test.folder, test.glob, test.name, diff)
			}
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for glob, want := range map[string]string{
		"a[":                     "a [ without a ]",
		"{a,b":                   "a { without a }",
		"dt={dat}/*":             "neither alternatives",
		"{month}/*":              "has the month but not the year",
		"{year}/{day}":           "has the day but not the month",
		"{a,{date}}":             "stands among alternatives",
		"{date:}":                "must hold a part of a date",
		"{date:Jan 2006}":        `but not "Jan 2006"`,
		"{date:2.1.2006}":        `but not "2.1.2006"`,
		"{date}/{**/a,b}":        "** cannot stand among alternatives",
		"{date:2006-01-02}/[a-]": "",
	} {
		_, err := pattern.Compile("", glob, nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", glob, err, want)
		}
	}
	if _, err := pattern.Compile("{odd} [name", "*", nil); err != nil {
		t.Errorf("a folder holds no wildcards: %v", err)
	}
}

func TestLiteral(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		folder, glob, literal, at string
	}{
		{"", "", "", ""},
		{"a", "", "a/", ""},
		{"a", "b*/c", "a/b", ""},
		{"a", "b/c.csv", "a/b/c.csv", ""},
		{"a", `b\*/*`, "a/b*/", ""},
		{"a", "dt={date}/*.csv", "a/dt=", "a/dt=2024-03-09"},
		{"a/{year}", "{month}/{day}/*", "a/", "a/2024/03/09"},
		{"a/{year}", "{month}/a-{date}.csv", "a/", "a/2024/03"},
		{"a", "{day}.{month}.{year}", "a/", ""},
		{"", "*/dt={date}/*", "", ""},
	} {
		p := compile(t, test.folder, test.glob, "")
		at, ok := p.At(time.Date(2024, 3, 9, 7, 0, 0, 0, time.UTC))
		if p.Literal() != test.literal || at != test.at || ok != (at != "") || ok != p.Sorted() {
			t.Errorf("%s/%s: %q, %q, %v", test.folder, test.glob, p.Literal(), at, ok)
		}
	}
}

// Names of a time stand between what At gives for its ends, in any zone.
func TestNamesSortByDate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		folder := rapid.SampledFrom([]string{"", "in", "in/{year}"}).Draw(t, "folder")
		glob := rapid.SampledFrom([]string{"dt={date}/*", "{date:2006/01/02}/{hour}/*", "{date:200601}/x*", "{year}{month}{day}T{hour}*"}).Draw(t, "glob")
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "America/New_York", "Asia/Kolkata"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := pattern.Compile(folder, glob, zone)
		if err != nil {
			t.Fatal(err)
		}
		layout := strings.TrimPrefix(folder+"/"+glob, "/")
		layout = strings.NewReplacer("{date:2006/01/02}", "2006/01/02", "{date:200601}", "200601", "{date}", "2006-01-02", "{year}", "2006",
			"{month}", "01", "{day}", "02", "{hour}", "15", "*", "").Replace(layout)
		instant := func(label string) time.Time {
			return time.Unix(rapid.Int64Range(1_600_000_000, 1_900_000_000).Draw(t, label), 0)
		}
		name := instant("name").In(zone).Format(layout) + rapid.SampledFrom([]string{"", "a", "~/"}).Draw(t, "rest")
		period, ok, err := p.Match(name)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return // the rest has a slash
		}
		from, to := instant("from"), instant("to")
		begin, _ := p.At(from)
		if period.To.After(from) && name < begin {
			t.Fatalf("%s sorts before %s, the beginning of %s", name, begin, from)
		}
		last, _ := p.At(to.Add(-1))
		if period.From.Before(to) && p.After(name, last) {
			t.Fatalf("%s sorts after %s, the end of %s", name, last, to)
		}
	})
}

// Beside a placeholder a glob means what it means without one.
func TestGlobsMeanTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"a", "b", "ab", "/", "/", "*", "?", "**", "**/", "/**", "[ab]", "[!a]", "[a-c]", "{a,b}", "{a*c,b/a}", ".", `\*`, "é"})
		glob := strings.Join(rapid.SliceOfN(part, 0, 7).Draw(t, "glob"), "")
		name := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "/", ".", "*", "é"}), 0, 8).Draw(t, "name"), "")
		if oddToDoublestar(glob, name) {
			return
		}
		if strings.HasSuffix(glob, "/**") {
			name += "/z" // doublestar is of two minds about whether a*/** chooses a
		}
		want := doublestar.MatchUnvalidated("2024/"+glob, "2024/"+name)
		p, err := pattern.Compile("", "{year}/"+glob, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := p.Match("2024/" + name); got != want || err != nil {
			t.Fatalf("%q, %q: %v, %v, doublestar says %v", glob, name, got, err, want)
		}
	})
}

var run = regexp.MustCompile(`\*\*\*|\{[^}]*\}\*\*|//`)

// oddToDoublestar leaves out globs that nobody writes, and names that end like a folder.
func oddToDoublestar(glob, name string) bool {
	return run.MatchString(glob) || strings.HasSuffix(glob, "/") ||
		name == "" || strings.HasSuffix(name, "/") || strings.Contains(name, "//") || strings.HasPrefix(name, "/")
}

func FuzzCompile(f *testing.F) {
	f.Add("a/{year}", "{month}/**/[a-z]{b,c}.csv", "a/2024/03/x/yb.csv")
	f.Add("", "{date:2006", "x")
	f.Add("", `{date}\`, "x")
	f.Fuzz(func(t *testing.T, folder, glob, name string) {
		p, err := pattern.Compile(folder, glob, nil)
		if err != nil {
			return
		}
		if _, ok, err := p.Match(name); ok && (err != nil || !strings.HasPrefix(name, p.Literal())) {
			// A glob such as a/** chooses a, too.
			if strings.TrimSuffix(p.Literal(), "/") != name {
				t.Errorf("%q/%q chooses %q, which does not begin with %q: %v", folder, glob, name, p.Literal(), err)
			}
		}
		if at, ok := p.At(time.Unix(1_700_000_000, 0)); ok && !strings.HasPrefix(at, p.Literal()) {
			t.Errorf("%q/%q: %q does not begin with %q", folder, glob, at, p.Literal())
		}
	})
}
