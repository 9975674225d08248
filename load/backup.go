package load

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/sql"
)

// A backup is taken while loads go on, and what it holds is what a crash would have left.
//
// ClickHouse takes each table as it is at one instant, but several tables at several instants, in an order of its own. A
// ledger taken after the facts could so name units whose rows are not in the backup: nobody would ever load them again. A
// backup is therefore made of parts, each a BACKUP of its own, and a table that a load writes after another is taken before
// it (sql/backup/tables.sql):
//
//  1. progress: cursors, runs, job runs, closed months, the schema's version: they say that something is done
//  2. ledger: the units
//  3. accounts: what became of their rows
//  4. facts
//  5. notes: rejects, fingerprints of keys delivered again, touched months, the figures of closed months; settings
//  6. computed: the tables of the figures, without rows
//
// So whatever a table of one part speaks of was there when that part was taken, and is in the parts after it, or has given
// way to something newer. A unit whose load ended after part 2 is not in the ledger, though some or all of its rows may be in
// the facts: that is step 3, 4, 5 or 6 of a load (doc.go), and the unit is loaded again. A unit that is loaded again meanwhile
// may have the account of the new load beside the old one's row in the ledger: step 3 too.
//
// Figures are no part of a backup: they follow from the facts. Views neither: they follow from this program. Restoring puts
// the parts back from the last to the first, as loads write them, so that a restore which is cut short leaves no unit in the
// ledger whose rows are missing. A mark, the database restore_unfinished, is there from before anything is dropped until all parts
// are back and migrated: with it, Migrate refuses the half. As the views are missing then, Migrate makes them and touches every month, and the next
// refresh computes all figures anew.

// BackupPlace is where backups are: a bucket, a disk of the server, or its folder for backups, where nothing is set.
type BackupPlace struct {
	URL             string // of a bucket and a folder in it; not with the embedded engine
	AccessKeyID     string // empty: the server's own credentials
	SecretAccessKey string
	Disk            string // name of a disk in the server's config
}

// String names the place, without credentials.
func (p BackupPlace) String() string {
	switch {
	case p.URL != "":
		address, err := url.Parse(p.URL)
		if err != nil {
			return "s3"
		}
		return "s3 " + address.Redacted()
	case p.Disk != "":
		return "disk " + p.Disk
	}
	return "folder"
}

// destination is how BACKUP and RESTORE name a path at the place, with its parameters; several in one statement differ by a
// word before their names.
func (p BackupPlace) destination(word, path string, params Params) string {
	params[word] = path
	switch {
	case p.URL != "" && p.AccessKeyID == "":
		params[word] = strings.TrimSuffix(p.URL, "/") + "/" + path
		return "S3({" + word + ":String})"
	case p.URL != "":
		params[word] = strings.TrimSuffix(p.URL, "/") + "/" + path
		params["key"], params["secret"] = p.AccessKeyID, p.SecretAccessKey
		return "S3({" + word + ":String}, {key:String}, {secret:String})"
	case p.Disk != "":
		params["disk"] = p.Disk
		return "Disk({disk:String}, {" + word + ":String})"
	}
	return "File({" + word + ":String})"
}

// Backup is a backup that was made.
type Backup struct {
	Name     string     `ch:"name" json:"name"`
	Place    string     `ch:"place" json:"place"`
	Base     string     `ch:"base" json:"base,omitempty"` // that it builds on
	Began    time.Time  `ch:"began_at" json:"began_at"`
	Finished *time.Time `ch:"finished_at" json:"finished_at"` // nil: it is not whole; Began where only a restore tells that it is
	Bytes    uint64     `ch:"bytes" json:"bytes"`             // without those of its base
}

