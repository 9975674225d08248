package review

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWriteFile: a pack takes the place of an earlier one whole, or not at all.
func TestWriteFile(t *testing.T) {
	t.Parallel()
	pack := sample()
	file := filepath.Join(t.TempDir(), "new", FileName(pack.Month))
	for _, by := range []string{"first", "second"} {
		pack.Review.OpenedBy = by
		if err := pack.WriteFile(file); err != nil {
			t.Fatal(err)
		}
		if written, err := os.ReadFile(file); err != nil || string(written) != rendered(t, pack) {
			t.Errorf("the %s file is not the page: %v", by, err)
		}
	}
	before := rendered(t, pack)
	pack.Portfolio[0].Value = "no number"
	if err := pack.WriteFile(file); err == nil {
		t.Error("a page that cannot be written is written")
	}
	if written, err := os.ReadFile(file); err != nil || string(written) != before {
		t.Errorf("the file before is gone: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 || left[0].Name() != "review-2026-09.html" {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
