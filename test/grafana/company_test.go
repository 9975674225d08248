package grafana

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The company has three programmes, whose names are what a query, an address and a variable can stumble over; a backslash is not
// among them, which Grafana's singlequote does not escape. The first month is a year before the first that has a figure of the year
// before; the last is not over.
const (
	odd     = `O'Neil "x" 100% & ünï/©, (#1)`
	oddOrg  = `Søn's + Co, "A/S"`
	oddTier = "gold (VIP) ✓"
)

var (
	programmes = []string{"acme", odd, "zenith"}
	firstMonth = time.Date(2024, 8, 1, 0, 0, 0, 0, time.UTC)
	openMonth  = time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC)
	newest     = time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC) // that is over
	today      = time.Date(2025, 10, 20, 12, 0, 0, 0, time.UTC)
)

// members of each programme.
const members = 24

// company writes the sources of the config testdata/company.yaml, and gives the path of a copy of it beside them.
func company(t *testing.T) (configFile string) {
	t.Helper()
	dir := t.TempDir()
	tables := map[string][][]string{
		"programs":      {{"program", "name", "launched"}},
		"organisations": {{"program", "org", "joined"}},
		"members":       {{"program", "member", "org", "segment", "joined"}},
		"awards":        {{"program", "id", "member", "org", "kind", "amount", "at"}},
		"redemptions":   {{"program", "id", "member", "org", "amount", "at"}},
		"sessions":      {{"program", "id", "org", "member", "at", "seconds", "pages"}},
	}
	add := func(table string, row ...string) { tables[table] = append(tables[table], row) }
	for p, program := range programmes {
		begun := firstMonth.AddDate(0, 4*(p/2), 0) // the last one begins later
		add("programs", program, "Programme "+program, begun.Format(time.DateOnly))
		orgs := []string{"north", oddOrg}
		for _, org := range orgs {
			add("organisations", program, org, begun.Format(time.DateOnly))
		}
		for m := range members {
			member, org := fmt.Sprintf("%s-%02d", program[:2], m), orgs[m%2]
			add("members", program, member, org, []string{"silver", oddTier, "bronze"}[m%3], begun.AddDate(0, m/8, m%5).Format(time.DateOnly))
			for month := begun; !month.After(openMonth); month = month.AddDate(0, 1, 0) {
				live(add, p, program, org, member, m, month)
			}
		}
	}
	add("awards", "acme", "bad", "ac-00", "north", "award", "twelve", "2025-09-01")
	add("redemptions", "acme", "bad", "", "north", "5", "2025-09-01")
	for name, rows := range tables {
		file, err := os.Create(filepath.Join(dir, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		if err := csv.NewWriter(file).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(filepath.Join("testdata", "company.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	configFile = filepath.Join(dir, "partnerplus.yaml")
	if err := os.WriteFile(configFile, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return configFile
}

// live is what a member does in a month. The amounts are such that dollars differ from month to month and have cents, liability rises while redemptions fall in the odd programme, and its portal empties.
func live(add func(string, ...string), p int, program, org, member string, m int, month time.Time) {
	n := int(month.Sub(firstMonth).Hours() / 24 / 30) // about the month's number
	at := func(day int) string { return month.AddDate(0, 0, day).Format("2006-01-02T15:04:05Z") }
	id := func(what string) string { return fmt.Sprintf("%s-%s-%s", member, month.Format("2006-01"), what) }
	if (m+n)%4 != 0 {
		cents := 1000 + 137*m*m + 211*n*(p+1) + 7*m*n
		add("awards", program, id("a"), member, org, "award", fmt.Sprintf("%d.%02d", cents/100, cents%100), at(m%17))
	}
	if m == 5 && n%3 == 1 {
		add("awards", program, id("x"), member, org, "expiry", "3.10", at(18))
		add("awards", program, id("r"), member, org, "reversal", "1.05", at(18))
	}
	fewer := 0
	if p == 1 {
		fewer = n / 2
	}
	if m%(2+fewer) == 0 {
		cents := 400 + 53*m + 31*n - 40*fewer
		add("redemptions", program, id("b"), member, org, fmt.Sprintf("%d.%02d", cents/100, cents%100), at(m%17+2))
	}
	for visit := range max((m+p+n)%3+1-fewer/2, 0) {
		add("sessions", program, id(fmt.Sprint("s", visit)), org, member, at((m+3*visit)%18), fmt.Sprint(30+11*m+visit), fmt.Sprint(1+(m+visit)%7))
	}
}
