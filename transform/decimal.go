package transform

import (
	"cmp"
	"math/big"
	"math/bits"
)

const (
	// maxScaled is what a Decimal(18, s) cannot reach, in units of its last place.
	maxScaled = 1_000_000_000_000_000_000
	// maxDecimalText bounds the length of a number's text; a float64 never needs as much.
	maxDecimalText = 1024
	// maxExponent is where exponents stop being counted: beyond it every text within maxDecimalText is
	// too large for any column, or too small.
	maxExponent = 1 << 14
)

// pow10 holds the powers of ten that fit in 64 bits.
var pow10 = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// decimal is an exact number: ±coef × 10^exp, with wide instead of coef where 64 bits are too few.
type decimal struct {
	neg  bool
	coef uint64
	exp  int
	wide *big.Int
}

// parseDecimal reads an optional sign, digits with an optional point, and an optional exponent. It
// allocates only for more than 19 significant digits.
func parseDecimal(text []byte) (d decimal, ok bool) {
	if len(text) == 0 || len(text) > maxDecimalText {
		return decimal{}, false
	}
	i := 0
	if text[0] == '-' || text[0] == '+' {
		d.neg = text[0] == '-'
		i++
	}
	start, digits, significant, fraction := i, 0, 0, -1
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && fraction < 0 {
			fraction = 0
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		digits++
		if fraction >= 0 {
			fraction++
		}
		if significant > 0 || c != '0' {
			significant++
		}
		d.coef = d.coef*10 + uint64(c-'0') // meaningless beyond 19 digits: wide takes over
	}
	if digits == 0 {
		return decimal{}, false
	}
	if significant > 19 {
		d.coef, d.wide = 0, wideDigits(text[start:i], digits)
	}
	if i < len(text) {
		if d.exp, ok = parseExponent(text[i:]); !ok {
			return decimal{}, false
		}
	}
	d.exp -= max(fraction, 0)
	return d, true
}

// plainDecimal reads up to 18 digits with an optional point among them: the numbers that there are most of.
func plainDecimal(text []byte) (coef uint64, decimals int, ok bool) {
	if len(text) == 0 || len(text) > 18 {
		return 0, 0, false
	}
	i := 0
	for ; i < len(text) && text[i]-'0' <= 9; i++ {
		coef = coef*10 + uint64(text[i]-'0')
	}
	if i == len(text) {
		return coef, 0, true
	}
	if text[i] != '.' || len(text) == 1 {
		return 0, 0, false
	}
	decimals = len(text) - i - 1
	for _, c := range text[i+1:] {
		if c-'0' > 9 {
			return 0, 0, false
		}
		coef = coef*10 + uint64(c-'0')
	}
	return coef, decimals, true
}

func wideDigits(text []byte, digits int) *big.Int {
	plain := make([]byte, 0, digits)
	for _, c := range text {
		if c != '.' {
			plain = append(plain, c)
		}
	}
	n, _ := new(big.Int).SetString(string(plain), 10)
	return n
}

// parseExponent reads e or E, an optional sign and digits.
func parseExponent(text []byte) (exp int, ok bool) {
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	neg := false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		neg = text[0] == '-'
		text = text[1:]
	}
	if len(text) == 0 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		exp = min(exp*10+int(c-'0'), maxExponent)
	}
	if neg {
		exp = -exp
	}
	return exp, true
}

// rounding says what becomes of decimals beyond a column's scale.
type rounding int

const (
	exact    rounding = iota // they are refused, unless they are zeros
	halfAway                 // half away from zero
	floor                    // towards minus infinity
)

// fit says whether a number fits a column.
type fit int

const (
	fits fit = iota
	tooLarge
	tooPrecise
)

var one = decimal{coef: 1}

