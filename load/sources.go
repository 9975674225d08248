package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// SourceLimits is a source of the config, with what it is measured against.
type SourceLimits struct {
	Name        string        // small letters, digits, - and _
	FreshWithin time.Duration // how long after one delivery the next must have come; 0: no limit
	MaxShare    float64       // of a unit's rows that may be rejected
	MaxRows     *uint64       // of a unit that may be rejected; nil: no limit

	Asked      bool          // an API or a database, which is asked for what there is; else files come
	Unawaited  bool          // no month waits for it
	MonthAfter time.Duration // how long after the end of a month it has all of that month
}

// DeclareSources tells the warehouse which sources there are: what the checks look at. A source that is not among them
// any more stops counting. Nothing is written where nothing changed.
func (w *Warehouse) DeclareSources(ctx context.Context, sources []SourceLimits) error {
	declared := make([]string, len(sources))
	for i, s := range sources {
		within, most := "NULL", "NULL"
		if s.FreshWithin > 0 {
			within = strconv.FormatInt(int64(s.FreshWithin.Seconds()), 10)
		}
		if s.MaxRows != nil {
			most = count(*s.MaxRows)
		}
		declared[i] = fmt.Sprintf("('%s',%s,%s,%s,%d,%d,%d)", s.Name, within, strconv.FormatFloat(s.MaxShare, 'g', -1, 64), most,
			flag(s.Asked), flag(!s.Unawaited), int64(s.MonthAfter.Seconds()))
	}
	return w.exec(ctx, "declare the sources", sql.Text("load/declare_sources.sql"), Params{"sources": "[" + strings.Join(declared, ",") + "]"})
}
