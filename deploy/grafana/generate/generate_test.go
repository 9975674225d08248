package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestFilesAreCurrent(t *testing.T) {
	t.Parallel()
	want, err := render(os.DirFS(statements))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		held, err := os.ReadFile(filepath.Join(output, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(held, text) {
			t.Errorf("deploy/grafana/%s is not what the code and sql/dashboards say (%v); run: make generate", name, err)
		}
	}
	held, err := filepath.Glob(filepath.Join(output, "dashboards", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range held {
		if _, made := want["dashboards/"+filepath.Base(path)]; !made {
			t.Errorf("%s is not made any more; run: make generate", path)
		}
	}
}
