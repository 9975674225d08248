package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
)

// envDSN names the environment variable that stands in for warehouse.dsn where the config has none.
const envDSN = "PARTNERPLUS_DSN"

// opened is a warehouse in use, with the embedded engine behind it where there is one.
type opened struct {
	*load.Warehouse
	dsn    string
	spread []load.Option  // over which servers
	engine *engine.Engine // nil for a server
}

// shortPatience is for commands that somebody waits for.
const shortPatience = 10 * time.Second

// open connects to the config's warehouse, for a command that only looks.
func (a *app) open(ctx context.Context, c *config.Config) (*opened, error) {
	return a.connect(ctx, c, min(c.Warehouse.Patience, shortPatience))
}

// connect connects to the config's warehouse: a server by its DSN, else the embedded engine, found or started. It says how
// long the warehouse is waited for.
func (a *app) connect(ctx context.Context, c *config.Config, limit time.Duration) (*opened, error) {
	patience := a.patient
	patience.Limit = limit
	if patience.Notice == nil {
		patience.Notice = func(err error) {
			_, _ = fmt.Fprintln(a.errOut, "warning:", c.Redact(err.Error())+"; trying again for up to", limit)
		}
	}
	var spread []load.Option
	dsn := c.Warehouse.DSN
	if dsn == "" {
		dsn = os.Getenv(envDSN)
	}
	if cluster := c.Warehouse.Cluster; cluster != nil {
		if dsn == "" {
			return nil, &usageError{errors.New("warehouse.cluster: the embedded warehouse is no cluster; name one of the cluster's servers in warehouse.dsn")}
		}
		spread = append(spread, load.WithCluster(load.Cluster{Name: cluster.Name, Replicated: cluster.Replicated, Hosts: cluster.Hosts}))
	}
	options := append(slices.Clone(spread), load.WithPatience(patience))
	if dsn != "" {
		warehouse, err := load.Open(dsn, options...)
		if err != nil {
			return nil, &usageError{err}
		}
		if err := warehouse.Ping(ctx); err != nil {
			return nil, errors.Join(err, warehouse.Close())
		}
		return &opened{Warehouse: warehouse, dsn: dsn, spread: spread}, nil
	}
	e, err := engine.Open(ctx, engine.Options{Dir: c.Warehouse.Path})
	if err != nil {
		return nil, err
	}
	warehouse, err := load.Open(e.DSN(), append(options, load.WithRevival(e.Ensure))...)
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return &opened{Warehouse: warehouse, dsn: e.DSN(), engine: e}, nil
}

// glance opens the same warehouse for whoever looks at it again and again: one look waits for nothing.
func (o *opened) glance() (*load.Warehouse, error) {
	patience := load.Patience{Attempts: 2, Limit: 200 * time.Millisecond, First: 50 * time.Millisecond, Longest: 50 * time.Millisecond}
	return load.Open(o.dsn, append(slices.Clone(o.spread), load.WithPatience(patience))...)
}

// Close ends the connections, and the engine if it was started here.
func (o *opened) Close() error {
	err := o.Warehouse.Close()
	if o.engine != nil {
		err = errors.Join(err, o.engine.Close())
	}
	return err
}

// openMigrated opens the warehouse with its schema and settings up to date.
func (a *app) openMigrated(ctx context.Context, c *config.Config) (*opened, error) {
	warehouse, err := a.connect(ctx, c, c.Warehouse.Patience)
	if err != nil {
		return nil, err
	}
	if _, err := warehouse.Migrate(ctx, reporting(c)); err != nil {
		return nil, errors.Join(err, warehouse.Close())
	}
	return warehouse, nil
}

func reporting(c *config.Config) load.Reporting {
	return load.Reporting{Timezone: c.Reporting.Timezone, Currency: c.Reporting.Currency}
}