// scaled gives d × factor in units of 10^-scale, and whether it fits a Decimal(18, scale).
func (d decimal) scaled(factor decimal, scale int, mode rounding) (int64, fit) {
	neg := d.neg != factor.neg
	exp := d.exp + factor.exp + scale
	var q uint64
	var rest int // how the remainder compares: 0 none, 1 below a half, 2 a half or more
	var state fit
	if d.wide != nil || factor.wide != nil || exp < -19 {
		q, rest, state = wideScaled(d.big(), factor.big(), exp)
	} else {
		q, rest, state = narrowScaled(d.coef, factor.coef, exp)
	}
	if state != fits {
		return 0, state
	}
	if rest > 0 {
		switch {
		case mode == exact && q < maxScaled:
			return 0, tooPrecise
		case mode == halfAway && rest == 2, mode == floor && neg:
			q++
		}
	}
	if q >= maxScaled {
		return 0, tooLarge
	}
	if neg {
		return -int64(q), fits
	}
	return int64(q), fits
}

// narrowScaled works out a × b × 10^exp for exp ≥ -19.
func narrowScaled(a, b uint64, exp int) (q uint64, rest int, state fit) {
	hi, lo := bits.Mul64(a, b)
	if exp >= 0 {
		if hi|lo == 0 {
			return 0, 0, fits
		}
		if hi != 0 || exp > 18 {
			return 0, 0, tooLarge
		}
		if hi, lo = bits.Mul64(lo, pow10[exp]); hi != 0 {
			return 0, 0, tooLarge
		}
		return lo, 0, fits
	}
	p := pow10[-exp]
	if hi >= p {
		return 0, 0, tooLarge
	}
	q, r := bits.Div64(hi, lo, p)
	return q, compareRest(r == 0, r >= p-r), fits
}

// wideScaled is narrowScaled without its limits.
func wideScaled(a, b *big.Int, exp int) (q uint64, rest int, state fit) {
	n := new(big.Int).Mul(a, b)
	if n.Sign() == 0 {
		return 0, 0, fits
	}
	if exp > 18 {
		return 0, 0, tooLarge
	}
	if exp >= 0 {
		n.Mul(n, tenTo(exp))
	} else {
		if -exp > n.BitLen()*3/10+2 { // below a tenth: only that there is a remainder matters
			return 0, 1, fits
		}
		p, r := tenTo(-exp), new(big.Int)
		n.QuoRem(n, p, r)
		rest = compareRest(r.Sign() == 0, new(big.Int).Lsh(r, 1).Cmp(p) >= 0)
	}
	if !n.IsUint64() {
		return 0, 0, tooLarge
	}
	return n.Uint64(), rest, fits
}

func compareRest(none, half bool) int {
	switch {
	case none:
		return 0
	case half:
		return 2
	}
	return 1
}

func (d decimal) big() *big.Int {
	if d.wide != nil {
		return d.wide
	}
	return new(big.Int).SetUint64(d.coef)
}

func (d decimal) sign() int {
	switch {
	case d.coef == 0 && (d.wide == nil || d.wide.Sign() == 0):
		return 0
	case d.neg:
		return -1
	}
	return 1
}

// compare orders two numbers by their values.
func (d decimal) compare(o decimal) int {
	sign := d.sign()
	if c := cmp.Compare(sign, o.sign()); c != 0 || sign == 0 {
		return c
	}
	if d.wide == nil && o.wide == nil && d.exp == o.exp {
		return sign * cmp.Compare(d.coef, o.coef)
	}
	a, b := d.big(), o.big()
	// Both are above zero here, so their numbers of digits decide where the exponents are far apart.
	if c := cmp.Compare(digits(a)+d.exp, digits(b)+o.exp); c != 0 {
		return sign * c
	}
	if d.exp > o.exp {
		a = new(big.Int).Mul(a, tenTo(d.exp-o.exp))
	} else {
		b = new(big.Int).Mul(b, tenTo(o.exp-d.exp))
	}
	return sign * a.Cmp(b)
}

func digits(n *big.Int) int { return len(n.Text(10)) }

func tenTo(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
