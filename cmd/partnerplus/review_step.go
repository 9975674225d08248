package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

// reviewing is a step of a month's review under way.
type reviewing struct {
	config    *config.Config
	warehouse *opened
	month     time.Time // its first day
}

// beginReview opens the warehouse for a step of the review of the month that --month names. Where it names none, it is the one
// that underReview gives; a command for which that is not safe requires the flag. The caller closes the warehouse.
func (a *app) beginReview(cmd *cobra.Command, month string) (r reviewing, err error) {
	if r.month, err = flagMonth(cmd, month); err != nil {
		return r, err
	}
	if r.config, err = a.load(); err != nil {
		return r, err
	}
	if r.warehouse, err = a.openMigrated(cmd.Context(), r.config); err != nil {
		return r, err
	}
	if r.month.IsZero() {
		if r.month, err = underReview(cmd.Context(), r.warehouse); err != nil {
			return r, errors.Join(err, r.warehouse.Close())
		}
	}
	return r, nil
}

// underReview is the newest month under review, or else the newest complete one that was not reviewed; a closed one only where there is
// none of these.
func underReview(ctx context.Context, warehouse *opened) (time.Time, error) {
	reviews, err := warehouse.Reviews(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for _, r := range reviews { // the newest first
		if r.State == load.ReviewOpen {
			return firstDay(r.Month)
		}
	}
	data, err := review.Describe(ctx, warehouse)
	if err != nil {
		return time.Time{}, err
	}
	for _, r := range reviews {
		if r.State == load.ReviewNone && r.Month <= data.Complete.String() {
			return firstDay(r.Month)
		}
	}
	return firstDay(data.Default().String())
}

// printShownOnly says why a step that was asked for is none.
func (a *app) printShownOnly(r load.Review) {
	_, _ = fmt.Fprintf(a.errOut, "the review of %s is closed: its figures are shown as they are now, and nothing was recorded\n", r.Month)
}

func (r reviewing) pipeline() *pipeline.Pipeline {
	return &pipeline.Pipeline{Config: r.config, Warehouse: r.warehouse.Warehouse, Log: zap.NewNop()}
}

// monthFlag adds --month, for commands that need it.
func monthFlag(cmd *cobra.Command, month *string) {
	cmd.Flags().StringVar(month, "month", "", "month such as 2026-09")
}

// anyMonthFlag adds --month, for commands that find one by themselves.
func anyMonthFlag(cmd *cobra.Command, month *string) {
	cmd.Flags().StringVar(month, "month", "", "month such as 2026-09 (default: the newest under review, or else the newest complete one not reviewed)")
}

// needs says which of a command's flags, by name, are not given.
func needs(cmd *cobra.Command, flags ...string) error {
	for _, name := range flags {
		if f := cmd.Flags().Lookup(name); !f.Changed || strings.TrimSpace(f.Value.String()) == "" {
			return &usageError{fmt.Errorf("%s needs --%s", cmd.Name(), name)}
		}
	}
	return nil
}

// orUser is who does something: by, or else who runs this program, as the system knows them.
func orUser(by string) string {
	if strings.TrimSpace(by) != "" {
		return by
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// printNext says what has to be done next in a review.
func (a *app) printNext(r load.Review) {
	of := " --month " + r.Month
	text := map[string]string{
		load.StepOpen:   "open" + of,
		load.StepWaive:  "waive CHECK…" + of + " --by NAME --reason TEXT",
		load.StepAssess: "assess" + of,
		load.StepRisks:  "risks" + of,
		load.StepAction: "action add" + of,
		load.StepClose:  "close" + of,
	}[r.NextStep]
	if text != "" {
		_, _ = fmt.Fprintf(a.out, "next: partnerplus %sreview %s\n", a.configFlag(), text)
	}
}
