package load_test

import (
	"math/big"
	"slices"
)

// movement is a metric in one month, and how it moved there; nil is NULL. The zero movement is that of no month.
type movement struct {
	value, previous, momAbs, momPct, yoyAbs, yoyPct *big.Rat
	variance                                        *big.Rat // of mom_pct: trend_sd squared
}

// course is a metric in all its months.
type course map[int]movement

// courseOf tells how a metric moved.
func courseOf(values map[int]*big.Rat) course {
	c := course{}
	for month, value := range values {
		previous, yearBefore := values[month-1], values[month-12]
		c[month] = movement{
			value: value, previous: previous,
			momAbs: difference(value, previous), momPct: relative(value, previous),
			yoyAbs: difference(value, yearBefore), yoyPct: relative(value, yearBefore),
			variance: variance(values, month),
		}
	}
	return c
}

// variance is that of mom_pct over a month and the five before; under three values there is none.
func variance(values map[int]*big.Rat, month int) *big.Rat {
	var pcts []*big.Rat
	for m := month - 5; m <= month; m++ {
		if pct := relative(values[m], values[m-1]); pct != nil {
			pcts = append(pcts, pct)
		}
	}
	if len(pcts) < 3 {
		return nil
	}
	n := count(len(pcts))
	mean, squares := quotient(total(pcts...), n), new(big.Rat)
	for _, pct := range pcts {
		away := difference(pct, mean)
		squares.Add(squares, product(away, away))
	}
	return quotient(squares, n)
}

func (m movement) direction() string {
	if m.momAbs == nil {
		return null
	}
	return [...]string{"down", "flat", "up"}[m.momAbs.Sign()+1]
}

// trendSD is the standard deviation, for showing it only.
func (m movement) trendSD() *big.Rat {
	if m.variance == nil {
		return nil
	}
	root := new(big.Float).SetPrec(200).SetRat(m.variance)
	sd, _ := root.Sqrt(root).Rat(nil)
	return sd
}

var (
	stableUpTo = exactly("0.10")
	watchUpTo  = exactly("0.25")
)

// trend classifies the standard deviation, by squares.
func (m movement) trend() string {
	switch {
	case m.variance == nil:
		return null
	case m.variance.Cmp(product(stableUpTo, stableUpTo)) <= 0:
		return "stable"
	case m.variance.Cmp(product(watchUpTo, watchUpTo)) <= 0:
		return "watch"
	}
	return "volatile"
}

// figures are all metrics of a scope.
type figures struct {
	scope
	first, newest int // months
	courses       map[metricKey]course
}

// at gives a metric in a month, also one that the scope does not have.
func (f *figures) at(m metricKey, month int) movement { return f.courses[m][month] }

// figures computes all metrics of a scope that has begun.
func (m *model) figures(b *books) *figures {
	f := &figures{scope: b.scope, first: b.first, newest: m.newest.month, courses: map[metricKey]course{}}
	for key, values := range m.values(b) {
		f.courses[key] = courseOf(values)
	}
	return f
}

// Arithmetic on exact numbers, of which nil is NULL. Results are new; nothing is changed in place.

// exactly reads a decimal number.
func exactly(text string) *big.Rat {
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("not a number: " + text)
	}
	return number
}

func count(n int) *big.Rat { return big.NewRat(int64(n), 1) }

// dollars makes dollars of 1/10,000.
func dollars(amount int64) *big.Rat { return big.NewRat(amount, dollar) }

func total(numbers ...*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, n := range numbers {
		sum.Add(sum, n)
	}
	return sum
}

func product(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

// difference is NULL where either is.
func difference(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil {
		return nil
	}
	return new(big.Rat).Sub(a, b)
}

// quotient is NULL where either is, and where the denominator is zero.
func quotient(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil || b.Sign() == 0 {
		return nil
	}
	return new(big.Rat).Quo(a, b)
}

// relative is the change from b to a, in units of |b|.
func relative(a, b *big.Rat) *big.Rat {
	if b == nil {
		return nil
	}
	return quotient(difference(a, b), magnitude(b))
}

func magnitude(a *big.Rat) *big.Rat { return new(big.Rat).Abs(a) }

// atLeast and atMost compare; NULL is neither.
func atLeast(a, limit *big.Rat) bool { return a != nil && a.Cmp(limit) >= 0 }
func atMost(a, limit *big.Rat) bool  { return a != nil && a.Cmp(limit) <= 0 }

// median of one number at least.
func median(numbers []*big.Rat) *big.Rat {
	sorted, n := slices.SortedFunc(slices.Values(numbers), (*big.Rat).Cmp), len(numbers)
	return quotient(total(sorted[(n-1)/2], sorted[n/2]), count(2))
}
