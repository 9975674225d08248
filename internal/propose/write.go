package propose

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const width = 118 // of the config's lines

// writer writes YAML with comments.
type writer struct{ strings.Builder }

func (w *writer) line(indent int, text string) {
	w.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+text, " ") + "\n")
}

// comment writes a comment, on as many lines as it takes.
func (w *writer) comment(indent int, text string) {
	rest := strings.Fields(shorten(text, 2000))
	for len(rest) > 0 {
		line := "#"
		for len(rest) > 0 && (line == "#" || utf8.RuneCountInString(line)+utf8.RuneCountInString(rest[0])+indent < width) {
			line, rest = line+" "+rest[0], rest[1:]
		}
		w.line(indent, line)
	}
}

// entry writes a key and its value, with a note behind it where there is room, else above.
func (w *writer) entry(indent int, key, value string, notes []string) {
	text := key + ": " + value
	note := strings.Join(notes, "; ")
	switch {
	case note == "":
		w.line(indent, text)
	case utf8.RuneCountInString(text)+utf8.RuneCountInString(note)+indent+4 <= width && shorten(note, 2000) == note:
		w.line(indent, text+"  # "+note)
	default:
		w.comment(indent, note)
		w.line(indent, text)
	}
}

// pair is a key of a flow mapping with its value, ready to be written.
type pair struct{ key, value string }

// flow writes pairs as {key: value, …}.
func flow(pairs []pair) string {
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p.key + ": " + p.value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// list writes texts as [a, b].
func sequence(texts []string) string {
	quotedTexts := make([]string, len(texts))
	for i, t := range texts {
		quotedTexts[i] = scalar(t)
	}
	return "[" + strings.Join(quotedTexts, ", ") + "]"
}

var bare = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_.$/-]*(?: [A-Za-z0-9_.$/-]+)*$`)

// words of YAML that mean something else than their text.
var reserved = []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"}

// scalar writes a text so that YAML reads just that.
func scalar(s string) string {
	if bare.MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	return quoted(s)
}

// quoted writes a text in double quotes, as JSON does, which YAML reads alike.
func quoted(s string) string {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text always encodes, and a Builder never fails
	text := strings.TrimSuffix(out.String(), "\n")
	return strings.NewReplacer("\u007f", `\x7f`, "\u0085", `\x85`, "\ufeff", `\ufeff`).Replace(text)
}

// raw writes the name or a value of a raw column: a $ followed by { is no variable there.
func raw(s string) string { return scalar(literal(s)) }
