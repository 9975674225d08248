package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/partnerplus/warehouse/schedules"
)

// TestDeployedCommands reads the command lines in the folder deploy as the program would: each has a command, flags that there
// are, and a job that there is.
func TestDeployedCommands(t *testing.T) {
	t.Parallel()
	builtin, err := schedules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var jobs []string
	for _, job := range builtin {
		jobs = append(jobs, job.Name)
	}
	for _, c := range []struct {
		files, line string // pattern of files, and of the lines with a list or a line of arguments
		atLeast     int
	}{
		{"systemd/*.service", `ExecStart=/usr/local/bin/partnerplus (.*)`, 1},
		{"Containerfile", `CMD (\[.*\])`, 4},
		{"compose.yaml", `command: (\[--config.*\])`, 1},
		{"kubernetes/*/*.yaml", `args: (\[.*\])`, 3},
	} {
		files, err := filepath.Glob(filepath.Join("..", "..", "deploy", c.files))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range regexp.MustCompile(c.line).FindAllStringSubmatch(string(text), -1) {
				args := strings.Fields(line[1])
				if strings.HasPrefix(line[1], "[") {
					if err := yaml.Unmarshal([]byte(line[1]), &args); err != nil {
						t.Fatalf("%s: %s: %v", file, line[1], err)
					}
				}
				if strings.HasSuffix(args[0], "/partnerplus") {
					args = args[1:]
				}
				found++
				checkCommandLine(t, file, args, jobs)
			}
		}
		if found < c.atLeast {
			t.Errorf("%s: %d command lines, want %d at least", c.files, found, c.atLeast)
		}
	}
}

func checkCommandLine(t *testing.T, file string, args, jobs []string) {
	t.Helper()
	root := (&app{out: new(strings.Builder), errOut: new(strings.Builder)}).root()
	cmd, rest, err := root.Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil || cmd == root {
		t.Errorf("%s: %v: command %s: %v", file, args, cmd.Name(), err)
		return
	}
	if cmd.Name() == "run" && !slices.Contains(jobs, cmd.Flags().Arg(0)) {
		t.Errorf("%s: %v: there is no such job", file, args)
	}
}
