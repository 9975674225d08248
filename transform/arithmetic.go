package transform

import (
	"math/big"
	"math/bits"
	"strconv"
)

// maxPlaces bounds the digits of numbers in expressions, before the point and after it, so that no
// expression can take much time or memory.
const maxPlaces = 100

// bounded tells whether a number keeps to maxPlaces.
func (d decimal) bounded() bool {
	if d.sign() == 0 {
		return d.exp >= -maxPlaces && d.exp <= maxPlaces
	}
	n := 20 // digits, or a few more
	if d.wide != nil {
		if d.wide.BitLen() > 3*maxDecimalText {
			return false
		}
		n = digits(d.wide)
	} else if d.exp > maxPlaces-20 {
		n = len(strconv.FormatUint(d.coef, 10))
	}
	return d.exp >= -maxPlaces && n+d.exp <= maxPlaces
}

// unwide gives ±n × 10^exp, without a big.Int where it is not needed.
func unwide(neg bool, n *big.Int, exp int) decimal {
	if n.IsUint64() {
		return decimal{neg: neg, coef: n.Uint64(), exp: exp}
	}
	return decimal{neg: neg, wide: n, exp: exp}
}

func (d decimal) negated() decimal {
	d.neg = !d.neg
	return d
}

func (d decimal) times(o decimal) decimal {
	neg, exp := d.neg != o.neg, d.exp+o.exp
	if d.wide == nil && o.wide == nil {
		if hi, lo := bits.Mul64(d.coef, o.coef); hi == 0 {
			return decimal{neg: neg, coef: lo, exp: exp}
		}
	}
	return unwide(neg, new(big.Int).Mul(d.big(), o.big()), exp)
}

func (d decimal) plus(o decimal) decimal {
	if d.exp < o.exp {
		d, o = o, d
	}
	shift := d.exp - o.exp
	if d.wide == nil && o.wide == nil && shift < len(pow10) {
		hi, lo := bits.Mul64(d.coef, pow10[shift])
		if hi == 0 {
			if sum, ok := addCoefs(decimal{neg: d.neg, coef: lo, exp: o.exp}, o); ok {
				return sum
			}
		}
	}
	a, b := new(big.Int).Mul(d.big(), tenTo(shift)), new(big.Int).Set(o.big())
	if d.neg {
		a.Neg(a)
	}
	if o.neg {
		b.Neg(b)
	}
	a.Add(a, b)
	neg := a.Sign() < 0
	return unwide(neg, a.Abs(a), o.exp)
}

// addCoefs adds numbers of the same exponent where 64 bits are enough.
func addCoefs(a, b decimal) (decimal, bool) {
	if a.neg == b.neg {
		sum, carry := bits.Add64(a.coef, b.coef, 0)
		return decimal{neg: a.neg, coef: sum, exp: a.exp}, carry == 0
	}
	if a.coef < b.coef {
		a, b = b, a
	}
	return decimal{neg: a.neg, coef: a.coef - b.coef, exp: a.exp}, true
}

// rounded rounds half away from zero to a number of places after the point.
func (d decimal) rounded(places int) decimal {
	drop := -d.exp - places
	if drop <= 0 {
		return d
	}
	return d.over(decimal{coef: 1}, places)
}

// over divides, and rounds half away from zero to a number of places. The divisor is not zero.
func (d decimal) over(o decimal, places int) decimal {
	neg, shift := d.neg != o.neg, d.exp-o.exp+places
	if d.wide == nil && o.wide == nil && shift >= 0 && shift < len(pow10) {
		if hi, lo := bits.Mul64(d.coef, pow10[shift]); hi < o.coef {
			q, r := bits.Div64(hi, lo, o.coef)
			if r >= o.coef-r && q < 1<<63 {
				q++
			}
			if q < 1<<63 {
				return decimal{neg: neg, coef: q, exp: -places}
			}
		}
	}
	if d.wide == nil && o.wide == nil && o.coef == 1 && shift < 0 && -shift < len(pow10) {
		p := pow10[-shift]
		q, r := d.coef/p, d.coef%p
		if r >= p-r {
			q++
		}
		return decimal{neg: neg, coef: q, exp: -places}
	}
	a, b := d.big(), o.big()
	if shift >= 0 {
		a = new(big.Int).Mul(a, tenTo(shift))
	} else {
		b = new(big.Int).Mul(b, tenTo(-shift))
	}
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Lsh(r, 1).CmpAbs(b) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	return unwide(neg, q, -places)
}

// appendText writes a bounded number without an exponent.
func (d decimal) appendText(dst []byte) []byte {
	number := dst
	if d.neg && d.sign() != 0 {
		number = append(number, '-')
	}
	switch {
	case d.sign() == 0 && d.exp > 0:
		d.exp = 0
		fallthrough
	case d.wide == nil:
		number = strconv.AppendUint(number, d.coef, 10)
	default:
		number = d.wide.Append(number, 10)
	}
	return appendScaled(dst, number, -d.exp)
}
