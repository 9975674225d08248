// Package pagetest holds the tables of a documentation page to what the code does.
package pagetest

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update-pages", false, "write the tables of the pages anew")

// Table checks that a page (a path relative to the test's folder) has under a heading the table with these rows, the
// first being its head. With -update-pages it writes it there.
func Table(t testing.TB, page, heading string, rows [][]string) {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(content), "## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", page, heading)
	}
	begin := strings.Index(rest, "\n| ")
	if begin < 0 {
		t.Fatalf("%s has no table under %q", page, heading)
	}
	begin++
	end := begin
	for strings.HasPrefix(rest[end:], "|") {
		line, _, _ := strings.Cut(rest[end:], "\n")
		end = min(end+len(line)+1, len(rest))
	}
	want := table(rows)
	if rest[begin:end] == want {
		return
	}
	if !*update {
		t.Errorf("the table under %q in %s is not what the code does; write it anew with -update-pages:\n%s", heading, page, want)
		return
	}
	if err := os.WriteFile(page, []byte(head+"## "+heading+"\n"+rest[:begin]+want+rest[end:]), 0o600); err != nil {
		t.Fatal(err)
	}
}

func table(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}
