package propose

import (
	"slices"
	"strings"
	"unicode"
)

// words takes a name apart into small words: "CustomerID" and "customer_id" into customer and id.
func words(name string) []string {
	var out []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, singular(strings.ToLower(string(word))))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return out
}

// singular takes the s of a plural away, where that leaves a word.
func singular(w string) string {
	if len(w) > 4 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") {
		return w[:len(w)-1]
	}
	return w
}

// has tells whether the list holds one of the words.
func has(list []string, wanted ...string) bool {
	return slices.ContainsFunc(list, func(w string) bool { return slices.Contains(wanted, w) })
}

// resembles scores how well a column's name says what a phrase says: 10 where it says just that, less the more it
// says besides, 0 where it does not say it.
func resembles(name []string, phrase string) int {
	wanted := strings.Fields(phrase)
	for _, w := range wanted {
		if !slices.Contains(name, w) {
			return 0
		}
	}
	score := 10
	if len(wanted) == 1 && len(name) > 1 {
		score = 7
	}
	return max(1, score-2*(len(name)-len(wanted)))
}

// slug makes a name that the config allows: small letters, digits and -.
func slug(s string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
	}
	return strings.Trim(out.String(), "-")
}
