package schedules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBuiltin(t *testing.T) {
	jobs, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, j := range jobs {
		got[j.Name] = j.Cron
		if j.Description == "" || j.Timeout == 0 {
			t.Errorf("%s: a built-in job needs a description and a timeout", j.Name)
		}
	}
	want := map[string]string{"live": "*/5 * * * *", "nightly": "0 2 * * *", "month-end": "0 4 1 * *"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadDir(t *testing.T) {
	dir := folder(t, map[string]string{
		"b.yaml":    "name: two\ncron: '@daily'\n",
		"a.yml":     "name: one\ndescription: First.\ncron: 30 6 * * mon-fri\ntimeout: 90m\nsources: [x, y]\nfull: true\n",
		"README.md": "not a job",
	})
	got, err := LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []Job{
		{Name: "one", Description: "First.", Cron: "30 6 * * mon-fri", Timeout: 90 * time.Minute, Sources: []string{"x", "y"}, Full: true},
		{Name: "two", Cron: "@daily"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := CheckSources(got, []string{"x", "y", "z"}); err != nil {
		t.Error(err)
	}
	if err := CheckSources(got, []string{"x", "z"}); err == nil || !strings.Contains(err.Error(), `job one: sources: "y" is no source`) {
		t.Errorf("want an error about y, not: %v", err)
	}
}

func TestLoadDirProblems(t *testing.T) {
	one := func(text string) map[string]string { return map[string]string{"a.yaml": text} }
	tests := []struct {
		name  string
		files map[string]string
		want  []string // each in a line of its own
	}{
		{"no files", nil, []string{"no job file (*.yaml) in "}},
		{"empty file", one(""), []string{"a.yaml: the file is empty"}},
		{"nothing but a name", one("name: a\n"), []string{"a.yaml: cron: missing; give a cron expression"}},
		{"misspelt key", one("name: a\ncorn: '@daily'\n"), []string{"a.yaml:2:1: corn: unknown key; did you mean cron?"}},
		{"several", one("name: A b\ncron: 61 * * * *\ntimeout: -1s\nsources: [x, x]\n"), []string{
			`a.yaml:1:1: name: "A b" must consist of small letters`,
			`a.yaml:2:1: cron: "61 * * * *" is not a cron expression such as "0 2 * * *" for 02:00 every day: end of range (61) above maximum (59)`,
			"a.yaml:3:1: timeout: -1s is negative",
			`a.yaml:4:14: sources[1]: "x" is listed twice`}},
		{"seconds", one("name: a\ncron: 0 0 2 * * *\n"), []string{`cron: "0 0 2 * * *" is not a cron expression`}},
		{"zone", one("name: a\ncron: CRON_TZ=UTC 0 2 * * *\n"), []string{"leave TZ= out"}},
		{"zone alone", one("name: a\ncron: TZ=UTC\n"), []string{"leave TZ= out"}},
		{"interval", one("name: a\ncron: '@every 5m'\n"), []string{"would count from each start"}},
		{"no such day", one("name: a\ncron: 0 0 30 2 *\n"), []string{"is never due"}},
		{"two of one name, and another problem", map[string]string{"a.yaml": "name: a\ncron: '@daily'\n", "b.yaml": "name: a\ncron: '@hourly'\n", "c.yaml": "x: 1\n"}, []string{
			`b.yaml:1:1: name: "a" is the name of the job in `, "c.yaml:1:1: x: unknown key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := LoadDir(folder(t, tt.files))
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(tt.want) {
				t.Fatalf("%d problems, want %d:\n%v", len(lines), len(tt.want), err)
			}
			for i, want := range tt.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("%s\nlacks %s", lines[i], want)
				}
			}
		})
	}
	for _, dir := range []string{filepath.Join(t.TempDir(), "none"), filepath.Join(folder(t, one("")), "a.yaml")} {
		if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("want an error with the folder, not: %v", err)
		}
	}
}
