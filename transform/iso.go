package transform

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
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return m, false
	}
	year, month, day := number(s[0:4]), number(s[5:7]), number(s[8:10])
	if year < 0 || month < 0 || day < 0 || !validDate(year, month, day) {
		return m, false
	}
	m.seconds = daysSince1970(year, month, day) * daySeconds
	if s = s[10:]; len(s) == 0 {
		m.dateOnly = true
		return m, true
	}
	if len(s) < 6 || (s[0] != 'T' && s[0] != ' ') || s[3] != ':' {
		return m, false
	}
	hour, minute, second := number(s[1:3]), number(s[4:6]), 0
	if s = s[6:]; len(s) > 0 && s[0] == ':' {
		if len(s) < 3 {
			return m, false
		}
		second = number(s[1:3])
		if s = s[3:]; len(s) > 0 && s[0] == '.' {
			if m.micros, s, ok = parseFraction(s[1:]); !ok {
				return m, false
			}
		}
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return m, false
	}
	m.seconds += int64(hour*3600 + minute*60 + second)
	if len(s) == 0 {
		return m, true
	}
	offset, ok := parseOffset(s)
	m.seconds -= offset
	m.fixed = true
	return m, ok
}

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
