package transform

import "encoding/binary"

// moment is a time as a text gives it.
type moment struct {
	seconds  int64 // since 1970: of UTC where fixed, else as the clock on the wall shows them
	micros   int64
	fixed    bool // the text says which instant it is
	dateOnly bool
}

const daySeconds = 86400

// parseISO reads 2024-01-31, or that with T or a space and 10:11, 10:11:12 or 10:11:12.123456789
// (decimals beyond microseconds are cut off), then Z, ±hh:mm, ±hhmm, ±hh or nothing.
func parseISO(s []byte) (m moment, ok bool) {
	days, ok := parseDate(s)
	if !ok {
		return m, false
	}
	m.seconds = days * daySeconds
	if s = s[10:]; len(s) == 0 {
		m.dateOnly = true
		return m, true
	}
	if s[0] != 'T' && s[0] != ' ' {
		return m, false
	}
	clock, length, ok := parseClock(s[1:])
	if !ok {
		return m, false
	}
	m.seconds += clock
	if s = s[1+length:]; length == len("10:11:12") && len(s) > 0 && s[0] == '.' {
		if m.micros, s, ok = parseFraction(s[1:]); !ok {
			return m, false
		}
	}
	if len(s) == 0 {
		return m, true
	}
	offset, ok := parseOffset(s)
	m.seconds -= offset
	m.fixed = true
	return m, ok
}

// parseDate reads the ten bytes of 2024-01-31 as days since 1970.
func parseDate(s []byte) (days int64, ok bool) {
	if len(s) < 10 {
		return 0, false
	}
	w, ok := digitsOf(s, 0x2d30302d30303030, 0xff0000ff00000000) // 0000-00-
	year, month, day := pair(w)*100+pair(w>>16), pair(w>>40), number(s[8:10])
	if !ok || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	if year < firstYear || year > lastYear {
		return daysSince1970(year, month, day), validDate(year, month, day)
	}
	i := (year-firstYear)*12 + month - 1
	first := monthStarts[i]
	return int64(first) + int64(day-1), day <= int(monthStarts[i+1]-first)
}

// parseClock reads 10:11:12 or 10:11 as seconds since midnight, and gives the text's length.
func parseClock(s []byte) (seconds int64, length int, ok bool) {
	var hour, minute, second int
	switch {
	case len(s) >= 8 && s[5] == ':':
		var w uint64
		w, ok = digitsOf(s, 0x30303a30303a3030, 0x0000ff0000ff0000) // 00:00:00
		hour, minute, second, length = pair(w), pair(w>>24), pair(w>>48), 8
	case len(s) >= 5 && (len(s) == 5 || s[5] != ':'):
		hour, minute, length = number(s[0:2]), number(s[3:5]), 5
		ok = s[2] == ':' && hour >= 0 && minute >= 0
	}
	return int64(hour*3600 + minute*60 + second), length, ok && hour <= 23 && minute <= 59 && second <= 59
}

// digitsOf reads eight bytes at once, the first as the lowest. In the places of marks they have to be what form has; in the
// others digits, of which it gives the values.
func digitsOf(s []byte, form, marks uint64) (w uint64, ok bool) {
	const high, overNine = 0x8080808080808080, 0x7676767676767676 // 9 + 0x76 has no high bit, 10 + 0x76 has
	w = binary.LittleEndian.Uint64(s) ^ form
	return w, w&marks == 0 && (w|(w+overNine))&high == 0
}

// pair is the number that the two lowest digits make.
func pair(w uint64) int { return int(w&0xff)*10 + int(w>>8&0xff) }

// parseFraction reads one to nine digits as microseconds and gives what follows them.
func parseFraction(s []byte) (micros int64, rest []byte, ok bool) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		if n < 6 {
			micros = micros*10 + int64(s[n]-'0')
		}
		n++
	}
	for i := n; i < 6; i++ {
		micros *= 10
	}
	return micros, s[n:], n >= 1 && n <= 9
}

// parseOffset reads Z, ±hh:mm, ±hhmm or ±hh as seconds east of UTC.
func parseOffset(s []byte) (seconds int64, ok bool) {
	if len(s) == 1 && s[0] == 'Z' {
		return 0, true
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hour, minute := -1, 0
	switch {
	case len(s) == 3:
		hour = number(s[1:3])
	case len(s) == 5:
		hour, minute = number(s[1:3]), number(s[3:5])
	case len(s) == 6 && s[3] == ':':
		hour, minute = number(s[1:3]), number(s[4:6])
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, false
	}
	seconds = int64(hour*3600 + minute*60)
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// number reads digits only; anything else gives -1.
func number(s []byte) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// The years for which days are not worked out but looked up: those that are held.
const firstYear, lastYear = 1900, 2299

// monthStarts holds the first day of each month of those years, and of the one that follows them, since 1970.
var monthStarts = func() (starts [(lastYear-firstYear+1)*12 + 1]int32) {
	for i := range starts {
		starts[i] = int32(daysSince1970(firstYear+i/12, i%12+1, 1))
	}
	return starts
}()

func validDate(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	last := 31
	switch month {
	case 4, 6, 9, 11:
		last = 30
	case 2:
		last = 28
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			last = 29
		}
	}
	return day <= last
}

// daysSince1970 counts days of the proleptic Gregorian calendar: years begin in March, so that the
// leap day ends one, and repeat every 400 years of 146097 days. The year is not negative.
func daysSince1970(year, month, day int) int64 {
	y, m := year+400, month-3 // 400 years on, so that nothing is negative
	if m < 0 {
		y, m = y-1, m+12
	}
	era, yearOfEra := y/400, y%400
	dayOfYear := (153*m+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int64(era*146097 + dayOfEra - 719468 - 146097)
}
