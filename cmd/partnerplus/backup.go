package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
)

func (a *app) backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Back up the warehouse, and restore it",
		Long: `A backup holds the facts, the ledger and all else that cannot be computed again, as a crash at that moment would have left
it: loads may go on meanwhile. The figures are computed anew after a restore. The section backup of the config says where a
ClickHouse server keeps backups; those of the embedded engine are in the folder backups of warehouse.path.`,
		Example: `  partnerplus backup create
  partnerplus backup create --incremental
  partnerplus backup list
  partnerplus backup verify 2026-11-28T02-00-00
  partnerplus backup restore 2026-11-28T02-00-00   # into a warehouse without rows`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("backup create, backup list, backup verify or backup restore; see partnerplus backup --help")}
		},
	}
	cmd.AddCommand(a.backupCreate(), a.backupList(), a.backupVerify(), a.backupRestore())
	return cmd
}

// withBackups opens the warehouse for a command about backups.
func (a *app) withBackups(ctx context.Context, open func(context.Context, *config.Config) (*opened, error), do func(*config.Config, *opened, load.BackupPlace) error) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	warehouse, err := open(ctx, c)
	if err != nil {
		return err
	}
	place := load.BackupPlace{URL: c.Backup.URL, AccessKeyID: c.Backup.AccessKeyID, SecretAccessKey: c.Backup.SecretAccessKey, Disk: c.Backup.Disk}
	if warehouse.engine != nil && place != (load.BackupPlace{}) {
		err = &usageError{errors.New("backup: url and disk are for a ClickHouse server (warehouse.dsn). The embedded engine writes backups to the folder backups " +
			"of warehouse.path, and nowhere else: make that a link or a mount, or copy its content away")}
	} else {
		err = backupUsage(do(c, warehouse, place))
	}
	return errors.Join(err, warehouse.Close())
}

// backupUsage makes mistakes in what was asked for usage errors.
func backupUsage(err error) error {
	for _, mistake := range []error{load.ErrBackupName, load.ErrBackupExists, load.ErrBackupOfCluster, load.ErrNoBackup} {
		if errors.Is(err, mistake) {
			return &usageError{err}
		}
	}
	if errors.As(err, new(*load.NotEmptyError)) {
		return &usageError{err}
	}
	return err
}

// nameOfNow is the name of a backup that was given none.
const nameOfNow = "2006-01-02T15-04-05"

func (a *app) backupCreate() *cobra.Command {
	var incremental bool
	cmd := &cobra.Command{
		Use:   "create [NAME]",
		Short: "Make a backup, named by the time in UTC unless told otherwise",
		Long: `create backs up what cannot be computed again. With --incremental, it holds what has changed since the newest backup at the
same place that builds on no other; both are needed then to restore it.`,
		Example: `  partnerplus backup create
  partnerplus backup create before-the-migration
  partnerplus backup create --incremental -o json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			name := time.Now().UTC().Format(nameOfNow)
			if len(args) == 1 {
				name = args[0]
			}
			return a.withBackups(cmd.Context(), a.openMigrated, func(_ *config.Config, warehouse *opened, place load.BackupPlace) error {
				base := ""
				if incremental {
					if base, err = warehouse.NewestWhole(cmd.Context(), place); err != nil {
						return err
					}
				}
				made, err := warehouse.Backup(cmd.Context(), place, name, base)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.out, made)
				}
				on := ""
				if base != "" {
					on = " on top of " + base
				}
				_, err = fmt.Fprintf(a.out, "backup %s%s: %s, in %s s, to %s\n", name, on, bytes(int64(made.Bytes)), seconds(made.Finished.Sub(made.Began).Seconds()), made.Place)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&incremental, "incremental", false, "only what has changed since the newest backup that builds on no other")
	a.outputFlag(cmd)
	return cmd
}

func (a *app) backupList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the backups that were made from this warehouse",
		Long: `list shows what the warehouse remembers, and changes nothing. Where the warehouse is lost or new, look at the place itself (the
folder, bucket or disk): each backup is a folder of its name there.`,
		Example: `  partnerplus backup list -o json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			return a.withBackups(cmd.Context(), a.open, func(c *config.Config, warehouse *opened, _ load.BackupPlace) error {
				backups, err := warehouse.Backups(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.out, backups)
				}
				rows := [][]string{{"NAME", "BEGAN", "SECONDS", "BYTES", "BUILDS ON", "PLACE"}}
				for _, b := range backups {
					took := "not whole"
					switch {
					case b.Finished != nil && b.Finished.Equal(b.Began): // known from a restore only
						took = "whole"
					case b.Finished != nil:
						took = seconds(b.Finished.Sub(b.Began).Seconds())
					}
					rows = append(rows, []string{b.Name, b.Began.In(c.Reporting.Zone()).Format(time.DateTime), took, bytes(int64(b.Bytes)), b.Base, b.Place})
				}
				printRows(a.out, rows)
				return nil
			})
		},
	}
	a.outputFlag(cmd)
	return cmd
}

