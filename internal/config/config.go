// Package config reads the config file, partnerplus.yaml: where the warehouse is, which sources there are and
// how their columns become entities, and in which currency and zone is reported.
//
// Whoever holds a Config may rely on it: every field is checked, every mapping compiles, every path is
// absolute. All problems of a file are reported at once, each with its line and field. Values of the environment,
// of files of secrets and of a secret store stay secret: Redact masks them in any text.
//
// It must not know how a source is read, how rows are loaded, when a job runs or how a secret store is asked; it opens
// nothing but its file and the files of secrets that this names.
package config

import (
	"fmt"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/transform"
)

// FileName is the usual name of the config file.
const FileName = "partnerplus.yaml"

// Config is the config file.
type Config struct {
	// Warehouse says where the warehouse is; the embedded engine beside this file by default.
	Warehouse Warehouse `yaml:"warehouse,omitempty"`
	// Reporting says what all figures are reported in.
	Reporting Reporting `yaml:"reporting"`
	// Schedules is the folder of job files, relative to this file; the built-in jobs live, nightly and month-end by default.
	Schedules string `yaml:"schedules,omitempty"`
	// Notifications say who is told when something is wrong, and of the summaries; nobody by default.
	Notifications Notifications `yaml:"notifications,omitempty"`
	// Metrics is the file with owners, targets and thresholds of metrics, and interventions, relative to this file; the defaults of the
	// metric catalogue without it. Every run reads it anew.
	Metrics string `yaml:"metrics,omitempty"`
	// Access says which users of the warehouse manage which programmes.
	Access Access `yaml:"access,omitempty"`
	// Reports is the folder that jobs and review close write review packs into, relative to this file; .partnerplus/reports by default.
	Reports string `yaml:"reports,omitempty"`
	// Serve says where partnerplus serve answers, and whom.
	Serve Serve `yaml:"serve,omitempty"`
	// Retention says how long is kept what no figure needs, such as raw rows of rejects.
	Retention Retention `yaml:"retention,omitempty"`
	// Backup says where backups of the warehouse are.
	Backup Backup `yaml:"backup,omitempty"`
	// Lookups are tables that mappings replace values with, by their names.
	Lookups []Lookup `yaml:"lookups,omitempty"`
	// Sources are the places that rows come from, by their names. A run reads them in this order.
	Sources []Source `yaml:"sources,omitempty"`
	// Telemetry says what others are told of the program's work.
	Telemetry Telemetry `yaml:"telemetry,omitempty"`

	// Warnings are what is not wrong with the file, but should not stay so: secrets in plain text.
	Warnings []string `yaml:"-"`

	masks      []mask
	references references
}

// Warehouse says where the warehouse is.
type Warehouse struct {
	// DSN is the address of a ClickHouse server over HTTP, such as https://user:${PASSWORD}@host:8443/; the embedded
	// engine by default.
	DSN string `yaml:"dsn,omitempty" secret:"address"`
	// Path is the folder of the embedded engine, relative to this file; .partnerplus/warehouse by default.
	Path string `yaml:"path,omitempty"`
	// Patience is how long a run waits for a warehouse that is away or too busy; 2m by default, which outlasts a restart.
	// Commands that only look wait 10s, or as long as this if it is shorter.
	Patience time.Duration `yaml:"patience,omitempty"`
	// Cluster spreads the warehouse over a ClickHouse cluster, one of whose servers dsn names: events over its shards. A name
	// alone is short for {name: …}.
	Cluster *Cluster `yaml:"cluster,omitempty"`
}

// Cluster is a ClickHouse cluster.
type Cluster struct {
	// Name is the cluster's name in remote_servers of all its servers.
	Name string `yaml:"name"`
	// Replicated says that the cluster has Keeper: tables are Replicated…MergeTree, made ON CLUSTER; true by default. Without it,
	// each shard is one server with plain tables.
	Replicated bool `yaml:"replicated,omitempty"`
	// Hosts are the addresses of the cluster's other servers, as dsn is one, where it is not replicated.
	Hosts []string `yaml:"hosts,omitempty" secret:"address"`
}

// SetDefaults sets what the file may leave out.
func (c *Cluster) SetDefaults() { c.Replicated = true }

// SetDefaults sets what the file may leave out.
func (w *Warehouse) SetDefaults() { w.Path, w.Patience = ".partnerplus/warehouse", 2*time.Minute }

// Embedded reports whether the warehouse is the embedded engine.
func (w Warehouse) Embedded() bool { return w.DSN == "" }

// Reporting says what all figures are reported in.
type Reporting struct {
	// Currency is the three-letter code of the currency that all amounts are converted to, such as USD.
	Currency string `yaml:"currency"`
	// Timezone is the IANA zone that decides in which month an event falls and when jobs run; UTC by default.
	Timezone string `yaml:"timezone,omitempty"`
}

