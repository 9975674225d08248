package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/partnerplus/warehouse/extract/wire"
)

const (
	connectTimeout = 15 * time.Second
	// closing is how long a goodbye, or the end of a cancelled query, may take.
	closing = 5 * time.Second
	// maxRowBytes bounds the memory that one row takes.
	maxRowBytes = 64 << 20
	// ours is what a server shows as the name of the application.
	ours = "partnerplus"
)

// configure reads a DSN. What it leaves out comes from the environment and files as for psql.
func configure(dsn string) (*pgconn.Config, error) {
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		// The parser's own message quotes the DSN, and so perhaps its password.
		var file *fs.PathError
		if errors.As(err, &file) {
			return nil, fmt.Errorf("postgres.dsn: %w", file)
		}
		return nil, errors.New("postgres.dsn: not an address such as postgres://user:password@host:5432/database?sslmode=verify-full (%XX stands for a special character of the password)")
	}
	if config.ConnectTimeout <= 0 || config.ConnectTimeout > connectTimeout {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = ours
	}
	config.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		frontend := pgproto3.NewFrontend(r, w)
		frontend.SetMaxBodyLen(maxRowBytes)
		return frontend
	}
	// A query that nobody waits for any more must not go on at the server.
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: closing}
	}
	return config, nil
}

// secrets lists what no error may show.
func secrets(config *pgconn.Config, dsn string) []string {
	const shortest = 4
	var list []string
	for _, secret := range []string{dsn, config.Password} {
		if len(secret) >= shortest {
			list = append(list, secret)
		}
	}
	return list
}

// connect connects and begins a transaction that only reads, and sees one state of the database. Bytes counts what
// comes in.
func (s *Source) connect(ctx context.Context, bytes *wire.Counter) (*pgconn.PgConn, error) {
	config := s.config.Copy()
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &counted{conn, bytes}, nil
	}
	connection, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := connection.Exec(ctx, s.begin()).Close(); err != nil {
		disconnect(connection)
		return nil, err
	}
	return connection, nil
}

// begin begins the transaction. All settings are its own, which a pooler between here and the server lets pass. They
// make texts the same on every server, and rows without an order come in the order in which they lie.
func (s *Source) begin() string {
	return fmt.Sprintf(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL client_encoding = 'UTF8'; SET LOCAL standard_conforming_strings = on;
SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 3;
SET LOCAL synchronize_seqscans = off; SET LOCAL cursor_tuple_fraction = 1;
SET LOCAL statement_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = %d`,
		max(1, s.timeout.Milliseconds()), idleTransaction.Milliseconds())
}

// idleTransaction is how long the server keeps a transaction whose client asks for nothing: while the warehouse is
// slow, or because the client is gone.
const idleTransaction = 30 * time.Minute

// limit is how long to wait for an answer: the server should say first that it takes too long.
func (s *Source) limit() time.Duration { return s.timeout + s.options.Idle }

// disconnect ends a connection, and what still goes on at the server because of it.
func disconnect(connection *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_ = connection.Close(ctx) // it was read to its end, or is given up
	select {
	case <-connection.CleanupDone():
	case <-ctx.Done():
	}
}

// counted counts what is read from a connection.
type counted struct {
	net.Conn
	bytes *wire.Counter
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(n)
	return n, err
}

// errSilent says that the server did not answer in time, and did not end the query either.
var errSilent = errors.New("the server sends nothing any more")

// end gives the value up to which to list: fixed now, so that a table that is written to cannot be listed for ever. It
// is not ok where there is nothing yet.
func (s *Source) end(ctx context.Context) (end int64, ok bool, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeoutCause(ctx, s.limit(), errSilent)
		defer cancel()
		end, ok, err = s.askEnd(ctx)
		if err != nil && errors.Is(context.Cause(ctx), errSilent) {
			return errSilent
		}
		return err
	})
	return end, ok, err
}

// clock asks for the time up to which the server is current.
const clock = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() ELSE now() END"

func (s *Source) askEnd(ctx context.Context) (end int64, ok bool, err error) {
	connection, err := s.connect(ctx, new(wire.Counter))
	if err != nil {
		return 0, false, err
	}
	defer disconnect(connection)
	if s.mark.instant {
		now, ok, err := s.one(ctx, connection, clock)
		if err == nil && !ok {
			err = errors.New("the server is a standby that has replayed nothing yet")
		}
		if err != nil {
			return 0, false, err
		}
		end = now - s.mark.spec.Delay.Microseconds()
	}
	if s.newest == "" {
		return end, true, nil
	}
	newest, ok, err := s.one(ctx, connection, s.newest)
	if err != nil {
		return 0, false, fmt.Errorf("postgres.watermark.newest: %w", err)
	}
	if s.mark.instant {
		// A time to come in some row must not move the watermark past all that is written until then.
		return min(end, newest), ok, nil
	}
	return newest, ok, nil
}

// one asks for a single value; it is not ok where that is null.
func (s *Source) one(ctx context.Context, connection *pgconn.PgConn, query string) (int64, bool, error) {
	result := connection.ExecParams(ctx, query, nil, nil, nil, nil)
	rows, columns := 0, len(result.FieldDescriptions())
	var oid uint32
	if columns > 0 {
		oid = result.FieldDescriptions()[0].DataTypeOID
	}
	var value []byte
	for result.NextRow() {
		rows++
		if rows == 1 && columns == 1 {
			value = append([]byte(nil), result.Values()[0]...)
		}
	}
	if _, err := result.Close(); err != nil {
		return 0, false, explain(err, query, 0)
	}
	if rows != 1 || columns != 1 {
		return 0, false, fmt.Errorf("it gives %d rows with %d columns, not one value", rows, columns)
	}
	if value == nil {
		return 0, false, nil
	}
	v, err := s.mark.read(string(value), oid)
	return v, err == nil, err
}

// retry tries again what fails for a while.
func (s *Source) retry(ctx context.Context, do func(context.Context) error) error {
	for attempt := 1; ; attempt++ {
		err := do(ctx)
		if err == nil {
			return nil
		}
		if err := s.afterFailure(ctx, attempt, err); err != nil {
			return err
		}
	}
}

// afterFailure waits before another attempt, or says why there is none.
func (s *Source) afterFailure(ctx context.Context, attempt int, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !passing(err):
		return err
	case attempt >= s.options.Attempts:
		return fmt.Errorf("%d attempts failed, the last: %w", attempt, err)
	}
	return s.options.Pause(ctx, s.options.Backoff(attempt))
}
