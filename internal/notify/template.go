package notify

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/review"
)

//go:embed templates
var builtin embed.FS

// Names of templates besides those of kinds. A kind of matter without a template of its own has that of matter.
const (
	matterTemplate    = "matter"    // opened and repeated
	recoveredTemplate = "recovered" // of all kinds
	testTemplate      = "test"
)

// texts are the templates of messages. NAME.txt gives the subject in its first line and the text below that; NAME.html the same
// text for mails.
type texts struct {
	plain map[string]*template.Template
	html  map[string]*htmltemplate.Template
}

// templateNames are all names that a template may have.
func templateNames() []string {
	return slices.Concat([]string{matterTemplate, recoveredTemplate, testTemplate}, config.SummaryKinds, config.MatterKinds)
}

// newTexts parses the built-in templates and, over them, those of a folder, and executes each with samples. Its error lists all
// that is wrong with them.
func newTexts(folder string, zone *time.Location) (*texts, error) {
	own, err := fs.Sub(builtin, "templates")
	if err != nil {
		return nil, fmt.Errorf("notify: the built-in templates: %w", err)
	}
	t := &texts{plain: map[string]*template.Template{}, html: map[string]*htmltemplate.Template{}}
	if err := t.read(own, "built-in", zone); err != nil {
		return nil, err
	}
	if folder != "" {
		if _, err := os.Stat(folder); err != nil {
			return nil, fmt.Errorf("notifications.templates: %w; make the folder, or leave the key out to use the built-in texts", err)
		}
		if err := t.read(os.DirFS(folder), folder, zone); err != nil {
			return nil, err
		}
	}
	if err := t.try(folder); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *texts) read(files fs.FS, shown string, zone *time.Location) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return fmt.Errorf("notifications.templates: %w", err)
	}
	var problems error
	for _, e := range entries {
		name, ext := strings.TrimSuffix(e.Name(), path.Ext(e.Name())), path.Ext(e.Name())
		if e.IsDir() || ext != ".txt" && ext != ".html" {
			continue
		}
		file := filepath.Join(shown, e.Name())
		if !slices.Contains(templateNames(), name) {
			problems = errors.Join(problems, fmt.Errorf("%s: there is no message %q; there are: %s", file, name, strings.Join(templateNames(), ", ")))
			continue
		}
		text, err := fs.ReadFile(files, e.Name())
		if err == nil && ext == ".txt" {
			t.plain[name], err = template.New(e.Name()).Funcs(functions(zone)).Option("missingkey=error").Parse(string(text))
		} else if err == nil {
			t.html[name], err = htmltemplate.New(e.Name()).Funcs(functions(zone)).Option("missingkey=error").Parse(string(text))
		}
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("%s: %w", file, err))
		}
	}
	return problems
}

// try executes every template with the samples that it is for.
func (t *texts) try(folder string) error {
	var problems error
	for _, sample := range samples() {
		if err := t.render(&sample); err != nil {
			problems = errors.Join(problems, fmt.Errorf("%s: %w", filepath.Join(folder, nameOf(sample)), err))
		}
	}
	return problems
}

// nameOf is the template that a message is to have.
func nameOf(m Message) string {
	switch m.Event {
	case EventTest:
		return testTemplate
	case EventRecovered:
		return recoveredTemplate
	}
	return m.Kind
}

// longest bounds the text of a message, which a long error could fill.
const longest = 64 << 10

// render gives a message its subject and texts.
func (t *texts) render(m *Message) error {
	name := nameOf(*m)
	plain, html := t.plain[name], t.html[name]
	if plain == nil {
		plain = t.plain[matterTemplate]
	}
	if html == nil {
		html = t.html[matterTemplate]
		if t.plain[name] != nil { // whoever wrote the text of a kind alone wants to see it in mails too
			html = nil
		}
	}
	var text, page bytes.Buffer
	if err := plain.Execute(&text, m); err != nil {
		return err
	}
	subject, body, _ := strings.Cut(strings.TrimSpace(text.String()), "\n")
	m.Subject, m.Body = strings.TrimSpace(subject), shorten(strings.TrimSpace(body), longest)
	if m.Subject == "" {
		return errors.New("its first line, the subject, is empty")
	}
	if html == nil {
		return nil
	}
	if err := html.Execute(&page, m); err != nil {
		return err
	}
	m.html = page.String()
	return nil
}

// shorten cuts a text that has more characters.
func shorten(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// functions are what templates may call.
func functions(zone *time.Location) map[string]any {
	return map[string]any{
		// time writes an instant in the reporting zone.
		"time": func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04") },
		// count writes a number with commas.
		"count": func(n uint64) (string, error) { return review.Count(review.Decimal(fmt.Sprint(n))) },
		// figure writes a figure by its form: money, count or ratio.
		"figure": figure,
		// change writes a share of one as a change in per cent.
		"change": changed,
		// moved writes how a headline moved against the month before: a ratio by points, all else in per cent.
		"moved": moved,
	}
}

func figure(value, form string) (string, error) {
	switch d := review.Decimal(value); form {
	case "money", "": // the liability's buckets have no form of their own
		return review.Money(d)
	case "ratio":
		return review.Percent(d)
	default:
		return review.Count(d)
	}
}

func moved(h Headline) (string, error) {
	if h.Form == "ratio" {
		return review.Metric{Unit: "ratio", Form: "ratio"}.Difference(review.Decimal(h.MoM))
	}
	return changed(h.MoMPct)
}

func changed(share string) (string, error) {
	text, err := review.Percent(review.Decimal(share))
	if err == nil && share != "" && !strings.HasPrefix(text, "-") {
		text = "+" + text
	}
	return text, err
}
