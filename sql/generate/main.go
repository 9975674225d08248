// Command generate writes the wide views of sql/kpi, one column a metric, from the metric catalogue: a metric that is
// added to sql/metrics/catalogue.sql gets its columns, with their types and comments, by make generate.
//
// It must not know a warehouse: it reads one file and writes others.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/sql/catalogue"
)

func main() {
	// go generate runs it in the folder sql.
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	metrics, err := catalogue.Parse(sql.Text("metrics/catalogue.sql"))
	if err != nil {
		return fmt.Errorf("sql/metrics/catalogue.sql: %w", err)
	}
	views, err := render(metrics)
	if err != nil {
		return err
	}
	for _, v := range views {
		if err := os.WriteFile(filepath.Join(root, v.Name), []byte(v.Text), 0o644); err != nil {
			return fmt.Errorf("write a view: %w", err)
		}
	}
	return nil
}
