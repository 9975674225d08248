// Package pattern chooses names by globs that may hold dates, such as awards/dt={date}/*.csv.gz, and tells what time
// the chosen ones are of.
//
// It must not know what has the names: files, objects or anything else.
package pattern

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// Pattern is a folder and a glob below it. Placeholders in either match digits, and only those of a real time:
//
//	{date}           2024-03-01
//	{date:20060102}  the same in a Go layout; it may hold 2006, 01, 02, 15, 04 and 05
//	{year} {month} {day} {hour}   four, two, two, two digits
type Pattern struct {
	text    string // as errors show it
	glob    string // with what stands in the folder escaped; of use without placeholders only
	strict  *regexp.Regexp
	loose   *regexp.Regexp // with anything in place of the placeholders
	fields  []unit         // of strict's groups
	finest  unit
	literal string
	leading []piece // up to the last of the first placeholders by which names sort
	zone    *time.Location
}

// Period is the time that a name is of, half-open, UTC; zero for a name without one.
type Period struct{ From, To time.Time }

// DateError is about a name that has no real date where the pattern wants one.
type DateError struct{ Name, Reason string }

func (e *DateError) Error() string { return fmt.Sprintf("%q %s", e.Name, e.Reason) }

// Compile reads a folder, whose only special characters are placeholders, and a glob below it, either of which may be
// empty. A nil zone is UTC; in it the dates begin.
func Compile(folder, glob string, zone *time.Location) (*Pattern, error) {
	if zone == nil {
		zone = time.UTC
	}
	if !utf8.ValidString(folder) || !utf8.ValidString(glob) {
		return nil, fmt.Errorf("%q is not UTF-8", folder+glob)
	}
	if folder != "" {
		folder += "/"
	}
	first, err := scan(folder, false)
	if err != nil {
		return nil, err
	}
	if glob == "" {
		glob = "**"
	}
	second, err := scan(glob, true)
	if err != nil {
		return nil, err
	}
	if !doublestar.ValidatePattern(glob) {
		return nil, fmt.Errorf("%q is not a pattern such as \"awards/**/*.csv.gz\"", glob)
	}
	p := &Pattern{text: folder + glob, zone: zone}
	scanned := slices.Concat(first, second)
	pieces := join(scanned)
	seen := map[unit]bool{}
	for _, piece := range pieces {
		if piece.kind == field {
			p.fields = append(p.fields, piece.unit)
			p.finest = max(p.finest, piece.unit)
			seen[piece.unit] = true
		}
	}
	for u := year; u < p.finest; u++ {
		if !seen[u] {
			return nil, fmt.Errorf("%q has the %s but not the %s", p.text, p.finest, u)
		}
	}
	if len(pieces) > 0 && pieces[0].kind == literal {
		p.literal = pieces[0].text
	}
	if len(p.fields) == 0 {
		p.glob = globOf(pieces)
		return p, nil
	}
	p.leading = leading(pieces)
	if p.strict, err = expression(pieces, true); err == nil {
		p.loose, err = expression(join(loosened(scanned)), false)
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", p.text, err)
	}
	return p, nil
}

// Match tells whether the name is chosen. A name that would be but for its date is an error, a DateError: it is more
// likely a mistake than a name of something else.
func (p *Pattern) Match(name string) (Period, bool, error) {
	if !p.Dated() {
		return Period{}, doublestar.MatchUnvalidated(p.glob, name), nil
	}
	digits := p.strict.FindStringSubmatch(name)
	if digits == nil {
		if p.loose.MatchString(name) {
			return Period{}, false, &DateError{name, fmt.Sprintf("has no date where %q wants one", p.text)}
		}
		return Period{}, false, nil
	}
	at := [...]int{year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0}
	set := map[unit]bool{}
	for i, u := range p.fields {
		n, err := strconv.Atoi(digits[i+1])
		if err != nil {
			return Period{}, false, &DateError{name, err.Error()}
		}
		if set[u] && at[u] != n {
			return Period{}, false, &DateError{name, fmt.Sprintf("has two %ss, %02d and %02d", u, at[u], n)}
		}
		at[u], set[u] = n, true
	}
	from := time.Date(at[year], time.Month(at[month]), at[day], at[hour], at[minute], at[second], 0, time.UTC)
	if from.Year() != at[year] || int(from.Month()) != at[month] || from.Day() != at[day] || from.Hour() != at[hour] ||
		from.Minute() != at[minute] || from.Second() != at[second] {
		return Period{}, false, &DateError{name, "has a date that no calendar has: " + strings.Join(digits[1:], "-")}
	}
	return p.period(from), true, nil
}

// period is what a label such as 2024-03 stands for in the zone.
func (p *Pattern) period(label time.Time) Period {
	var end time.Time
	switch p.finest {
	case year:
		end = label.AddDate(1, 0, 0)
	case month:
		end = label.AddDate(0, 1, 0)
	case day:
		end = label.AddDate(0, 0, 1)
	default:
		end = label.Add(p.finest.length())
	}
	from, to := p.instant(label), p.instant(end)
	if least := from.Add(p.finest.length()); p.finest >= hour && to.Before(least) {
		to = least // a clock that is set forward leaves an hour out
	}
	return Period{from, to}
}

func (p *Pattern) instant(label time.Time) time.Time {
	y, m, d := label.Date()
	return time.Date(y, m, d, label.Hour(), label.Minute(), label.Second(), 0, p.zone).UTC()
}

// Dated tells whether the pattern has placeholders.
func (p *Pattern) Dated() bool { return len(p.fields) > 0 }

// Literal is what every chosen name begins with.
func (p *Pattern) Literal() string { return p.literal }

// Sorted tells whether the chosen names sort by their dates, so that those of a time stand side by side.
func (p *Pattern) Sorted() bool { return len(p.leading) > 0 }

// At is how the names of that time begin, in a Sorted pattern. Names of later times sort after it, names of earlier
// ones before. A time that the digits cannot hold has none.
func (p *Pattern) At(t time.Time) (string, bool) {
	t = t.In(p.zone)
	if !p.Sorted() || t.Year() < 0 || t.Year() > 9999 {
		return "", false
	}
	var b strings.Builder
	for _, piece := range p.leading {
		if piece.kind == literal {
			b.WriteString(piece.text)
			continue
		}
		fmt.Fprintf(&b, "%0*d", piece.unit.digits(), piece.unit.of(t))
	}
	return b.String(), true
}

// After tells whether the name has a date that sorts after those of a text that At gave.
func (p *Pattern) After(name, text string) bool {
	rest := name
	for _, piece := range p.leading {
		size := len(piece.text)
		if piece.kind == field {
			size = piece.unit.digits()
		}
		if len(rest) < size || piece.kind == literal && rest[:size] != piece.text ||
			piece.kind == field && strings.Trim(rest[:size], "0123456789") != "" {
			return false
		}
		rest = rest[size:]
	}
	return name[:len(name)-len(rest)] > text
}
