package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Programme is one reward programme of the company.
type Programme struct {
	ID       string
	Name     string
	Client   string
	Currency string
	Launched time.Time
	// Organisations and Members are counted over all time.
	Organisations, Members int
	// Story is a sentence about what its figures ought to show.
	Story string
}

// Feed is one source, under its name in the config.
type Feed struct {
	Name  string
	Files int // 0 for what the API serves
	Rows  int // as written: bad rows, re-deliveries and corrections included
}

// Planted is a fact about the data that was put there on purpose.
type Planted struct {
	Feed  string
	Kind  Kind
	Count int
}

// Total is what a programme gave out and took back in one month, added up from the events as they
// were invented, not from the files.
type Total struct {
	Programme string
	Month     string // such as 2024-09, UTC
	// Awarded is awards less reversals, Redeemed is redemptions less refunds, in cents of the programme's currency.
	Awarded, Redeemed int64
	// AwardedUSD and RedeemedUSD are the same in ten-thousandths of a US dollar.
	AwardedUSD, RedeemedUSD int64
}

// Company says what Generate wrote.
type Company struct {
	Dir        string
	Programmes []Programme
	Feeds      []Feed
	Planted    []Planted
	Totals     []Total // one for each programme and month since its launch
}

// Rows counts the rows of all feeds.
func (c *Company) Rows() int {
	rows := 0
	for _, f := range c.Feeds {
		rows += f.Rows
	}
	return rows
}

// Rejects counts the rows that were made unreadable, which a pipeline has to reject: no more, no fewer.
func (c *Company) Rejects() int {
	rows := 0
	for _, p := range c.Planted {
		if p.Kind.Bad() {
			rows += p.Count
		}
	}
	return rows
}

// Generate invents the company of the seed and writes its sources below dir, which is made if need be.
// Files of an earlier generation are replaced.
func Generate(dir string, seed uint64) (*Company, error) {
	rates := inventRates(newDice(seed, streamRates))
	worlds := make([]*world, len(plans))
	for i, p := range plans {
		w, err := invent(newDice(seed, streamLives+uint64(i)), p)
		if err != nil {
			return nil, fmt.Errorf("demo: invent %s: %w", p.ID, err)
		}
		worlds[i] = w
	}

	c := &Company{Dir: dir}
	for _, w := range worlds {
		c.Programmes = append(c.Programmes, w.Programme)
		c.Totals = append(c.Totals, w.totals(rates)...)
	}
	out := &writer{company: c}
	steps := []func() error{
		func() error { return writeRegister(out, worlds, rates) },
		func() error { return writeLedgers(out, worlds, newDice(seed, streamFaults)) },
		func() error { return writePortal(out, worlds) },
		func() error { return os.WriteFile(filepath.Join(dir, ConfigFile), config, 0o644) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
	}
	return c, nil
}
