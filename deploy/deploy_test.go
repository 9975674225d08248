// Package deploy_test holds the files of this folder to what they promise, as far as it takes nothing but this program and
// systemd: test/deploy reads the others.
package deploy_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/internal/config"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestConfigs loads the sample configs, with secrets as secrets.sh writes them.
func TestConfigs(t *testing.T) {
	t.Parallel()
	secrets := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "./secrets.sh", secrets).CombinedOutput(); err != nil {
		t.Fatalf("secrets.sh: %v\n%s", err, out)
	}
	mounted := regexp.MustCompile(`/run/secrets/(partnerplus/)?`)
	for _, file := range []string{"compose/partnerplus.yaml", "kubernetes/base/partnerplus.yaml", "kubernetes/overlays/example/partnerplus.yaml"} {
		text := read(t, file)
		path := filepath.Join(t.TempDir(), "partnerplus.yaml")
		if err := os.WriteFile(path, []byte(mounted.ReplaceAllString(text, secrets+"/")), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(path)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if len(c.Warnings) > 0 || c.Warehouse.Embedded() {
			t.Errorf("%s: embedded %t, warnings %v", file, c.Warehouse.Embedded(), c.Warnings)
		}
		if c.Serve.Listen != ":9090" || c.Serve.Auth.IsOpen() {
			t.Errorf("%s: serve listens on %s, open to all: %t", file, c.Serve.Listen, c.Serve.Auth.IsOpen())
		}
	}
}

// TestStatic looks for the package that links a program to the C library, which an image from scratch does not have.
func TestStatic(t *testing.T) {
	t.Parallel()
	const linker = "github.com/ebitengine/purego"
	for tags, want := range map[string]bool{"noengine": false, "": true} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", tags, "../cmd/partnerplus")
		list.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatalf("%s: %v", list, err)
		}
		if got := slices.Contains(strings.Fields(string(out)), linker); got != want {
			t.Errorf("with the tags %q the program has %s: %t, want %t", tags, linker, got, want)
		}
	}
	if image := read(t, "Containerfile"); !strings.Contains(image, "-tags noengine") {
		t.Error("the image's program is not built with noengine")
	}
}

// TestUnit gives the unit to systemd, alone and with its drop-in.
func TestUnit(t *testing.T) {
	t.Parallel()
	const analyze = "systemd-analyze"
	if _, err := exec.LookPath(analyze); err != nil {
		t.Skipf("%s is not installed (Debian, Ubuntu: apt-get install systemd): nothing has read the unit", analyze)
	}
	// systemd wants the program to be there.
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := strings.ReplaceAll(read(t, "systemd/partnerplus.service"), "/usr/local/bin/partnerplus", program)
	alone, both, broken := unitFile(t, unit), unitFile(t, unit), unitFile(t, unit)
	addDropIn(t, both, read(t, "systemd/partnerplus.service.d/server.conf"))
	addDropIn(t, broken, "[Service]\nMemoryMaximum=1\n")

	run := func(args ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput()
		if err != nil && !errors.As(err, new(*exec.ExitError)) {
			t.Fatal(err)
		}
		return string(out), err
	}
	for name, path := range map[string]string{"unit": alone, "unit with server.conf": both} {
		if out, err := run("verify", path); err != nil || out != "" {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		const exposure = "15" // of 100
		if out, err := run("security", "--offline=true", "--no-pager", "--threshold="+exposure, path); err != nil {
			t.Errorf("%s: more exposed than %s: %v\n%s", name, exposure, err, out)
		}
	}
	if out, _ := run("verify", broken); !strings.Contains(out, "MemoryMaximum") {
		t.Errorf("a drop-in is not read: %s", out)
	}
}

// TestCommandsOfUnit holds the README's line for commands to the unit: who they are and what they may read is the same.
func TestCommandsOfUnit(t *testing.T) {
	t.Parallel()
	_, line, _ := strings.Cut(read(t, "README.md"), "systemd-run --pty ")
	line, _, _ = strings.Cut(line, "}")
	unit := strings.Split(read(t, "systemd/partnerplus.service"), "\n")
	properties := regexp.MustCompile(`-p (\S+)`).FindAllStringSubmatch(line, -1)
	for _, p := range properties {
		if !slices.Contains(unit, p[1]) && !slices.Contains(unit, "#"+p[1]) {
			t.Errorf("the unit has no %s", p[1])
		}
	}
	for _, name := range []string{"DynamicUser=", "User=", "StateDirectory=", "StateDirectoryMode=", "WorkingDirectory=", "UMask=", "Environment=", "#LoadCredential="} {
		for _, has := range unit {
			if strings.HasPrefix(has, name) && !strings.Contains(line, "-p "+strings.TrimPrefix(has, "#")) {
				t.Errorf("the line has no %s", has)
			}
		}
	}
	if !strings.Contains(strings.Join(unit, "\n"), "ExecStart=/usr/local/bin/partnerplus --config /etc/partnerplus/partnerplus.yaml ") ||
		!strings.Contains(line, "/usr/local/bin/partnerplus --config /etc/partnerplus/partnerplus.yaml ") {
		t.Error("the line runs another program, or by another config")
	}
}

func unitFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "partnerplus.service")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func addDropIn(t *testing.T, unit, text string) {
	t.Helper()
	if err := os.Mkdir(unit+".d", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(unit+".d", "own.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