// Errors of backups.
var (
	// ErrNoBackup says that there is no backup of that name, or that it was cut short.
	ErrNoBackup = errors.New("there is no such backup, or it is not whole")
	// ErrBackupDamaged says that files of a backup lack bytes, have others, or are missing.
	ErrBackupDamaged = errors.New("the backup is damaged; make another one, and look at the place's disk")
	// ErrHalfRestored says that a restore was begun here and has not ended.
	ErrHalfRestored = errors.New("a restore into this warehouse was cut short, or is under way: what is here is a part of a backup; begin it again with partnerplus backup restore NAME --force")
	// ErrBackupExists says that the name is taken.
	ErrBackupExists = errors.New("a backup of that name is there already; choose another name")
	// ErrBackupName says that a name is not one that a backup may have.
	ErrBackupName = errors.New("the name of a backup consists of letters, digits, dots, - and _, and begins with a letter or digit")
	// ErrBackupOfCluster says that the warehouse is a cluster's: a backup of one server would lack the other shards' rows.
	ErrBackupOfCluster = errors.New("the warehouse is that of a cluster, of which one server has a part: let ClickHouse back it up, with BACKUP … ON CLUSTER, while no load runs")
)

// NotEmptyError says that a restore would mix two warehouses.
type NotEmptyError struct{ Table string }

func (e *NotEmptyError) Error() string {
	return fmt.Sprintf("the warehouse is not empty: %s has rows; restore into another one (another warehouse.path or server), or take --force, which DROPS all that is in this one first", e.Table)
}

var backupName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// backupPart is what one BACKUP takes.
type backupPart struct {
	name   string
	tables []backupTable
}

type backupTable struct {
	Part     string `ch:"part"`
	Database string `ch:"database"`
	Table    string `ch:"table"`
}

// computedPart has no rows.
const computedPart = "6-computed"

// Backup makes a backup of everything that cannot be computed again, while loads go on; on top of another one at the same
// place, where base names one: then it holds what has changed since. It returns ErrBackupExists where the name is taken.
func (w *Warehouse) Backup(ctx context.Context, place BackupPlace, name, base string) (Backup, error) {
	if w.form != nil {
		return Backup{}, ErrBackupOfCluster
	}
	if !backupName.MatchString(name) {
		return Backup{}, fmt.Errorf("%q: %w", name, ErrBackupName)
	}
	known, err := w.Backups(ctx)
	if err != nil {
		return Backup{}, err
	}
	if slices.ContainsFunc(known, func(b Backup) bool { return b.Name == name && b.Place == place.String() && b.Finished != nil }) {
		return Backup{}, fmt.Errorf("backup %s: %w", name, ErrBackupExists)
	}
	var tables []backupTable
	if err := w.selectInto(ctx, "list the tables", sql.Text("backup/tables.sql"), nil, &tables); err != nil {
		return Backup{}, err
	}
	began, err := w.now(ctx)
	if err != nil {
		return Backup{}, err
	}
	made := Backup{Name: name, Place: place.String(), Base: base, Began: began}
	if err := w.recordBackup(ctx, made, tables); err != nil { // first: it is part of the backup
		return Backup{}, err
	}
	for _, part := range parts(tables) {
		statement, params := "BACKUP "+listed(part.tables), Params{}
		statement += " TO " + place.destination("to", name+"/"+part.name, params)
		switch {
		case part.name == computedPart:
			statement += " SETTINGS structure_only = true"
		case base != "":
			statement += " SETTINGS base_backup = " + place.destination("base", base+"/"+part.name, params)
		}
		bytes, err := w.move(ctx, "back up "+part.name+" to "+name, statement, params)
		if err != nil {
			return Backup{}, err
		}
		made.Bytes += bytes
		if w.onBackedUp != nil {
			w.onBackedUp(part.name)
		}
	}
	ended, err := w.now(ctx)
	if err != nil {
		return Backup{}, err
	}
	made.Finished = &ended
	return made, w.recordBackup(ctx, made, tables)
}

// Backups lists the backups that were made from here, the newest first; none where nothing was migrated yet.
func (w *Warehouse) Backups(ctx context.Context) ([]Backup, error) {
	backups := []Backup{}
	err := w.selectInto(ctx, "list the backups", sql.Text("backup/list.sql"), nil, &backups)
	if isUnmigrated(err) {
		return []Backup{}, nil
	}
	return backups, err
}

// NewestWhole names the newest backup at the place that builds on no other, empty where there is none.
func (w *Warehouse) NewestWhole(ctx context.Context, place BackupPlace) (string, error) {
	row, err := one[struct {
		Name string `ch:"name"`
	}](ctx, w, "backup/base.sql", Params{"place": place.String()})
	return row.Name, err
}

