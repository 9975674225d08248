package load

import (
	"context"

	"github.com/partnerplus/warehouse/sql"
)

// noteRedelivered notes fingerprints of the rows whose keys the part delivers again, for the check of duplicates: what is
// replaced is soon gone.
func (s *Stage) noteRedelivered(ctx context.Context, p *part) error {
	statement := "load/redelivered_dimension.sql"
	if p.entity.Time != "" {
		statement = "load/redelivered_event.sql"
	}
	return s.warehouse.exec(ctx, "note which "+p.entity.Name+" are delivered again", sql.With(sql.Text(statement), p.names()...), Params{"entity": p.entity.Name})
}
