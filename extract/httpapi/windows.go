package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// Units implements extract.Source. It asks nobody: windows and spans follow from the clock.
func (s *Source) Units(ctx context.Context, within extract.Range) ([]extract.Unit, error) {
	if ctx.Err() != nil {
		return nil, s.fail("list", "", context.Cause(ctx))
	}
	var units []extract.Unit
	switch {
	case s.spec.Window.Every != "":
		units = s.windows()
	case s.spec.Watermark.Start != "":
		units = s.spans(s.start, s.end())
	default:
		units = []extract.Unit{{Name: everything, Size: -1}}
	}
	extract.Arrange(units)
	return extract.Within(units, within), nil
}

// windows lists every window up to the one that contains now.
func (s *Source) windows() (units []extract.Unit) {
	last := s.options.Now()
	if !s.last.IsZero() && s.last.Before(last) {
		last = s.last
	}
	add := func(name string, from, to time.Time) bool {
		if from.After(last) {
			return false
		}
		units = append(units, extract.Unit{Name: name, Size: -1, From: from.UTC(), To: to.UTC()})
		return true
	}
	if s.spec.Window.Every == "hour" {
		from := s.start.UTC().Truncate(time.Hour)
		for add(from.Format("2006-01-02T15Z"), from, from.Add(time.Hour)) {
			from = from.Add(time.Hour)
		}
		return units
	}
	// every window is counted from the first, so that a midnight that a zone leaves out moves no other
	months, days, first := 0, 1, s.start
	name := func(date time.Time) string { return date.Format(time.DateOnly) }
	switch s.spec.Window.Every {
	case "week":
		days = 7
		first = s.start.AddDate(0, 0, -(int(s.start.Weekday())+6)%7)
		name = func(date time.Time) string {
			year, week := date.ISOWeek()
			return fmt.Sprintf("%04d-W%02d", year, week)
		}
	case "month":
		months, days = 1, 0
		first = time.Date(s.start.Year(), s.start.Month(), 1, 0, 0, 0, 0, s.zone)
		name = func(date time.Time) string { return date.Format("2006-01") }
	}
	date := func(i int) time.Time {
		return time.Date(first.Year(), first.Month()+time.Month(i*months), first.Day()+i*days, 0, 0, 0, 0, time.UTC)
	}
	for i, more := 0, true; more; i++ {
		more = add(name(date(i)), midnight(date(i), s.zone), midnight(date(i+1), s.zone))
	}
	return units
}

// midnight is when a date begins in a zone; where its clocks skip midnight, at one o'clock.
func midnight(date time.Time, zone *time.Location) time.Time {
	year, month, day := date.Date()
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if t.Day() != day {
		t = time.Date(year, month, day, 1, 0, 0, 0, zone)
	}
	return t
}

// end is the fixed instant up to which a source with a watermark is read now.
func (s *Source) end() time.Time {
	return s.sayable(s.options.Now().Add(-s.spec.Watermark.Delay))
}

// sayable is the last instant up to t that the API's format can say.
func (s *Source) sayable(t time.Time) time.Time {
	switch format := s.spec.Watermark.Format; format {
	case "", "iso", "unix":
		return t.UTC().Truncate(time.Second)
	case "unix_ms":
		return t.UTC().Truncate(time.Millisecond)
	default:
		said, err := time.ParseInLocation(format, t.In(s.zone).Format(format), s.zone)
		if err != nil || said.After(t) { // at a change of the clocks
			return t.UTC().Truncate(time.Second)
		}
		return said.UTC()
	}
}

// spans cuts the time from one instant to another into pieces that the API is asked for, the first ones of full length.
func (s *Source) spans(from, to time.Time) (units []extract.Unit) {
	longest := s.spec.Watermark.AtMost
	if longest == 0 {
		longest = 24 * time.Hour
	}
	for from.Before(to) {
		end := from
		for ahead := longest; !end.After(from); ahead += longest { // the format may not be able to say so short a span
			end = s.sayable(from.Add(ahead))
		}
		if end.After(to) {
			end = to
		}
		units = append(units, extract.Unit{
			Name: from.Format(time.RFC3339Nano) + "/" + end.Format(time.RFC3339Nano), Size: -1, From: from, To: end,
		})
		from = end
	}
	return units
}

