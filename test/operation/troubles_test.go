package operation_test

import (
	"math/rand/v2"
	"time"
)

// trouble is what goes wrong on one day.
type trouble struct {
	name    string
	happens func(o *operation)
}

// troubles come one a day, first in this order.
var troubles = []trouble{
	{"the API is away at night", func(o *operation) {
		o.within("01:50", 15*time.Minute, func() { o.company.away.Store(true) })
		o.within("02:20", 3*time.Hour, func() { o.company.away.Store(false) })
	}},
	{"the warehouse is away at night", func(o *operation) {
		o.within("01:50", 20*time.Minute, func() { o.proxy.away.Store(true) })
		o.within("02:20", 20*time.Minute, func() { o.proxy.away.Store(false) })
	}},
	{"the machine is off until noon", func(o *operation) {
		o.within("01:00", 2*time.Hour, func() { o.off() })
		o.within("12:30", 4*time.Hour, func() { o.machine = o.on() })
	}},
	{"a run lasts over others' due times", func(o *operation) {
		o.at("01:30", func() { o.lasting.Store(int64(25 * time.Minute)) })
		o.at("01:45", func() { o.lasting.Store(0) })
	}},
	{"the daemon ends in the midst of a run", func(o *operation) {
		o.at("01:50", func() { o.lasting.Store(int64(time.Hour)) })
		o.within("02:05", 20*time.Minute, func() {
			if !o.off() {
				o.t.Error("no run was cut short")
			}
			o.lasting.Store(0)
		})
		o.within("02:40", time.Hour, func() { o.machine = o.on() })
	}},
	{"a second machine has the same jobs", func(o *operation) {
		var second *machine
		o.within("00:30", 3*time.Hour, func() { second = o.on() })
		o.within("20:30", 3*time.Hour, func() { second.off(o.t) })
	}},
	{"a file is broken, and mended later", func(o *operation) {
		var mend func()
		o.at("00:20", func() { mend = o.company.breakFile(o.t, o.today.AddDate(0, 0, -1)) })
		o.within("04:20", 3*time.Hour, func() {
			mend()
			o.machine.byHand(o.t, o.job("nightly"))
		})
	}},
	{"old files come again, and corrections", func(o *operation) {
		o.within("00:30", 12*time.Hour, func() {
			o.company.deliverAgain(o.t, o.today.AddDate(0, 0, -3))
			o.company.correct(o.t, o.today.AddDate(0, 0, -20), o.today.AddDate(0, 0, -5), o.today.AddDate(0, 0, -2))
		})
	}},
}

// trouble gives a day's: after the first round, it and its times are drawn. On a last day after that nothing goes wrong.
func (o *operation) trouble(dice *rand.Rand, day, days int) trouble {
	switch {
	case day < len(troubles):
		return troubles[day]
	case day == days-1:
		return trouble{"nothing goes wrong", func(*operation) {}}
	}
	o.dice = dice
	return troubles[dice.IntN(len(troubles))]
}
