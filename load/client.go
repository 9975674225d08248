package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/partnerplus/warehouse/sql"
)

// Limits of one statement.
const (
	dialTimeout    = 10 * time.Second
	readTimeout    = 15 * time.Minute // a refresh of years of history answers only when it is done
	maxConnections = 256              // units loaded at once have two each
	maxIdle        = 8
	// lifetime of a connection, which its pool never comes to look at. The client's default is an hour, and a Close at the moment
	// of such a look hangs for ever: github.com/ClickHouse/clickhouse-go/issues/1990. The server ends those that idle long before.
	lifetime = 10 * 365 * 24 * time.Hour
)

// Params are the values of a statement's {name:Type} parameters, as text.
type Params map[string]string

// Warehouse is a ClickHouse server, or the embedded engine, over HTTP. It is safe for concurrent use.
type Warehouse struct {
	conn     driver.Conn
	ender    *ender
	address  string // host and port, for messages
	patience Patience
	revive   func(context.Context) error
	scripts  []fs.FS   // laid over those of package sql
	views    sql.Views // written out in the statements that compute

	cluster Cluster      // zero: one server
	form    *sql.Cluster // how the cluster has the schema; nil: one server
	shards  []server     // that are sent their part of the schema themselves, besides conn

	revealing sync.Mutex // held while a load's rows are compared with the facts and become visible

	atOnce     bool              // editions take effect at once
	onComputed func()            // for tests: called between computing an edition and publishing it
	onCompared func()            // for tests: called between comparing a part with the facts and attaching it
	onBackedUp func(part string) // for tests: called when a part of a backup is taken
	onRestored func(part string) // for tests: called when a part of a backup is restored
}

// Option changes how a warehouse is opened.
type Option func(*Warehouse)

// WithRevival names what brings the warehouse back after a broken connection, such as a restart of the embedded engine.
func WithRevival(revive func(context.Context) error) Option {
	return func(w *Warehouse) { w.revive = revive }
}

// WithScripts lays files over the program's own, such as metrics/refunds.sql: Migrate applies them too, and those with
// the same name in their place.
func WithScripts(files fs.FS) Option {
	return func(w *Warehouse) { w.scripts = append(w.scripts, files) }
}

// PublishAtOnce lets readers see an edition of the figures without waiting for a full second, and so risks that a query
// which begins at that very moment reads two editions. It is for those who read only after a refresh, such as tests.
func PublishAtOnce() Option {
	return func(w *Warehouse) { w.atOnce = true }
}

