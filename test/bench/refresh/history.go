package refresh

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

//go:embed sql
var files embed.FS

// statement gives one of the files in sql/.
func statement(name string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		panic("bench: " + err.Error()) // a file of the program itself
	}
	return string(text)
}

// drawn gives a statement that draws members and amounts.
func drawn(name string) string { return statement("with.sql") + statement(name) }

const (
	currency      = "USD"
	historySource = "history" // name in the ledger
)

// history is what the warehouse holds before the first night: whole months up to and with December 2025.
type history struct {
	awards, months uint64
	from, to       time.Time
	zone           *time.Location
}

func newHistory(awards, rate uint64, zone *time.Location) history {
	h := history{awards: awards, months: max((awards+rate/2)/rate, 1), zone: zone}
	h.from, h.to = h.month(0), h.month(h.months)
	return h
}

// month gives the first instant of a month, counted from 0, in the reporting zone.
func (h history) month(n uint64) time.Time {
	return time.Date(2026, time.January-time.Month(h.months)+time.Month(n), 1, 0, 0, 0, 0, h.zone)
}

// delivery is a unit of the history: one entity's rows, of one month where it has several units.
type delivery struct {
	entity, name string
	delivered    time.Time
	params       load.Params
}

// deliveries are the units of the history in the order of their delivery.
func (b *bench) deliveries() []delivery {
	list := make([]delivery, 0, 3+3*b.history.months)
	for _, entity := range []string{"programs", "organisations", "members"} {
		list = append(list, delivery{entity, entity, b.history.from, b.drawing(b.history.from, b.history.to, 0, 0, 0)})
	}
	for n := range b.history.months {
		from, to := b.history.month(n), b.history.month(n+1)
		for _, fact := range []struct {
			entity string
			total  uint64 // redemptions are drawn from the awards
		}{{"awards", b.history.awards}, {"redemptions", b.history.awards}, {"portal_sessions", b.history.awards / 2}} {
			first, next := fact.total*n/b.history.months, fact.total*(n+1)/b.history.months
			params := b.drawing(from, to, first, next-first, fact.total)
			list = append(list, delivery{fact.entity, fact.entity + "/" + from.Format("2006-01"), to, params})
		}
	}
	return list
}

// drawing gives the parameters of a statement that draws rows.
func (b *bench) drawing(from, to time.Time, first, rows, total uint64) load.Params {
	random := uint64(0)
	if b.randomIDs {
		random = 1
	}
	return load.Params{
		"from": moment(from), "to": moment(to), "end": moment(b.history.to), "zone": b.zone.String(),
		"first": number(first), "rows": number(rows), "total": number(total),
		"members": number(b.members), "random_ids": number(random),
	}
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// fill loads the history. The engine draws the rows, and they go back to it through the loader's own stages: whatever a
// load leaves in the warehouse besides rows is there.
func (b *bench) fill(ctx context.Context) error {
	runID := uuid.NewString()
	for _, d := range b.deliveries() {
		if err := b.deliver(ctx, runID, d); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return nil
}

func (b *bench) deliver(ctx context.Context, runID string, d delivery) (err error) {
	entity, ok := transform.EntityByName(d.entity)
	if !ok {
		return fmt.Errorf("there is no entity %s", d.entity)
	}
	answer, err := b.engine.Warehouse.Query(ctx, "ArrowStream", drawn(d.entity+".sql"), d.params)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	rows, err := ipc.NewReader(answer)
	if err != nil {
		return err
	}
	defer rows.Release()
	unit := load.Unit{Source: historySource, Name: d.name, Version: "1", RunID: runID, LoadID: uuid.NewString(), Delivered: d.delivered}
	record := load.UnitRecord{Unit: unit}
	stage := b.engine.Warehouse.Stage(unit)
	for rows.Next() && err == nil {
		record.Rows += uint64(rows.Record().NumRows())
		err = stage.Append(ctx, 1, entity, rows.Record())
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		stage.Discard(ctx)
		return err
	}
	_, err = stage.Commit(ctx, record, []load.Tally{{Mapping: 1, Entity: d.entity}})
	return err
}
