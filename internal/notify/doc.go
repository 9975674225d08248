// Package notify tells people, and other programs, when something is wrong with the warehouse, that it is over, and in
// summaries how it went.
//
// # What is told
//
// A matter is something that somebody should know: a failed job, a late source, a failed check. It has a key that stays the
// same while it stands. Each kind is one statement of sql/matters that gives the matters that stand now: nothing is told
// because something happened, only because it is so. What went wrong and was mended between two looks is told by nobody but
// the summaries.
//
// A look reads the matters and etl.notices, and works out what each receiver is still to be told (reconcile.go). A matter that a
// receiver was told of is not told again, unless it got more severe, or repeat says so. One that is gone for recovery_after is
// told to be over, once; one that comes back before that is the same matter still, and nothing is told. So a matter that
// flaps within that time costs two messages, however often it flaps.
//
// A summary is due by its cron expression. Due times that passed while nobody looked are made up for by one summary, which
// reaches back to the one told before. A receiver's first summaries come at its first look: they show that they arrive.
//
// # What a crash leaves
//
// What is to be told is in etl.notices before it is sent, and that it was accepted afterwards. A crash in between, or a warehouse
// that cannot be written to then, sends the message again at the next look: every message arrives at least once. It is then the
// same message: its id (field id of a webhook's document, header Idempotency-Key, Message-ID of a mail) is made from the
// receiver, the matter, and when it came up, so that a receiver can drop the second one.
//
// A message that is not accepted is tried again at later looks, first after a minute, at last every hour; the end of a matter for
// a week. Of several processes on one warehouse, one looks at a time (Warehouse.ClaimNotices).
//
// A warehouse that does not answer for five minutes is a matter too, but cannot be in the warehouse: a restart, or another
// process, tells it again.
//
// # What it must not know
//
// How jobs run, and what their rows are. It never keeps a run waiting: a Notifier has its own goroutine, and each receiver
// one within a look, with a bound on its time and its messages. What it holds in memory is what stands.
package notify
