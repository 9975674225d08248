package propose

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// kind is what the values of a column look like.
type kind int

const (
	empty kind = iota
	number
	moment
	flag
	currency
	email
	enumeration
	text
)

const (
	maxDistinct  = 20_000 // values that are told apart
	maxListed    = 12     // values that make an enumeration
	maxSentences = 300    // values that are searched for an id
)

// profile is what a sample tells of a column.
type profile struct {
	name     string
	rows     int
	filled   int // with a value, other than those of nulls
	typed    bool
	kind     kind
	nulls    []string // texts that mean "no value", such as n/a
	spaces   bool     // some values have white space around them
	distinct int
	bounded  bool     // there are more distinct values than were counted
	listed   []string // the distinct values where they are few, by their frequency
	examples []string
	longest  int
	numbers  *numbers
	times    *times
	inside   string // of sentences: a pattern whose group is an id in each of them
}

// unique tells whether the column can be an id: each row has a value of its own.
func (p *profile) unique() bool {
	return p.rows > 1 && p.filled == p.rows && p.distinct == p.rows && !p.bounded
}

// share of the rows that have a value.
func (p *profile) share() string { return percent(p.filled, p.rows) }

func percent(some, all int) string {
	switch {
	case all == 0 || some == 0:
		return "0 %"
	case some == all:
		return "100 %"
	}
	share := 100 * float64(some) / float64(all)
	if share < 0.1 {
		return "under 0.1 %"
	}
	if share < 1 || share > 99 {
		return strconv.FormatFloat(share, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(share, 'f', 0, 64) + " %"
}

func count(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// value is a raw value of the sample.
type value struct {
	text string
	null bool
}

var (
	nullTexts   = []string{"-", "--", "n/a", "na", "null", "none", "nil", `\n`, "#n/a", "nan", "?", "unknown"}
	flags       = [][2]string{{"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"1", "0"}}
	mailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	codePattern = regexp.MustCompile(`^[A-Z]{3}$`)
	inSentence  = []string{
		`(?i)\b(?:user|member|customer|client|account|card)(?: with)?(?: id)? '(\d+)'`,
		`(?i)\b(?:user|member|customer|client|account|card)(?: id| no\.?| number)?[ :#=]+(\d+)\b`,
	}
)

// profileOf looks at a column's values. Typed says that they are dates or times already.
func profileOf(name string, values []value, typed bool) *profile {
	p := &profile{name: name, rows: len(values), typed: typed}
	var filled []string
	seen := map[string]int{}
	for _, v := range values {
		trimmed := strings.TrimSpace(v.text)
		if v.null || trimmed == "" {
			continue
		}
		if slices.Contains(nullTexts, strings.ToLower(trimmed)) {
			if p.nulls = withText(p.nulls, v.text); len(p.nulls) > maxListed {
				p.nulls = p.nulls[:maxListed]
			}
			continue
		}
		p.spaces = p.spaces || trimmed != v.text
		p.longest = max(p.longest, utf8.RuneCountInString(v.text))
		filled = append(filled, trimmed)
		if _, known := seen[v.text]; known || len(seen) < maxDistinct {
			seen[v.text]++
		} else {
			p.bounded = true
		}
	}
	p.filled, p.distinct = len(filled), len(seen)
	p.list(seen)
	for _, v := range filled {
		if len(p.examples) == 3 {
			break
		}
		p.examples = withText(p.examples, v)
	}
	p.decide(filled)
	return p
}

// list keeps the distinct values where they are few, the most frequent first.
func (p *profile) list(seen map[string]int) {
	if len(seen) > maxListed || p.bounded {
		return
	}
	for v := range seen {
		p.listed = append(p.listed, v)
	}
	slices.SortFunc(p.listed, func(a, b string) int {
		if seen[a] != seen[b] {
			return seen[b] - seen[a]
		}
		return strings.Compare(a, b)
	})
}

func (p *profile) decide(filled []string) {
	if len(filled) == 0 {
		return
	}
	all := func(is func(string) bool) bool {
		return !slices.ContainsFunc(filled, func(v string) bool { return !is(v) })
	}
	p.kind = text
	if t, ok := timesOf(p.name, filled); ok {
		p.kind, p.times = moment, &t
		return
	}
	if n, ok := numbersOf(filled); ok {
		p.kind, p.numbers = number, &n
		return
	}
	switch {
	case len(p.listed) > 0 && isFlag(p.listed):
		p.kind = flag
	case all(codePattern.MatchString) && p.distinct <= 40 && (len(filled) > p.distinct || has(words(p.name), "currency", "ccy", "iso")):
		p.kind = currency
	case all(mailPattern.MatchString):
		p.kind = email
	case len(p.listed) > 0 && len(filled) >= 2*len(p.listed) && p.longest <= 60:
		p.kind = enumeration
	default:
		p.inside = sentence(filled)
	}
}

func isFlag(listed []string) bool {
	for _, pair := range flags {
		if !slices.ContainsFunc(listed, func(v string) bool { return !strings.EqualFold(v, pair[0]) && !strings.EqualFold(v, pair[1]) }) {
			return true
		}
	}
	return false
}

// sentence gives the pattern of an id that at least half of the texts hold.
func sentence(values []string) string {
	step := max(1, len(values)/maxSentences)
	for _, pattern := range inSentence {
		re := regexp.MustCompile(pattern)
		tried, found := 0, 0
		for i := 0; i < len(values); i += step {
			tried++
			if m := re.FindStringIndex(values[i]); m != nil && m[1]-m[0] < len(values[i]) {
				found++
			}
		}
		if found*2 >= tried {
			return pattern
		}
	}
	return ""
}

// String says what the column looks like, for a comment.
func (p *profile) String() string {
	if p.kind == empty {
		if len(p.nulls) > 0 {
			return "nothing but " + strings.Join(quotedAll(p.nulls), ", ")
		}
		return "empty"
	}
	var parts []string
	switch p.kind {
	case number:
		n := p.numbers
		what := "integers"
		if !n.integers {
			what = "decimals"
		}
		parts = append(parts, fmt.Sprintf("%s from %s to %s", what, show(n.min), show(n.max)))
		if n.negatives > 0 {
			parts = append(parts, percent(n.negatives, p.filled)+" negative")
		}
	case moment:
		parts = append(parts, fmt.Sprintf("%s to %s", p.times.min.Format("2006-01-02"), p.times.max.Format("2006-01-02")))
	case flag:
		parts = append(parts, "a flag: "+strings.Join(p.listed, ", "))
	case currency:
		parts = append(parts, "currency codes: "+strings.Join(p.examples, ", "))
	case email:
		parts = append(parts, "e-mail addresses")
	case enumeration:
		parts = append(parts, fmt.Sprintf("%s: %s", plural(len(p.listed), "value"), shorten(strings.Join(p.listed, ", "), 80)))
	default:
		what := "texts, such as "
		if p.unique() {
			what = "one of its own in each row, such as "
		}
		parts = append(parts, what+shorten(p.examples[0], 60))
	}
	if p.filled < p.rows {
		parts = append(parts, p.share()+" filled")
	}
	return strings.Join(parts, "; ")
}

func quotedAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return out
}

// shorten cuts a text for a comment, which has one line.
func shorten(s string, runes int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028', r == '\u2029', r == '\ufeff', r == utf8.RuneError:
			return '·'
		case r < ' ', r >= 0x7f && r < 0xa0:
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes]) + "…"
}
