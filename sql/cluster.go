package sql

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Cluster writes the schema for several ClickHouse servers, from the same files as for one. A nil Cluster is one server.
//
// Tables of events (sharded) hold a part of their rows on each shard, in a table warehouse.…_shard, and a Distributed table
// of the files' name reads all of them. A row's business key decides its shard, so that all versions of one event meet on one
// shard, whichever load brings them, and FINAL finds the winner there. All other tables are whole on one server, the one that
// the statements are sent to; where tables are Replicated, the cluster's other servers have copies of them.
type Cluster struct {
	Name string // in remote_servers
	// Replicated: tables are Replicated…MergeTree, and the servers pass the schema on to each other (ON CLUSTER). Else each
	// shard is one server with plain tables, which is sent its part of the schema itself.
	Replicated bool
}

// sharded are the tables of the database warehouse that grow with events.
var sharded = []string{"awards", "redemptions", "portal_sessions", "portal_events"}

// shardSuffix follows the name of the table that holds a shard's rows.
const shardSuffix = "_shard"

// Placed is a statement of the schema, and where it is sent.
type Placed struct {
	Text       string
	Everywhere bool // to each server of the cluster; else only to the one that the warehouse's statements are sent to
}

// Text gives one file, as the function Text does: the cluster's own (sql/cluster), where it has one.
func (c *Cluster) Text(name string) string {
	if c != nil {
		if text, err := files.ReadFile("cluster/" + name); err == nil {
			return string(text)
		}
	}
	return Text(name)
}

// Scripts gives the files of a folder, as the function Scripts does, with the cluster's own in the place of those with the
// same name.
func (c *Cluster) Scripts(folder string, overlays ...fs.FS) ([]Script, error) {
	if c == nil {
		return Scripts(folder, overlays...)
	}
	own, err := fs.Sub(files, "cluster")
	if err != nil {
		return nil, fmt.Errorf("sql/cluster: %w", err)
	}
	return Scripts(folder, append([]fs.FS{own}, overlays...)...)
}

// definition is a statement of the schema, cut around the name of what it defines.
type definition struct {
	before string // comments and what is done, such as CREATE TABLE IF NOT EXISTS
	verb   string // its first two words of that, such as CREATE TABLE
	object string
	after  string
}

var (
	defining = regexp.MustCompile(`(?m)^(CREATE (?:DATABASE|TABLE) IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE|DROP (?:TABLE|VIEW) IF EXISTS) ([a-z0-9_.]+)`)
	engine   = regexp.MustCompile(`(?m)^ENGINE = ((?:\w+)?MergeTree)(?:\((.*)\))?$`)
	orderBy  = regexp.MustCompile(`(?m)^ORDER BY (\(.+\))$`)
	comment  = regexp.MustCompile(`(?m)^COMMENT '.*'$`)
	literal  = regexp.MustCompile(`'(?:[^'\\]|\\.|'')*'`)

	ofColumns = regexp.MustCompile(`\b(?:ADD|MODIFY|DROP|RENAME|COMMENT|CLEAR) COLUMN\b`)
	ofStorage = regexp.MustCompile(`\b(?:ORDER BY|INDEX|PROJECTION|STATISTICS|CONSTRAINT|TTL|SETTING|PARTITION|UPDATE|DELETE)\b`)
)

// Schema gives what a statement of bootstrap, migrations or the views becomes, in the order in which it is done. Each may be
// repeated, as the statement may.
func (c *Cluster) Schema(statement string) ([]Placed, error) {
	if c == nil {
		return []Placed{{Text: statement}}, nil
	}
	statement = strings.ReplaceAll(statement, "{cluster:String}", c.quoted())
	at := defining.FindStringSubmatchIndex(statement)
	if at == nil {
		return nil, fmt.Errorf("sql: a cluster's schema knows no statement like %q; see sql/cluster.go for those that it knows", firstLine(statement))
	}
	d := definition{before: statement[:at[3]], object: statement[at[4]:at[5]], after: statement[at[5]:]}
	words := strings.Fields(statement[at[2]:at[3]])
	d.verb = words[0] + " " + words[1]
	if d.verb == "CREATE OR" {
		d.verb = "CREATE VIEW"
	}
	if database, table, _ := strings.Cut(d.object, "."); database == "warehouse" && slices.Contains(sharded, table) {
		return c.sharded(d)
	}
	if !c.Replicated {
		// The other servers hold shards, and nothing else.
		return []Placed{{Text: statement, Everywhere: d.verb == "CREATE DATABASE" && d.object == "warehouse"}}, nil
	}
	switch d.verb {
	case "ALTER TABLE": // replicas pass it on to each other
		return []Placed{{Text: statement}}, nil
	case "CREATE TABLE":
		// One set of replicas over all shards.
		text, err := c.replicated(d, "all", "{shard}-{replica}")
		return []Placed{{Text: text}}, err
	}
	return []Placed{{Text: c.on(d)}}, nil
}

