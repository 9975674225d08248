package review

import (
	"fmt"
	"math/big"
)

// axis places values between two ends of a drawing, exactly.
type axis struct {
	low, high *big.Rat // values at the ends
	from, to  int64    // places of the ends
}

// at gives the place of a value.
func (a axis) at(value *big.Rat) *big.Rat {
	share := new(big.Rat).Sub(value, a.low)
	share.Quo(share, new(big.Rat).Sub(a.high, a.low))
	share.Mul(share, big.NewRat(a.to-a.from, 1))
	return share.Add(share, big.NewRat(a.from, 1))
}

// span is an axis that has zero and all the values on it, and its ticks: at the most six, at 1, 2 or 5 times a power of ten.
// NULLs are left out.
func span(values []*big.Rat, from, to int64) (a axis, ticks []*big.Rat) {
	low, high := new(big.Rat), new(big.Rat)
	for _, value := range values {
		switch {
		case value == nil:
		case value.Cmp(low) < 0:
			low = value
		case value.Cmp(high) > 0:
			high = value
		}
	}
	if low.Cmp(high) == 0 {
		high = big.NewRat(1, 1)
	}
	step := tickStep(new(big.Rat).Sub(high, low))
	first, last := floor(new(big.Rat).Quo(low, step)), ceiling(new(big.Rat).Quo(high, step))
	for n := new(big.Int).Set(first); n.Cmp(last) <= 0; n.Add(n, big.NewInt(1)) {
		ticks = append(ticks, new(big.Rat).Mul(new(big.Rat).SetInt(n), step))
	}
	return axis{low: ticks[0], high: ticks[len(ticks)-1], from: from, to: to}, ticks
}

// tickStep is the least of 1, 2 or 5 times a power of ten that is at least a quarter of the range.
func tickStep(length *big.Rat) *big.Rat {
	quarter := new(big.Rat).Quo(length, big.NewRat(4, 1))
	power, ten := big.NewRat(1, 1), big.NewRat(10, 1)
	for power.Cmp(quarter) < 0 {
		power.Mul(power, ten)
	}
	for power.Cmp(quarter) >= 0 {
		power.Quo(power, ten)
	}
	for _, times := range []int64{2, 5} {
		if step := new(big.Rat).Mul(power, big.NewRat(times, 1)); step.Cmp(quarter) >= 0 {
			return step
		}
	}
	return power.Mul(power, ten)
}

func floor(number *big.Rat) *big.Int {
	return new(big.Int).Div(number.Num(), number.Denom()) // the denominator is positive, so this rounds down
}

func ceiling(number *big.Rat) *big.Int {
	down := floor(new(big.Rat).Neg(number))
	return down.Neg(down)
}

// magnitudes are what amounts on an axis are counted in.
var magnitudes = []struct {
	word string
	size int64
}{{"billions", 1_000_000_000}, {"millions", 1_000_000}, {"thousands", 1000}}

// magnitude gives what to count ticks in, so that they stay short, and how that is said after the currency.
func magnitude(ticks []*big.Rat) (size int64, words string) {
	largest := new(big.Rat)
	for _, tick := range ticks {
		if size := new(big.Rat).Abs(tick); size.Cmp(largest) > 0 {
			largest = size
		}
	}
	for _, m := range magnitudes {
		if largest.Cmp(big.NewRat(5*m.size, 1)) >= 0 {
			return m.size, ", " + m.word
		}
	}
	return 1, ""
}

// tickText writes a tick in units of that size, with no more decimals than it has.
func tickText(tick *big.Rat, size int64) (string, error) {
	counted := new(big.Rat).Quo(tick, big.NewRat(size, 1))
	places, _ := counted.FloatPrec()
	return Decimal(counted.FloatString(places)).fixed(1, places)
}

// spot writes a place of a drawing.
func spot(place *big.Rat) string { return place.FloatString(1) }

// whole writes a place that is a whole number.
func whole(place int64) string { return fmt.Sprint(place) }
