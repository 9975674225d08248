package jobs

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/schedules"
)

// complete loads again every so often, until the job's sources have delivered all of the month, or the job has waited long
// enough. The last look comes when that time is over.
func (x *run) complete(ctx context.Context) error {
	deadline := x.due.Add(x.job.Wait())
	for {
		incomplete, err := x.work.IncompleteSources(ctx, x.month, x.job.Sources...)
		x.report.Incomplete = incomplete
		if err != nil || len(incomplete) == 0 {
			return err
		}
		left := time.Until(deadline)
		log := x.log.With(zap.String("job", x.job.Name), zap.String("month", x.report.Month), zap.Strings("incomplete", texts(incomplete)))
		if left <= 0 {
			log.Warn("sources have not delivered all of the month; the job goes on without")
			return nil
		}
		wait := min(x.Every, left)
		log.Info("waiting for sources", zap.Duration("again_in", wait), zap.Time("at_most_until", deadline))
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		if err := x.pipeline(ctx, pipeline.Request{Sources: x.job.Sources, NoRefresh: !x.has(schedules.StepRefresh)}); err != nil {
			return fmt.Errorf("load again: %w", err)
		}
	}
}

// sleep waits, unless the context ends.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
