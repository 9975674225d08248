package review

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// FileName is what the review pack of a month is called.
func FileName(month Month) string { return "review-" + month.String() + ".html" }

// WriteFile writes the pack as WriteHTML does, into a file that is there whole or not at all. It makes the file's folder, and
// replaces a pack that is there.
func (p *Pack) WriteFile(file string) (err error) {
	failed := func(err error) error { return fmt.Errorf("write the review pack of %s: %w", p.Month, err) }
	folder := filepath.Dir(file)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return failed(err)
	}
	unfinished, err := os.CreateTemp(folder, ".review-*")
	if err != nil {
		return failed(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(unfinished.Name()) // what failed is told
		}
	}()
	if err := errors.Join(p.WriteHTML(unfinished), unfinished.Chmod(0o644), unfinished.Sync(), unfinished.Close()); err != nil { // a page to pass on
		return failed(err)
	}
	if err := os.Rename(unfinished.Name(), file); err != nil {
		return failed(err)
	}
	return nil
}
