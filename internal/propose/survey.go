package propose

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/partnerplus/warehouse/extract"
)

const (
	maxPatterns   = 16       // kinds of names that are looked at
	maxSniffed    = 16       // units of a kind whose text is looked at
	maxSniffBytes = 48 << 20 // bytes that are read to do so
)

// group is units of one kind, which one source reads.
type group struct {
	name   string
	glob   string
	units  []extract.Unit
	format extract.FormatSpec
	notes  []string // about the format and the names
	sample *sample
	failed error // why there is no sample
}

var digitRun = regexp.MustCompile(`[0-9]+`)

// survey finds the kinds of units that a place has. Skipped are units that were not looked at.
func survey(ctx context.Context, p place, rows int) (groups []*group, skipped []string, err error) {
	units, err := list(ctx, p.spec)
	if err != nil {
		return nil, nil, err
	}
	clusters := map[string][]extract.Unit{}
	for _, u := range units {
		if knownType(u.Name) == "" && p.relative(u.Name) != p.chosen {
			skipped = append(skipped, u.Name)
			continue
		}
		pattern := digitRun.ReplaceAllString(p.relative(u.Name), "#")
		clusters[pattern] = append(clusters[pattern], u)
	}
	if p.chosen != "" {
		pattern := digitRun.ReplaceAllString(p.chosen, "#")
		if len(clusters[pattern]) == 0 {
			return nil, nil, fmt.Errorf("there is nothing called %s", p.chosen)
		}
		clusters, skipped = map[string][]extract.Unit{pattern: clusters[pattern]}, nil
		if !dated(p.chosen) {
			clusters[pattern] = slices.DeleteFunc(clusters[pattern], func(u extract.Unit) bool { return p.relative(u.Name) != p.chosen })
		}
	}
	patterns := make([]string, 0, len(clusters))
	for pattern := range clusters {
		patterns = append(patterns, pattern)
	}
	slices.SortFunc(patterns, func(a, b string) int {
		return cmp.Or(len(clusters[b])-len(clusters[a]), strings.Compare(a, b))
	})
	for i, pattern := range patterns {
		if i == maxPatterns {
			for _, rest := range patterns[i:] {
				skipped = append(skipped, clusters[rest][0].Name)
			}
			break
		}
		g := &group{name: pattern, units: clusters[pattern]}
		g.failed = g.look(ctx, p, rows)
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		groups = merge(groups, g)
	}
	slices.SortStableFunc(groups, func(a, b *group) int { return strings.Compare(a.name, b.name) })
	for _, g := range groups {
		g.glob = globOf(p.below(g.units), p.below(units))
		g.noteNames(p)
	}
	return groups, skipped, nil
}

// merge puts units of the same columns and the same format together.
func merge(groups []*group, g *group) []*group {
	for _, known := range groups {
		if known.failed == nil && g.failed == nil && slices.Equal(known.sample.columns, g.sample.columns) && sameFormat(known.format, g.format) {
			known.units = append(known.units, g.units...)
			if name := shared(known.name, g.name); name != "" {
				known.name = name
			}
			for _, note := range g.notes {
				known.notes = withText(known.notes, note)
			}
			known.format.Units = append(known.format.Units, g.format.Units...)
			known.sample.batches = append(known.sample.batches, g.sample.batches...)
			known.sample.rows += g.sample.rows
			known.sample.malformed += g.sample.malformed
			return groups
		}
	}
	return append(groups, g)
}

func sameFormat(a, b extract.FormatSpec) bool {
	return a.Type == b.Type && a.Encoding == b.Encoding && a.SkipRows == b.SkipRows && a.Delimiter == b.Delimiter && (a.Header == nil) == (b.Header == nil)
}

// shared is what two names begin with.
func shared(a, b string) string {
	x, y := []rune(a), []rune(b)
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return string(x[:n])
}

