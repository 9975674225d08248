package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
)

// Engine is an embedded engine under measurement.
type Engine struct {
	Process   *engine.Engine
	Warehouse *load.Warehouse
	// Quiet is for how long there has been no merge once Settle thinks that they have settled.
	Quiet time.Duration
}

// Open starts an engine in a folder.
func Open(ctx context.Context, dir string) (*Engine, error) {
	process, err := engine.Open(ctx, engine.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	warehouse, err := load.Open(process.DSN(), load.WithRevival(process.Ensure))
	if err != nil {
		return nil, errors.Join(err, process.Close())
	}
	return &Engine{Process: process, Warehouse: warehouse, Quiet: quietFor}, nil
}

// Close ends the engine.
func (e *Engine) Close() error { return errors.Join(e.Warehouse.Close(), e.Process.Close()) }

// Ask reads a statement's answer, every cell as text.
func (e *Engine) Ask(ctx context.Context, statement string, params load.Params) (rows [][]string, err error) {
	answer, err := e.Warehouse.Query(ctx, "TSVRaw", statement, params)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	content, err := io.ReadAll(answer)
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows, nil
}

// User is whom a statement runs as.
type User bool

// The engine's users.
const (
	Reader User = false // of dashboards
	Writer User = true  // of the pipeline
)

// client bounds how long a statement may take, its answer included: the largest take minutes.
var client = &http.Client{Timeout: time.Hour}

// HTTP runs a statement as any HTTP client does, under the engine's own settings, and gives the answer for the caller to
// read and close.
func (e *Engine) HTTP(ctx context.Context, as User, statement string, params load.Params) (io.ReadCloser, error) {
	address := e.Process.Address()
	query := url.Values{}
	for name, value := range params {
		query.Set("param_"+name, value)
	}
	target := url.URL{Scheme: "http", Host: address.Host + ":" + strconv.Itoa(address.Port), Path: "/", RawQuery: query.Encode()}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(statement))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(address.ReaderUser, address.ReaderPassword)
	if as == Writer {
		request.SetBasicAuth(address.WriterUser, address.WriterPassword)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	content, err := io.ReadAll(response.Body)
	return nil, errors.Join(fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(content))), err, response.Body.Close())
}

// Read gives the whole answer to a statement.
func (e *Engine) Read(ctx context.Context, as User, statement string, params load.Params) (content []byte, err error) {
	answer, err := e.HTTP(ctx, as, statement, params)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	return io.ReadAll(answer)
}

// Execute runs a statement that answers nothing, as the pipeline's user.
func (e *Engine) Execute(ctx context.Context, statement string, params load.Params) error {
	_, err := e.Read(ctx, Writer, statement, params)
	return err
}

// written are the tables that loads write: facts and ledger, but not what migrations left.
const written = `
	SELECT database, name
	FROM system.tables
	WHERE database IN ('warehouse', 'etl') AND engine LIKE '%MergeTree' AND name NOT LIKE 'schema%' AND name != 'settings'`

// Empty empties facts and ledger, with the schema in place.
func (e *Engine) Empty(ctx context.Context, reporting load.Reporting) error {
	if _, err := e.Warehouse.Migrate(ctx, reporting); err != nil {
		return err
	}
	tables, err := e.Ask(ctx, written, nil)
	if err != nil {
		return err
	}
	for _, row := range tables {
		params := load.Params{"database": row[0], "table": row[1]}
		if err := e.Execute(ctx, "TRUNCATE TABLE {database:Identifier}.{table:Identifier} SYNC", params); err != nil {
			return err
		}
	}
	return nil
}

// Merges have settled when there has been none for a while, unless Quiet says otherwise; waiting for that has a bound.
const (
	quietFor   = 2 * time.Second
	settledBy  = 10 * time.Minute
	lookEvery  = 250 * time.Millisecond
	mergesLeft = "SELECT count() FROM system.merges"
)

// ErrBusy says that merges are still under way though Settle waited long enough.
var ErrBusy = fmt.Errorf("merges are still under way after %v", settledBy)

// Settle waits until no merge is under way: a real night begins with a warehouse at rest.
func (e *Engine) Settle(ctx context.Context) error {
	began := time.Now()
	quiet := began
	for time.Since(quiet) < e.Quiet {
		rows, err := e.Ask(ctx, mergesLeft, nil)
		if err != nil {
			return fmt.Errorf("look for merges: %w", err)
		}
		if rows[0][0] != "0" {
			quiet = time.Now()
		}
		if time.Since(began) > settledBy {
			return ErrBusy
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(lookEvery):
		}
	}
	return nil
}
