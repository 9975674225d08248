package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/telemetry"
)

// build is what is known of how this program was built.
type build struct {
	Version string `json:"version"` // of the release; of a checkout, what git describe says
	Commit  string `json:"commit"`  // empty where neither the linker nor the module's own record names it
	Date    string `json:"date"`    // of the commit, RFC 3339
	Go      string `json:"go"`
	Target  string `json:"target"` // operating system and processor
}

// Set by the linker: make build and the release do.
var release, commit, date string

// built tells what the linker set, or where it set nothing (go install) what the module's own record has.
func built() build {
	b := build{Version: release, Commit: commit, Date: date, Go: runtime.Version(), Target: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{Main: debug.Module{Version: "unknown"}}
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && b.Commit == "":
			b.Commit = s.Value
		case s.Key == "vcs.time" && b.Date == "":
			b.Date = s.Value
		}
	}
	return b
}

// String is the build in one line.
func (b build) String() string {
	text := "partnerplus " + b.Version
	if b.Commit != "" {
		text += fmt.Sprintf(" (commit %.12s", b.Commit)
		if b.Date != "" {
			text += " of " + b.Date
		}
		text += ")"
	}
	return text + ", " + b.Go + " " + b.Target
}

// watched is what metrics and traces say of the program.
func (b build) watched() telemetry.Build {
	if b.Commit == "" {
		b.Commit = "unknown"
	}
	return telemetry.Build{Version: b.Version, Commit: b.Commit, GoVersion: b.Go}
}

func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built from",
		Example: `  partnerplus version
  partnerplus version -o json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.out, built())
			}
			_, err = fmt.Fprintln(a.out, built())
			return err
		},
	}
	a.outputFlag(cmd)
	return cmd
}
