package demo

import (
	"math/rand/v2"
	"time"
)

// dice is the one source of chance. It deals in integers only, so that every machine throws the same.
type dice struct{ *rand.Rand }

// Streams of one seed: a change in one part of the company leaves the others as they were.
const (
	streamRates  = 1
	streamFaults = 2
	streamLives  = 100 // and one more for each programme
)

func newDice(seed, stream uint64) dice { return dice{rand.New(rand.NewPCG(seed, stream))} }

// chance is true that many times in a thousand.
func (d dice) chance(permille int) bool { return d.IntN(1000) < permille }

// between throws a number from low to high, both included.
func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

// times throws how often something happens that happens permille/1000 times on average.
func (d dice) times(permille int) int {
	const throws = 8
	n := 0
	for range throws {
		n += permille / throws / 1000
		if d.chance(permille / throws % 1000) {
			n++
		}
	}
	return n
}

// heavy throws numbers of which few are very large: half are below 2 × low, a tenth above 10 × low.
func (d dice) heavy(low, high int) int { return min(high, low*1000/(1+d.IntN(1000))) }

// curve is a value over the months, straight between its points and level outside them.
type curve []point

type point struct{ month, value int }

func (c curve) at(month int) int {
	before := c[0]
	for _, p := range c {
		if p.month > month {
			if p.month == before.month || month < before.month {
				return before.value
			}
			return before.value + (p.value-before.value)*(month-before.month)/(p.month-before.month)
		}
		before = p
	}
	return before.value
}

// The company's time: 25 whole months from 2024-09, whatever the day.
const months = 25

var (
	begin = time.Date(2024, time.September, 1, 0, 0, 0, 0, time.UTC)
	end   = monthStart(months)
)

// monthStart gives the first instant of a month, counted from 0.
func monthStart(month int) time.Time { return begin.AddDate(0, month, 0) }

// monthOf counts the month of a time on the calendar of its own zone.
func monthOf(t time.Time) int {
	return (t.Year()-begin.Year())*12 + int(t.Month()-begin.Month())
}

// monthName is a month as in 2024-09.
func monthName(month int) string { return monthStart(month).Format("2006-01") }

// seasons is how lively each calendar month is, in thousandths, from January.
var seasons = [12]int{900, 950, 1050, 980, 1000, 1080, 920, 900, 1020, 1000, 1100, 1450}

func season(month int) int { return seasons[monthStart(month).Month()-1] }