// Written gives a script of the schema as text, as it is sent.
func (c *Cluster) Written(s Script) (string, error) {
	if c == nil {
		return s.Text, nil
	}
	var text strings.Builder
	for _, statement := range s.Statements() {
		placed, err := c.Schema(statement)
		if err != nil {
			return "", err
		}
		for _, p := range placed {
			if p.Everywhere {
				text.WriteString("-- To each server of the cluster:\n")
			}
			text.WriteString(p.Text + ";\n")
		}
	}
	return text.String(), nil
}

// sharded gives what becomes of a statement about a table of events: one about the shards' tables, and one about the
// Distributed table over them.
func (c *Cluster) sharded(d definition) ([]Placed, error) {
	shard := d
	shard.object += shardSuffix
	onShards := Placed{Text: c.on(shard), Everywhere: !c.Replicated}
	over := Placed{Text: c.on(d)}
	switch d.verb {
	case "CREATE TABLE":
		if c.Replicated {
			text, err := c.replicated(shard, "{shard}", "{replica}")
			if err != nil {
				return nil, err
			}
			onShards.Text = text
		}
		key := orderBy.FindStringSubmatch(d.after)
		if key == nil {
			return nil, fmt.Errorf("sql: %s is sharded by the columns of its ORDER BY (…), on a line of its own; it has none", d.object)
		}
		database, table, _ := strings.Cut(shard.object, ".")
		d.after = fmt.Sprintf(" AS %s\nENGINE = Distributed(%s, '%s', '%s', cityHash64%s)\n%s", shard.object, c.quoted(), database, table, key[1], comment.FindString(d.after))
		over.Text = c.on(d)
		return []Placed{onShards, over}, nil
	case "ALTER TABLE":
		text := literal.ReplaceAllString(d.after, "''")
		switch columns, storage := ofColumns.MatchString(text), ofStorage.MatchString(text); {
		case columns && storage:
			return nil, fmt.Errorf("sql: one ALTER TABLE %s changes columns, which its Distributed table has too, and what only the shards' tables have: make it two statements", d.object)
		case storage:
			return []Placed{onShards}, nil
		}
		return []Placed{onShards, over}, nil
	case "DROP TABLE":
		return []Placed{over, onShards}, nil
	}
	return nil, fmt.Errorf("sql: %s is a table of events, and a cluster's schema knows no %s of these", d.object, d.verb)
}

// on writes a definition for all servers at once, where they pass it on.
func (c *Cluster) on(d definition) string {
	if !c.Replicated {
		return d.before + " " + d.object + d.after
	}
	return d.before + " " + d.object + " ON CLUSTER " + c.quoted() + d.after
}

// replicated writes a table for all servers, as a set of replicas. Their place in Keeper and their names may hold macros.
func (c *Cluster) replicated(d definition, set, replica string) (string, error) {
	found := engine.FindStringSubmatch(d.after)
	if found == nil {
		return "", fmt.Errorf("sql: %s has no line ENGINE = …MergeTree", d.object)
	}
	arguments := fmt.Sprintf("'/clickhouse/tables/%s/%s/%s', '%s'", c.Name, set, d.object, replica)
	if found[2] != "" {
		arguments += ", " + found[2]
	}
	d.after = strings.Replace(d.after, found[0], "ENGINE = Replicated"+found[1]+"("+arguments+")", 1)
	return c.on(d), nil
}

// quoted is the cluster's name as a literal.
func (c *Cluster) quoted() string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(c.Name) + "'"
}

func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "--") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
