package demo_test

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/internal/demo"
)

// cadRates reads the rates of CAD by day, in order.
func cadRates(t *testing.T, dir string) (days []string, rates []*big.Rat) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "sources/fx/rates.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if rate, ok := new(big.Rat).SetString(r[2]); ok && r[0] == "CAD" {
			days, rates = append(days, r[1]), append(rates, rate)
		}
	}
	return days, rates
}

// TestFiles reads the files back once, and compares them with what the generator says of them.
func TestFiles(t *testing.T) {
	t.Parallel()
	c := setup(t)
	l := recompute(t, c.Dir)
	t.Run("totals", func(t *testing.T) { compareTotals(t, c, l) })
	t.Run("rows", func(t *testing.T) { compareRows(t, c, l) })
	t.Run("balances", func(t *testing.T) { compareOverdrafts(t, c, l) })
	t.Run("stories", func(t *testing.T) { checkStories(t, c, l) })
}

func compareTotals(t *testing.T, c *demo.Company, l *ledger) {
	days, rates := cadRates(t, c.Dir)
	sums := map[string]*demo.Total{}
	for _, row := range l.inForce {
		if row.deleted {
			continue
		}
		cents := row.cents()
		usd := cents * 100
		if row.programme == "cobalt" {
			i, found := slices.BinarySearch(days, row.at.UTC().Format(time.DateOnly))
			if !found {
				i--
			}
			worth := new(big.Rat).Mul(big.NewRat(cents*100, 1), rates[i])
			worth.Add(worth, big.NewRat(1, 2))
			usd = new(big.Int).Div(worth.Num(), worth.Denom()).Int64()
		}
		month := row.at.UTC().Format("2006-01")
		sum := sums[row.programme+month]
		if sum == nil {
			sum = &demo.Total{Programme: row.programme, Month: month}
			sums[row.programme+month] = sum
		}
		switch row.kind {
		case "award":
			sum.Awarded, sum.AwardedUSD = sum.Awarded+cents, sum.AwardedUSD+usd
		case "reversal":
			sum.Awarded, sum.AwardedUSD = sum.Awarded-cents, sum.AwardedUSD-usd
		case "redemption":
			sum.Redeemed, sum.RedeemedUSD = sum.Redeemed+cents, sum.RedeemedUSD+usd
		case "refund":
			sum.Redeemed, sum.RedeemedUSD = sum.Redeemed-cents, sum.RedeemedUSD-usd
		}
	}
	var got []demo.Total
	for _, sum := range sums {
		got = append(got, *sum)
	}
	slices.SortFunc(got, func(a, b demo.Total) int {
		return cmp.Or(strings.Compare(a.Programme, b.Programme), strings.Compare(a.Month, b.Month))
	})
	if diff := gocmp.Diff(c.Totals, got); diff != "" {
		t.Errorf("the files give other totals (-generator +files):\n%s", diff)
	}
	if l.rejected != c.Rejects() {
		t.Errorf("%d rows cannot be read, want the %d planted ones", l.rejected, c.Rejects())
	}
}

func compareRows(t *testing.T, c *demo.Company, l *ledger) {
	count := func(feed, glob string, header int) {
		l.open(c.Dir, glob, func(_ string, _ int64, from io.Reader) {
			scan := bufio.NewScanner(from)
			l.rows[feed] -= header
			for scan.Scan() {
				l.rows[feed]++
			}
		})
	}
	count("programs", "sources/register/programmes.csv", 1)
	count("organisations", "sources/register/organisations.csv", 1)
	count("members", "sources/members/*.csv", 1)
	count("fx-rates", "sources/fx/*.csv", 1)
	count("ember-portal", "sources/portal/ember/*", 0)
	count("sessions", "api/sessions.ndjson", 0)
	told := map[string]int{}
	for _, f := range c.Feeds {
		told[f.Name] = f.Rows
	}
	if diff := gocmp.Diff(told, l.rows); diff != "" {
		t.Errorf("the files hold other numbers of rows (-told +counted):\n%s", diff)
	}
}

