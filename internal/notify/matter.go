package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/sql"
)

// Matter is something that somebody should know.
type Matter struct {
	Kind     string    `json:"kind"`
	Key      string    `ch:"key" json:"key"`
	Severity string    `ch:"severity" json:"severity"`
	Title    string    `ch:"title" json:"title"`
	Text     string    `ch:"text" json:"text"`
	Todo     string    `ch:"todo" json:"todo"`
	Since    time.Time `ch:"since" json:"since"`
}

// severity is how severe a matter is, by its place in config.Severities.
func severity(name string) int { return slices.Index(config.Severities, name) }

// kindsOfMatters are the scripts of sql/matters by the kind that each gives.
func kindsOfMatters() (map[string]sql.Script, error) {
	scripts, err := sql.Scripts("matters")
	if err != nil {
		return nil, err
	}
	kinds := map[string]sql.Script{}
	for _, s := range scripts {
		kinds[strings.TrimSuffix(path.Base(s.Name), ".sql")] = s
	}
	return kinds, nil
}

// matterRow is a row of a statement of sql/matters.
type matterRow struct {
	Matter
	// Of a run that may have died:
	Host     string `ch:"host"`
	PID      uint32 `ch:"pid"`
	IsTooOld bool   `ch:"is_too_old"`
}

// readMatters gives all that stands now.
func (n *Notifier) readMatters(ctx context.Context) ([]Matter, error) {
	retries, err := json.Marshal(n.retries)
	if err != nil {
		return nil, fmt.Errorf("notify: the jobs' retries: %w", err)
	}
	params := map[string]string{"zone": n.zone.String(), "retries": string(retries)}
	var matters []Matter
	for _, kind := range n.kinds {
		var rows []matterRow
		if err := n.warehouse.Select(ctx, "matters/"+kind+".sql", params, &rows); err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.PID != 0 && !row.IsTooOld && n.lives(row.Host, int(row.PID), row.Since) {
				continue
			}
			row.Kind = kind
			matters = append(matters, row.Matter)
		}
	}
	return matters, nil
}

// lives tells whether a process that did something at a time may still be there. Of another machine's nothing is known.
func (n *Notifier) lives(host string, pid int, then time.Time) bool {
	switch own, err := os.Hostname(); {
	case err != nil || own != host:
		return true
	case pid == os.Getpid(): // in a container, the process before had the same number
		return !then.Before(n.began)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || os.IsPermission(err)
}
