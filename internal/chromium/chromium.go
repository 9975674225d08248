// Package chromium prints pages as PDF, by a Chromium that is installed. It must not know whose pages they are.
package chromium

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// EnvProgram names the environment variable with the path of the browser, where it is not one of those that are looked for on
// the PATH; none for no browser.
const EnvProgram = "PARTNERPLUS_CHROMIUM"

// programs are what the browser is called, by system and maker.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// ErrNone says that there is no browser.
var ErrNone = errors.New("no Chromium is found: install it (apt-get install chromium), or name the program in " + EnvProgram)

// atMost is how long a page may take.
const atMost = 2 * time.Minute

// Find gives the path of the browser. The error is ErrNone where none is installed, or none is wanted.
func Find() (string, error) {
	wanted := os.Getenv(EnvProgram)
	switch wanted {
	case "none":
		return "", fmt.Errorf("%w (it is none now)", ErrNone)
	case "":
		for _, name := range programs {
			if path, err := exec.LookPath(name); err == nil {
				return path, nil
			}
		}
		return "", ErrNone
	}
	path, err := exec.LookPath(wanted)
	if err != nil {
		return "", fmt.Errorf("%s: %w", EnvProgram, err)
	}
	return path, nil
}

// Print prints the page of a file into another, as PDF. The page may ask for nothing: it is read without a network. The paper is
// what the page's style sheet says. Where the context ends, the browser does too, with all its processes.
func Print(ctx context.Context, program, page, pdf string) (err error) {
	failed := func(err error) error { return fmt.Errorf("print a page by %s: %w", program, err) }
	if page, err = filepath.Abs(page); err != nil {
		return failed(err)
	}
	profile, err := os.MkdirTemp("", "partnerplus-chromium-*")
	if err != nil {
		return failed(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(profile)) }()
	limited, cancel := context.WithTimeoutCause(ctx, atMost, fmt.Errorf("it is not done after %s", atMost))
	defer cancel()
	told := new(tail)
	address := url.URL{Scheme: "file", Path: page}
	cmd := exec.CommandContext(limited, program, append(flags(), "--user-data-dir="+profile, "--print-to-pdf="+pdf, address.String())...) //nolint:gosec // the person's own browser
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = told, told
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // to be ended with its children
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		if cause := context.Cause(limited); cause != nil {
			return failed(cause)
		}
		return failed(fmt.Errorf("%w%s", err, told))
	}
	if err := isPDF(pdf); err != nil {
		return failed(fmt.Errorf("%w%s", err, told))
	}
	return nil
}

func flags() []string {
	flags := []string{
		"--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-pdf-header-footer", "--log-level=3",
		// Neither the page nor the browser itself asks for anything.
		"--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps",
		"--disable-breakpad", "--no-first-run", "--no-default-browser-check", "--no-pings", "--disable-quic",
		"--disable-dev-shm-usage", // it is small in containers
	}
	if os.Geteuid() == 0 { // the browser refuses to be root in its sandbox
		flags = append(flags, "--no-sandbox")
	}
	return flags
}

// environment is what of this process's the browser may need, and no secret among it.
func environment() []string {
	var kept []string
	for _, name := range []string{"PATH", "HOME", "TZ", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"} {
		if value, set := os.LookupEnv(name); set {
			kept = append(kept, name+"="+value)
		}
	}
	return kept
}

// isPDF looks whether the file is a whole PDF: the browser ends well without one, too.
func isPDF(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("it wrote no PDF: %w", err)
	}
	if !bytes.HasPrefix(content, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(content), []byte("%%EOF")) {
		return errors.New("what it wrote is no PDF")
	}
	return nil
}

// tail keeps the end of what a program says.
type tail struct{ text []byte }

const tailSize = 500

func (t *tail) Write(text []byte) (int, error) {
	t.text = append(t.text, text...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(text), nil
}

// String is what was said, to end an error with.
func (t *tail) String() string {
	if said := strings.TrimSpace(string(t.text)); said != "" {
		return ": " + said
	}
	return ""
}
