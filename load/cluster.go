package load

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/partnerplus/warehouse/sql"
)

// Cluster is a ClickHouse cluster that the warehouse spreads over. The DSN names one of its servers, which everything is
// sent to; see the package comment for what that means.
type Cluster struct {
	Name string // in remote_servers of all its servers
	// Replicated: tables are Replicated…MergeTree, in a cluster with Keeper. Else each shard is one server with plain tables.
	Replicated bool
	// Hosts are the DSNs of the cluster's other servers, where it is not replicated: they are sent their part of the schema.
	Hosts []string
}

// WithCluster spreads the warehouse over a cluster. A warehouse that was made for one server stays on one.
func WithCluster(c Cluster) Option {
	return func(w *Warehouse) {
		w.cluster, w.form = c, &sql.Cluster{Name: c.Name, Replicated: c.Replicated}
	}
}

// settings that every statement runs under in a cluster, besides those of one server.
func (c Cluster) settings() clickhouse.Settings {
	if c.Name == "" {
		return nil
	}
	own := clickhouse.Settings{
		"distributed_foreground_insert": 1, // what is acknowledged is on its shard
		"skip_unavailable_shards":       0, // an answer without a shard's rows would be a wrong one
		"prefer_global_in_and_join":     1, // stages and all that is not sharded are on this server only
		"insert_deduplicate":            0, // a block that comes again is wanted: its rows replace their equals
	}
	if c.Replicated {
		own["select_sequential_consistency"] = 1 // a replica that lacks rows of a load says so, instead of answering without
	}
	return own
}

// dialShards prepares connections to the cluster's other servers.
func (w *Warehouse) dialShards() error {
	for i, dsn := range w.cluster.Hosts {
		shard, err := w.dial(fmt.Sprintf("warehouse.cluster.hosts[%d]", i), dsn)
		if err != nil {
			return err
		}
		w.shards = append(w.shards, shard)
	}
	return nil
}

// define runs a statement of the schema, as the warehouse's form has it, on the servers that need it.
func (w *Warehouse) define(ctx context.Context, statement string) error {
	placed, err := w.form.Schema(statement)
	if err != nil {
		return err
	}
	for _, p := range placed {
		if err := w.conn.Exec(ctx, p.Text); err != nil {
			return err
		}
		if !p.Everywhere {
			continue
		}
		for _, shard := range w.shards {
			if err := shard.conn.Exec(ctx, p.Text); err != nil {
				return fmt.Errorf("on %s: %w", shard.address, err)
			}
		}
	}
	return nil
}

// ClusterState is what the server that the DSN names knows of the cluster.
type ClusterState struct {
	Shards  uint64 `ch:"shards"`
	Servers uint64 `ch:"servers"`
	Others  uint64 `ch:"others"` // servers that are not this one
}

// CheckCluster checks that the cluster is there, and is as the config says. It is zero for one server.
func (w *Warehouse) CheckCluster(ctx context.Context) (ClusterState, error) {
	if w.form == nil {
		return ClusterState{}, nil
	}
	var rows []ClusterState
	params := Params{"cluster": w.cluster.Name}
	if err := w.selectInto(ctx, "look for the cluster "+w.cluster.Name, sql.Text("status/cluster.sql"), params, &rows); err != nil {
		return ClusterState{}, err
	}
	state := rows[0]
	switch {
	case state.Servers == 0:
		return state, fmt.Errorf("warehouse.cluster: the server %s knows no cluster %s; name one of its remote_servers (SELECT DISTINCT cluster FROM system.clusters)", w.address, w.cluster.Name)
	case state.Servers == state.Others:
		return state, fmt.Errorf("warehouse.cluster: the server %s is not part of the cluster %s; let warehouse.dsn name one of its servers", w.address, w.cluster.Name)
	case w.cluster.Replicated:
		return state, w.checkMacros(ctx, state)
	case state.Shards != state.Servers:
		return state, fmt.Errorf("warehouse.cluster: the cluster %s has %d servers for %d shards: only replicated tables keep several servers of a shard equal; set replicated: true", w.cluster.Name, state.Servers, state.Shards)
	case state.Others != uint64(len(w.shards)):
		return state, fmt.Errorf("warehouse.cluster.hosts: the cluster %s has %d servers besides %s, but %d are named; name all of them", w.cluster.Name, state.Others, w.address, len(w.shards))
	}
	return state, nil
}

// checkMacros checks that each server of a replicated cluster has a name of its own, by which its replicas are told apart.
func (w *Warehouse) checkMacros(ctx context.Context, state ClusterState) error {
	var rows []struct {
		Shards  uint64 `ch:"shards"`
		Servers uint64 `ch:"servers"`
	}
	if err := w.selectInto(ctx, "read the macros of the cluster "+w.cluster.Name, sql.Text("status/macros.sql"), Params{"cluster": w.cluster.Name}, &rows); err != nil {
		return err
	}
	if rows[0].Shards != state.Shards || rows[0].Servers != state.Servers {
		return fmt.Errorf("warehouse.cluster: the cluster %s has %d servers in %d shards, but their macros tell %d servers in %d shards apart: give all servers of a shard the same macro shard, and each of them a macro replica of its own",
			w.cluster.Name, state.Servers, state.Shards, rows[0].Servers, rows[0].Shards)
	}
	return nil
}

// checkForm checks that the warehouse, where there is one, was made for as many servers as the config says: one or a cluster.
func (w *Warehouse) checkForm(ctx context.Context) error {
	if _, err := w.CheckCluster(ctx); err != nil {
		return err
	}
	var rows []struct {
		IsClustered bool `ch:"is_clustered"`
	}
	err := w.selectInto(ctx, "look at the form of the warehouse", sql.Text("status/form.sql"), nil, &rows)
	switch {
	case err != nil || len(rows) == 0 || rows[0].IsClustered == (w.form != nil):
		return err
	case w.form == nil:
		return errors.New("the warehouse is that of a cluster; set warehouse.cluster, as it was when the warehouse was made")
	}
	return errors.New("warehouse.cluster: the warehouse is one of a single server, and stays on it; drop its databases or name another server, and load anew with partnerplus run --full")
}
