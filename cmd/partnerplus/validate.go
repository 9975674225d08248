package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

func (a *app) validateCommand() *cobra.Command {
	var connect bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the config, its mappings, jobs, metrics file and messages; with --connect, every source, receiver and the warehouse too",
		Example: `  partnerplus validate
  partnerplus validate --connect`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			a.warn(c)
			if err := checkCertificate(c.Serve.TLS); err != nil {
				return err
			}
			jobs, err := a.jobs(c)
			if err != nil {
				return err
			}
			if _, err := c.LoadMetrics(nil); err != nil { // the warehouse knows the names
				return err
			}
			notifier, err := a.notifier(c, c.Notifications, jobs, nil, nil)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(a.out, "%s: %d sources and %d jobs are well-formed\n", a.configPath, len(c.Sources), len(jobs))
			if !connect {
				return nil
			}
			p := &pipeline.Pipeline{Config: c, Log: zap.NewNop()}
			failed := p.Check(cmd.Context())
			if failed == nil {
				_, _ = fmt.Fprintln(a.out, "every source answers")
			}
			failed = errors.Join(failed, a.printTried(notifier.Reach(cmd.Context()), "can be reached"))
			warehouse, err := a.open(cmd.Context(), c)
			if err != nil {
				return errors.Join(failed, err)
			}
			_, _ = fmt.Fprintf(a.out, "the warehouse at %s answers\n", warehouse.Address())
			cluster, err := warehouse.CheckCluster(cmd.Context())
			if err != nil {
				return errors.Join(failed, err, warehouse.Close())
			}
			if cluster.Servers > 0 {
				_, _ = fmt.Fprintf(a.out, "its cluster has %d servers in %d shards\n", cluster.Servers, cluster.Shards)
			}
			changes, err := warehouse.Pending(cmd.Context(), reporting(c))
			switch {
			case err == nil && len(changes) > 0:
				_, _ = fmt.Fprintf(a.out, "its schema has %d changes to come: the next run applies them\n", len(changes))
			case err == nil:
				p.Warehouse = warehouse.Warehouse
				_, err = p.LoadMetrics(cmd.Context())
				unknown, unread := p.UnknownPrograms(cmd.Context())
				for _, warning := range unknown {
					_, _ = fmt.Fprintln(a.errOut, "warning:", warning)
				}
				err = errors.Join(err, unread)
			}
			return errors.Join(failed, err, warehouse.Close())
		},
	}
	cmd.Flags().BoolVar(&connect, "connect", false, "connect to every source, to receivers of notifications (and send nothing), and to the warehouse")
	return cmd
}
