// Package measure is what the benchmarks share: an engine whose processor time and memory are told, and how figures are
// printed.
//
// It must not know what is measured.
package measure

import (
	"slices"
	"strconv"
	"time"
)

// Each gives what of makes of each item.
func Each[T, U any](list []T, of func(T) U) []U {
	values := make([]U, len(list))
	for i, item := range list {
		values[i] = of(item)
	}
	return values
}

// Median gives the middle one, of an even number the mean of the middle two; zero where there is none.
func Median[T time.Duration | float64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Milliseconds gives a time in milliseconds.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Yes says yes or no.
func Yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// Thousands writes 20000000 as 20,000,000.
func Thousands(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
