package format

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// dateKind is what a number's format makes of it.
type dateKind int

const (
	noDate   dateKind = iota
	dateOnly          // such as 2024-03-01
	dateTime
	timeOnly // such as 17:30:00
	elapsed  // hours beyond a day, such as 27:30:00
)

// builtInKind is the kind of the formats that Excel numbers and does not write down.
func builtInKind(format int) dateKind {
	switch {
	case format >= 14 && format <= 17, format >= 27 && format <= 31, format >= 34 && format <= 36, format >= 50 && format <= 58:
		return dateOnly
	case format == 22:
		return dateTime
	case format >= 18 && format <= 21, format == 32, format == 33, format == 45, format == 47:
		return timeOnly
	case format == 46:
		return elapsed
	}
	return noDate
}

// dateKindOf reads a number format such as dd/mm/yyyy\ hh:mm;@.
func dateKindOf(code string) dateKind {
	var day, month, clock, long bool
	if strings.EqualFold(code, "General") {
		return noDate
	}
	code = strings.ToLower(code)
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';': // what follows is for negative numbers and texts
			i = len(code)
		case '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return noDate
			}
			if inner := code[i+1 : i+end]; inner != "" && strings.Trim(inner, inner[:1]) == "" && strings.Contains("hms", inner[:1]) {
				long = true
			}
			i += end
		case 'a':
			for _, noon := range []string{"am/pm", "a/p"} {
				if strings.HasPrefix(code[i:], noon) {
					i += len(noon) - 1
					break
				}
			}
		case 'd', 'y':
			day = true
		case 'm':
			month = true
		case 'h', 's':
			clock = true
		}
	}
	switch {
	case long:
		return elapsed
	case day && clock:
		return dateTime
	case clock: // its m are minutes
		return timeOnly
	case day || month:
		return dateOnly
	}
	return noDate
}

// numberText gives a number as Excel means it. A whole number keeps its digits. Any other is stored as the nearest
// binary fraction but has no more than 15 digits: 19.989999999999998 is 19.99.
func numberText(value []byte, kind dateKind, since04 bool) ([]byte, error) {
	if kind == noDate && whole(value) {
		return value, nil
	}
	number, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return nil, fmt.Errorf("holds %q, which is no number", value)
	}
	if kind != noDate {
		return dateText(number, kind, since04)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(number, 'e', 14, 64), 64)
	if err != nil {
		return nil, fmt.Errorf("holds %q, which is no number", value)
	}
	return strconv.AppendFloat(nil, rounded, 'f', -1, 64), nil
}

func whole(value []byte) bool {
	digits := bytes.TrimPrefix(value, []byte("-"))
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(digits) > 0
}

const (
	dayMillis = 24 * 60 * 60 * 1000
	lastDay   = 2958465 // 9999-12-31
	leapBug   = 60      // 1900-02-29, which there never was
)

// dateText gives a number of days as ISO text, to the millisecond.
func dateText(days float64, kind dateKind, since04 bool) ([]byte, error) {
	if days < 0 || days > lastDay+1 {
		return nil, fmt.Errorf("is no date: %v days", days)
	}
	millis := int64(math.Round(days * dayMillis))
	day, rest := millis/dayMillis, millis%dayMillis
	clock := "15:04:05"
	if rest%1000 != 0 {
		clock = "15:04:05.000"
	}
	ofDay := time.UnixMilli(rest).UTC()
	switch {
	case kind == elapsed:
		return fmt.Appendf(nil, "%d%s", millis/(dayMillis/24), ofDay.Format(clock)[2:]), nil
	case kind == timeOnly && day == 0:
		return ofDay.AppendFormat(nil, clock), nil
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case since04:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day == leapBug:
		return nil, errors.New("holds 29 February 1900, which there never was")
	case day == 0:
		return nil, errors.New("is no date: 0 days")
	case day < leapBug:
		start = start.AddDate(0, 0, 1)
	}
	date := start.AddDate(0, 0, int(day)).Add(time.Duration(rest) * time.Millisecond)
	if date.Year() > 9999 {
		return nil, fmt.Errorf("is no date: %v days", days)
	}
	if kind == dateOnly && rest == 0 {
		return date.AppendFormat(nil, time.DateOnly), nil
	}
	return date.AppendFormat(nil, time.DateOnly+"T"+clock), nil
}

// unescaped reads the _x000D_ that Excel writes for characters that XML cannot hold.
func unescaped(text []byte) []byte {
	if !bytes.Contains(text, []byte("_x")) {
		return text
	}
	var out []byte
	for i := 0; i < len(text); i++ {
		if i+7 <= len(text) && text[i] == '_' && text[i+1] == 'x' && text[i+6] == '_' {
			if code, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16); err == nil && utf8.ValidRune(rune(code)) {
				out = utf8.AppendRune(out, rune(code))
				i += 6
				continue
			}
		}
		out = append(out, text[i])
	}
	return out
}
