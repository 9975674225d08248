package demo

import (
	"fmt"
	"time"
)

// dollars writes cents as 12.50.
func dollars(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// rate is the worth of one unit of a currency in US dollars, in millionths, from a day on.
type rate struct {
	day   time.Time
	worth int64
}

// rates are the rates of each currency, in the order of days.
type rates map[string][]rate

// currencies are quoted in this order.
var currencies = []struct {
	name  string
	first int64
}{{"CAD", 735_000}, {"EUR", 1_085_000}}

// inventRates quotes each Monday, from the one before the company begins.
func inventRates(d dice) rates {
	quoted := rates{}
	for _, c := range currencies {
		worth := c.first
		for day := begin.AddDate(0, 0, -6); day.Before(end); day = day.AddDate(0, 0, 7) {
			quoted[c.name] = append(quoted[c.name], rate{day, worth})
			worth += int64(d.between(-4000, 4000)) + (c.first-worth)/20
		}
	}
	return quoted
}

// usd gives an amount of a day in ten-thousandths of a dollar, rounded half up (amounts are above 0).
func (r rates) usd(currency string, cents int64, at time.Time) int64 {
	if currency == "USD" {
		return cents * 100
	}
	quoted := r[currency]
	week := int(at.Sub(quoted[0].day) / (7 * 24 * time.Hour))
	return (cents*100*quoted[week].worth + 500_000) / 1_000_000
}

// totals adds up what truly happened, month by month.
func (w *world) totals(r rates) []Total {
	sums := make([]Total, months-w.start)
	for i := range sums {
		sums[i].Programme, sums[i].Month = w.ID, monthName(w.start+i)
	}
	for _, e := range w.entries {
		sum := &sums[monthOf(e.at)-w.start]
		cents, usd := e.cents, r.usd(w.Currency, e.cents, e.at)
		switch e.action {
		case award:
			sum.Awarded, sum.AwardedUSD = sum.Awarded+cents, sum.AwardedUSD+usd
		case reversal:
			sum.Awarded, sum.AwardedUSD = sum.Awarded-cents, sum.AwardedUSD-usd
		case redemption:
			sum.Redeemed, sum.RedeemedUSD = sum.Redeemed+cents, sum.RedeemedUSD+usd
		case refund:
			sum.Redeemed, sum.RedeemedUSD = sum.Redeemed-cents, sum.RedeemedUSD-usd
		}
	}
	return sums
}
