package demo

import (
	"fmt"
	"time"
)

// day writes a date, and nothing for never.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// writeRegister writes what changes rarely: programmes, organisations, members and rates.
func writeRegister(out *writer, worlds []*world, quoted rates) error {
	var programmes, organisations, fx [][]string
	for _, w := range worlds {
		programmes = append(programmes, []string{w.ID, w.Name, w.Client, w.Currency, day(w.Launched), "active"})
		for _, o := range w.orgs {
			organisations = append(organisations, []string{w.ID, o.id, o.name, day(o.joined), day(o.left)})
		}
	}
	for _, c := range currencies {
		for _, r := range quoted[c.name] {
			fx = append(fx, []string{c.name, day(r.day), fmt.Sprintf("%d.%06d", r.worth/1_000_000, r.worth%1_000_000)})
		}
	}

	files := []struct {
		feed, name string
		header     []string
		rows       [][]string
	}{
		{"programs", "sources/register/programmes.csv", []string{"Code", "Programme", "Client", "Currency", "Launched", "Status"}, programmes},
		{"organisations", "sources/register/organisations.csv", []string{"Programme", "Company", "Name", "Since", "Until"}, organisations},
		{"fx-rates", "sources/fx/rates.csv", []string{"Currency", "Day", "USD"}, fx},
	}
	dated := delivered(0).Add(-24 * time.Hour)
	for i, f := range files {
		out.count(f.feed, 1, len(f.rows))
		if err := out.file(f.name, dated.Add(time.Duration(i)*time.Minute), csvFile(f.header, f.rows)); err != nil {
			return err
		}
	}
	for i, w := range worlds {
		rows := make([][]string, len(w.members))
		for j, m := range w.members {
			rows[j] = []string{w.ID, m.id, m.org.id, tiers[m.segment], day(m.joined), day(m.left)}
		}
		out.count("members", 1, len(rows))
		name := "sources/members/" + w.ID + ".csv"
		header := []string{"Programme", "Member No", "Company", "Tier", "Joined", "Left"}
		if err := out.file(name, dated.Add(time.Duration(i)*time.Minute+time.Hour), csvFile(header, rows)); err != nil {
			return err
		}
	}
	return nil
}

// tiers are how the register writes segments.
var tiers = map[string]string{"gold": "G", "silver": "S", "bronze": "B"}