// watermarked is a source that can go on from where an earlier listing ended. Its cursor is the time that is loaded, from
// the start of the history to the fixed end of the last listing, such as 2024-01-01T00:00:00Z/2024-03-15T12:00:00Z.
type watermarked struct{ *Source }

var _ extract.Incremental = watermarked{}

var errCursor = errors.New(`not a cursor of this source; start anew with the empty one`)

// UnitsSince implements extract.Incremental.
func (s watermarked) UnitsSince(ctx context.Context, cursor string) ([]extract.Unit, string, error) {
	if ctx.Err() != nil {
		return nil, "", s.fail("list", "", context.Cause(ctx))
	}
	from, end := s.start, s.end()
	if cursor != "" {
		start, loaded, err := parseCursor(cursor)
		if err != nil {
			return nil, "", s.fail("list", "", fmt.Errorf("cursor %q: %w", cursor, err))
		}
		lookback := time.Hour
		if d := s.spec.Watermark.Lookback; d != nil {
			lookback = *d
		}
		if !s.start.Before(start) { // else there is history that no listing had
			if since := s.sayable(loaded.Add(-lookback)); since.After(from) {
				from = since
			}
			if end.Before(loaded) {
				return nil, cursor, nil // the clock was put back
			}
		}
	}
	if end.Before(s.start) {
		return nil, cursor, nil // the history has not begun
	}
	units := s.spans(from, end)
	extract.Arrange(units)
	return units, s.start.Format(time.RFC3339) + "/" + end.Format(time.RFC3339Nano), nil
}

func parseCursor(cursor string) (start, end time.Time, err error) {
	before, after, _ := strings.Cut(cursor, "/")
	start, err = time.Parse(time.RFC3339, before)
	if err == nil {
		end, err = time.Parse(time.RFC3339, after)
	}
	if err != nil {
		return start, end, errCursor
	}
	return start, end, nil
}

var errOutside = errors.New("the API gives records outside of the time that it was asked for")

// checkTime fails for a record whose own time is outside of its unit's. The end itself is let pass: some APIs include it.
func (s *Source) checkTime(raw json.RawMessage, unit extract.Unit) error {
	path, format := s.spec.Window.TimePath, s.spec.Window.Format
	if s.spec.Watermark.Start != "" {
		path, format = s.spec.Watermark.TimePath, s.spec.Watermark.Format
	}
	if path == "" {
		return nil
	}
	text, found := scalarAt(raw, path)
	if !found {
		return fmt.Errorf("a record has no time at %s", path)
	}
	t, err := moment(text, format, s.zone)
	if err != nil {
		return fmt.Errorf("a record's %s is %q, which is not a time", path, quoted([]byte(text)))
	}
	if t.Before(unit.From) || t.After(unit.To) {
		return fmt.Errorf("%w: %s is %s, asked for was %s to %s", errOutside, path, t.UTC().Format(time.RFC3339),
			unit.From.Format(time.RFC3339), unit.To.Format(time.RFC3339))
	}
	return nil
}

// scalarAt gives the text of the value at a dotted path in a JSON object.
func scalarAt(raw json.RawMessage, path string) (string, bool) {
	for _, key := range strings.Split(path, ".") {
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) != nil {
			return "", false
		}
		raw = object[key]
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, text != ""
	}
	return string(raw), len(raw) > 0
}

// moment reads a time, iso or as in the format.
func moment(text, format string, zone *time.Location) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && format == "unix_ms":
		return time.UnixMilli(n), nil
	case err == nil && format == "unix":
		return time.Unix(n, 0), nil
	}
	layouts := []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly}
	if format != "" && format != "iso" && format != "unix" && format != "unix_ms" {
		layouts = append([]string{format}, layouts...)
	}
	var t time.Time
	for _, layout := range layouts {
		if t, err = time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return t, err
}
