package load_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// picture reads the dollars awarded so far out of as many tables of readers as have them, with the edition that the query
// sees before and after. Each part of the query is read by itself.
const picture = `
	SELECT
		(SELECT edition FROM kpi.as_of) AS edition,
		(SELECT sum(value) FROM kpi.metric_monthly WHERE scope = 'portfolio' AND metric = 'dollars_awarded') AS portfolio,
		(SELECT sum(dollars_awarded) FROM kpi.program_financial_monthly) AS programs,
		(SELECT sum(dollars_awarded) FROM kpi.member_monthly) AS members,
		(SELECT sum(users * mean) FROM kpi.portfolio_distribution_monthly WHERE population = 'awarded') AS spread,
		(SELECT sum(dollars) FROM kpi.liability_ageing_monthly WHERE scope = 'portfolio' AND month = (SELECT newest_month FROM kpi.as_of)) AS ageing,
		(SELECT value FROM kpi.portfolio_lens WHERE indicator = 'liability' ORDER BY month DESC LIMIT 1) AS lens,
		(SELECT max(observed) FROM kpi.exceptions WHERE scope = 'portfolio' AND rule = 'rising_unspent') AS rising,
		(SELECT count() FROM kpi.metric_monthly AS a INNER JOIN kpi.portfolio_financial_monthly AS b ON a.month = b.month
			WHERE a.scope = 'portfolio' AND a.metric = 'dollars_awarded' AND a.value != b.dollars_awarded) AS joined,
		(SELECT edition FROM kpi.as_of) AS edition_after`

// TestReaders: who reads while loads and refreshes go on sees one edition through a whole query, in all tables.
func TestReaders(t *testing.T) {
	t.Parallel()
	dsn := warehousetest.MigratedDSN(t, utc)
	open := func() *load.Warehouse {
		w, err := load.Open(dsn)
		must(t, err)
		t.Cleanup(func() { must(t, w.Close()) })
		return w
	}
	w, reader := open(), open()
	// The liability, all awarded and never redeemed, doubles each time: every edition has figures of its own, and the
	// newest month is always the one whose liability rises.
	loads := 0
	next := func() {
		amount := int64(100) << loads
		loads++
		deliver(t, w, fmt.Sprint("u", loads), noon.Add(time.Duration(loads)), award("a", fmt.Sprint("m", loads), 100, "2024-01-10"),
			award(fmt.Sprint("b", loads), "n", amount, at("2024-02-10").Format(time.DateOnly)))
		refresh(t, w)
	}
	next()

	done := make(chan struct{})
	editions := map[string]bool{}
	reads := 0
	go func() {
		defer close(done)
		for loads := 1; loads < 6; loads++ {
			next()
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		row := lines(t, reader, picture)[0]
		reads++
		var edition, portfolio, programs, members, spread, ageing, lens, rising, joined, after string
		cut := strings.Split(row, "|")
		for i, into := range []*string{&edition, &portfolio, &programs, &members, &spread, &ageing, &lens, &rising, &joined, &after} {
			*into = cut[i]
		}
		editions[edition] = true
		for name, figure := range map[string]string{"programs": programs, "members": members, "spread": spread, "ageing": ageing, "lens": lens, "rising": rising} {
			if !same(portfolio, figure) {
				t.Errorf("a mixture: portfolio has %s, %s %s: %s", portfolio, name, figure, row)
			}
		}
		if joined != "0" || edition != after {
			t.Errorf("a mixture: %s", row)
		}
	}
	t.Logf("%d reads saw %d editions", reads, len(editions))
	if len(editions) < 4 {
		t.Errorf("only %d editions were seen in %d reads", len(editions), reads)
	}
}
