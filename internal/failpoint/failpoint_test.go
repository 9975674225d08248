package failpoint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declared gives the names of this package by their identifiers.
func declared(t *testing.T) map[string]Name {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "failpoint.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]Name{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Name" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names[spec.Names[0].Name] = Name(text)
		}
		return true
	})
	return names
}

// steps gives the first arguments of all calls of Here, by place.
func steps(t *testing.T) map[string]ast.Expr {
	t.Helper()
	found := map[string]ast.Expr{}
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if of, ok := call.Fun.(*ast.SelectorExpr); ok && of.Sel.Name == "Here" {
				if room, ok := of.X.(*ast.Ident); ok && room.Name == "failpoint" {
					found[files.Position(call.Pos()).String()] = call.Args[0]
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNamesAreListedAndUsed(t *testing.T) {
	names := declared(t)
	if len(names) != len(All) {
		t.Errorf("%d names, of which %d are listed", len(names), len(All))
	}
	for id, name := range names {
		if !slices.Contains(All, name) {
			t.Errorf("%s is not listed", id)
		}
	}
	used := map[string]bool{}
	for place, step := range steps(t) {
		of, ok := step.(*ast.SelectorExpr)
		if !ok || names[of.Sel.Name] == "" {
			t.Errorf("%s: the step is not one of this package's names", place)
			continue
		}
		used[of.Sel.Name] = true
	}
	for id := range names {
		if !used[id] {
			t.Errorf("no code comes to %s", id)
		}
	}
}
