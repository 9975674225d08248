// Package sql holds every statement that the warehouse runs, as plain .sql files that an analyst can read.
//
//	bootstrap   what migrating itself needs
//	migrations  databases and tables, numbered, applied once
//	core        views that compute, and each table as one edition has it; replaced when they change, as all views
//	metrics     the catalogue, and one view a metric
//	rules       exceptions, a view a rule, and the lens
//	kpi         what people and BI tools read; its wide views are generated from the catalogue
//	checks      what data validation finds, a view each
//	cluster     what a cluster has in the place of the files of the same name
//	load        staging a unit and making it visible
//	refresh     computing an edition of the figures, a table a file, and publishing it
//	repair      comparing the figures with what the facts give
//	backup      what is backed up, in which order, and what is known of backups
//	retention   what is dropped once it is old: the keys of the rows
//	verdicts    the figure of each check, whether a month is complete, and the steps of its review
//	jobs        what became of the due times of jobs, and who runs one
//	status      what the command line shows
//	page        what the status page shows
//	review      what the review's assessment and pack show
//	matters     what somebody should be told of, a kind a file
//	notify      what was told, and what summaries tell
//	telemetry   what the metrics of serve tell of the warehouse
//	examples    questions of analysts; not part of the program
//
// Values reach a statement as ClickHouse query parameters ({name:Type}), never by concatenation.
// It must not know Go code that runs it.
package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

//go:generate go run ./generate

//go:embed bootstrap migrations core metrics rules kpi checks cluster load refresh repair backup retention verdicts
//go:embed jobs status page matters notify review telemetry
var files embed.FS

// Script is one .sql file.
type Script struct {
	Name string // path below sql/
	Text string
}

// Scripts gives the files of a folder, in the order of their names. Files of the overlays come beside the program's own,
// and in the place of those with the same name.
func Scripts(folder string, overlays ...fs.FS) ([]Script, error) {
	texts := map[string]string{}
	for _, from := range append([]fs.FS{files}, overlays...) {
		names, err := fs.Glob(from, folder+"/*.sql")
		if err != nil {
			return nil, fmt.Errorf("sql/%s: %w", folder, err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(from, name)
			if err != nil {
				return nil, fmt.Errorf("sql/%s: %w", name, err)
			}
			texts[name] = string(text)
		}
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("sql/%s: there is no such folder of scripts", folder)
	}
	scripts := make([]Script, 0, len(texts))
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		scripts = append(scripts, Script{Name: name, Text: texts[name]})
	}
	return scripts, nil
}

// Text gives one file, such as "load/attach.sql". The files are part of the program: a name that does not
// exist is a mistake in it, and panics.
func Text(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic("sql: " + err.Error())
	}
	return string(text)
}

// endOfStatement is a semicolon at the end of a line. No statement here has one inside a literal.
var endOfStatement = regexp.MustCompile(`;[ \t]*(\n|$)`)

// Statements splits the script into its statements.
func (s Script) Statements() []string {
	var statements []string
	for _, part := range endOfStatement.Split(s.Text, -1) {
		if strings.TrimSpace(part) != "" {
			statements = append(statements, strings.TrimSpace(part))
		}
	}
	return statements
}

var createdObject = regexp.MustCompile(`(?m)^CREATE (?:OR REPLACE )?(?:MATERIALIZED )?VIEW (\S+)`)

// View names the view that the script creates, empty where it creates none.
func (s Script) View() string {
	found := createdObject.FindStringSubmatch(s.Text)
	if found == nil {
		return ""
	}
	return found[1]
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// With fills in {name:Identifier} parameters, in pairs of name and identifier. The server fills them in itself, except
// where its grammar has no place for parameters (ALTER TABLE … FROM); so all are filled in here. They are names that
// the program makes, never input: one that is not a plain lower-case name panics.
func With(text string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if !identifier.MatchString(pairs[i+1]) {
			panic(fmt.Sprintf("sql: %q is not a plain name", pairs[i+1]))
		}
		text = strings.ReplaceAll(text, "{"+pairs[i]+":Identifier}", pairs[i+1])
	}
	return text
}
