package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/jobs"
	"github.com/partnerplus/warehouse/review"
)

// TestMonthEnd: the job loads, waits for sources, checks, opens the review of the month that ended and writes its pack.
func TestMonthEnd(t *testing.T) {
	t.Parallel()
	dir := small(t)
	now := time.Now().UTC()
	month := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	write(t, dir, map[string]string{
		"partnerplus.yaml":     "schedules: jobs\n" + header + awardSource + strings.NewReplacer("awards:", "late:", "awards/*", "late/*").Replace(awardSource),
		"jobs/month-end.yaml":  "name: month-end\ncron: 0 4 1 * *\nwait_for: 1ms\nsteps: [load, complete, refresh, check, review, report]\n",
		"jobs/late-end.yaml":   "name: late-end\ncron: 0 5 1 * *\nsteps: [load, complete, refresh, report]\n",
		"data/awards/last.csv": strings.ReplaceAll(januaryAwards, "2024-01", month),
	})
	pack := filepath.Join(dir, ".partnerplus", "reports", "review-"+month+".html")
	o := command(t, dir, exitChecks, "run", "month-end")
	o.says(t, "5 new rows in 3 units", month+" is not complete: late never delivered a row", "freshness", "the review of "+month+" is open now", pack, "job month-end checks")
	const reviews = "SELECT opened_by, verdict, failed_checks[1], length(failed_checks), incomplete['late'] FROM kpi.reviews"
	if got := value(t, dir, reviews); got != `"job month-end","fail","freshness",1,"never delivered a row"` {
		t.Errorf("reviews: %s", got)
	}
	if page, err := os.ReadFile(pack); err != nil || !strings.Contains(string(page), "<bdi>late</bdi> never delivered a row. Its figures may lack rows.") {
		t.Errorf("the pack does not say that it is incomplete: %v", err)
	}
	command(t, dir, exitChecks, "review", "open", "--month", month, "--by", "me").says(t, "the review of "+month+" is open already, since ", "by job month-end", "not complete: late", "checks failed: freshness")

	write(t, dir, map[string]string{"data/late/1.csv": strings.NewReplacer("2024-01", month, "A-", "L-").Replace(januaryAwards)})
	var report jobs.Report
	command(t, dir, exitDone, "run", "late-end", "-o", "json").json(t, &report)
	if report.Status != "done" || report.Reason != "" || report.RunID == "" || report.Total().Canonical != 2 || report.Months == 0 || len(report.Incomplete) > 0 ||
		report.Month != month || report.Review != nil || report.Pack != pack || !slices.Equal(report.PackFiles, review.Existing(pack)) || len(report.PackFiles) != 3 || report.NoPDF != "" {
		t.Errorf("the report is %+v", report)
	}
	if got := value(t, dir, "SELECT (SELECT count() FROM etl.review_steps), (SELECT uniqExact(check_id) FROM etl.checks), (SELECT groupArray(status) FROM (SELECT status FROM etl.job_runs FINAL ORDER BY due_at))"); got != `1,1,"['checks','done']"` {
		t.Errorf("steps, validations and job runs are %s", got)
	}
	command(t, dir, exitUsage, "review", "open").says(t, "--month")
	write(t, dir, map[string]string{"data/late/2.csv": "nothing\nthat fits\n"})
	command(t, dir, exitFailed, "run", "month-end").says(t, "step load: ", "job month-end failed")
}
