package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if o := command(t, "", exitDone, "reference", "--markdown"); o.out != string(page) {
		t.Error("README.md is not what --help says; write it anew with make generate")
	}
}

func TestManPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	command(t, "", exitDone, "reference", dir)
	manual, err := os.ReadFile(filepath.Join(dir, "man", "partnerplus-run.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{".TH", "--dry-run", "partnerplus run nightly"} {
		if !strings.Contains(string(manual), text) {
			t.Errorf("the man page of run does not say %q:\n%s", text, manual)
		}
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource, "broken/partnerplus.yaml": "nonsense"})
	for _, c := range []struct {
		args, want string // what is offered, a line each, without descriptions
	}{
		{"run --source ", "awards"},
		{"preview ", "awards"},
		{"preview awards ", ""},
		{"run ", "live month-end nightly"},
		{"run -o ", "table json"},
		{"check dup", "duplicates"},
	} {
		o := command(t, "", exitDone, append([]string{"__complete", "-c", filepath.Join(dir, "partnerplus.yaml")}, strings.Split(c.args, " ")...)...)
		var offered []string
		for line := range strings.Lines(o.out) {
			if name, _, _ := strings.Cut(strings.TrimSpace(line), "\t"); name != "" && !strings.HasPrefix(name, ":") {
				offered = append(offered, name)
			}
		}
		if got := strings.Join(offered, " "); got != c.want {
			t.Errorf("%q offers %q, want %q", c.args, got, c.want)
		}
	}
	o := command(t, "", exitDone, "__complete", "-c", filepath.Join(dir, "broken", "partnerplus.yaml"), "preview", "")
	if !strings.HasPrefix(o.out, ":4") {
		t.Errorf("a config that cannot be read offers %q", o.out)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var b build
	command(t, "", exitDone, "version", "-o", "json").json(t, &b)
	if b.Version == "" || b.Go == "" || b.Target == "" {
		t.Errorf("version -o json: %+v", b)
	}
	command(t, "", exitDone, "version").says(t, "partnerplus "+b.Version, b.Go)
	released := build{Version: "1.2.0", Commit: "0123456789abcdef", Date: "2026-01-02T03:04:05Z", Go: "go1", Target: "linux/amd64"}
	if got, want := released.String(), "partnerplus 1.2.0 (commit 0123456789ab of 2026-01-02T03:04:05Z), go1 linux/amd64"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
