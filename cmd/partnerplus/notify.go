package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/notify"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
)

func (a *app) notifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Who is told when something is wrong: try it, and see what stands",
		Long: `notify shows what the receivers of the config's notifications are told. partnerplus serve tells them, every minute and after
each job; partnerplus run --notify once, at its end.`,
		Example: `  partnerplus notify test
  partnerplus notify list
  partnerplus notify preview monthly`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("notify test, notify list or notify preview; see partnerplus notify --help")}
		},
	}
	cmd.AddCommand(a.notifyTest(), a.notifyList(), a.notifyPreview())
	return cmd
}

// notifier makes what tells the config's receivers. Without a warehouse it checks, and tests.
func (a *app) notifier(c *config.Config, n config.Notifications, jobs []schedules.Job, warehouse notify.Warehouse, log *zap.Logger) (*notify.Notifier, error) {
	retries := map[string]int{}
	for _, job := range jobs {
		retries[job.Name] = job.Retries
	}
	notifier, err := notify.New(warehouse, notify.Options{Config: n, Zone: c.Reporting.Zone(), Retries: retries, Reports: c.Reports, Redact: c.Redact, Log: log})
	if err != nil {
		return nil, &usageError{err}
	}
	return notifier, nil
}

func (a *app) notifyTest() *cobra.Command {
	return &cobra.Command{
		Use:   "test [RECEIVER]",
		Short: "Send a test message to a receiver, or to all",
		Example: `  partnerplus notify test
  partnerplus notify test operators`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withoutWarehouse(cmd.Context(), func(n *notify.Notifier) error {
				if len(a.config.Notifications.Receivers) == 0 {
					return &usageError{errors.New("the config has no notifications.receivers; partnerplus init shows an example")}
				}
				tried, err := n.Test(cmd.Context(), strings.Join(args, ""))
				if err != nil {
					return &usageError{err}
				}
				return a.printTried(tried, "accepted the message")
			})
		},
	}
}

// printTried says how receivers answered, and fails where one did not.
func (a *app) printTried(tried []notify.Tried, well string) error {
	var failed error
	for _, t := range tried {
		if t.Err != nil {
			failed = errors.Join(failed, fmt.Errorf("receiver %s: %w", t.Receiver, t.Err))
			continue
		}
		_, _ = fmt.Fprintf(a.out, "receiver %s %s\n", t.Receiver, well)
	}
	return failed
}

func (a *app) notifyList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what stands, who was told of it, and which messages were not accepted",
		Example: `  partnerplus notify list
  partnerplus notify list -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			return a.withNotifier(cmd.Context(), func(n *notify.Notifier) error {
				standing, pending, err := n.List(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.out, map[string]any{"matters": append([]notify.Standing{}, standing...), "pending": append([]load.Notice{}, pending...)})
				}
				printStanding(a.out, standing, pending)
				return nil
			})
		},
	}
	a.outputFlag(cmd)
	return cmd
}

// withNotifier opens the config's warehouse to look at what receivers are told.
func (a *app) withNotifier(ctx context.Context, do func(*notify.Notifier) error) (err error) {
	c, err := a.load()
	if err != nil {
		return err
	}
	jobs, err := a.jobs(c)
	if err != nil {
		return err
	}
	warehouse, err := a.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, warehouse.Close()) }()
	notifier, err := a.notifier(c, c.Notifications, jobs, warehouse, nil)
	if err != nil {
		return err
	}
	return do(notifier)
}

func (a *app) withoutWarehouse(_ context.Context, do func(*notify.Notifier) error) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	notifier, err := a.notifier(c, c.Notifications, nil, nil, nil)
	if err != nil {
		return err
	}
	return do(notifier)
}

func printStanding(w io.Writer, standing []notify.Standing, pending []load.Notice) {
	const layout = "2006-01-02 15:04"
	if len(standing) == 0 {
		_, _ = fmt.Fprintln(w, "nothing is wrong")
	} else {
		rows := [][]string{{"MATTER", "SEVERITY", "SINCE (UTC)", "WHAT", "TOLD"}}
		for _, m := range standing {
			var told []string
			for _, n := range m.Notices {
				switch {
				case n.Error != "":
					told = append(told, fmt.Sprintf("%s failed %d times: %s", n.Receiver, n.Failures, n.Error))
				case n.ToldAt != nil:
					told = append(told, n.Receiver+" "+n.ToldAt.UTC().Format(layout))
				default:
					told = append(told, n.Receiver+" not yet")
				}
			}
			rows = append(rows, []string{m.Key, m.Severity, m.Since.UTC().Format(layout), m.Title + ": " + m.Text, cmp.Or(strings.Join(told, "; "), "nobody")})
		}
		printRows(w, rows)
	}
	for _, n := range pending {
		_, _ = fmt.Fprintf(w, "%s was not told yet of %s: failed %d times: %s\n", n.Receiver, cmp.Or(n.Title, "the "+n.Kind+" summary"), n.Failures, cmp.Or(n.Error, "not tried"))
	}
}

func (a *app) notifyPreview() *cobra.Command {
	html := false
	cmd := &cobra.Command{
		Use:   "preview KIND",
		Short: "Print the summary that was due last as it would be now, or an example of a kind of matter",
		Example: `  partnerplus notify preview daily
  partnerplus notify preview monthly -o json
  partnerplus notify preview weekly --html > weekly.html
  partnerplus notify preview failed_job`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if known := slices.Concat(config.SummaryKinds, config.MatterKinds); !slices.Contains(known, args[0]) {
				return &usageError{fmt.Errorf("there is no kind %q; there are: %s", args[0], strings.Join(known, ", "))}
			}
			with := a.withNotifier
			if slices.Contains(config.MatterKinds, args[0]) { // an example needs no warehouse
				with = a.withoutWarehouse
			}
			return with(cmd.Context(), func(n *notify.Notifier) error {
				m, err := n.Preview(cmd.Context(), args[0])
				switch {
				case err != nil:
					return err
				case asJSON:
					return printJSON(a.out, m)
				case html:
					_, err = fmt.Fprintln(a.out, m.HTML())
				default:
					_, err = fmt.Fprintf(a.out, "%s\n\n%s\n", m.Subject, m.Body)
				}
				return err
			})
		},
	}
	a.outputFlag(cmd)
	cmd.Flags().BoolVar(&html, "html", false, "print the page that mails hold beside the text")
	return cmd
}

// tellOnce lets receivers know what stands after one run. A matter that is gone is over at once: the next look may be a day away.
// Whatever goes wrong is a warning: the run is done.
func (a *app) tellOnce(ctx context.Context, c *config.Config, warehouse *opened) {
	once := c.Notifications
	once.RecoveryAfter = 0
	jobs, err := a.jobs(c)
	if err == nil {
		var notifier *notify.Notifier
		if notifier, err = a.notifier(c, once, jobs, warehouse, nil); err == nil {
			err = notifier.LookOnce(ctx)
		}
	}
	if err != nil {
		_, _ = fmt.Fprintln(a.errOut, "warning: notifications:", c.Redact(err.Error()))
	}
}
