package propose

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/internal/config"
)

// write writes the config.
func write(p place, r Request, drafts []*draft, skipped []string) []byte {
	w := &writer{}
	w.line(0, "# yaml-language-server: $schema="+config.SchemaName)
	w.line(0, "#")
	w.line(0, "# Proposed by partnerplus init from a sample of "+shorten(shown(r.From), 200))
	w.comment(0, "Each guess has a comment that says what it rests on: go through them, above all those that say TODO. Then:")
	w.line(0, "#")
	w.line(0, "#   partnerplus validate")
	for _, d := range drafts {
		if d.chosen {
			w.line(0, "#   partnerplus preview "+d.name)
		}
	}
	w.line(0, "#   partnerplus run")
	w.line(0, "#")
	w.comment(0, "Secrets belong into the environment, as ${NAME}. Paths are relative to this file.")
	w.line(0, "")
	w.line(0, "warehouse:")
	w.line(2, "path: .partnerplus/warehouse")
	w.line(0, "")
	w.comment(0, "All figures are reported in one currency; one time zone decides in which month an event falls.")
	currency, why := "USD", "choose"
	for _, d := range drafts {
		if d.chosen && !strings.HasPrefix(d.guess.why, "TODO") {
			currency, why = d.guess.currency, d.guess.why
			break
		}
	}
	w.line(0, "reporting:")
	w.entry(2, "currency", currency, []string{why})
	w.entry(2, "timezone", "UTC", []string{"choose, such as Europe/Berlin"})
	w.line(0, "")
	w.line(0, "sources:")
	for _, d := range drafts {
		w.line(0, "")
		if d.chosen {
			d.write(w, p)
		} else {
			d.writeAside(w)
		}
	}
	if len(skipped) > 0 {
		const shown = 8
		more := ""
		if len(skipped) > shown {
			more = fmt.Sprintf(" and %d more", len(skipped)-shown)
		}
		w.line(0, "")
		w.comment(2, "Not looked at, for their names tell no format, or there are too many kinds: "+strings.Join(skipped[:min(len(skipped), shown)], ", ")+more)
	}
	return []byte(w.String())
}

// writeAside mentions units that no entity fits.
func (d *draft) writeAside(w *writer) {
	what := d.units[0].Name
	if d.failed != nil {
		w.comment(2, "Not read: "+what+": "+d.failed.Error())
		return
	}
	w.comment(2, "Left aside, for its columns look like no entity: "+what+", with "+strings.Join(d.sample.columns[:min(len(d.sample.columns), 20)], ", "))
}

