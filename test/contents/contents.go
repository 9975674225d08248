// Package contents reads all that a warehouse holds, so that tests can say what every way to the same facts has to end in.
package contents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/partnerplus/warehouse/internal/engine"
)

// patience is how long anything may take before it is given up.
const patience = 3 * time.Minute

// Contents are the rows of a warehouse's tables, by table, without what names runs and times: what every way to the same
// facts has to end in.
type Contents map[string][]string

// ledgers are the tables besides facts and figures.
var ledgers = map[string]string{
	"etl.open_rejects":   "SELECT * EXCEPT (run_id, load_id, recorded_at) FROM etl.open_rejects",
	"etl.units":          "SELECT * EXCEPT (run_id, load_id, delivered_at, seconds, updated_at) FROM etl.units FINAL",
	"etl.unit_entities":  "SELECT * EXCEPT (run_id, load_id, updated_at) FROM etl.unit_entities FINAL",
	"etl.source_columns": "SELECT source, column, kind, is_typed, is_always FROM etl.source_columns FINAL",
	"etl.sources":        "SELECT * EXCEPT updated_at FROM etl.sources FINAL",
	"etl.settings":       "SELECT timezone, reporting_currency FROM etl.settings ORDER BY changed_at DESC LIMIT 1",
	"etl.touched_months": "SELECT month, source, unit FROM etl.touched_months FINAL WHERE settled = 0 AND (source = '' OR load_id IN (SELECT load_id FROM etl.units FINAL))",
	"etl.schema":         "SELECT object, checksum FROM etl.schema_objects FINAL WHERE checksum != '' UNION ALL SELECT name, checksum FROM etl.schema_migrations FINAL",
	"system.tables":      "SELECT database, name, engine FROM system.tables WHERE database IN ('warehouse', 'kpi', 'kpi_core', 'kpi_engagement', 'kpi_support') OR database = 'etl' AND name NOT LIKE 'stage\\_%'",
}

// runs are the views that tell of runs alone.
var runs = []string{"kpi.runs", "kpi.job_runs"}

// unnamed are the columns of figures that say which run computed them, and when.
var unnamed = map[string]string{
	"kpi.as_of":             "edition, run_id, refreshed_at",
	"kpi.future_dated":      "loaded_at",
	"kpi.rejects":           "since",
	"kpi.sources":           "newest_delivery, hours_ago",
	"kpi_engagement.months": "refreshed_at",
}

// Read reads the contents, once nothing is at work any more: a statement of a client that was killed goes on.
func Read(a engine.Address) (Contents, error) {
	if err := quiet(a); err != nil {
		return nil, err
	}
	queries := maps.Clone(ledgers)
	tables, err := Ask(a, "SELECT concat(database, '.', name) FROM system.tables WHERE database IN ('warehouse', 'kpi', 'kpi_engagement')")
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		switch {
		case slices.Contains(runs, table):
		case strings.HasPrefix(table, "warehouse."):
			// An API delivers anew each time it is asked.
			queries[table] = "SELECT * EXCEPT run_id REPLACE (if(source = 'api', toDateTime64(0, 6, 'UTC'), delivered_at) AS delivered_at) FROM " + table + " FINAL"
		case unnamed[table] != "":
			queries[table] = "SELECT * EXCEPT (" + unnamed[table] + ") FROM " + table
		default:
			queries[table] = "SELECT * FROM " + table
		}
	}
	found := Contents{}
	results := make([][]string, len(queries))
	names := slices.Sorted(maps.Keys(queries))
	var group errgroup.Group
	group.SetLimit(4)
	for i, name := range names {
		group.Go(func() (err error) {
			results[i], err = Ask(a, queries[name])
			slices.Sort(results[i])
			return err
		})
	}
	err = group.Wait()
	for i, name := range names {
		found[name] = results[i]
	}
	return found, err
}

// quiet waits until no statement runs.
func quiet(a engine.Address) error {
	deadline := time.Now().Add(patience)
	for {
		running, err := Ask(a, "SELECT query FROM system.processes WHERE query NOT LIKE '%system.processes%' AND query NOT LIKE '%sleepEachRow%'")
		if err != nil || len(running) == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("still at work: %s", running)
		}
	}
}

// Ask has the writer ask for rows.
func Ask(a engine.Address, statement string) (rows []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	address := fmt.Sprintf("http://127.0.0.1:%d/?default_format=TSV&wait_end_of_query=1", a.Port)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(statement))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(a.WriterUser, a.WriterPassword)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", statement, body)
	}
	for line := range strings.Lines(string(body)) {
		rows = append(rows, strings.TrimSuffix(line, "\n"))
	}
	return rows, nil
}

// shown is how many rows of a difference are printed.
const shown = 10

// Differences tells where contents are not as those of the undisturbed run.
func (c Contents) Differences(undisturbed Contents) (list []string) {
	names := maps.Clone(undisturbed)
	maps.Copy(names, c)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if slices.Equal(c[name], undisturbed[name]) {
			continue
		}
		lines := []string{fmt.Sprintf("%s: %d rows, undisturbed %d", name, len(c[name]), len(undisturbed[name]))}
		for _, side := range []struct {
			sign      string
			has, less []string
		}{{"+", c[name], undisturbed[name]}, {"-", undisturbed[name], c[name]}} {
			rows := without(side.has, side.less)
			for _, row := range rows[:min(len(rows), shown)] {
				lines = append(lines, "  "+side.sign+" "+row)
			}
		}
		list = append(list, strings.Join(lines, "\n"))
	}
	return list
}

// without gives the rows that are not among others, as often as they are more.
func without(rows, others []string) (rest []string) {
	count := map[string]int{}
	for _, row := range others {
		count[row]++
	}
	for _, row := range rows {
		if count[row]--; count[row] < 0 {
			rest = append(rest, row)
		}
	}
	return rest
}
