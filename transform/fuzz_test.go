package transform

import (
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"
)

var decimalText = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// FuzzDecimal compares the decimals with math/big's.
func FuzzDecimal(f *testing.F) {
	for _, text := range []string{
		"0", "-0", "1", "+1.5", ".5", "5.", ".", "", "-", "1e3", "1E-4", "1e", "1e+", "0.00005", "-0.00005", "0.00004999999999999999999999",
		"99999999999999.9999", "99999999999999.99995", "700000000000000.00001", "100000000000000", "1234567890123456789", "12345678901234567890", "18446744073709551616",
		"0.18000000000000000000000000", "00000000000000000000000001", "1e99999999999", "1e-99999999999", "0e99999999999", "1,5", " 1", "1 ", "NaN", "Inf", "0x1", "1_0", "1/2",
	} {
		for _, scale := range []string{"1", "0.18", "0.01", "0.333333333333333333", "1e10"} {
			f.Add(text, scale, uint8(len(text)))
		}
	}
	f.Fuzz(func(t *testing.T, text, scale string, pick uint8) {
		d, ok := parseDecimal([]byte(text))
		if want := decimalText.MatchString(text) && len(text) <= maxDecimalText; ok != want {
			t.Fatalf("%q: parsed %v, want %v", text, ok, want)
		}
		factor, factorOK := parseDecimal([]byte(scale))
		if !ok || !factorOK || tooWild(text) || tooWild(scale) {
			return
		}
		places := []int{0, 4, 6, 8}[pick%4]
		mode := rounding(pick / 4 % 3)
		got, state := d.scaled(factor, places, mode)
		want, wantState := ratScaled(rat(text), rat(scale), places, mode)
		if got != want || state != wantState {
			t.Errorf("%q × %q to %d places, mode %d: got %d (%d), want %d (%d)", text, scale, places, mode, got, state, want, wantState)
		}
		if got, want := d.compare(factor), rat(text).Cmp(rat(scale)); got != want {
			t.Errorf("compare %q with %q: got %d, want %d", text, scale, got, want)
		}
	})
}

func rat(text string) *big.Rat {
	r, _ := new(big.Rat).SetString(text)
	return r
}

// tooWild keeps exponents away that would cost big.Rat its memory.
func tooWild(text string) bool {
	i := strings.IndexAny(text, "eE")
	return i >= 0 && len(text)-i > 5
}

func ratScaled(value, factor *big.Rat, places int, mode rounding) (int64, fit) {
	limit := new(big.Rat).SetInt64(maxScaled)
	r := new(big.Rat).Mul(value, factor)
	r.Mul(r, new(big.Rat).SetInt(tenTo(places)))
	whole, rest := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int)) // towards minus infinity
	switch {
	case r.IsInt():
	case mode == exact && new(big.Rat).Abs(r).Cmp(limit) >= 0:
		return 0, tooLarge
	case mode == exact:
		return 0, tooPrecise
	case mode == halfAway:
		twice := new(big.Int).Lsh(rest, 1).Cmp(r.Denom())
		if twice > 0 || twice == 0 && r.Sign() > 0 {
			whole.Add(whole, big.NewInt(1))
		}
	}
	if new(big.Rat).Abs(new(big.Rat).SetInt(whole)).Cmp(limit) >= 0 {
		return 0, tooLarge
	}
	return whole.Int64(), fits
}