// Open prepares connections to the warehouse at a DSN such as http://user:password@host:8123/default. It does not
// connect: Ping does.
func Open(dsn string, options ...Option) (*Warehouse, error) {
	w := &Warehouse{ender: new(ender), patience: DefaultPatience}
	for _, option := range options {
		option(w)
	}
	views, err := w.form.Views(w.scripts...)
	if err != nil {
		return nil, err
	}
	w.views = views
	own, err := w.dial("warehouse.dsn", dsn)
	if err != nil {
		return nil, err
	}
	w.conn, w.address = own.conn, own.address
	if err := w.dialShards(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// server is connections to one server.
type server struct {
	conn    driver.Conn
	address string // host and port, for messages
}

// dial prepares connections to the server at a DSN, which the config has in a field.
func (w *Warehouse) dial(field, dsn string) (server, error) {
	parsed, err := url.Parse(dsn)
	if err != nil || parsed.Host == "" {
		// The parser's own message would show the password.
		return server{}, fmt.Errorf("%s: not an address like http://user:password@host:8123/default", field)
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" {
		return server{}, fmt.Errorf("%s: scheme %q: the warehouse is spoken to over HTTP: use http:// or https:// (port 8123 or 8443)", field, parsed.Scheme)
	}
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return server{}, fmt.Errorf("%s: %s", field, redactPassword(err.Error(), parsed))
	}
	o.DialTimeout, o.ReadTimeout = dialTimeout, readTimeout
	o.MaxOpenConns, o.MaxIdleConns = maxConnections, maxIdle
	o.ConnMaxLifetime = cmp.Or(o.ConnMaxLifetime, lifetime)
	o.Settings = w.settings(o.Settings)
	o.TransportFunc = w.ender.over
	conn, err := clickhouse.Open(o)
	if err != nil {
		return server{}, fmt.Errorf("%s: %s", field, redactPassword(err.Error(), parsed))
	}
	return server{conn, parsed.Host}, nil
}

// settings that every statement runs under, besides those of the DSN.
func (w *Warehouse) settings(of clickhouse.Settings) clickhouse.Settings {
	own := clickhouse.Settings{
		"async_insert":                         0, // a load must know that its rows are in
		"wait_end_of_query":                    1, // an error is an error, never a cut result
		"optimize_on_insert":                   0, // a stage keeps all rows: they are counted
		"compile_expressions":                  0, // of a small refresh a sixth; a night on millions of rows gains nothing
		"compile_aggregate_expressions":        0,
		"compile_sort_description":             0,
		"optimize_and_compare_chain":           0, // in nested statements it costs more than all that it could save
		"use_skip_indexes_if_final":            1,
		"use_skip_indexes_if_final_exact_mode": 1, // the newest version of a row may be outside of the range
		"max_bytes_before_external_group_by":   2 << 30,
		"max_bytes_before_external_sort":       2 << 30,
	}
	maps.Copy(own, w.cluster.settings())
	maps.Copy(own, of)
	return own
}

func redactPassword(text string, address *url.URL) string {
	if password, ok := address.User.Password(); ok && password != "" {
		return "the address was refused"
	}
	return text
}

// Address is where the warehouse is, without credentials.
func (w *Warehouse) Address() string { return w.address }

// Ping checks that the warehouse answers and accepts the user.
func (w *Warehouse) Ping(ctx context.Context) error {
	return w.do(ctx, "connect to "+w.address, func(ctx context.Context) error {
		return w.conn.Exec(ctx, "SELECT 1")
	})
}

// Close ends the connections, and waits a moment for the server to hear which statements nobody waits for any more.
func (w *Warehouse) Close() error {
	w.ender.pending.Wait()
	errs := []error{w.conn.Close()}
	for _, shard := range w.shards {
		errs = append(errs, shard.conn.Close())
	}
	return errors.Join(errs...)
}

// exec runs a statement that may be repeated.
func (w *Warehouse) exec(ctx context.Context, op, statement string, params Params) error {
	return w.do(ctx, op, func(ctx context.Context) error {
		return w.conn.Exec(with(ctx, params), statement)
	})
}

// selectInto reads rows into a pointer to a slice of structs with ch tags.
func (w *Warehouse) selectInto(ctx context.Context, op, statement string, params Params, rows any) error {
	return w.do(ctx, op, func(ctx context.Context) error {
		return w.conn.Select(with(ctx, params), rows, statement)
	})
}

// Select reads the answer of one of the statements of package sql, such as "review/figures.sql", into a pointer to a
// slice of structs with ch tags. It is what readers of the warehouse outside of this package use.
func (w *Warehouse) Select(ctx context.Context, name string, params map[string]string, rows any) error {
	return w.selectInto(ctx, "read "+name, sql.Text(name), params, rows)
}

// Query runs a statement and gives its result in one of ClickHouse's formats (PrettyCompact, CSVWithNames, JSON,
// Parquet, …). The caller closes it.
func (w *Warehouse) Query(ctx context.Context, format, statement string, params Params) (io.ReadCloser, error) {
	var result io.ReadCloser
	err := w.do(ctx, "query", func(ctx context.Context) (err error) {
		result, err = w.conn.QueryFormat(with(ctx, params), format, statement)
		return err
	})
	return result, err
}

func with(ctx context.Context, params Params) context.Context {
	if len(params) == 0 {
		return ctx
	}
	escaped := make(clickhouse.Parameters, len(params))
	for name, value := range params {
		if value == null {
			value = `\N`
		} else {
			value = escapeParameter.Replace(value)
		}
		escaped[name] = value
	}
	return clickhouse.Context(ctx, clickhouse.WithParameters(escaped))
}

// null is the parameter value that means NULL; no text of a source is it.
const null = "\x00null"

// escapeParameter writes a value as ClickHouse reads parameters: as a cell of a tab-separated file.
var escapeParameter = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