// compareOverdrafts: nobody redeems what they do not have, but for the planted overdrafts.
func compareOverdrafts(t *testing.T, c *demo.Company, l *ledger) {
	type movement struct {
		at    time.Time
		cents int64
	}
	accounts := map[string][]movement{}
	for _, row := range l.inForce {
		if row.deleted {
			continue
		}
		cents := row.cents()
		if row.kind != "award" && row.kind != "refund" {
			cents = -cents
		}
		account := row.programme + "/" + row.member
		accounts[account] = append(accounts[account], movement{row.at, cents})
	}
	var overdrawn []string
	for account, movements := range accounts {
		slices.SortFunc(movements, func(a, b movement) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(b.cents, a.cents))
		})
		var balance, lowest int64
		for _, m := range movements {
			balance += m.cents
			lowest = min(lowest, balance)
		}
		if lowest < 0 {
			overdrawn = append(overdrawn, fmt.Sprintf("%s: %d", account, lowest))
		}
	}
	planted := 0
	for _, p := range c.Planted {
		if p.Kind == demo.Overdraft {
			planted = p.Count
		}
	}
	if planted == 0 || len(overdrawn) != planted {
		t.Errorf("%d members overdrew, want the %d planted ones: %v", len(overdrawn), planted, overdrawn)
	}
}

// checkStories: the figures show what each programme's story says.
func checkStories(t *testing.T, c *demo.Company, l *ledger) {
	awarded, redeemed := map[string][]int64{}, map[string][]int64{}
	for _, sum := range c.Totals {
		awarded[sum.Programme] = append(awarded[sum.Programme], sum.Awarded)
		redeemed[sum.Programme] = append(redeemed[sum.Programme], sum.Redeemed)
	}
	sum := func(of []int64) (s int64) {
		for _, v := range of {
			s += v
		}
		return s
	}

	if given, taken := sum(awarded["acme"][22:]), sum(redeemed["acme"][22:]); 10*taken < 7*given {
		t.Errorf("acme is not healthy: %d of %d redeemed in the last three months", taken, given)
	}
	for month := 22; month < 25; month++ { // expiries are none
		before := sum(awarded["delta"][:month]) - sum(redeemed["delta"][:month])
		after := sum(awarded["delta"][:month+1]) - sum(redeemed["delta"][:month+1])
		if 10*after < 11*before || redeemed["delta"][month] > redeemed["delta"][month-1] {
			t.Errorf("delta's liability does not rise by a tenth in month %d: from %d to %d", month, before, after)
		}
	}
	if len(awarded["ember"]) != 11 {
		t.Errorf("ember has %d months, want 11", len(awarded["ember"]))
	}

	visits := map[string]int{}
	for _, text := range linesOf(t, "sessions.ndjson") {
		var s struct {
			Programme string
			StartedAt string `json:"started_at"`
		}
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		visits[s.Programme+s.StartedAt[:7]]++
	}
	for _, months := range [][2]string{{"2026-06", "2026-07"}, {"2026-07", "2026-08"}, {"2026-08", "2026-09"}} {
		if before, after := visits["cobalt"+months[0]], visits["cobalt"+months[1]]; 100*after > 85*before {
			t.Errorf("cobalt does not decline in %s: from %d to %d sessions", months[1], before, after)
		}
	}

	members := map[string]int64{}
	for _, row := range l.inForce {
		if row.programme == "borealis" && row.kind == "award" && !row.deleted && row.at.UTC().Format("2006-01") == "2026-09" {
			members[row.member] += row.cents()
		}
	}
	shares := slices.Sorted(maps.Values(members))
	var weighted int64
	for i, share := range shares {
		weighted += int64(i+1) * share
	}
	n := float64(len(shares))
	if gini := 2*float64(weighted)/(n*float64(sum(shares))) - (n+1)/n; gini < 0.6 {
		t.Errorf("borealis is not uneven: gini %.2f", gini)
	}
}