// look settles the format of a group by its text, and reads a sample.
func (g *group) look(ctx context.Context, p place, rows int) error {
	kind := knownType(g.units[0].Name)
	spec := p.spec
	if kind != "parquet" && kind != "xlsx" {
		if err := g.sniff(ctx, p, kind); err != nil {
			return err
		}
	}
	return g.read(ctx, spec, rows)
}

// read reads the sample. Where quotes in the middle of fields make rows unreadable, it reads it again with them taken as
// text.
func (g *group) read(ctx context.Context, spec extract.Spec, rows int) (err error) {
	spec.Format = g.format
	g.sample, err = take(ctx, spec, spread(g.units), rows)
	if err != nil || g.sample.stray == 0 {
		return err
	}
	spec.Format.LazyQuotes = true
	lazy, err := take(ctx, spec, spread(g.units), rows)
	if err != nil || lazy.malformed >= g.sample.malformed {
		return err
	}
	g.note("%s have a quote in the middle of a field, which is taken as text", plural(g.sample.stray, "row"))
	g.sample.release()
	g.sample, g.format.LazyQuotes = lazy, true
	return nil
}

func (g *group) sniff(ctx context.Context, p place, kind string) error {
	var all []lines
	var looked []extract.Unit
	read := int64(0)
	step := max(1, len(g.units)/maxSniffed)
	for i := 0; i < len(g.units) && len(all) < maxSniffed && read < maxSniffBytes; i += step {
		l, err := linesOf(ctx, p.spec, g.units[i])
		if err != nil {
			return err
		}
		read += l.bytes
		all, looked = append(all, l), append(looked, g.units[i])
	}
	first := all[max(0, slices.IndexFunc(all, func(l lines) bool { return len(l.texts) > 0 }))]
	if kind == "" {
		kind = typeOf(first)
		g.format.Type = kind
		g.note("the name does not tell the format; the content looks like %s", kind)
	}
	g.noteEncoding(looked, all)
	if kind != "csv" {
		return nil
	}
	if g.format.LineEnd = first.lineEnd; first.lineEnd != "" {
		g.note("its lines end with a carriage return alone")
	}
	d := dialectOf(first.texts)
	usual := ","
	if strings.HasSuffix(unpacked(g.units[0].Name), ".tsv") {
		usual = "\t"
	}
	if d.delimiter != usual && d.fields > 1 {
		g.format.Delimiter = d.delimiter
		g.note("%s separates %d fields in most lines", map[string]string{",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", extract.Spaces: "white space"}[d.delimiter], d.fields)
	}
	if d.skip > 0 {
		g.format.SkipRows = d.skip
		g.note("the row that names the columns comes after %s", plural(d.skip, "line"))
	}
	if !d.header {
		none := false
		g.format.Header = &none
		for i := range d.fields {
			g.format.Columns = append(g.format.Columns, fmt.Sprintf("column_%d", i+1))
		}
		g.note("the first line does not look like names of columns, so there is no header: give the columns better names, here and below")
	}
	return nil
}

// noteEncoding settles the encoding by the units that were looked at. Where they differ, those that are not UTF-8 are
// exceptions.
func (g *group) noteEncoding(looked []extract.Unit, all []lines) {
	encodings := map[string]int{}
	for _, l := range all {
		if !l.ascii {
			encodings[l.encoding]++
		}
	}
	delete(encodings, "")
	if len(encodings) == 0 {
		return
	}
	utf8Too := slices.ContainsFunc(all, func(l lines) bool { return l.encoding == "" && !l.ascii })
	if !utf8Too && len(encodings) == 1 {
		for encoding := range encodings {
			g.format.Encoding = encoding
			g.note("%s", why(encoding))
		}
		return
	}
	for i, l := range all {
		if l.encoding != "" {
			g.format.Units = append(g.format.Units, extract.UnitFormat{Glob: escaped(looked[i].Name), FormatSpec: extract.FormatSpec{Encoding: l.encoding}})
			g.note("%s", why(l.encoding))
		}
	}
	if len(looked) < len(g.units) {
		g.note("%d of %d units were looked at for their encoding", len(looked), len(g.units))
	}
}

