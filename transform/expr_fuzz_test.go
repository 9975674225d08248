package transform

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"
)

// FuzzExpression: whatever is written, and whatever the row holds, the answer is an error, a reject or a
// value of the kind that was promised when the config was read.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		`number(a) * number(b)`, `a == "x" && number(b) > 1 ? "y" : nil`, `extract(a, "(x+)+y")`, `replace(a, "a", b)`, `divide(number(a), number(b), 20)`,
		`round(number(a), 3) - 1e-90`, `a in ["x", b] or not (b matches "^.*$")`, `concat(a, b, a) | slice(1, -1) | split("-", 2)`, `coalesce(number(a), 5)`,
		`number(a, ",", ".") ?? 0`, `((((a))))`, `let x = 1; x`, `map(1..1000000, {#})`, `repeat(a, 100000)`, `$env`, `a?.b`, `{a: 1}`, `"a" * 5`, `1 in 1..2`, `-(-(-number(a)))`,
		`text(1e100 * number(a))`, "`a`", "b\"x\"", `a; b`, `if true {a} else {b}`, `// a`, `/* a */ b`, `#`, `get(a, b)`, `a not contains b`,
	} {
		f.Add(text, "1.5", "-2e3")
		f.Add(text, "", "x-y")
	}
	f.Fuzz(func(t *testing.T, text, a, b string) {
		e, err := compileExpr(text)
		if err != nil || strings.Contains(a+b, "|") {
			return
		}
		for _, name := range e.columns {
			if name != "a" && name != "b" && !isPseudo(name) {
				return
			}
		}
		rows := textRecord(t, memory.DefaultAllocator, "a|b", a+"|"+b)
		defer rows.Release()
		batch := &batch{Mapping: &Mapping{}, rows: rows, at: place(rows), raw: make([]texts, 2)}
		v, err := batch.evaluation(e)
		if err != nil {
			t.Fatal(err)
		}
		result, why := v.evaluate(0)
		if why != nil {
			if why.reason == "" || strings.HasPrefix(why.reason, "it cannot be worked out") {
				t.Fatalf("%s: %s: %s", text, why.rule, why.reason)
			}
			return
		}
		got := flagKind
		if r, ok := result.(*value); ok {
			if got = r.kind; r.null {
				got = e.kind
			}
		}
		if got != e.kind {
			t.Fatalf("%s gave %s, want %s", text, got, e.kind)
		}
		first, ok, _ := v.read(0)
		kept := string(first)
		if again, okAgain, _ := v.read(0); ok != okAgain || string(again) != kept {
			t.Fatalf("%s gave %q, then %q", text, kept, again)
		}
	})
}

// TestArithmetic compares exact decimals with math/big's.
func TestArithmetic(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(rapid.StringMatching(`-?[0-9]{1,22}(\.[0-9]{1,12})?`), rapid.StringMatching(`-?[0-9]{1,5}e-?[0-9]{1,2}`),
		rapid.SampledFrom([]string{"0", "-0.0", "18446744073709551615", "0.5", "-0.5", "1e19", "9223372036854775808"}))
	rapid.Check(t, func(rt *rapid.T) {
		a, b, places := number.Draw(rt, "a"), number.Draw(rt, "b"), rapid.IntRange(0, 20).Draw(rt, "places")
		x, _ := parseDecimal([]byte(a))
		y, _ := parseDecimal([]byte(b))
		same := func(name string, d decimal, want *big.Rat) {
			if got := rat(string(d.appendText(nil))); got.Cmp(want) != 0 {
				rt.Fatalf("%s of %s and %s, %d places: got %s, want %s", name, a, b, places, got.FloatString(30), want.FloatString(30))
			}
		}
		same("sum", x.plus(y), new(big.Rat).Add(rat(a), rat(b)))
		same("difference", x.plus(y.negated()), new(big.Rat).Sub(rat(a), rat(b)))
		same("product", x.times(y), new(big.Rat).Mul(rat(a), rat(b)))
		same("rounding", x.rounded(places), ratRounded(rat(a), places))
		if y.sign() != 0 {
			same("quotient", x.over(y, places), ratRounded(new(big.Rat).Quo(rat(a), rat(b)), places))
		}
	})
}

// ratRounded rounds half away from zero.
func ratRounded(r *big.Rat, places int) *big.Rat {
	unit := new(big.Rat).SetInt(tenTo(places))
	n := new(big.Rat).Mul(new(big.Rat).Abs(r), unit)
	n.Add(n, big.NewRat(1, 2))
	whole := new(big.Rat).SetInt(new(big.Int).Quo(n.Num(), n.Denom()))
	if r.Sign() < 0 {
		whole.Neg(whole)
	}
	return whole.Quo(whole, unit)
}

var grouped = regexp.MustCompile(`^([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]*)?$|^,[0-9]+$`)

// FuzzNumberForm compares marks for thousands with a regular expression, and makes sure that digits are kept.
func FuzzNumberForm(f *testing.F) {
	for _, text := range []string{"1.234,56", "1.234", "12.34,5", "1234,5", ",5", "5,", ",", ".", "1.234.567", "1.2345", "1..234", "0.001,1", "-1", "€1", "(1)", "1-", "\u00a01", ""} {
		f.Add(text)
	}
	plain, err := newNumberForm(NumberSpec{Decimal: ",", Thousands: "."})
	if err != nil {
		f.Fatal(err)
	}
	loose, err := newNumberForm(NumberSpec{Decimal: ",", Thousands: " ", Symbols: []string{"€", "EUR"}, Accounting: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		unsigned := strings.Trim(text, "0123456789.,") == ""
		if _, ok := plain.plain([]byte(text), nil); unsigned && ok != grouped.MatchString(text) {
			t.Errorf("%q: read %v", text, ok)
		}
		for _, form := range []*numberForm{plain, loose} {
			got, ok := form.plain([]byte(text), nil)
			if !ok {
				continue
			}
			if _, parsed := parseDecimal(got); !parsed && len(got) <= maxDecimalText && strings.ContainsAny(text, "0123456789") {
				t.Errorf("%q became %q", text, got)
			}
			digits := func(r rune) rune {
				if r < '0' || r > '9' {
					return -1
				}
				return r
			}
			if strings.Map(digits, text) != strings.Map(digits, string(got)) {
				t.Errorf("%q became %q", text, got)
			}
		}
	})
}