// parts groups tables, which are ordered by their part.
func parts(tables []backupTable) []backupPart {
	var all []backupPart
	for _, t := range tables {
		if len(all) == 0 || all[len(all)-1].name != t.Part {
			all = append(all, backupPart{name: t.Part})
		}
		last := &all[len(all)-1]
		last.tables = append(last.tables, t)
	}
	return all
}

// name is the table's name as statements have it.
func (t backupTable) name() string {
	return sql.With("{database:Identifier}.{table:Identifier}", "database", t.Database, "table", t.Table)
}

func listed(tables []backupTable) string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = "TABLE " + t.name()
	}
	return strings.Join(names, ", ")
}

func (w *Warehouse) recordBackup(ctx context.Context, b Backup, tables []backupTable) error {
	finished := null
	if b.Finished != nil {
		finished = instant(*b.Finished)
	}
	tuples := make([]string, len(tables))
	for i, t := range tables {
		tuples[i] = "('" + t.Part + "','" + t.Database + "','" + t.Table + "')"
	}
	return w.exec(ctx, "record backup "+b.Name, sql.Text("backup/record.sql"), Params{
		"name": b.Name, "place": b.Place, "base": b.Base, "tables": "[" + strings.Join(tuples, ",") + "]",
		"began": instant(b.Began), "finished": finished, "bytes": count(b.Bytes),
	})
}

// How often the server is asked how far it is.
const (
	firstLook   = 20 * time.Millisecond
	longestLook = time.Second
)

// ClickHouse's errors of backups that have a meaning for the caller.
const (
	codeBackupExists   = "Code: 598."
	codeBackupNotFound = "Code: 599."
)

// move runs a BACKUP or RESTORE, waits until it is done, and gives its size. It may take hours: the server is
// asked again and again, and no answer takes long. One that is given up is ended.
func (w *Warehouse) move(ctx context.Context, op, statement string, params Params) (bytes uint64, err error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return 0, fmt.Errorf("make a query id: %w", err)
	}
	query := Params{"query": id.String()}
	known := false
	err = w.do(ctx, op, func(ctx context.Context) error {
		// Where the answer was lost, it goes on already.
		if state, err := w.moved(ctx, query); err != nil || state.Status != "" {
			return err
		}
		return w.conn.Exec(clickhouse.Context(with(ctx, params), clickhouse.WithQueryID(id.String())), statement+" ASYNC")
	})
	if err != nil {
		return 0, meaning(op, err.Error(), err)
	}
	for pause := firstLook; ; pause = min(2*pause, longestLook) {
		state, err := w.moved(ctx, query)
		switch {
		case ctx.Err() != nil:
			return 0, errors.Join(context.Cause(ctx), w.endMove(ctx, query))
		case err != nil:
			return 0, err
		case state.Status == "BACKUP_CREATED" || state.Status == "RESTORED":
			return state.Bytes, nil
		case state.Status == "" && known:
			return 0, &Error{Op: op, Hint: "begin anew, a backup under another name", Err: errors.New("the warehouse was restarted meanwhile")}
		case strings.HasSuffix(state.Status, "_FAILED") || strings.HasSuffix(state.Status, "_CANCELLED"):
			text, _, _ := strings.Cut(state.Error, ", Stack trace")
			return 0, meaning(op, text, &Error{Op: op, Err: errors.New(firstLine(errors.New(text)))})
		}
		known = true
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// moveState is what the server says of a BACKUP or RESTORE.
type moveState struct {
	Status string `ch:"status"`
	Error  string `ch:"error"`
	Bytes  uint64 `ch:"bytes"`
}

func (w *Warehouse) moved(ctx context.Context, query Params) (moveState, error) {
	return one[moveState](ctx, w, "backup/progress.sql", query)
}

// endMove tells the server that nobody waits any more.
func (w *Warehouse) endMove(ctx context.Context, query Params) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	return w.exec(ctx, "end the statement", sql.Text("backup/end.sql"), query)
}

// meaning gives an error of the server a type where the caller may decide by it.
func meaning(op, text string, err error) error {
	switch {
	case strings.Contains(text, codeBackupExists):
		return fmt.Errorf("%s: %w", op, ErrBackupExists)
	case strings.Contains(text, codeBackupNotFound):
		return fmt.Errorf("%s: %w", op, ErrNoBackup)
	}
	return err
}
