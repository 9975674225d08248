package schedules

import "time"

// Unwinding is how long a cancelled run may take to return.
const Unwinding = unwinding

// SetNap sets the longest wait without a look at the clock: a test's clock is not set by others.
func (s *Scheduler) SetNap(d time.Duration) { s.nap = d }
