package pipeline

import (
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// A file that comes late into a second that has others moves them back in the listing. They are no new deliveries.
func TestLedgerKnowsMovedDeliveries(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 5, 5, 0, 0, 0, 0, time.UTC)
	unit := func(name string, delivered time.Time) extract.Unit {
		return extract.Unit{Name: name, Version: "v", Delivered: delivered}
	}
	first := []extract.Unit{unit("b", at), unit("c", at), unit("d", at)}
	extract.Arrange(first)
	l := ledger{loaded: map[[2]string]time.Time{}}
	for _, u := range first {
		l.loaded[[2]string{u.Name, u.Version}] = u.Delivered
	}
	then := []extract.Unit{unit("a", at), unit("b", at), unit("c", at), unit("d", at.Add(time.Millisecond))}
	extract.Arrange(then)
	l.apart = extract.Apart(then)
	for i, want := range []bool{false, true, true, false} { // d has come again, after another content
		if got := l.has(then[i]); got != want {
			t.Errorf("%s: %t, want %t", then[i].Name, got, want)
		}
	}
}
