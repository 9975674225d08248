package demo_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/demo"
)

const seed = 7

// shared is the company that most tests only read.
var shared = sync.OnceValues(func() (*demo.Company, error) {
	dir, err := os.MkdirTemp("", "demo")
	if err != nil {
		return nil, err
	}
	return demo.Generate(dir, seed)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if c, err := shared(); err == nil {
		err = os.RemoveAll(c.Dir)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

func setup(t *testing.T) *demo.Company {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type file struct {
	Name  string
	Sum   string
	Dated time.Time
}

// filesOf lists a company's files in the order of their names.
func filesOf(t *testing.T, dir string) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, readErr := os.ReadFile(path)
		info, statErr := entry.Info()
		if err := errors.Join(readErr, statErr); err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files = append(files, file{filepath.ToSlash(name), fmt.Sprintf("%x", sha256.Sum256(content)), info.ModTime().UTC()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestSameSeedSameCompany(t *testing.T) {
	t.Parallel()
	first := setup(t)
	second, err := demo.Generate(t.TempDir(), seed)
	if err != nil {
		t.Fatal(err)
	}
	ignoreDates := func(files []file) []file {
		for i, f := range files {
			if f.Name == demo.ConfigFile { // no source
				files[i].Dated = time.Time{}
			}
		}
		return files
	}
	if diff := cmp.Diff(ignoreDates(filesOf(t, first.Dir)), ignoreDates(filesOf(t, second.Dir))); diff != "" {
		t.Errorf("two generations differ:\n%s", diff)
	}
	second.Dir = first.Dir
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("two companies differ:\n%s", diff)
	}
}

func TestOtherSeedOtherCompany(t *testing.T) {
	t.Parallel()
	first := setup(t)
	second, err := demo.Generate(t.TempDir(), seed+1)
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(first.Totals, second.Totals) {
		t.Error("two seeds give the same totals")
	}
	if first.Rows() == second.Rows() {
		t.Errorf("two seeds give %d rows", first.Rows())
	}
}

func TestFilesAreDatedInTheOrderOfDelivery(t *testing.T) {
	t.Parallel()
	c := setup(t)
	monthly := map[string][]file{}
	for _, f := range filesOf(t, c.Dir) {
		if name := filepath.Base(f.Name); strings.HasPrefix(name, "20") && !strings.Contains(name, "again") {
			monthly[filepath.Dir(f.Name)] = append(monthly[filepath.Dir(f.Name)], f)
		}
	}
	if len(monthly) != 6 {
		t.Errorf("%d folders hold monthly files, want 6", len(monthly))
	}
	for folder, files := range monthly {
		if !slices.IsSortedFunc(files, func(a, b file) int { return a.Dated.Compare(b.Dated) }) {
			t.Errorf("%s: the files are not dated in the order of their names", folder)
		}
	}
}

func TestCompany(t *testing.T) {
	t.Parallel()
	c := setup(t)
	organisations, members := 0, 0
	for _, p := range c.Programmes {
		organisations, members = organisations+p.Organisations, members+p.Members
		if p.Story == "" {
			t.Errorf("%s has no story", p.ID)
		}
	}
	if len(c.Programmes) != 5 || organisations != 40 || members != 5000 {
		t.Errorf("%d programmes, %d organisations, %d members; want 5, 40, 5000", len(c.Programmes), organisations, members)
	}
	if rows := c.Rows(); rows < 250_000 || rows > 400_000 {
		t.Errorf("%d rows, want 250,000 to 400,000", rows)
	}
	if n := c.Rejects(); n < 55 || n > 70 {
		t.Errorf("%d bad rows, want about 60", n)
	}
	if len(c.Totals) != 4*25+11 {
		t.Errorf("%d totals, want 25 months of four programmes and 11 of ember", len(c.Totals))
	}
	if last := c.Totals[len(c.Totals)-1].Month; last != "2026-09" {
		t.Errorf("the last month is %s, want 2026-09", last)
	}
}

func TestConfigIsValid(t *testing.T) {
	c := setup(t)
	t.Setenv(demo.EnvURL, "http://127.0.0.1:1")
	t.Setenv(demo.EnvToken, "secret")
	loaded, err := config.Load(filepath.Join(c.Dir, demo.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	var feeds []string
	for _, f := range c.Feeds {
		feeds = append(feeds, f.Name)
	}
	slices.Sort(feeds)
	if diff := cmp.Diff(feeds, slices.Sorted(slices.Values(loaded.SourceNames()))); diff != "" {
		t.Errorf("feeds and sources of the config differ:\n%s", diff)
	}
}
