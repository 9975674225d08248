package schedulestest_test

import (
	"testing"

	"github.com/partnerplus/warehouse/schedules/schedulestest"
)

func TestMemory(t *testing.T) { schedulestest.Ledger(t, schedulestest.NewMemory()) }