// SetDefaults sets what the file may leave out.
func (r *Reporting) SetDefaults() { r.Timezone = "UTC" }

// Zone gives the zone of Timezone.
func (r Reporting) Zone() *time.Location {
	zone, err := time.LoadLocation(r.Timezone)
	if err != nil {
		panic(fmt.Sprintf("config: the zone %q was not checked: %v", r.Timezone, err))
	}
	return zone
}

// Lookup is a table with two columns, read from a source of its own before the mappings that use it.
type Lookup struct {
	// Name is the lookup's key in the file.
	Name string `yaml:"-" strict:"key"`

	extract.Spec `yaml:",inline"`

	// Key names the raw column with the values that are replaced.
	Key string `yaml:"key"`
	// Value names the raw column with what replaces them.
	Value string `yaml:"value"`
}

// Source is one place that rows come from, with what its rows become.
type Source struct {
	// Name is the source's key in the file: small letters, digits, - and _.
	Name string `yaml:"-" strict:"key"`

	extract.Spec `yaml:",inline"`

	// Rejects bounds how many rows of a unit may be rejected before the unit fails whole.
	Rejects Rejects `yaml:"rejects,omitempty"`
	// Rows bounds how few rows a run may read before it has failed its check.
	Rows Rows `yaml:"rows,omitempty"`
	// Contract says which raw columns there are, and what happens to a unit with others.
	Contract Contract `yaml:"contract,omitempty"`
	// Unrouted says what happens to rows that no mapping takes: ignore (the default; the run counts them) or reject.
	Unrouted string `yaml:"unrouted,omitempty"`
	// Parallel is how many units are read at once; 4 by default, 1 for an API that allows one request at a time.
	Parallel int `yaml:"parallel,omitempty"`
	// Deadline is how long a run may spend on the source, such as 2h; no bound by default. Units under way then fail, and those
	// loaded before stay: the next run goes on from there.
	Deadline time.Duration `yaml:"deadline,omitempty"`
	// FreshWithin is how long after one delivery the next must have come, such as 36h or 2d: partnerplus check fails where
	// it has not. By default, the source must have delivered once.
	FreshWithin time.Duration `yaml:"fresh_within,omitempty"`
	// MonthEnd says when the source has delivered all of a month, for jobs that wait for that. By default it has once an API or a
	// database was asked after the month's end, or, where fresh_within is set, a file came after it; and once it has events
	// of the last day of the month on which it usually has some.
	MonthEnd MonthEnd `yaml:"month_end,omitempty"`
	// Mappings say what the rows become. Each mapping sees every row of the source.
	Mappings []transform.MappingSpec `yaml:"mappings"`
}

// SetDefaults sets what the file may leave out.
func (s *Source) SetDefaults() {
	s.Rejects.SetDefaults()
	s.Rows.SetDefaults()
	s.Unrouted, s.Parallel = UnroutedIgnore, 4
}

// MonthEnd says when a source has delivered all of a month.
type MonthEnd struct {
	// After is how long after the month's end the source still brings rows of it, such as 6h: only what it delivers later, or
	// answers later, is all of the month. None by default.
	After time.Duration `yaml:"after,omitempty"`
	// Ignore lets no month wait for the source: an archive, or what has no bearing on a review.
	Ignore bool `yaml:"ignore,omitempty"`
}

// Rejects bounds the rejected rows of a unit. A unit above either bound fails whole: nothing of it is loaded.
type Rejects struct {
	// MaxRows is the most rows that may be rejected; no bound by default.
	MaxRows *uint64 `yaml:"max_rows,omitempty"`
	// MaxShare is the largest share of the rows read that may be rejected, from 0 to 1; 0.10 by default.
	MaxShare float64 `yaml:"max_share,omitempty"`
}

// SetDefaults sets what the file may leave out.
func (r *Rejects) SetDefaults() { r.MaxShare = 0.10 }

// Check says which bound a unit is above, or nil.
func (r Rejects) Check(rejected, read uint64) error {
	if r.MaxRows != nil && rejected > *r.MaxRows {
		return fmt.Errorf("%d of %d rows were rejected, more than rejects.max_rows, %d", rejected, read, *r.MaxRows)
	}
	if float64(rejected) > r.MaxShare*float64(read) {
		return fmt.Errorf("%d of %d rows were rejected, more than rejects.max_share, %g", rejected, read, r.MaxShare)
	}
	return nil
}

// Source finds a source by name.
func (c *Config) Source(name string) (Source, bool) {
	for _, s := range c.Sources {
		if s.Name == name {
			return s, true
		}
	}
	return Source{}, false
}

// SourceNames gives the names of all sources, in the file's order.
func (c *Config) SourceNames() []string {
	names := make([]string, len(c.Sources))
	for i, s := range c.Sources {
		names[i] = s.Name
	}
	return names
}
