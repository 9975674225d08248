package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/sql/catalogue"
)

// library holds the statements and the metric catalogue. It keeps its first errors to itself until a whole set of dashboards is
// made (err), so that layouts read as lists of panels.
type library struct {
	files   fs.FS
	used    map[string]bool
	metrics []catalogue.Metric
	err     error
}

func newLibrary(files fs.FS) (*library, error) {
	metrics, err := catalogue.Parse(sql.Text("metrics/catalogue.sql"))
	if err != nil {
		return nil, fmt.Errorf("sql/metrics/catalogue.sql: %w", err)
	}
	return &library{files: files, used: map[string]bool{}, metrics: metrics}, nil
}

func (l *library) fail(format string, args ...any) {
	l.err = errors.Join(l.err, fmt.Errorf(format, args...))
}

// statement gives a file of sql/dashboards without its .sql. {scope:Condition} in it stands for the file scope/<scope>.sql,
// and {name:Identifier} for the plain names in pairs, as in package sql.
func (l *library) statement(name, scope string, pairs ...string) string {
	text := l.read(name)
	if strings.Contains(text, "{scope:Condition}") {
		var condition []string
		for line := range strings.Lines(l.read("scope/" + scope)) {
			if !strings.HasPrefix(line, "--") {
				condition = append(condition, strings.TrimSpace(line))
			}
		}
		text = strings.ReplaceAll(text, "{scope:Condition}", strings.Join(condition, " "))
	}
	text = sql.With(text, pairs...)
	if at := strings.Index(text, ":Identifier}"); at >= 0 {
		l.fail("sql/dashboards/%s.sql: nothing is given for %s}", name, text[strings.LastIndex(text[:at], "{"):at])
	}
	return strings.TrimSpace(text)
}

func (l *library) read(name string) string {
	text, err := fs.ReadFile(l.files, name+".sql")
	if err != nil {
		l.fail("sql/dashboards: %w", err)
		return ""
	}
	l.used[name+".sql"] = true
	return string(text)
}

// metric looks a metric up, of the population where it is of a distribution.
func (l *library) metric(population, id string) (catalogue.Metric, bool) {
	for _, m := range l.metrics {
		if m.ID == id && m.Population == population {
			return m, true
		}
	}
	return catalogue.Metric{}, false
}

// dimension lists the metrics of a dimension, in the catalogue's order.
func (l *library) dimension(name string) []catalogue.Metric {
	var all []catalogue.Metric
	for _, m := range l.metrics {
		if m.Dimension == name {
			all = append(all, m)
		}
	}
	return all
}

// unused names statements that no panel, variable or alert has.
func (l *library) unused() error {
	return fs.WalkDir(l.files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !l.used[path] {
			return fmt.Errorf("sql/dashboards/%s: nothing shows it; remove it", path)
		}
		return err
	})
}
