package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestFilesAreCurrent(t *testing.T) {
	t.Parallel()
	want, err := render(os.DirFS(statements))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		held, err := os.ReadFile(filepath.Join(output, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(held, text) {
			t.Errorf("deploy/grafana/%s is not what the code and sql/dashboards say (%v); run: make generate", name, err)
		}
	}
	held, err := filepath.Glob(filepath.Join(output, "dashboards", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range held {
		if _, made := want["dashboards/"+filepath.Base(path)]; !made {
			t.Errorf("%s is not made any more; run: make generate", path)
		}
	}
}

// made gives the dashboards as Grafana reads them.
func made(t *testing.T) map[string]board {
	t.Helper()
	files, err := render(os.DirFS(statements))
	if err != nil {
		t.Fatal(err)
	}
	boards := map[string]board{}
	for name, text := range files {
		if filepath.Ext(name) != ".json" {
			continue
		}
		var b board
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		boards[b.UID] = b
	}
	return boards
}

type board struct {
	UID        string
	Panels     []shownPanel
	Templating struct {
		List []struct{ Name, Query string }
	}
}

type shownPanel struct {
	Type, Title, Description string
	Targets                  []struct{ RawSQL string }
	FieldConfig              struct {
		Overrides []struct {
			Matcher    struct{ Options string }
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
}

var (
	toDashboard = regexp.MustCompile(`"url":"/d/([a-z-]+)\?`)
	toVariable  = regexp.MustCompile(`&var-([a-z]+)=\$\{__data\.fields\.([a-z0-9_]+):percentencode\}`)
	used        = regexp.MustCompile(`\$\{([a-z]+):singlequote\}`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	boards := made(t)
	for uid, b := range boards {
		for _, p := range b.Panels {
			text, err := json.Marshal(p.FieldConfig)
			if err != nil {
				t.Fatal(err)
			}
			columns := map[string]bool{}
			for _, o := range p.FieldConfig.Overrides {
				columns[o.Matcher.Options] = true
			}
			plain := strings.ReplaceAll(string(text), `\u0026`, "&")
			for _, m := range toDashboard.FindAllStringSubmatch(plain, -1) {
				if _, found := boards[m[1]]; !found {
					t.Errorf("%s, %s: no dashboard has the uid %s", uid, p.Title, m[1])
				}
			}
			for _, m := range toVariable.FindAllStringSubmatch(plain, -1) {
				if !columns[m[2]] {
					t.Errorf("%s, %s: the link to var-%s takes the column %s, which is not there", uid, p.Title, m[1], m[2])
				}
			}
		}
	}
}

// TestVariablesAreThere looks for statements that ask for a variable that the dashboard does not have, or has later.
func TestVariablesAreThere(t *testing.T) {
	t.Parallel()
	for uid, b := range made(t) {
		known := map[string]bool{}
		for _, v := range b.Templating.List {
			for _, m := range used.FindAllStringSubmatch(v.Query, -1) {
				if !known[m[1]] {
					t.Errorf("%s: the variable %s asks for %s before it is chosen", uid, v.Name, m[1])
				}
			}
			known[v.Name] = true
		}
		for _, p := range b.Panels {
			if p.Type != "row" && (p.Description == "" || len(p.Targets) == 0) {
				t.Errorf("%s, %s: has no description, or asks nothing", uid, p.Title)
			}
			for _, target := range p.Targets {
				for _, m := range used.FindAllStringSubmatch(target.RawSQL, -1) {
					if !known[m[1]] {
						t.Errorf("%s, %s: there is no variable %s", uid, p.Title, m[1])
					}
				}
			}
		}
	}
}

// TestEngagementSaysNothingAboutMoney holds its dashboard to the database that all of its readers may read.
func TestEngagementSaysNothingAboutMoney(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(output, "dashboards", "engagement.json"))
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`\bkpi\.[a-z_]+`).Find(text); found != nil {
		t.Errorf("the dashboard engagement reads %s", found)
	}
}

// TestRunbookHasRules looks for the section of deploy/README.md that each rule refers to.
func TestRunbookHasRules(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join(output, "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{}
	for _, title := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(guide), -1) {
		sections[strings.ReplaceAll(strings.ToLower(title[1]), " ", "-")] = true
	}
	for _, r := range rules {
		if !sections[r.section] {
			t.Errorf("the rule %s refers to #%s, which deploy/README.md does not have", r.uid, r.section)
		}
	}
}

// TestFigure reads names of columns; unspent_dollars begins like a figure of the population unspent, and is none.
func TestFigure(t *testing.T) {
	t.Parallel()
	l, err := newLibrary(os.DirFS(statements))
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]struct {
		title, unit string
		decimals    int
	}{
		"unspent_dollars":      {"Unspent dollars", "locale", 2},
		"unspent_gini":         {"Gini coefficient (unspent)", "none", 3},
		"unspent_gini_mom_pct": {"Gini coefficient (unspent) MoM", "percentunit", 1},
		"active_users":         {"Active users", "locale", 0},
		"activation_rate":      {"Activation rate", "percentunit", 1},
		"days_to_redeem_p50":   {"Days to redeem", "suffix: days", 0},
	} {
		f, found := l.figure(column)
		format := f.format()
		if !found || f.title() != want.title || format[0].value != want.unit || format[1].value != want.decimals {
			t.Errorf("%s is %q, written as %v; want %+v", column, f.title(), format, want)
		}
	}
	if _, found := l.figure("rows_read"); found {
		t.Error("rows_read is taken for a metric")
	}
}
