package notify

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partnerplus/warehouse/internal/config"
)

var update = flag.Bool("update", false, "write testdata anew")

// TestKinds holds the config's list of kinds to what there is.
func TestKinds(t *testing.T) {
	t.Parallel()
	scripts, err := kindsOfMatters()
	must(t, err)
	if diff := cmp.Diff(config.MatterKinds, slices.Sorted(maps.Keys(withAway(scripts)))); diff != "" {
		t.Errorf("config.MatterKinds is not sql/matters and warehouse_away (-want +got):\n%s", diff)
	}
}

func withAway[T any](scripts map[string]T) map[string]T {
	all := maps.Clone(scripts)
	all["warehouse_away"] = all["failed_run"]
	return all
}

// TestMessages shows every built-in text, as receivers get it, and that each document is as its schema says.
func TestMessages(t *testing.T) {
	t.Parallel()
	texts, err := newTexts("", berlin)
	must(t, err)
	schema := compiled(t)
	var shown bytes.Buffer
	seen := map[string]bool{}
	for _, m := range samples() {
		must(t, texts.render(&m))
		document, err := json.Marshal(m)
		must(t, err)
		value, err := validator.UnmarshalJSON(bytes.NewReader(document))
		must(t, err)
		if err := schema.Validate(value); err != nil {
			t.Errorf("the document of %s %s is not as its schema says: %v", m.Event, m.Kind, err)
		}
		if name := nameOf(m); slices.Contains(config.MatterKinds, name) && m.Kind != config.MatterKinds[0] || seen[m.Subject+m.Body] {
			continue // they share their text
		}
		seen[m.Subject+m.Body] = true
		shown.WriteString("=== " + string(m.Event) + " " + m.Kind + "\n" + m.Subject + "\n\n" + m.Body + "\n--- html\n" + m.html + "\n")
	}
	golden(t, "messages.golden", shown.Bytes())
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got); go test ./internal/notify -update writes it anew:\n%s", file, diff)
	}
}

func compiled(t *testing.T) *validator.Schema {
	t.Helper()
	text, err := os.ReadFile("notification.schema.json")
	must(t, err)
	document, err := validator.UnmarshalJSON(bytes.NewReader(text))
	must(t, err)
	c := validator.NewCompiler()
	must(t, c.AddResource("notification.schema.json", document))
	schema, err := c.Compile("notification.schema.json")
	must(t, err)
	return schema
}

func TestIDs(t *testing.T) {
	t.Parallel()
	ids := map[string]string{}
	for _, m := range samples() {
		about := m.Key + string(m.Event)
		if other, known := ids[m.ID]; known && other != about {
			t.Errorf("%s and %s have one id", about, other)
		}
		ids[m.ID] = about
	}
	if a, b := samples()[0], samples()[0]; a.ID != b.ID {
		t.Errorf("one message has the ids %s and %s", a.ID, b.ID)
	}
}

func TestOwnTemplates(t *testing.T) {
	t.Parallel()
	render := func(files map[string]string, kind string) (Message, error) {
		dir := t.TempDir()
		for name, text := range files {
			must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		}
		texts, err := newTexts(dir, time.UTC)
		if err != nil {
			return Message{}, err
		}
		for _, m := range samples() {
			if m.Kind == kind {
				err := texts.render(&m)
				return m, err
			}
		}
		panic("no sample of " + kind)
	}
	own := map[string]string{"failed_job.txt": "Oh no: {{.Title}}\n\nCall {{.Todo}} at {{time .Since}}\n", "notes.md": "not a template"}
	m, err := render(own, "failed_job")
	must(t, err)
	if m.Subject != "Oh no: Something is wrong" || m.Body != "Call What to do about it. at 2026-10-01 05:30" || m.html != "" {
		t.Errorf("the message is %+v", m)
	}
	m, err = render(own, "late_source")
	must(t, err)
	if m.Subject != "[critical] Something is wrong" || !strings.Contains(m.html, "What it is &lt;in words&gt; &amp; figures.") {
		t.Errorf("the message is %+v", m)
	}
	for name, want := range map[string]string{
		"{{.Titel}}":         "failed_job: ", // executed with what it is for
		"{{.Title":           "failed_job.txt: ",
		"{{nothing .Title}}": `function "nothing" not defined`,
		"{{.Summary.From}}":  "nil pointer",
		"":                   "its first line, the subject, is empty",
	} {
		if _, err := render(map[string]string{"failed_job.txt": name}, "failed_job"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if _, err := render(map[string]string{"failed_jbo.txt": "x"}, "failed_job"); err == nil || !strings.Contains(err.Error(), `there is no message "failed_jbo"`) {
		t.Errorf("a name that there is not: %v", err)
	}
	if _, err := newTexts(filepath.Join(t.TempDir(), "none"), time.UTC); err == nil || !strings.Contains(err.Error(), "notifications.templates") {
		t.Errorf("a folder that there is not: %v", err)
	}
}
