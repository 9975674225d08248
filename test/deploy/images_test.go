package deploy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// folder is the one under test.
var folder = filepath.Join("..", "..", "deploy")

// version is a tag that names a release, at least its line, such as v1.8.0 or 26.7.
var version = regexp.MustCompile(`^v?\d+(\.\d+)+`)

// pinned tells whether an image is one release of one thing.
func pinned(image string) bool {
	_, tag, tagged := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	return tagged && version.MatchString(tag)
}

func TestPinned(t *testing.T) {
	for image, want := range map[string]bool{
		"grafana/grafana:13.2.3": true, "registry.example.com:5000/a/b:v1.8.0": true, "debian:13.5-slim": true,
		"grafana/grafana": false, "grafana/grafana:latest": false, "registry.example.com:5000/b": false, "golang:1": false,
	} {
		if pinned(image) != want {
			t.Errorf("%s counts as pinned: %t, want %t", image, !want, want)
		}
	}
}

// secrets gives the names of what secrets.sh writes, and holds it to what it says of itself.
func secrets(t *testing.T) map[string]bool {
	t.Helper()
	dir := t.TempDir()
	written := map[string]bool{}
	contents := map[string]string{}
	for range 2 { // what is there stays
		out, err := exec.CommandContext(t.Context(), filepath.Join(folder, "secrets.sh"), dir).CombinedOutput()
		if err != nil {
			t.Fatalf("secrets.sh: %v\n%s", err, out)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			content := read(t, filepath.Join(dir, entry.Name()))
			if before, known := contents[entry.Name()]; known && before != content {
				t.Errorf("secrets.sh writes %s anew", entry.Name())
			}
			if len(content) < 32 {
				t.Errorf("the secret %s has %d characters", entry.Name(), len(content))
			}
			if strings.Contains(string(out), content) {
				t.Errorf("secrets.sh prints %s", entry.Name())
			}
			written[entry.Name()], contents[entry.Name()] = true, content
		}
	}
	if info, err := os.Stat(dir); err != nil || len(written) == 0 {
		t.Fatalf("secrets.sh wrote nothing into %v: %v", info, err)
	}
	return written
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// engineLine is the release line of the embedded engine, such as 26.7.
func engineLine(t *testing.T) string {
	t.Helper()
	var manifest struct {
		OptionalDependencies map[string]string `json:"optionalDependencies"`
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(folder, "engine", "package.json"))), &manifest); err != nil {
		t.Fatal(err)
	}
	for _, release := range manifest.OptionalDependencies {
		if parts := strings.SplitN(release, ".", 3); len(parts) == 3 {
			return parts[0] + "." + parts[1]
		}
	}
	t.Fatal("package.json names no engine")
	return ""
}
