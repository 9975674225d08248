package load

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/partnerplus/warehouse/sql"
)

// openedBackup is a backup of which it is known what is in it. Beside the warehouse there is a database, backup_check, for what
// is unpacked to be looked at.
type openedBackup struct {
	w      *Warehouse
	place  BackupPlace
	name   string
	base   string
	tables []backupTable
}

// Restore puts a backup into a warehouse without rows, and migrates it; with force, into one whose databases it drops first.
// Refresh comes after it. Nothing is changed where there is no such backup, or it is of a newer schema than this program knows.
// Where it is cut short, Migrate returns ErrHalfRestored until it is begun again.
func (w *Warehouse) Restore(ctx context.Context, place BackupPlace, name string, force bool, reporting Reporting) error {
	if w.form != nil {
		return ErrBackupOfCluster
	}
	occupied, err := one[struct {
		Table string `ch:"table"`
	}](ctx, w, "backup/occupied.sql", nil)
	if err != nil {
		return err
	}
	if occupied.Table != "" && !force {
		return &NotEmptyError{occupied.Table}
	}
	opened, err := w.openBackup(ctx, place, name)
	if err != nil {
		return err
	}
	if err := errors.Join(opened.isKnown(ctx), opened.close(ctx)); err != nil {
		return err
	}
	if err := w.exec(ctx, "mark the restore as begun", sql.Text("backup/restore_begins.sql"), nil); err != nil {
		return err
	}
	if err := w.makeRoom(ctx); err != nil {
		return err
	}
	size, err := opened.restoreAll(ctx)
	if err != nil {
		return err
	}
	if _, err := w.migrate(ctx, reporting); err != nil {
		return err
	}
	params := Params{"name": name, "place": place.String(), "bytes": count(size)}
	if err := w.exec(ctx, "record backup "+name, sql.Text("backup/restored.sql"), params); err != nil {
		return err
	}
	return w.exec(ctx, "mark the restore as ended", sql.Text("backup/restore_ends.sql"), nil)
}

// restoreAll puts the parts back, the last one first, and gives the backup's size.
func (o *openedBackup) restoreAll(ctx context.Context) (size uint64, err error) {
	all := parts(o.tables)
	for i := len(all) - 1; i >= 0; i-- {
		bytes, err := o.restore(ctx, all[i].name, listed(all[i].tables))
		if err != nil {
			return 0, err
		}
		size += bytes
		if o.w.onRestored != nil {
			o.w.onRestored(all[i].name)
		}
	}
	return size, nil
}

// makeRoom leaves our databases, with nothing in them.
func (w *Warehouse) makeRoom(ctx context.Context) error {
	for _, database := range []string{"kpi", "kpi_engagement", "kpi_support", "kpi_core", "warehouse", "etl"} {
		drop := sql.With("DROP DATABASE IF EXISTS {database:Identifier} SYNC", "database", database)
		if err := w.exec(ctx, "drop "+database, drop, nil); err != nil {
			return err
		}
	}
	for _, folder := range []string{"bootstrap", "migrations"} {
		scripts, err := sql.Scripts(folder, w.scripts...)
		if err != nil {
			return err
		}
		for _, script := range scripts {
			if !strings.Contains(script.Name, "_database_") {
				continue
			}
			if err := w.run(ctx, script); err != nil {
				return err
			}
		}
	}
	return nil
}

// openBackup reads what a backup says of itself, and looks whether its last part is there.
func (w *Warehouse) openBackup(ctx context.Context, place BackupPlace, name string) (*openedBackup, error) {
	if !backupName.MatchString(name) {
		return nil, fmt.Errorf("%q: %w", name, ErrBackupName)
	}
	o := &openedBackup{w: w, place: place, name: name}
	if err := o.close(ctx); err != nil { // what was left behind
		return nil, err
	}
	if err := w.exec(ctx, "make room to look at the backup", sql.Text("backup/check_begins.sql"), nil); err != nil {
		return nil, err
	}
	if _, err := o.unpack(ctx, backupTable{Part: "1-progress", Database: "etl", Table: "backups"}); err != nil {
		if errors.Is(err, ErrNoBackup) {
			err = fmt.Errorf("backup %s (%s): %w", name, place, ErrNoBackup)
		}
		return nil, errors.Join(err, o.close(ctx))
	}
	var rows []struct {
		Base string `ch:"base"`
		backupTable
	}
	err := w.selectInto(ctx, "read what is in backup "+name, sql.Text("backup/manifest.sql"), Params{"name": name}, &rows)
	for _, row := range rows {
		o.base, o.tables = row.Base, append(o.tables, row.backupTable)
	}
	if err == nil && len(o.tables) > 0 {
		_, err = o.unpack(ctx, o.tables[len(o.tables)-1])
	}
	if err == nil && len(o.tables) == 0 {
		err = fmt.Errorf("backup %s: it does not say what is in it: %w", name, ErrNoBackup)
	}
	if err != nil {
		return nil, errors.Join(err, o.close(ctx))
	}
	return o, nil
}

