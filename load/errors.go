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

// judge says what to do about an error, and why.
func judge(err error) (verdict, string) {
	// A dial that takes too long says DeadlineExceeded too: its own time ran out, not the caller's.
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !errors.As(err, new(*net.OpError)) {
		return fail, ""
	}
	if exception := new(clickhouse.Exception); errors.As(err, &exception) {
		r := rules[exception.Code]
		if r.verdict != askUser && strings.Contains(exception.Message, noSpace) {
			return askUser, rules[notEnoughSpace].why
		}
		return r.verdict, r.why
	}
	if answer := new(clickhouse.HTTPError); errors.As(err, &answer) {
		r := statuses[answer.StatusCode]
		return r.verdict, r.why
	}
	var network net.Error
	var address *url.Error
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNREFUSED),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.As(err, &network), errors.As(err, &address):
		return reopen, "look whether it runs, and can be reached from here"
	case strings.Contains(err.Error(), acquireTimeout):
		return wait, "all connections are in use"
	}
	return fail, ""
}

// Some paths of ClickHouse give a full disk the code of whatever could not be written.
const (
	noSpace        = "No space left on device"
	notEnoughSpace = 243
)

// IsBroken reports whether the warehouse went away under the statement, so that the work at hand may be repeated once
// it is back.
func IsBroken(err error) bool {
	own := new(Error) // a source's own network errors are not the warehouse's
	if !errors.As(err, &own) {
		return false
	}
	v, _ := judge(own.Err)
	return v == reopen || v == wait || v == retry
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
	_, why := judge(err)
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
