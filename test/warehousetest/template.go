package warehousetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
)

// A new warehouse's some two hundred objects take longer than all that most tests do with them. So the first test of a
// process that wants them has them made in a folder, and each copies it before its own engine starts there: the files
// that Migrate leaves in a new folder.

// templateReporting is what most tests report in: for others, Migrate changes the settings of the copy.
var templateReporting = load.Reporting{Timezone: "UTC", Currency: "USD"}

// template gives the folder of a warehouse that was migrated and closed.
var template = sync.OnceValues(func() (dir string, err error) {
	dir, err = os.MkdirTemp(os.Getenv(EnvDir), "partnerplus-template-")
	if err != nil {
		return "", err
	}
	templateDir = dir
	ctx := context.Background() // it is for all tests, not for the one that comes first
	e, err := engine.Open(ctx, engine.Options{Dir: dir})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	w, err := load.Open(e.DSN())
	if err != nil {
		return "", err
	}
	_, err = w.Migrate(ctx, templateReporting)
	return dir, errors.Join(err, w.Close())
})

// templateDir is the template's folder, once it was begun.
var templateDir string

func removeTemplate() error {
	if templateDir == "" {
		return nil
	}
	return os.RemoveAll(templateDir)
}

// CopySchema puts all tables and views, without rows, into the folder of an engine that has not started yet, as Migrate
// leaves them; port and passwords are the engine's own.
func CopySchema(t testing.TB, dir string) {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatalf("make the template of a warehouse: %v", err)
	}
	const data = "data"
	if err := os.CopyFS(filepath.Join(dir, data), os.DirFS(filepath.Join(from, data))); err != nil {
		t.Fatalf("copy the template of a warehouse: %v", err)
	}
}
