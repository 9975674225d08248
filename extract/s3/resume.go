package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// cursor is where a listing ended.
type cursor struct {
	// Place is a digest of what decides which objects are listed. A cursor of another place is of no use.
	Place string `json:"place"`
	// Full is when the last whole listing began.
	Full time.Time `json:"full"`
	// Date is the latest date that was listed, where the objects have dates, and zero if there was none.
	Date time.Time `json:"date,omitzero"`
	// After is the key after which the next listing begins, where the objects have no dates.
	After string `json:"after,omitempty"`
}

// UnitsSince implements extract.Incremental. Between two whole listings it leaves out what ResumeSpec says, and that
// alone. Without a ResumeSpec every listing is a whole one, and there is no cursor.
func (s *Source) UnitsSince(ctx context.Context, text string) (units []extract.Unit, next string, err error) {
	if s.spec.Resume == nil {
		units, err = s.Units(ctx, extract.Range{})
		return units, "", err
	}
	last, err := parseCursor(text)
	if err != nil {
		return nil, "", s.fail("list", "", err)
	}
	now := s.options.Now().UTC()
	var part span
	if place := s.place(); last.Place != place || last.Full.After(now) || now.Sub(last.Full) >= s.spec.Resume.FullEvery {
		last = cursor{Place: place, Full: now}
	} else if s.rules.Dated() {
		part = s.spanSince(last.Date)
	} else {
		part.after = before(last.After)
	}
	units, withheld, err := s.choose(ctx, part)
	if err != nil {
		return nil, "", s.fail("list", "", err)
	}
	if s.rules.Dated() {
		last.Date = latestDate(last.Date, now, units, withheld)
	} else {
		last.After = s.settledKey(last.After, now, units, withheld)
	}
	encoded, err := json.Marshal(last)
	if err != nil {
		return nil, "", s.fail("list", "", err)
	}
	return units, string(encoded), nil
}

// spanSince begins as far before the date as objects may be late.
func (s *Source) spanSince(date time.Time) span {
	if date.IsZero() {
		return span{}
	}
	return s.spanOf(extract.Range{From: date.Add(-s.spec.Resume.Lookback)})
}

// latestDate is where the next listing counts its lookback from: the latest date that was listed, but none to come,
// which would hide what follows, and nothing after a unit that is held back.
func latestDate(last, now time.Time, units, withheld []extract.Unit) time.Time {
	for _, unit := range units {
		if unit.From.After(last) {
			last = unit.From
		}
	}
	if last.After(now) {
		last = now
	}
	for _, unit := range withheld {
		if unit.From.Before(last) {
			last = unit.From
		}
	}
	return last
}

// settledKey is where the next listing begins: at the last of the keys that were there for longer than others may be
// late, and before any unit that is held back.
func (s *Source) settledKey(last string, now time.Time, units, withheld []extract.Unit) string {
	end := now // or, where the server's clock is behind ours, the last delivery
	if n := len(units); n > 0 && units[n-1].Delivered.Before(now) {
		end = units[n-1].Delivered
	}
	end = end.Add(-s.spec.Resume.Lookback)
	for _, unit := range units {
		if !unit.Delivered.After(end) {
			last = max(last, unit.Name)
		}
	}
	for _, unit := range withheld {
		last = min(last, unit.Name)
	}
	return last
}

// place is a digest of what decides which objects are listed.
func (s *Source) place() string {
	spec := s.spec
	decides := []any{spec.Endpoint, spec.Bucket, spec.Folder(), spec.Glob, spec.ChoiceSpec, spec.Versions, spec.Resume}
	encoded, _ := json.Marshal(decides) // of plain values, which cannot fail
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:8])
}

func parseCursor(text string) (c cursor, err error) {
	if text == "" {
		return c, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err = decoder.Decode(&c); err == nil && (c.Place == "" || c.Full.IsZero()) {
		err = errors.New("it is not complete")
	}
	if err != nil {
		return cursor{}, cursorError{err}
	}
	return c, nil
}

type cursorError struct{ err error }

func (e cursorError) Error() string {
	return fmt.Sprintf("the cursor of the last listing cannot be read: %v", e.err)
}
func (e cursorError) Unwrap() error { return e.err }
