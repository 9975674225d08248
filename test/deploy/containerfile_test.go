package deploy

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// stage is what a stage of the Containerfile makes of its image.
type stage struct {
	base, user, workdir string
	health, entrypoint  []string
	copies              []*instructions.CopyCommand
	from                []string // stages that it copies from
}

func containerfile(t *testing.T) map[string]*stage {
	t.Helper()
	parsed, err := parser.Parse(bytes.NewReader([]byte(read(t, filepath.Join(folder, "Containerfile")))))
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range parsed.Warnings {
		t.Errorf("Containerfile: %s", warning.Short)
	}
	all, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string]*stage{}
	for i, s := range all {
		of := &stage{base: s.BaseName}
		for _, command := range s.Commands {
			switch c := command.(type) {
			case *instructions.UserCommand:
				of.user = c.User
			case *instructions.WorkdirCommand:
				of.workdir = c.Path
			case *instructions.HealthCheckCommand:
				of.health = c.Health.Test[1:]
				if c.Health.Test[0] != "CMD" {
					t.Errorf("stage %s: the check of its health needs a shell", s.Name)
				}
			case *instructions.EntrypointCommand:
				of.entrypoint = c.CmdLine
				if c.PrependShell {
					t.Errorf("stage %s: a shell stands between the signals and the program", s.Name)
				}
			case *instructions.CopyCommand:
				of.copies = append(of.copies, c)
				if c.From != "" {
					of.from = append(of.from, c.From)
				}
			case *instructions.AddCommand:
				t.Errorf("stage %s: ADD fetches and unpacks; use COPY", s.Name)
			}
		}
		if s.Name == "" {
			t.Errorf("stage %d has no name", i)
		}
		stages[s.Name] = of
	}
	if last := all[len(all)-1].Name; last != "server" {
		t.Errorf("the default stage is %s, want server", last)
	}
	return stages
}

func TestContainerfile(t *testing.T) {
	stages := containerfile(t)
	ignored := strings.Fields(read(t, filepath.Join(folder, "..", ".dockerignore")))
	for name, s := range stages {
		if s.base != "scratch" && !pinned(s.base) {
			t.Errorf("stage %s stands on %s, whatever is newest", name, s.base)
		}
		for _, from := range s.from {
			if stages[from] == nil {
				t.Errorf("stage %s copies from %s, which there is not", name, from)
			}
		}
		for _, c := range s.copies {
			for _, source := range c.SourcePaths {
				if c.From != "" || source == "." {
					continue
				}
				if _, err := os.Stat(filepath.Join(folder, "..", source)); err != nil {
					t.Errorf("stage %s: %v", name, err)
				}
				if slices.Contains(ignored, source) {
					t.Errorf("stage %s copies %s, which .dockerignore leaves out", name, source)
				}
			}
		}
	}
	for _, name := range []string{"server", "embedded"} {
		s := stages[name]
		if uid, _, _ := strings.Cut(s.user, ":"); uid == "" || strings.Trim(uid, "0123456789") != "" || strings.Trim(uid, "0") == "" {
			t.Errorf("%s runs as %q: Kubernetes can only tell of a number that it is not root", name, s.user)
		}
		if len(s.health) == 0 || len(s.entrypoint) != 1 || s.health[0] != s.entrypoint[0] {
			t.Errorf("%s starts %v and asks %v whether it is well", name, s.entrypoint, s.health)
		}
	}
	if base := stages["server"].base; base != "scratch" {
		t.Errorf("the server's image stands on %s", base)
	}
	module := read(t, filepath.Join(folder, "..", "go.mod"))
	_, rest, _ := strings.Cut(module, "\ngo ")
	line := strings.Join(strings.SplitN(strings.Fields(rest)[0], ".", 3)[:2], ".")
	if base := stages["build"].base; !strings.HasPrefix(base, "golang:"+line+".") {
		t.Errorf("the program is built by %s, and go.mod asks for %s", base, line)
	}
	for _, secret := range []string{"deploy/secrets", ".git", "deploy/engine/node_modules"} {
		if !slices.Contains(ignored, secret) {
			t.Errorf("%s goes into the build", secret)
		}
	}
}
