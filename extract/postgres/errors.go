package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/partnerplus/warehouse/extract"
)

// refusal is an error that the server gave.
type refusal struct {
	cause *pgconn.PgError
	where string // such as ", line 2, column 8 of the query"; empty where it names no place
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("the server answers: %s (%s)%s", r.cause.Message, r.cause.Code, r.where)
	if r.cause.Hint != "" {
		text += "; it hints: " + r.cause.Hint
	}
	return text
}

func (r *refusal) Unwrap() error { return r.cause }

// explain makes an error of the server one for people, with its place in the query, before which the server had so many
// characters more.
func explain(err error, query string, before int) error {
	var cause *pgconn.PgError
	if err == nil || !errors.As(err, &cause) {
		return err
	}
	r := &refusal{cause: cause}
	if at := int(cause.Position) - before; cause.Position > 0 && at > 0 {
		line, column := place(query, at)
		r.where = fmt.Sprintf(", line %d, column %d of the query", line, column)
	}
	return r
}

// place turns a position in characters, from 1, into line and column.
func place(query string, position int) (line, column int) {
	line, column = 1, 1
	for _, c := range query {
		if position--; position <= 0 {
			break
		}
		column++
		if c == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}

// passing reports whether another attempt may fare better.
func passing(err error) bool {
	var cause *pgconn.PgError
	if errors.As(err, &cause) {
		return ruleOf(cause.Code).Verdict == extract.Retry
	}
	var untrusted *tls.CertificateVerificationError
	var tooLong *pgproto3.ExceededMaxBodyLenErr
	if errors.As(err, &untrusted) || errors.As(err, &tooLong) || errors.Is(err, extract.ErrChanged) {
		return false
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	var network net.Error
	return errors.Is(err, errSilent) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, pgconn.ErrConnClosed)
}

// fail wraps an error for the caller, without secrets. No error stays none.
func (s *Source) fail(op, unit string, err error) error {
	var already *extract.Error
	if err == nil || errors.As(err, &already) {
		return err
	}
	return &extract.Error{Source: s.name, Unit: unit, Op: op, Hint: s.hint(err), Err: s.clean(err)}
}

func (s *Source) hint(err error) string {
	var cause *pgconn.PgError
	if errors.As(err, &cause) {
		return s.hintFor(cause.Code)
	}
	var untrusted *tls.CertificateVerificationError
	var tooLong *pgproto3.ExceededMaxBodyLenErr
	var connecting *pgconn.ConnectError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, extract.ErrChanged):
		return ""
	case errors.As(err, &untrusted):
		return "give the certificate of who signed the server's with sslrootcert in postgres.dsn"
	case errors.As(err, &tooLong):
		return fmt.Sprintf("a row has more than %d MiB; select fewer of its columns", maxRowBytes>>20)
	case errors.As(err, &connecting):
		return "check postgres.dsn, and that its host can be reached from here"
	case errors.Is(err, errSilent):
		return "check the network; a firewall may drop what is quiet for long"
	}
	return ""
}

// hintFor says what to do about an error code of the server.
func (s *Source) hintFor(code string) string {
	if code == "57014" {
		return fmt.Sprintf("a fetch took longer than postgres.timeout, %s, or somebody ended the query: index the watermark's column, make spans shorter, or raise it", s.timeout)
	}
	return ruleOf(code).Why
}

// clean takes the secrets out of an error's text, where somebody repeats them, and puts it on one line.
func (s *Source) clean(err error) error {
	text := strings.ReplaceAll(err.Error(), "\n\t", " ")
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return extract.Reword(err, text)
}

var types = pgtype.NewMap()

// typeName is what PostgreSQL calls a type.
func typeName(oid uint32) string {
	if t, ok := types.TypeForOID(oid); ok {
		return t.Name
	}
	return "number " + strconv.FormatUint(uint64(oid), 10)
}