func (a *app) backupVerify() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify NAME",
		Short: "Unpack a backup table by table, and hold every byte against its checksum",
		Long: `verify unpacks each table of a backup into a database of its own beside the warehouse (backup_check), has every byte held
against its checksum, and drops it again. It takes the room of the largest table. A restore does not do that.`,
		Example: `  partnerplus backup verify 2026-11-28T02-00-00`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			return a.withBackups(cmd.Context(), a.open, func(_ *config.Config, warehouse *opened, place load.BackupPlace) error {
				verified, err := warehouse.VerifyBackup(cmd.Context(), place, args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.out, verified)
				}
				var rows uint64
				for _, t := range verified {
					rows += t.Rows
				}
				_, err = fmt.Fprintf(a.out, "backup %s is whole: %d tables, %s rows\n", args[0], len(verified), thousands(rows))
				return err
			})
		},
	}
	a.outputFlag(cmd)
	return cmd
}

func (a *app) backupRestore() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "restore NAME",
		Short: "Restore a backup into a warehouse without rows, compute the figures and check them",
		Long: `restore puts a backup back, brings its schema up to date with this program, computes all figures from the facts and runs the
checks; it ends with exit code 4 where one fails. The next run loads what the backup's ledger does not have. A restore that was
cut short is begun anew, with --force; until then run, serve and all else that migrates refuse the warehouse. A backup of a newer schema is refused.

Nothing else may use the warehouse meanwhile.`,
		Example: `  partnerplus backup restore 2026-11-28T02-00-00
  partnerplus backup restore 2026-11-28T02-00-00 --force   # DROPS what is in the warehouse first`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBackups(cmd.Context(), a.openPatient, func(c *config.Config, warehouse *opened, place load.BackupPlace) error {
				return a.restore(cmd.Context(), c, warehouse, place, args[0], force)
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "drop all that is in the warehouse first")
	return cmd
}

// openPatient opens the warehouse as it is, for a command that changes it.
func (a *app) openPatient(ctx context.Context, c *config.Config) (*opened, error) {
	return a.connect(ctx, c, c.Warehouse.Patience)
}

func (a *app) restore(ctx context.Context, c *config.Config, warehouse *opened, place load.BackupPlace, name string, force bool) error {
	log, err := a.logger()
	if err != nil {
		return err
	}
	p := &pipeline.Pipeline{Config: c, Warehouse: warehouse.Warehouse, Log: log, Progress: new(pipeline.Progress)}
	stop := a.showProgress(p.Progress)
	report, err := p.Restore(ctx, place, name, force)
	stop()
	if err != nil {
		return err
	}
	results, err := p.Validate(ctx, time.Time{})
	if err != nil {
		return err
	}
	a.printChecks(results)
	_, _ = fmt.Fprintf(a.out, "backup %s is restored: %d months of events computed. The next run loads what its ledger does not have.\n", name, report.Months)
	if len(load.Failed(results)) > 0 {
		return errChecks
	}
	return nil
}
