// Command generate writes the Grafana dashboards and alert rules of this folder: the layout is code here, every statement is a
// file of sql/dashboards, and what a metric is called and how it is written comes from the metric catalogue. What it writes is
// committed, since Grafana reads it as it is.
//
// It must not know a warehouse or a Grafana: it reads files and writes others.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run .

// Where things are, seen from this folder.
const (
	statements = "../../../sql/dashboards"
	output     = ".."
)

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write() error {
	files, err := render(os.DirFS(statements))
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(output, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("write a dashboard: %w", err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return fmt.Errorf("write a dashboard: %w", err)
		}
	}
	// A dashboard that is not made any more would be shown for ever.
	old, err := filepath.Glob(filepath.Join(output, "dashboards", "*.json"))
	if err != nil {
		return fmt.Errorf("look for old dashboards: %w", err)
	}
	for _, path := range old {
		if _, made := files["dashboards/"+filepath.Base(path)]; !made {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}

// dashboards are all dashboards, in the order of the framework: from the whole to the parts, then by subject.
func dashboards(l *library) []dashboard {
	return []dashboard{
		portfolio(l), program(l), organisation(l), segment(l), memberDashboard(l),
		distribution(l), liabilityDashboard(l), engagement(l), quality(l),
	}
}
