package load_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/partnerplus/warehouse/load"
)

// TestCloseOnTheHour: the client looks for old connections every so often, and must not hang when it is closed at that moment.
func TestCloseOnTheHour(t *testing.T) {
	t.Parallel()
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			w, err := load.Open("http://127.0.0.1:1/default")
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