func why(encoding string) string {
	if strings.HasPrefix(encoding, "utf-16") {
		return encoding + " by the byte order mark"
	}
	return encoding + " is a guess for what is not valid UTF-8: look at the letters with accents"
}

func (g *group) note(format string, args ...any) {
	g.notes = withText(g.notes, fmt.Sprintf(format, args...))
}

// noteNames says what the glob stands for.
func (g *group) noteNames(p place) {
	if p.spec.HTTP != nil || len(g.units) == 1 && !strings.ContainsAny(g.glob, "*{") {
		return
	}
	if len(g.units) == 1 {
		g.note("the name holds a date or a number, so that files like it are read too; this one alone: %s", g.units[0].Name)
		return
	}
	g.note("%s units so far, such as %s", count(len(g.units)), g.units[len(g.units)-1].Name)
}

// knownType is the format that a name tells, empty if it tells none.
func knownType(name string) string {
	switch ext := path.Ext(unpacked(name)); ext {
	case ".csv", ".tsv":
		return "csv"
	case ".ndjson", ".jsonl":
		return "ndjson"
	case ".json", ".parquet", ".xlsx":
		return ext[1:]
	}
	return ""
}

// unpacked is the name without the extension of a compression.
func unpacked(name string) string {
	name = strings.ToLower(name)
	for _, ext := range []string{".gz", ".zst", ".zip"} {
		name = strings.TrimSuffix(name, ext)
	}
	return name
}

// dated tells whether a name holds a date or a number that may change from delivery to delivery.
func dated(name string) bool {
	return slices.ContainsFunc(digitRun.FindAllString(name, -1), func(run string) bool { return len(run) >= 4 })
}

// globOf gives the plainest pattern that matches the units and none of the others.
func globOf(names, all []string) string {
	ours := map[string]bool{}
	var patterns []string
	ends := map[string]bool{}
	for _, name := range names {
		ours[name] = true
		patterns = withText(patterns, starred(name))
		ends[path.Ext(name)] = true
	}
	if len(names) == 1 {
		if dated(names[0]) {
			return patterns[0]
		}
		return escaped(names[0])
	}
	candidates := patterns[:1]
	if len(patterns) > 1 {
		candidates = []string{between(patterns)}
	}
	if len(ends) == 1 {
		candidates = append(candidates, "**/*"+escaped(path.Ext(names[0])))
	}
	for _, c := range candidates {
		if c != "" && matchesExactly(c, ours, all) {
			return c
		}
	}
	if len(patterns) == 1 {
		return patterns[0]
	}
	return "{" + strings.Join(patterns, ",") + "}"
}

func matchesExactly(pattern string, ours map[string]bool, all []string) bool {
	for _, name := range all {
		if ok, err := doublestar.Match(pattern, name); err != nil || ok != ours[name] {
			return false
		}
	}
	return true
}

// between is what names share at both ends, with a star between.
func between(patterns []string) string {
	prefix, suffix := patterns[0], reversed(patterns[0])
	for _, p := range patterns[1:] {
		prefix, suffix = shared(prefix, p), shared(suffix, reversed(p))
	}
	suffix = reversed(suffix)
	if strings.Contains(prefix+suffix, `\`) {
		return ""
	}
	prefix, _, _ = strings.Cut(prefix, "*")
	if i := strings.LastIndexByte(suffix, '*'); i >= 0 {
		suffix = suffix[i+1:]
	}
	return prefix + "*" + suffix
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

var stars = regexp.MustCompile(`\*(?:[-_.]?\*)+`)

// starred makes a pattern of a name, with a star for each number or date in it.
func starred(name string) string {
	return stars.ReplaceAllString(digitRun.ReplaceAllString(escaped(name), "*"), "*")
}

var special = regexp.MustCompile(`[*?\[\]{}\\,]`)

// escaped takes the meaning from the characters that have one in a pattern.
func escaped(name string) string { return special.ReplaceAllString(name, `\$0`) }
