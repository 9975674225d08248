// Package strictyaml reads a YAML file into a Go struct and reports everything that is wrong with it at once,
// each problem with its line, column and field.
//
// Unlike a general decoder it refuses unknown and repeated keys (naming the nearest known key), expands scalars
// only after the YAML was parsed, so that an expanded value is never read as YAML, and quotes in its problems
// the file's own text, never an expanded value.
//
// It must not know what the fields mean: neither the config file nor the jobs.
package strictyaml

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Options say how a file is read.
type Options struct {
	// File is the name that problems begin with.
	File string
	// Expand replaces the text of a field's scalar before it is read as the field's type; nil leaves it as it stands.
	// Its error must not hold the result.
	Expand func(field, text string) (string, error)
	// Short names, for a struct type, the key that a plain scalar in the struct's place stands for.
	Short map[reflect.Type]string
}

// Defaulter is a struct with values of its own for keys that the file leaves out.
type Defaulter interface{ SetDefaults() }

// Document is a file that was read, with the positions of its fields and the problems found so far.
type Document struct {
	options   Options
	positions map[string]position
	problems  []Problem
}

type position struct{ line, column int }

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line, Column int    // from 1; 0 where the file as a whole is concerned
	Field        string // a path such as sources.acme.file.path; empty where none is concerned
	Text         string // what is wrong, and what to do
}

// Error lists all problems of a file, one a line, in the form that editors can jump to.
type Error struct {
	File     string
	Problems []Problem
}

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		where := e.File
		if p.Line > 0 {
			where = fmt.Sprintf("%s:%d:%d", e.File, p.Line, p.Column)
		}
		if p.Field != "" {
			where += ": " + p.Field
		}
		lines[i] = where + ": " + p.Text
	}
	return strings.Join(lines, "\n")
}

// Decode reads the one document in data into dst, a pointer to a struct, field by field as its yaml tags say:
//
//   - a struct with the tag `yaml:",inline"` shares its parent's keys;
//   - a slice of structs, one of whose fields has the tag `strict:"key"`, is written as a mapping: that field gets the
//     key, and the slice keeps the file's order;
//   - a struct that is a Defaulter has its defaults set first;
//   - a key without a value is the same as a key left out.
//
// Anchors, aliases and merge keys are followed. The problems are those of Document.Err; a caller may add its own.
func Decode(data []byte, dst any, options Options) *Document {
	doc := &Document{options: options, positions: map[string]position{}}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		doc.addSyntax(err)
		return doc
	}
	var body ast.Node
	for _, d := range file.Docs {
		switch {
		case d.Body == nil || d.Body.Type() == ast.DirectiveType:
		case body != nil:
			doc.addAt(d.Body, "", "a second document begins here; one file holds one document")
		default:
			body = d.Body
		}
	}
	if body == nil {
		doc.Addf("", "the file is empty")
		return doc
	}
	decoder := decoder{doc: doc, anchors: map[string]ast.Node{}, merging: map[ast.Node]bool{}}
	decoder.decode(body, reflect.ValueOf(dst).Elem(), "")
	return doc
}

// Err gives all problems found so far as an *Error, or nil.
func (d *Document) Err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return &Error{File: d.options.File, Problems: d.problems}
}

// Addf records a problem with a field.
func (d *Document) Addf(field, format string, args ...any) {
	d.problems = append(d.problems, d.Problem(field, format, args...))
}

// Problem gives a problem with a field, and does not record it.
func (d *Document) Problem(field, format string, args ...any) Problem {
	at := d.position(field)
	return Problem{at.line, at.column, field, fmt.Sprintf(format, args...)}
}

// named is an error text that begins with the path of a field.
var named = regexp.MustCompile(`^([a-z][a-z0-9_]*(?:\[\d+\])?(?:\.[a-z0-9_]+(?:\[\d+\])?)*): (.+)$`)

// Add records what a check of the field found, where err is not nil: each of its joined errors as a problem, with the
// path in front of its text as the path below the field.
func (d *Document) Add(field string, err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			d.Add(field, e)
		}
		return
	}
	text := err.Error()
	if m := named.FindStringSubmatch(text); m != nil {
		field, text = join(field, m[1]), m[2]
	}
	d.Addf(field, "%s", text)
}

// position finds the field, or the nearest thing around it that the file has.
func (d *Document) position(field string) position {
	for {
		if at, ok := d.positions[field]; ok || field == "" {
			return at
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
}

func (d *Document) addAt(node ast.Node, field, format string, args ...any) {
	at := positionOf(node)
	d.problems = append(d.problems, Problem{at.line, at.column, field, fmt.Sprintf(format, args...)})
}

// addSyntax keeps the message and the position of a syntax error, but not the lines of the file that it quotes.
func (d *Document) addSyntax(err error) {
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		d.Addf("", "not YAML: %v", err)
		return
	}
	problem := Problem{Text: "not YAML: " + syntax.GetMessage()}
	if token := syntax.GetToken(); token != nil && token.Position != nil {
		problem.Line, problem.Column = token.Position.Line, token.Position.Column
		if strings.Contains(problem.Text, "must be specified") && strings.Contains(token.Origin, "{") {
			problem.Text += ` (inside { } a ${NAME} needs quotes: "${NAME}")`
		}
	}
	d.problems = append(d.problems, problem)
}

func positionOf(node ast.Node) position {
	if mapping, ok := node.(*ast.MappingNode); ok && !mapping.IsFlowStyle && len(mapping.Values) > 0 {
		node = mapping.Values[0].Key // the token of a block mapping is its first colon
	}
	token := node.GetToken()
	if token == nil || token.Position == nil {
		return position{}
	}
	return position{token.Position.Line, token.Position.Column}
}

func join(parent, child string) string {
	if parent == "" {
		return child
	}
	return parent + "." + child
}
