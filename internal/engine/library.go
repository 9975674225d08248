package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// EnvLibchdb names the environment variable that points at a libchdb.so kept elsewhere.
const EnvLibchdb = "PARTNERPLUS_LIBCHDB"

// packages maps a platform to the npm package of deploy/engine that holds its library.
var packages = map[string]string{
	"linux/amd64": "@chdb/lib-linux-x64-gnu",
}

// withoutEngine is what UnsupportedPlatformError calls a program that was built with noengine.
const withoutEngine = "a build for servers alone"

// UnsupportedPlatformError says that no library exists for this platform, or that this program was built without one.
type UnsupportedPlatformError struct{ Platform string }

func (e *UnsupportedPlatformError) Error() string {
	return fmt.Sprintf("the embedded warehouse does not run on %s (only linux/amd64 with glibc); "+
		"use a ClickHouse server: set warehouse.dsn in the config, or PARTNERPLUS_DSN=http://user:password@host:8123", e.Platform)
}

// MissingLibraryError says that the library is not installed, and where it was looked for.
type MissingLibraryError struct{ Looked []string }

func (e *MissingLibraryError) Error() string {
	return fmt.Sprintf("the embedded warehouse's library libchdb.so is not installed (looked in %v); "+
		"install it with `make engine` (npm ci in deploy/engine), or point %s at it, "+
		"or use a ClickHouse server: set warehouse.dsn in the config, or PARTNERPLUS_DSN=http://user:password@host:8123", e.Looked, EnvLibchdb)
}

// Library finds libchdb.so: where PARTNERPLUS_LIBCHDB says, else in deploy/engine of the
// working directory or of the program's own folder, or of any folder above them. It returns an
// UnsupportedPlatformError or a MissingLibraryError where there is none.
func Library() (string, error) {
	if !linked {
		return "", &UnsupportedPlatformError{Platform: withoutEngine}
	}
	return library(runtime.GOOS+"/"+runtime.GOARCH, os.Getenv(EnvLibchdb), startFolders())
}

func library(platform, override string, from []string) (string, error) {
	if override != "" {
		if isFile(override) {
			return override, nil
		}
		return "", &MissingLibraryError{Looked: []string{override}}
	}
	name, ok := packages[platform]
	if !ok {
		return "", &UnsupportedPlatformError{Platform: platform}
	}
	inRepository := filepath.Join("deploy", "engine", "node_modules", filepath.FromSlash(name), "libchdb.so")
	for _, folder := range from {
		for {
			if path := filepath.Join(folder, inRepository); isFile(path) {
				return path, nil
			}
			parent := filepath.Dir(folder)
			if parent == folder {
				break
			}
			folder = parent
		}
	}
	return "", &MissingLibraryError{Looked: []string{inRepository}}
}

func startFolders() []string {
	var folders []string
	if wd, err := os.Getwd(); err == nil {
		folders = append(folders, wd)
	}
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			folders = append(folders, filepath.Dir(exe))
		}
	}
	return folders
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
