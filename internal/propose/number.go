package propose

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// numbers is how a column's numbers are written, and what was seen of them.
type numbers struct {
	decimal   string   // the decimal mark: "." or ","
	thousands string   // the mark between groups of three digits, empty for none
	symbols   []string // currency symbols and codes around them
	brackets  bool     // some are negative by (brackets)
	trailing  bool     // some have their minus at the end

	integers  bool // none has a fraction
	whole     bool // they have fractions, and each is zero: 17850.0
	decimals  int  // the most decimals
	misfits   int  // values that are no such number
	negatives int
	zeros     int
	min, max  *big.Rat
	unsure    string // what else the marks could mean, empty where they are plain
}

// marks are the ways to write numbers, the plainest first.
var marks = []struct{ decimal, thousands string }{
	{".", ""}, {".", ","}, {",", ""}, {",", "."}, {",", " "}, {".", " "}, {".", "'"}, {",", "'"},
}

var (
	affix   = regexp.MustCompile(`^([-+(]?)\s*([€$£¥₹]|[A-Z]{2}\$|[A-Z]{3}\b)?\s*([-+]?[0-9][0-9.,' ]*?)\s*([€$£¥₹]|[A-Z]{3})?\s*([)-]?)$`)
	plain   = regexp.MustCompile(`^[0-9]+$`)
	grouped = regexp.MustCompile(`^[0-9]{1,3}(?:x[0-9]{3})+$`)
	spaces  = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "’", "'", "\u2212", "-")
)

// parts of a number's text.
type digits struct {
	body     string // digits and marks
	negative bool
	symbol   string
	brackets bool
	trailing bool
}

// dissect takes a number's text apart; ok is false where it can be none.
func dissect(text string) (d digits, ok bool) {
	m := affix.FindStringSubmatch(spaces.Replace(strings.TrimSpace(text)))
	if m == nil {
		return d, false
	}
	before, prefix, body, suffix, after := m[1], m[2], m[3], m[4], m[5]
	if (before == "(") != (after == ")") {
		return d, false
	}
	if inner := strings.TrimLeft(body, "+-"); inner != body {
		if before != "" || after != "" {
			return d, false
		}
		before, body = body[:len(body)-len(inner)], inner
	}
	if after == "-" && before != "" {
		return d, false
	}
	d = digits{body: body, negative: before == "-" || before == "(" || after == "-", symbol: prefix + suffix, brackets: before == "(", trailing: after == "-"}
	return d, prefix == "" || suffix == ""
}

// number reads a text by the marks. Thousands marks stand between groups of three only.
func (d digits) number(decimal, thousands string) (n *big.Rat, decimals string, ok bool) {
	whole, fraction, cut := strings.Cut(d.body, decimal)
	if cut && !plain.MatchString(fraction) {
		return nil, "", false
	}
	if !plain.MatchString(whole) {
		if thousands == "" || strings.Contains(whole, "x") || !grouped.MatchString(strings.ReplaceAll(whole, thousands, "x")) {
			return nil, "", false
		}
		whole = strings.ReplaceAll(whole, thousands, "")
	}
	if len(whole)+len(fraction) > 60 {
		return nil, "", false
	}
	text := whole
	if cut {
		text += "." + fraction
	}
	n, ok = new(big.Rat).SetString(text)
	if ok && d.negative {
		n.Neg(n)
	}
	return n, fraction, ok
}

// numbersOf finds how a column's numbers are written. A few values that are none are allowed for: they are misfits.
func numbersOf(values []string) (numbers, bool) {
	var parts []digits
	misfits := 0
	for _, v := range values {
		if d, ok := dissect(v); ok {
			parts = append(parts, d)
		} else {
			misfits++
		}
	}
	if len(parts) == 0 || !few(misfits, len(values)) {
		return numbers{}, false
	}
	best, found := numbers{}, false
	for _, m := range marks {
		n := tally(parts, m.decimal, m.thousands)
		n.misfits += misfits
		if few(n.misfits, len(values)) && (!found || n.misfits < best.misfits) {
			best, found = n, true
		}
	}
	if found && best.thousands == "," && best.decimals == 0 {
		best.unsure = `each comma could be a decimal mark too: write decimal "," then`
	}
	if found && best.decimal == "," && best.thousands == "" && best.decimals == 3 {
		best.unsure = "the commas could stand between thousands too"
	}
	return best, found
}

// few tells whether so many of a column's values may be slips.
func few(some, all int) bool { return some*20 <= all }

// tally reads all numbers by one pair of marks.
func tally(parts []digits, decimal, thousands string) numbers {
	n := numbers{decimal: decimal, thousands: thousands}
	fractions, zeroFractions, marked := 0, 0, false
	for _, d := range parts {
		value, fraction, ok := d.number(decimal, thousands)
		if !ok {
			n.misfits++
			continue
		}
		marked = marked || thousands != "" && strings.Contains(d.body, thousands)
		if fraction != "" {
			fractions++
			if strings.Trim(fraction, "0") == "" {
				zeroFractions++
			}
		}
		n.decimals = max(n.decimals, len(strings.TrimRight(fraction, "0")))
		n.brackets, n.trailing = n.brackets || d.brackets, n.trailing || d.trailing
		n.symbols = withText(n.symbols, d.symbol)
		switch value.Sign() {
		case -1:
			n.negatives++
		case 0:
			n.zeros++
		}
		if n.min == nil || value.Cmp(n.min) < 0 {
			n.min = value
		}
		if n.max == nil || value.Cmp(n.max) > 0 {
			n.max = value
		}
	}
	if !marked {
		n.thousands = ""
	}
	n.integers = fractions == 0
	n.whole = fractions > 0 && fractions == zeroFractions
	return n
}

// plainly tells whether the mapping language reads the numbers as they stand.
func (n numbers) plainly() bool {
	return n.thousands == "" && (n.decimal == "." || n.integers) && len(n.symbols) == 0 && !n.brackets && !n.trailing
}

// between tells whether all numbers are integers within the bounds.
func (n numbers) between(low, high int64) bool {
	return n.integers && n.min != nil && n.min.Cmp(new(big.Rat).SetInt64(low)) >= 0 && n.max.Cmp(new(big.Rat).SetInt64(high)) <= 0
}

// show writes a number for people.
func show(n *big.Rat) string {
	text := n.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// withText adds texts to a list that are not empty and not in it.
func withText(list []string, texts ...string) []string {
	for _, t := range texts {
		if t != "" && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}
