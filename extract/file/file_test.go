package file_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/extract/file"
)

func open(t *testing.T, root, glob string) *file.Source {
	t.Helper()
	return openSpec(t, extract.FileSpec{Path: root, Glob: glob})
}

func openSpec(t *testing.T, spec extract.FileSpec, options ...extract.Option) *file.Source {
	t.Helper()
	s, err := file.Open("partner", spec, extract.FormatSpec{}, options...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, path string, body []byte, at time.Time) {
	t.Helper()
	if err := errors.Join(
		os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, body, 0o600), os.Chtimes(path, at, at)); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	extracttest.Run(t, func(t *testing.T) extracttest.Fixture {
		root := t.TempDir()
		at := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
		return extracttest.Fixture{
			Source: "partner",
			Units:  [3]string{"z.csv", "a/b.csv.gz", "a/c.csv"},
			Open:   func(t *testing.T) extract.Source { return open(t, root, "") },
			Broken: func(t *testing.T) extract.Source { return open(t, filepath.Join(root, "missing"), "") },
			Put: func(t *testing.T, unit string, rows []extracttest.Row) {
				at = at.Add(time.Minute)
				write(t, filepath.Join(root, unit), extracttest.CSV(t, unit, rows), at)
			},
			Remove: func(t *testing.T, unit string) {
				if err := os.Remove(filepath.Join(root, unit)); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

func names(t *testing.T, s *file.Source) (names []string) {
	t.Helper()
	units, err := s.Units(t.Context(), extract.Range{})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		names = append(names, u.Name)
	}
	return names
}

func TestListing(t *testing.T) {
	t.Parallel()
	root, at := t.TempDir(), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, path := range []string{"b.csv", "a.csv", ".upload.csv", ".tmp/c.csv", "sub/d.csv.gz", "sub/readme.txt"} {
		write(t, filepath.Join(root, path), []byte("a\n1\n"), at)
	}
	if err := os.Symlink(filepath.Join(root, "a.csv"), filepath.Join(root, "link.csv")); err != nil {
		t.Fatal(err)
	}
	for glob, want := range map[string][]string{
		"":              {"a.csv", "b.csv", "link.csv", "sub/d.csv.gz", "sub/readme.txt"},
		"*.csv":         {"a.csv", "b.csv", "link.csv"},
		"**/*.csv.gz":   {"sub/d.csv.gz"},
		"{sub,x}/*.csv": nil,
	} {
		if diff := cmp.Diff(want, names(t, open(t, root, glob))); diff != "" {
			t.Errorf("%q: %s", glob, diff)
		}
	}
}

func TestDatesMarkersAndManifests(t *testing.T) {
	t.Parallel()
	root, at := t.TempDir(), time.Date(2024, 3, 9, 0, 0, 0, 0, time.UTC)
	put := func(path, text string) {
		at = at.Add(time.Minute)
		write(t, filepath.Join(root, path), []byte(text), at)
	}
	for _, path := range []string{"dt=2024-03-01/a.csv", "dt=2024-03-01/tmp/b.csv", "dt=2024-03-02/a.csv", "dt=2024-03-02/.done", "notes.txt"} {
		put(path, "a\n1\n")
	}
	clock := extract.WithClock(func() time.Time { return at.Add(time.Minute) })
	spec := extract.FileSpec{Path: root, Glob: "dt={date}/**/*.csv"}
	spec.Exclude = []string{"**/tmp/**"}
	s := openSpec(t, spec, clock)
	if diff := cmp.Diff([]string{"dt=2024-03-01/a.csv", "dt=2024-03-02/a.csv"}, names(t, s)); diff != "" {
		t.Error(diff)
	}
	day := time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)
	units, err := s.Units(t.Context(), extract.Range{From: day, To: day.AddDate(0, 0, 1)})
	if err != nil || len(units) != 1 || !units[0].From.Equal(day) {
		t.Errorf("units of a day: %v, %v", units, err)
	}

	spec.Marker = ".done"
	if diff := cmp.Diff([]string{"dt=2024-03-02/a.csv"}, names(t, openSpec(t, spec, clock))); diff != "" {
		t.Error(diff)
	}
	put(".done", "")
	if n := len(names(t, openSpec(t, spec, clock))); n != 2 {
		t.Errorf("%d units below a marker", n)
	}
	put("dt=2024-03-03/a.csv", "a\n1\n")
	spec.MinAge = 2 * time.Minute
	if n := len(names(t, openSpec(t, spec, clock))); n != 2 {
		t.Errorf("%d units that are old enough", n)
	}
	spec.MinAge = 0

	spec.Manifest = "*.manifest"
	put("1.manifest", `{"files": [{"path": "dt=2024-03-03/a.csv", "size": 4, "etag": "of another place"}, "notes.txt"]}`)
	if diff := cmp.Diff([]string{"dt=2024-03-03/a.csv"}, names(t, openSpec(t, spec, clock))); diff != "" {
		t.Error(diff)
	}
	spec.Manifest = ""
	put("dt=2024-02-30/a.csv", "a\n1\n")
	_, err = openSpec(t, spec, clock).Units(t.Context(), extract.Range{})
	if err == nil || !strings.Contains(err.Error(), "dt=2024-02-30/a.csv") || !strings.Contains(err.Error(), "file.exclude") {
		t.Errorf("a date that no calendar has: %v", err)
	}
	for text, want := range map[string]string{
		"dt=2024-03-04/a.csv\n":      `names "dt=2024-03-04/a.csv", which is missing`,
		"s3://b/dt=2024-03-03/a.csv": "an address",
		"../x/dt=2024-03-03/a.csv":   "",
	} {
		spec.Manifest, spec.Exclude = "*.manifest", []string{"dt=2024-02-30/**"}
		put("1.manifest", text)
		units, err := openSpec(t, spec, clock).Units(t.Context(), extract.Range{})
		if want == "" && (err != nil || len(units) > 0) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, %v, want %s", units, err, want)
		}
	}
}

func TestChangeWhileReading(t *testing.T) {
	t.Parallel()
	root, at := t.TempDir(), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	path := filepath.Join(root, "a.csv")
	write(t, path, []byte("a\n1\n"), at)
	s := open(t, root, "")
	units, err := s.Units(t.Context(), extract.Range{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(t.Context(), units[0])
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, []byte("a\n2\n"), at.Add(time.Nanosecond))
	for err == nil {
		_, err = r.Next(t.Context())
	}
	if err == io.EOF || !errors.Is(err, extract.ErrChanged) {
		t.Errorf("got %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestNamesStayInside(t *testing.T) {
	t.Parallel()
	if _, err := open(t, t.TempDir(), "").Open(t.Context(), extract.Unit{Name: "../etc/passwd"}); err == nil {
		t.Error("a name led out of the folder")
	}
}
