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
		if j.Name == "month-end" {
			if diff := cmp.Diff(steps, j.RunSteps()); diff != "" || len(j.After) != 1 || j.After[0] != "nightly" {
				t.Errorf("month-end comes after %v and does %v", j.After, j.Steps)
			}
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
		"c.yaml":    strings.Replace(fullJob, "nightly", "two", 1),
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
		{
			Name: "month-end", Description: "Everything that a job file may say.", Cron: "0 4 1 * *", Timezone: "America/New_York",
			Jitter: 5 * time.Minute, Timeout: 26 * time.Hour, Retries: 3, RetryWait: 90 * time.Second, After: []string{"two"}, WaitFor: 6 * time.Hour,
			Blackout: []Window{{From: "08:00", To: "18:00", Days: []string{"mon-fri"}}, {From: "23:30", To: "00:30"}},
			Steps:    steps, Sources: []string{"a", "b"}, Full: true,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = got[:2]
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
		{"what is out of its bounds", one("name: a\ncron: '@daily'\ntimezone: Mars/Olympus\njitter: 25h\nretries: 101\nretry_wait: -1s\nwait_for: -1s\n"), []string{
			`a.yaml:3:1: timezone: "Mars/Olympus" is no zone of the IANA database`, "a.yaml:4:1: jitter: 25h0m0s is not between 0 and 24h0m0s",
			"a.yaml:5:1: retries: 101 is not between 0 and 100", "a.yaml:6:1: retry_wait: -1s is negative; leave it out for 1m0s",
			"a.yaml:7:1: wait_for: -1s is negative; leave it out for 6h0m0s"}},
		{"the machine's own zone", one("name: a\ncron: '@daily'\ntimezone: Local\n"), []string{`timezone: "Local" is no zone`}},
		{"what is of no use", one("name: a\ncron: '@daily'\nretry_wait: 1m\nwait_for: 1m\nsteps: [check]\nsources: [x]\n"), []string{
			"retry_wait: of no use without retries", "wait_for: of no use without after or the step complete", "sources: of no use without the step load"}},
		{"full for nothing", one("name: a\ncron: '@daily'\nsteps: [check]\nfull: true\n"), []string{"full: of no use without the step load"}},
		{"steps", one("name: a\ncron: '@daily'\nsteps: [refresh, load, refresh, polish]\n"), []string{
			`a.yaml:3:18: steps[1]: "load" comes too late; the order is load, complete, refresh, check, review, report`,
			`a.yaml:3:24: steps[2]: "refresh" is listed twice`, `a.yaml:3:33: steps[3]: "polish" is no step; there are load, complete`}},
		{"complete without load", one("name: a\ncron: '@daily'\nsteps: [complete]\n"), []string{"steps: complete loads until nothing is missing; put load before it"}},
		{"windows", one("name: a\ncron: '@daily'\nblackout: [{from: 8, to: '18:00'}, {from: '08:00', to: '25:00'}, {from: '24:00', to: '02:00'}, {from: '01:00', to: '02:00', days: [mon-fri, mo]}]\n"), []string{
			`blackout[0].from: "8" is no time of the day, such as 08:00`, `blackout[1].to: "25:00" is no time of the day`,
			"blackout[2].from: a day begins at 00:00", `blackout[3].days[1]: "mo" is no day or range of days, such as mon or mon-fri`}},
		{"windows that leave nothing", one("name: a\ncron: '@daily'\nblackout: [{from: '08:00', to: '20:00'}, {from: '19:00', to: '08:00'}]\n"), []string{"blackout: leaves no time at which the job may begin"}},
		{"after what there is not", one("name: a\ncron: '@daily'\nafter: [b, a, b]\n"), []string{
			"a.yaml:3:12: after[1]: a job cannot come after itself", `after[2]: "b" is listed twice`}},
		{"after unknown ones", one("name: a\ncron: '@daily'\nafter: [b]\n"), []string{`a.yaml:3:9: after[0]: there is no job "b"; there are a`}},
		{"a circle", map[string]string{"a.yaml": "name: a\ncron: '@daily'\nafter: [b]\n", "b.yaml": "name: b\ncron: '@daily'\nafter: [c]\n", "c.yaml": "name: c\ncron: '@daily'\nafter: [b]\n"}, []string{
			"b.yaml:3:1: after: a circle, in which no job could ever begin: b after c after b", "c.yaml:3:1: after: a circle, in which no job could ever begin: c after b after c"}},
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
