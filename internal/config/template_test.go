package config

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/file"
	"github.com/partnerplus/warehouse/transform"
)

// The template's sources read the very files that its comments show.
func TestTemplateReadsItsSamples(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	write(t, path, string(Template()))
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	// A sample is a line that ends in the file's name and a colon, followed by lines set in further.
	sample := regexp.MustCompile(`such as (data/\S+):\n((?:  #   .*\n)+)`)
	for _, m := range sample.FindAllStringSubmatch(string(Template()), -1) {
		write(t, filepath.Join(filepath.Dir(path), m[1]), strings.ReplaceAll(m[2], "  #   ", ""))
	}
	want := map[string]string{
		"acme-awards": `{"amount":"25","award_id":"A-1","awarded_at":"2024-01-15 14:30:00Z","currency":"USD","is_deleted":0,` +
			`"kind":"award","member_id":"M-1","org_id":"O-1","program_id":"acme","source_row":1,"version":1705329000000000}`,
		"acme-redemptions": `{"amount":"12.5","category":"Gift cards","currency":"USD","is_deleted":0,"kind":"redemption","member_id":"M-1",` +
			`"org_id":"O-1","program_id":"acme","redeemed_at":"2024-01-15 09:30:00Z","redemption_id":"M-1-1","source_row":1}`,
	}
	for _, s := range c.Sources {
		rows := standardised(t, s)
		if s.Name == "acme-redemptions" { // its version is the file's own time
			rows = regexp.MustCompile(`,"version":\d+`).ReplaceAllString(rows, "")
		}
		if diff := cmp.Diff(want[s.Name], rows); diff != "" {
			t.Errorf("%s: %s", s.Name, diff)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var w io.WriteCloser = f
	if strings.HasSuffix(path, ".gz") {
		w = gzip.NewWriter(f)
		defer func() { _ = f.Close() }()
	}
	_, err = io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
}

// standardised gives what the source's rows become, as JSON, and fails the test on a reject.
func standardised(t *testing.T, s Source) string {
	t.Helper()
	ctx := context.Background()
	place, err := file.Open(s.Name, *s.File, s.Format)
	if err != nil {
		t.Fatal(err)
	}
	units, err := place.Units(ctx, extract.Range{})
	if err != nil || len(units) != 1 {
		t.Fatalf("%s: units %v: %v", s.Name, units, err)
	}
	reader, err := place.Open(ctx, units[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	mapping, err := transform.Compile(s.Mappings[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for {
		batch, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return strings.Join(rows, "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		result, err := mapping.Apply(batch.Record, transform.Place{Positions: batch.Positions, Unit: units[0].Name, Delivered: units[0].Delivered, Sparse: batch.Sparse})
		if err != nil || len(result.Rejects)+len(batch.Malformed) > 0 {
			t.Fatalf("%s: %v, rejects %v %v", s.Name, err, result.Rejects, batch.Malformed)
		}
		text, err := result.Record.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, strings.Trim(strings.TrimSpace(string(text)), "[]\n"))
		result.Record.Release()
		batch.Record.Release()
	}
}
