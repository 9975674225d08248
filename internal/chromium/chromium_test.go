package chromium

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Not parallel: they change the environment.

func TestFind(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "google-chrome")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	for _, test := range []struct{ name, path, env, want, err string }{
		{"on the PATH", dir, "", program, ""},
		{"named", "", program, program, ""},
		{"none", t.TempDir(), "", "", "apt-get install chromium"},
		{"none is wanted", dir, "none", "", "it is none now"},
		{"named, and not there", dir, filepath.Join(dir, "other"), "", EnvProgram + ": "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("PATH", test.path)
			t.Setenv(EnvProgram, test.env)
			got, err := Find()
			if got != test.want || (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("found %q, %v", got, err)
			}
			if strings.HasPrefix(test.name, "none") != errors.Is(err, ErrNone) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// TestPrint: a page becomes a PDF on its paper, and nothing that it asks for is asked for.
func TestPrint(t *testing.T) {
	program, err := Find()
	if err != nil {
		t.Skip(err)
	}
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "a folder, 100% odd #?")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	page, pdf := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	text := `<!DOCTYPE html><style>@page { size: A4 landscape } p { break-after: page }</style><p>one<p>two<img src="` + server.URL + `/img"><link rel="stylesheet" href="` + server.URL + `/css">`
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Print(t.Context(), program, page, pdf); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(pdf)
	if err != nil {
		t.Fatal(err)
	}
	if boxes := regexp.MustCompile(`/MediaBox \[0 0 841\.\d+ 594\.\d+\]`).FindAll(content, -1); len(boxes) != 2 {
		t.Errorf("pages of A4 landscape: %q", boxes)
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests left", n)
	}
}

// TestPrintFails: what a browser does instead of printing is told, and one that hangs is ended with its children.
func TestPrintFails(t *testing.T) {
	dir := t.TempDir()
	fake := func(t *testing.T, script string) string {
		t.Helper()
		program := filepath.Join(dir, "fake-"+strings.ReplaceAll(t.Name(), "/", "-"))
		if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script), 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
		return program
	}
	output := `for a; do case $a in --print-to-pdf=*) pdf=${a#--print-to-pdf=};; esac; done; `
	for _, test := range []struct{ name, script, want string }{
		{"it fails", "echo no display >&2; exit 3", "exit status 3: no display"},
		{"it says much", "seq 10000; echo and ends; exit 1", "9999\n10000\nand ends"},
		{"it writes nothing", "exit 0", "it wrote no PDF"},
		{"it writes something else", output + `echo oops > "$pdf"`, "is no PDF"},
		{"it stops in the middle", output + `echo %PDF-1.4 > "$pdf"`, "is no PDF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Print(t.Context(), fake(t, test.script), "page.html", filepath.Join(t.TempDir(), "p.pdf"))
			if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 1000 {
				t.Errorf("the error is %v", err)
			}
		})
	}
	t.Run("it hangs", func(t *testing.T) {
		alive := filepath.Join(t.TempDir(), "alive") // it ends where no process is left that has it open
		if err := syscall.Mkfifo(alive, 0o600); err != nil {
			t.Fatal(err)
		}
		stopped := errors.New("the job was stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := make(chan error, 1)
		go func() {
			file, err := os.Open(alive)
			if err == nil {
				_, err = io.ReadFull(file, make([]byte, 3))
			}
			cancel(stopped)
			if err == nil {
				_, err = io.Copy(io.Discard, file)
			}
			gone <- err
		}()
		t.Setenv("TMPDIR", t.TempDir())
		if err := Print(ctx, fake(t, "exec 3> '"+alive+"'; sleep 1000 & echo up >&3; wait"), "page.html", filepath.Join(dir, "p.pdf")); !errors.Is(err, stopped) {
			t.Errorf("the error is %v", err)
		}
		select {
		case err := <-gone:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("its child still runs")
		}
		if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}
