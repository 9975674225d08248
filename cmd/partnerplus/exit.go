package main

import (
	"context"
	"errors"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/internal/propose"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

// Exit codes, as documented in the README.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2 // usage or config
	exitWarnings    = 3 // done, with rejects or warnings
	exitChecks      = 4 // checks failed
	exitInterrupted = 130
)

// errWarnings ends a command that did its work, but has something to say about it.
var errWarnings = errors.New("done with rejects or warnings")

// errChecks ends a command that found data which does not pass its checks, and has said so.
var errChecks = errors.New("checks failed")

// usageError is a mistake in how the command was called.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// exitCode maps a command's error.
func exitCode(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.Is(err, errWarnings):
		return exitWarnings
	case errors.Is(err, errChecks), isUnwaived(err):
		return exitChecks
	case errors.As(err, new(*usageError)), errors.As(err, new(*config.Error)), errors.As(err, new(*pipeline.UnknownSourceError)),
		errors.As(err, new(*engine.UnsupportedPlatformError)), errors.As(err, new(*engine.MissingLibraryError)), errors.As(err, new(*engine.OtherUserError)),
		errors.As(err, new(*propose.Error)),
		errors.Is(err, load.ErrNotReviewable), errors.As(err, new(*load.OutOfSequenceError)), errors.As(err, new(*load.FiguresChangedError)),
		errors.As(err, new(*load.NotWaivableError)), errors.As(err, new(*review.NoDataError)), isWrongAction(err):
		return exitUsage
	}
	return exitFailed
}

// isUnwaived tells whether a month's review cannot go on because checks fail that nobody has waived.
func isUnwaived(err error) bool {
	early := new(load.OutOfSequenceError)
	return errors.As(err, &early) && early.Next == load.StepWaive
}

// isWrongAction tells whether an action cannot be so, or there is none.
func isWrongAction(err error) bool {
	return errors.As(err, new(*load.ActionFieldError)) || errors.As(err, new(*load.UnknownActionError)) || errors.As(err, new(*load.ActionDoneError)) ||
		errors.As(err, new(*load.ActionChangedError)) || errors.As(err, new(*load.PlanNotEmptyError))
}
