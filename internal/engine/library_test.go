package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLibrary(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	inside := filepath.Join(root, "some", "folder")
	path := filepath.Join(root, "deploy", "engine", "node_modules", "@chdb", "lib-linux-x64-gnu", "libchdb.so")
	for _, folder := range []string{inside, filepath.Dir(path)} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(root, "some", "lib.so")
	if err := os.WriteFile(elsewhere, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		platform, override string
		from               []string
		want               string
	}{
		"the folder itself":               {"linux/amd64", "", []string{root}, path},
		"a folder above":                  {"linux/amd64", "", []string{inside}, path},
		"the second folder":               {"linux/amd64", "", []string{t.TempDir(), inside}, path},
		"the override":                    {"linux/amd64", elsewhere, []string{root}, elsewhere},
		"the override on other platforms": {"linux/arm64", elsewhere, nil, elsewhere},
	} {
		if got, err := library(c.platform, c.override, c.from); err != nil || got != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestLibraryErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	nowhere := t.TempDir()
	_, err := library("plan9/mips", "", []string{nowhere})
	if !errors.As(err, new(*UnsupportedPlatformError)) {
		t.Fatalf("another platform: %v", err)
	}
	says(t, err, "plan9/mips", "linux/amd64", "warehouse.dsn", "PARTNERPLUS_DSN")
	_, err = library("linux/amd64", "", []string{nowhere})
	if !errors.As(err, new(*MissingLibraryError)) {
		t.Fatalf("not installed: %v", err)
	}
	says(t, err, "make engine", EnvLibchdb, "warehouse.dsn", "deploy/engine")
	_, err = library("linux/amd64", nowhere, []string{nowhere})
	if !errors.As(err, new(*MissingLibraryError)) {
		t.Fatalf("the override is a folder: %v", err)
	}
	says(t, err, nowhere, EnvLibchdb)
}

func says(t *testing.T, err error, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not say %q", err, text)
		}
	}
}

// A library that is none is reported with what the loader says, not with a time-out.
func TestBrokenLibrary(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(broken, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(EnvLibchdb, broken)
	_, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err == nil {
		t.Fatal("it started")
	}
	says(t, err, broken)
}