// close drops what was unpacked.
func (o *openedBackup) close(ctx context.Context) error {
	return o.w.exec(ctx, "drop what was unpacked", sql.Text("backup/check_ends.sql"), nil)
}

// unpack restores one table into the database beside the warehouse, and gives its name there.
func (o *openedBackup) unpack(ctx context.Context, t backupTable) (string, error) {
	copied := sql.With("backup_check.{table:Identifier}", "table", t.Table)
	_, err := o.restore(ctx, t.Part, "TABLE "+t.name()+" AS "+copied)
	return copied, err
}

// restore runs one RESTORE, and gives the size of the part.
func (o *openedBackup) restore(ctx context.Context, part, what string) (bytes uint64, err error) {
	params := Params{}
	statement := "RESTORE " + what + " FROM " + o.place.destination("from", o.name+"/"+part, params)
	if o.base != "" && part != computedPart {
		statement += " SETTINGS base_backup = " + o.place.destination("base", o.base+"/"+part, params)
	}
	bytes, err = o.w.move(ctx, "restore "+part+" of "+o.name, statement, params)
	if err != nil && ctx.Err() == nil && damage.MatchString(err.Error()) {
		err = fmt.Errorf("%w: %w", err, ErrBackupDamaged)
	}
	return bytes, err
}

// damage is how the server says of a RESTORE that files at the place lack bytes, have others, or are missing: cannot read all
// data (32, 33), checksum (40), no such file (107), wrong size (228), corrupted (246), backup damaged (601), entry missing (605).
var damage = regexp.MustCompile(`Code: (32|33|40|107|228|246|601|605)\.|No such file or directory|The specified key does not exist`)

// isKnown returns an error where the backup is of a newer schema than this program knows.
func (o *openedBackup) isKnown(ctx context.Context) error {
	copied, err := o.unpack(ctx, backupTable{Part: "1-progress", Database: "etl", Table: "schema_migrations"})
	if err != nil {
		return err
	}
	_, err = o.w.unapplied(ctx, copied)
	return err
}

// Verified is a table of a backup that is whole.
type Verified struct {
	Table string `json:"table"`
	Rows  uint64 `json:"rows"`
}

// VerifyBackup unpacks each table of a backup beside the warehouse, has the engine hold every byte against the checksums, and
// drops it again: it takes the room of the largest table. A table that is not whole is an error.
func (w *Warehouse) VerifyBackup(ctx context.Context, place BackupPlace, name string) (verified []Verified, err error) {
	o, err := w.openBackup(ctx, place, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.close(ctx)) }()
	for _, t := range o.tables {
		rows, err := o.verify(ctx, t)
		if err != nil {
			return nil, err
		}
		verified = append(verified, Verified{t.name(), rows})
	}
	return verified, nil
}

// verify tells how many rows a table has, if it is whole.
func (o *openedBackup) verify(ctx context.Context, t backupTable) (rows uint64, err error) {
	copied := sql.With("backup_check.{table:Identifier}", "table", t.Table)
	drop := func() error { return o.w.exec(ctx, "drop "+copied, "DROP TABLE IF EXISTS "+copied+" SYNC", nil) }
	if err := drop(); err != nil { // it may have been unpacked to be looked at
		return 0, err
	}
	if _, err := o.unpack(ctx, t); err != nil {
		return 0, fmt.Errorf("backup %s: %s: %w", o.name, t.name(), err)
	}
	var checked []struct {
		Part    string `ch:"part_path"`
		Passed  bool   `ch:"is_passed"`
		Message string `ch:"message"`
	}
	check := "CHECK TABLE " + copied + " SETTINGS check_query_single_value_result = 0"
	if err := o.w.selectInto(ctx, "check "+t.name(), check, nil, &checked); err != nil {
		return 0, err
	}
	for _, part := range checked {
		if !part.Passed {
			return 0, fmt.Errorf("backup %s: %s: %s: %w", o.name, t.name(), firstLine(errors.New(part.Message)), ErrBackupDamaged)
		}
	}
	var counted []struct {
		Rows uint64 `ch:"rows"`
	}
	if err := o.w.selectInto(ctx, "count "+t.name(), "SELECT count() AS rows FROM "+copied, nil, &counted); err != nil {
		return 0, err
	}
	return counted[0].Rows, drop()
}
