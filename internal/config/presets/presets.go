// Package presets holds complete, commented config files for sources that many portals have: Matomo, Google Analytics 4,
// Plausible, and a plain feed of events. Each is a partnerplus.yaml with one source; its comments are its documentation.
//
// It must not know how a config is read; internal/config does.
package presets

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names gives the names of all presets, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("presets: the embedded folder cannot be listed: %v", err))
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), ".yaml")
	}
	return names
}

// UnknownError says that there is no preset of that name.
type UnknownError struct {
	Name  string
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no preset %q; choose one of %s", e.Name, strings.Join(e.Known, ", "))
}

// Get gives the config file of a preset. The error is an UnknownError.
func Get(name string) ([]byte, error) {
	if known := Names(); !slices.Contains(known, name) {
		return nil, &UnknownError{Name: name, Known: known}
	}
	return files.ReadFile(name + ".yaml")
}
