package golden

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/load"
)

var update = flag.Bool("update", false, "write the answers of sql/examples anew")

// compareExamples runs the examples for analysts, as a reader would, and compares what they answer.
func compareExamples(t *testing.T, w *load.Warehouse) {
	examples, err := filepath.Glob("../../sql/examples/*.sql")
	if err != nil || len(examples) < 8 {
		t.Fatalf("%d examples were found: %v", len(examples), err)
	}
	for _, path := range examples {
		name := strings.TrimSuffix(filepath.Base(path), ".sql")
		t.Run(name, func(t *testing.T) { compareExample(t, w, path, filepath.Join("testdata", "examples", name+".tsv")) })
	}
}

func compareExample(t *testing.T, w *load.Warehouse, path, golden string) {
	statement, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(statement), "-- ") || !strings.Contains(strings.SplitN(string(statement), "\n", 2)[0], "?") {
		t.Errorf("%s does not begin with the question that it answers", path)
	}
	answer, err := w.Ask(t.Context(), "TabSeparatedWithNames", string(statement), false, false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(answer)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Close(); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v: write it with go test ./test/golden -run TestSmall -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
