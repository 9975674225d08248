package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
)

func TestBackupAndRetention(t *testing.T) {
	dir := small(t)
	command(t, dir, exitUsage, "backup", "restore", "nowhere").says(t, "error: backup nowhere (folder): there is no such backup")
	command(t, dir, exitUsage, "backup", "create", "..").says(t, "letters, digits")
	command(t, dir, exitWarnings, "run")
	command(t, dir, exitUsage, "backup", "restore", "nowhere").says(t, "the warehouse is not empty", "--force")
	command(t, dir, exitDone, "backup", "create", "first").says(t, "backup first: ", "to folder")
	command(t, dir, exitUsage, "backup", "create", "first").says(t, "there already")
	var made load.Backup
	command(t, dir, exitDone, "backup", "create", "--incremental", "-o", "json").json(t, &made)
	if made.Base != "first" || made.Finished == nil {
		t.Errorf("made: %+v", made)
	}
	command(t, dir, exitDone, "backup", "list").says(t, "BUILDS ON", made.Name, "first")
	command(t, dir, exitDone, "backup", "verify", made.Name).says(t, "is whole", "tables")

	const figures = "SELECT * FROM kpi.metric_monthly ORDER BY ALL"
	before := value(t, dir, figures)
	command(t, dir, exitDone, "query", "--write", "TRUNCATE TABLE warehouse.awards")
	command(t, dir, exitDone, "backup", "restore", made.Name, "--force").says(t, "reconciliation", "2 months of events computed")
	command(t, dir, exitDone, "backup", "list").hides(t, "not whole")
	if after := value(t, dir, figures); after != before {
		t.Errorf("restored:\n%s\nbefore:\n%s", after, before)
	}
	if got := value(t, dir, "SELECT job, status FROM etl.runs FINAL WHERE run_id = (SELECT run_id FROM kpi.as_of)"); got != `"restore","done"` {
		t.Errorf("the ledger says %s", got)
	}

	write(t, dir, map[string]string{"partnerplus.yaml": "retention: {raw_rows: 36h, runs: 0s, checks: 1d}\n" + header + awardSource})
	raws := "SELECT count(), countIf(raw != '') FROM etl.open_rejects"
	var dropped []load.Dropped
	command(t, dir, exitDone, "retention", "-o", "json").json(t, &dropped)
	if text, _ := json.Marshal(dropped); len(dropped) != 4 || dropped[1].What != "raw_rows" || dropped[1].Rows != 0 {
		t.Errorf("dropped: %s", text)
	}
	if got := value(t, dir, raws); got != "1,1" {
		t.Errorf("what is young is kept: %s", got)
	}
	command(t, dir, exitDone, "retention", "--dry-run").says(t, "raw_rows", "nothing was dropped")
	command(t, dir, exitDone, "query", "--write", "ALTER TABLE etl.rejects UPDATE raw = '' WHERE 1 SETTINGS mutations_sync = 2") // as it will be then
	command(t, dir, exitWarnings, "rejects", "replay", "--dry-run").says(t, "its raw row was dropped, being older than retention.raw_rows: load its unit again with run --full")

	bucket := extracttest.Start(t)
	bucket.CreateBucket(t, "backups")
	far := "backup: {url: \"" + bucket.Endpoint + "/backups/far\", access_key_id: " + bucket.AccessKey + ", secret_access_key: wr0ng-s3cret}\n"
	write(t, dir, map[string]string{"partnerplus.yaml": far + header + awardSource})
	command(t, dir, exitUsage, "backup", "list").says(t, "for a ClickHouse server", "link or a mount")
	e, err := engine.Find(t.Context(), filepath.Join(dir, "warehouse"))
	if err != nil {
		t.Fatal(err)
	}
	// As a server that is given the bucket: it asks there itself, and no message, list or log of its has the secret.
	write(t, dir, map[string]string{"partnerplus.yaml": far + "warehouse: {dsn: \"" + e.DSN() + "\"}\nreporting: {currency: USD}\n"})
	refused := command(t, dir, exitFailed, "backup", "create", "far")
	refused.says(t, "error: warehouse: back up 1-progress to far: ", "ACCESS_DENIED")
	refused.hides(t, "wr0ng")
	command(t, dir, exitDone, "backup", "list").says(t, "not whole", "s3 "+bucket.Endpoint)
	if got := value(t, dir, "SELECT countIf(name LIKE '%HIDDEN%'), countIf(concat(name, error) LIKE '%wr0ng%') FROM system.backups WHERE name LIKE 'S3%'"); got != "1,0" {
		t.Errorf("the server shows: %s", got)
	}
}