// FuzzISO compares the times with package time's.
func FuzzISO(f *testing.F) {
	for _, text := range []string{
		"2024-01-31", "2024-02-30", "2024-02-29", "1900-02-29", "0000-01-01", "9999-12-31", "2024-01-31T10:11", "2024-01-31 10:11:12", "2024-01-31T10:11:12.5Z",
		"2024-01-31T10:11:12.123456789+05:30", "2024-01-31T10:11:12-0800", "2024-01-31T10:11:12+02", "2024-01-31T24:00:00", "2024-01-31T10:11:60",
		"2024-01-31T10:11:12.", "2024-01-31T10:11:12.1234567890", "2024-01-31T", "2024-01-31Z", "2024-1-31", "2024-01-31T10:11:12+24:00", "1899-12-31T23:59:59.999999999",
		"2024/01-31", "2024-01/31", "2024-01-31T10-11:12", "2024-01-31T10:11-12", "2024-01-31T10:11:1:", "\xba024-01-31", "2024-01-31T1\xba:11:12", "2024-01-31T10:11:", "2024-01-31T10:11:1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseISO([]byte(text))
		want, dateOnly, wantOK := stdISO(text)
		if ok != wantOK {
			t.Fatalf("%q: parsed %v, want %v", text, ok, wantOK)
		}
		if !ok {
			return
		}
		if got.seconds != want.Unix() || got.micros != int64(want.Nanosecond()/1000) || got.dateOnly != dateOnly {
			t.Errorf("%q: got %+v, want %s", text, got, want)
		}
	})
}

// stdISO reads with package time, which is laxer in places.
func stdISO(text string) (at time.Time, dateOnly, ok bool) {
	if strings.Contains(text, ",") {
		return at, false, false
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, true, true
	}
	if dot := strings.IndexByte(text, '.'); dot >= 0 {
		digits := len(text[dot+1:]) - len(strings.TrimLeft(text[dot+1:], "0123456789"))
		if dot != len("2024-01-31T10:11:12") || digits < 1 || digits > 9 {
			return at, false, false
		}
	}
	if i := strings.LastIndexAny(text, "+-"); i > len("2024-01-31") && strings.HasPrefix(text[i+1:], "24") {
		return at, false, false
	}
	for _, separator := range []string{"T", " "} {
		for _, clock := range []string{"15:04", "15:04:05"} {
			for _, offset := range []string{"", "Z07:00", "Z0700", "Z07"} {
				layout := time.DateOnly + separator + clock + offset
				// A one-digit hour is fine with package time.
				if at, err := time.Parse(layout, text); err == nil && text[13] == ':' {
					return at, false, true
				}
			}
		}
	}
	return at, false, false
}

func TestDaysSince1970(t *testing.T) {
	t.Parallel()
	for at := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2500; at = at.AddDate(0, 0, 1) {
		if got, want := daysSince1970(at.Year(), int(at.Month()), at.Day()), floorDiv(at.Unix(), daySeconds); got != want {
			t.Fatalf("%s: got %d, want %d", at, got, want)
		}
		if next := at.AddDate(0, 0, 1); validDate(at.Year(), int(at.Month()), at.Day()+1) != (next.Day() != 1) {
			t.Fatalf("the day after %s is misjudged", at)
		}
	}
}

// TestZoneTimes walks the clocks of zones with odd changes, and compares with package time: every instant's
// clock must give it back, or an earlier instant with the same clock.
func TestZoneTimes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Toronto", "Europe/Dublin", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kolkata"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		z := zoneTimes{zone: zone}
		till := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
		for at := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(till); at = at.Add(15 * time.Minute) {
			_, offset := at.In(zone).Zone()
			wall := at.Unix() + int64(offset)
			got, ok := z.instant(wall)
			_, gotOffset := time.Unix(got, 0).In(zone).Zone()
			if !ok || got > at.Unix() || got+int64(gotOffset) != wall {
				t.Fatalf("%s: %s gave %s", name, at.In(zone), time.Unix(got, 0).In(zone))
			}
			shown := time.Unix(wall, 0).UTC()
			if std := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), 0, 0, zone); got > std.Unix() {
				t.Fatalf("%s: %s gave the later of two", name, at.In(zone))
			}
		}
	}
	apia, _ := time.LoadLocation("Pacific/Apia")
	z := zoneTimes{zone: apia}
	if at, ok := z.instant(time.Date(2011, 12, 30, 12, 0, 0, 0, time.UTC).Unix()); ok || at != time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC).Unix() {
		t.Errorf("the day that Samoa left out: got %s, %v", time.Unix(at, 0).UTC(), ok)
	}
}