func (d *draft) write(w *writer, p place) {
	w.comment(2, fmt.Sprintf("%s of %s rows in %s: %s.", d.name, count(d.sample.rows), plural(len(d.units), "unit"), strings.Join(d.why, "; ")))
	w.line(2, d.name+":")
	for _, note := range d.notes {
		w.comment(4, note)
	}
	d.writePlace(w, p)
	if pairs := formatPairs(d.format); len(pairs) > 0 {
		w.line(4, "format: "+flow(pairs))
	}
	d.writeRejects(w)
	if len(d.mappings) > 1 && len(d.mappings[0].only) > 0 {
		w.entry(4, "unrouted", config.UnroutedReject, []string{"a row that no mapping takes is a reject, so that a new kind does not go unseen"})
	}
	w.line(4, "mappings:")
	for _, m := range d.mappings {
		m.write(w)
	}
	if rest := unused(d.profiles, d.mappings); len(rest) > 0 {
		w.line(4, "# Not used:")
		for _, p := range rest {
			w.line(4, "#   "+shorten(shorten(p.name, 60)+": "+p.String(), width-10))
		}
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

func (d *draft) writePlace(w *writer, p place) {
	switch written := p.written; {
	case written.File != nil:
		w.line(4, "file: "+flow([]pair{{"path", scalar(written.File.Path)}, {"glob", raw(d.glob)}}))
	case written.S3 != nil:
		s := written.S3
		w.line(4, "s3:")
		w.line(6, "bucket: "+scalar(s.Bucket))
		if s.Prefix != "" {
			w.line(6, "prefix: "+scalar(s.Prefix))
		}
		w.line(6, "glob: "+raw(d.glob))
		if s.Endpoint != "" {
			w.line(6, "endpoint: "+scalar(s.Endpoint))
		}
		if s.Region != "" {
			w.line(6, "region: "+scalar(s.Region))
		}
		if s.PathStyle {
			w.line(6, "path_style: true")
		}
		w.comment(6, "Without a key, AWS's own credentials apply; else access_key_id and secret_access_key, each as ${NAME}.")
	default:
		writeHTTP(w, written.HTTP)
	}
}

func writeHTTP(w *writer, h *extract.HTTPSpec) {
	w.line(4, "http:")
	w.line(6, "url: "+quoted(h.URL))
	if h.BearerToken != "" {
		w.line(6, "bearer_token: "+scalar(h.BearerToken))
	}
	if h.Records != "" {
		w.line(6, "records: "+raw(h.Records))
	}
	var pairs []pair
	add := func(key, value string) {
		if value != "" {
			pairs = append(pairs, pair{key, raw(value)})
		}
	}
	add("type", h.Paging.Type)
	add("param", h.Paging.Param)
	add("cursor_path", h.Paging.CursorPath)
	add("next_path", h.Paging.NextPath)
	add("total_path", h.Paging.TotalPath)
	if len(pairs) > 0 {
		w.line(6, "paging: "+flow(pairs))
	}
}

func formatPairs(f extract.FormatSpec) []pair {
	var pairs []pair
	add := func(key, value string) {
		if value != "" {
			pairs = append(pairs, pair{key, quoted(value)})
		}
	}
	if f.Type != "" {
		pairs = append(pairs, pair{"type", f.Type})
	}
	add("delimiter", f.Delimiter)
	if f.LazyQuotes {
		pairs = append(pairs, pair{"lazy_quotes", "true"})
	}
	if f.Header != nil {
		pairs = append(pairs, pair{"header", strconv.FormatBool(*f.Header)})
	}
	if len(f.Columns) > 0 {
		pairs = append(pairs, pair{"columns", sequence(f.Columns)})
	}
	if f.SkipRows > 0 {
		pairs = append(pairs, pair{"skip_rows", strconv.Itoa(f.SkipRows)})
	}
	if f.Encoding != "" {
		pairs = append(pairs, pair{"encoding", f.Encoding})
	}
	var units []string
	for _, u := range f.Units {
		units = append(units, flow([]pair{{"glob", raw(u.Glob)}, {"encoding", u.Encoding}}))
	}
	if len(units) > 0 {
		pairs = append(pairs, pair{"units", "[" + strings.Join(units, ", ") + "]"})
	}
	return pairs
}

// writeRejects says what the sample's rejects are, and raises the limit where they would pass it.
func (d *draft) writeRejects(w *writer) {
	rejected, rows := d.rejects+d.sample.malformed, d.sample.rows+d.sample.malformed
	if rejected == 0 {
		w.comment(4, "None of the sample's rows is rejected.")
		return
	}
	reasons := slices.Clone(d.reasons)
	if d.sample.malformed > 0 {
		reasons = append(reasons, fmt.Sprintf("%s × not readable: %s", count(d.sample.malformed), d.sample.fault))
	}
	w.comment(4, fmt.Sprintf("Of the sample's %s rows, %s are rejected: %s", count(rows), percent(rejected, rows), strings.Join(reasons[:min(len(reasons), 6)], "; ")))
	// A limit that lets most rows go would hide that the mapping is wrong.
	if share := float64(rejected) / float64(rows); share > 0.05 && share <= 0.5 {
		limit := math.Ceil(share*1.25*20) / 20
		w.entry(4, "rejects", flow([]pair{{"max_share", strconv.FormatFloat(limit, 'f', 2, 64)}}),
			[]string{"TODO: a unit with a larger share of rejects fails whole; mend the mapping, then lower it"})
	} else if share > 0.5 {
		w.comment(4, "TODO: mend the mapping: a unit with so many rejects fails whole.")
	}
}

func (m *mapping) write(w *writer) {
	w.line(6, "- entity: "+m.entity.Name)
	if len(m.where) > 0 {
		w.line(8, "where: ["+strings.Join(m.where, ", ")+"]")
	}
	w.line(8, "columns:")
	for _, c := range m.columns {
		w.entry(10, c.name, c.value, c.notes)
	}
}

// byCount orders keys, the most frequent first.
func byCount(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
}
