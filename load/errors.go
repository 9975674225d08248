package load

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// verdict says what to do about an error of the warehouse.
type verdict int

const (
	fail    verdict = iota // repeating it gives the same error
	retry                  // it passes: repeat the statement after a pause
	reopen                 // the connection or the engine is gone: bring it back, then repeat
	askUser                // a person has to do something first
)

// verdicts sorts ClickHouse error codes; a code that is not here is a fail.
var verdicts = map[int32]struct {
	verdict verdict
	why     string
}{
	57:  {retry, "TABLE_ALREADY_EXISTS: another program migrates too"},
	159: {retry, "TIMEOUT_EXCEEDED: the machine was busy"},
	202: {retry, "TOO_MANY_SIMULTANEOUS_QUERIES: others are at work"},
	209: {reopen, "SOCKET_TIMEOUT"},
	210: {reopen, "NETWORK_ERROR"},
	236: {retry, "ABORTED: a merge or a shutdown got in the way"},
	241: {retry, "MEMORY_LIMIT_EXCEEDED: others use the memory now"},
	252: {retry, "TOO_MANY_PARTS: merges have to catch up"},
	319: {retry, "UNKNOWN_STATUS_OF_INSERT: statements here may be repeated"},
	394: {retry, "QUERY_WAS_CANCELLED: by another run's refresh, or by an operator"},
	425: {retry, "SYSTEM_ERROR"},
	999: {retry, "KEEPER_EXCEPTION: the replicas have to agree again"},
	164: {askUser, "READONLY: the user may not write; give the pipeline a user that may"},
	81:  {askUser, "UNKNOWN_DATABASE: the schema is made by partnerplus migrate, and by the first run"},
	192: {askUser, "UNKNOWN_USER: set the user in warehouse.dsn"},
	193: {askUser, "WRONG_PASSWORD: set the password in warehouse.dsn"},
	242: {askUser, "TABLE_IS_READ_ONLY: look at the replica"},
	243: {askUser, "NOT_ENOUGH_SPACE: make room on the warehouse's disk"},
	497: {askUser, "ACCESS_DENIED: grant the pipeline's user what the message names"},
	516: {askUser, "AUTHENTICATION_FAILED: set user and password in warehouse.dsn"},
}

func judge(err error) (verdict, string) {
	// A dial that takes too long says DeadlineExceeded too: its own time ran out, not the caller's.
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !errors.As(err, new(*net.OpError)) {
		return fail, ""
	}
	if exception := new(clickhouse.Exception); errors.As(err, &exception) {
		v := verdicts[exception.Code]
		return v.verdict, v.why
	}
	var network net.Error
	var address *url.Error
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNREFUSED),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.As(err, &network), errors.As(err, &address):
		return reopen, "the connection broke"
	case strings.Contains(err.Error(), acquireTimeout):
		return retry, "all connections are in use"
	}
	return fail, ""
}

// IsBroken reports whether the warehouse went away under the statement, so that the work at hand may be repeated once
// it is back.
func IsBroken(err error) bool {
	own := new(Error) // a source's own network errors are not the warehouse's
	if !errors.As(err, &own) {
		return false
	}
	v, _ := judge(own.Err)
	return v == reopen || v == retry
}

// Error is a statement that failed.
type Error struct {
	Op   string // what was being done
	Hint string // what to do, empty where the cause says it
	Err  error
}

func (e *Error) Error() string {
	text := "warehouse: " + e.Op + ": " + firstLine(e.Err)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

func wrap(op string, err error) error {
	if err == nil || errors.As(err, new(*Error)) { // said already
		return err
	}
	v, why := judge(err)
	if v != askUser {
		why = ""
	}
	return &Error{Op: op, Hint: why, Err: err}
}

// firstLine leaves out the advice and stack traces that ClickHouse appends, and the parameters of the request.
func firstLine(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	if strings.Contains(text, acquireTimeout) && request != nil {
		return "no answer within " + dialTimeout.String()
	}
	return text
}

// acquireTimeout is what the client says where all connections are in use, or the server accepts one and does not answer.
const acquireTimeout = "clickhouse: acquire conn timeout"

// isUnmigrated reports whether the warehouse has no schema yet.
func isUnmigrated(err error) bool {
	exception := new(clickhouse.Exception)
	return errors.As(err, &exception) && (exception.Code == 81 || exception.Code == 60) // UNKNOWN_DATABASE, UNKNOWN_TABLE
}
