package postgres

import "github.com/partnerplus/warehouse/extract"

// states sorts PostgreSQL's error codes (SQLSTATE), and by their first two characters whole classes of them. One that is not
// here is a fail.
var states = map[string]extract.Rule{
	"08":    {Verdict: extract.Retry, Why: "the connection broke"},
	"25P03": {Verdict: extract.Retry, Why: "the server ended the transaction, which waited for the warehouse for too long"},
	"40001": {Verdict: extract.Retry, Why: "what is read was changed meanwhile, or vacuumed on the primary of this standby"},
	"40P01": {Verdict: extract.Retry, Why: "a deadlock with somebody else"},
	"53":    {Verdict: extract.Retry, Why: "the server is short of memory, disk or connections"},
	"53300": {Verdict: extract.Retry, Why: "the server allows no more connections; ask for more, or for a pooler"},
	"55P03": {Verdict: extract.Retry, Why: "somebody else holds a lock on what is read"},
	"57P01": {Verdict: extract.Retry, Why: "the server goes down"},
	"57P02": {Verdict: extract.Retry, Why: "the server crashed"},
	"57P03": {Verdict: extract.Retry, Why: "the server starts"},
	"57P05": {Verdict: extract.Retry, Why: "the server ended the connection, which waited for the warehouse for too long"},
	"72000": {Verdict: extract.Retry, Why: "what is read was vacuumed meanwhile"},

	"0A000": {Verdict: extract.Ask, Why: "postgres.query must be one SELECT"},
	"22":    {Verdict: extract.Ask, Why: "postgres.query computes something that a row's values do not allow"},
	"25006": {Verdict: extract.Ask, Why: "postgres.query may only read"},
	"25P04": {Verdict: extract.Ask, Why: "a span took longer than the server's transaction_timeout; make spans shorter, or have it raised"},
	"28000": {Verdict: extract.Ask, Why: "check the user and the password of postgres.dsn, and the server's pg_hba.conf"},
	"28P01": {Verdict: extract.Ask, Why: "check the user and the password of postgres.dsn, and the server's pg_hba.conf"},
	"3D000": {Verdict: extract.Ask, Why: "check the database's name in postgres.dsn"},
	"42":    {Verdict: extract.Ask, Why: "check postgres.query"},
	"42501": {Verdict: extract.Ask, Why: "grant the user of postgres.dsn SELECT on what postgres.query reads"},
	"42601": {Verdict: extract.Ask, Why: "postgres.query must be one SELECT"},
	"53100": {Verdict: extract.Ask, Why: "the server's disk is full; ask its owner"},
	"57014": {Verdict: extract.Ask, Why: "a fetch took longer than postgres.timeout, or somebody ended the query: index the watermark's column, make spans shorter, or raise it"},
	"57P04": {Verdict: extract.Ask, Why: "the database was dropped"},
	"58":    {Verdict: extract.Ask, Why: "the server cannot read its own files; ask its owner"},
	"XX001": {Verdict: extract.Ask, Why: "the server's data is damaged; ask its owner"},
	"XX002": {Verdict: extract.Ask, Why: "an index of the server is damaged; ask its owner"},
}

// ruleOf says what to do about an error code of the server.
func ruleOf(code string) extract.Rule {
	rule, known := states[code]
	if !known && len(code) > 2 {
		return states[code[:2]]
	}
	return rule
}
