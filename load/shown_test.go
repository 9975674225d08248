package load_test

import "github.com/partnerplus/warehouse/load"

// sameWhenShown holds what only dashboards read against figures worked out by hand, of the facts of TestWideViews: in the
// portfolio, 6 dollars awarded in January, 0.6666 redeemed in February, 8 awarded on 10 March, 13.3334 left.
func sameWhenShown(t tb, w *load.Warehouse) {
	t.Helper()
	// (14 - 0.6666) / 3 for each month to come; six roundings of a third would give 40.0004.
	expect(t, w, "SELECT months_ahead, forecast_month, projected_dollars, avg_awarded, avg_redeemed, avg_expired, months_of_rate, months_until_run_off FROM kpi.liability_forecast WHERE scope = 'portfolio' AND month = '2024-03-01' AND months_ahead IN (0, 1, 6) ORDER BY months_ahead",
		"0|2024-03-01|13.3334|4.6667|0.2222|0|3|60.0063",
		"1|2024-04-01|17.7779|4.6667|0.2222|0|3|60.0063",
		"6|2024-09-01|40.0002|4.6667|0.2222|0|3|60.0063")
	// At its beginning, the rate is that of the months there are; where nothing is spent, it lasts for ever.
	expect(t, w, "SELECT months_ahead, projected_dollars, months_of_rate, months_until_run_off FROM kpi.liability_forecast WHERE scope = 'program' AND program_id = 'p' AND month = '2024-01-01' AND months_ahead = 2",
		"2|9|1|~")
	for _, database := range []string{"kpi", "kpi_engagement"} {
		// The last event is of 10 March: that month has yet to come to its end.
		expect(t, w, "SELECT DISTINCT month, state, is_newest FROM "+database+".months ORDER BY month",
			"2024-01-01|complete|0", "2024-02-01|complete|1", "2024-03-01|open|0")
		expect(t, w, "SELECT month, mom, yoy FROM "+database+".movements WHERE scope = 'portfolio' AND metric = 'users_awarded' ORDER BY month",
			"2024-01-01|n/a|n/a", "2024-02-01|▼ 100.0 % worse|n/a", "2024-03-01|▲ from 0 better|n/a")
	}
	expect(t, w, "SELECT metric, mom FROM kpi.movements WHERE scope = 'portfolio' AND population = '' AND month = '2024-02-01' AND metric IN ('unspent_dollars', 'total_users', 'liability_0_30') ORDER BY metric",
		"liability_0_30|▼ 100.0 %", "total_users|▬ 0.0 %", "unspent_dollars|▼ 11.1 % better")
	expect(t, w, "SELECT program_id, count(), any(newest_event) = (SELECT newest_event FROM kpi.as_of) FROM kpi_engagement.months GROUP BY program_id ORDER BY program_id",
		"|3|1", "p|3|1", "q|3|1")
}
