package operation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/notify"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
)

// judge holds what there is in the end to what should be.
func (o *operation) judge(w *load.Warehouse, begin time.Time, days int) {
	o.t.Helper()
	o.judgeFigures(w)
	runs := o.jobRuns(w)
	end := begin.AddDate(0, 0, days)
	for name, daily := range map[string]int{"nightly": 1, "live": 4} {
		if due := len(o.job(name).Due(begin, end, o.zone)); due != daily*days {
			o.t.Errorf("in %d days, %s is due %d times", days, name, due)
		}
		o.judgeDueTimes(name, runs, begin, end)
	}
	o.judgeMonthEnd(w, runs, begin)
	o.judgeMessages(days)
}

// judgeFigures holds the figures to the company's own sums, and to the facts.
func (o *operation) judgeFigures(w *load.Warehouse) {
	o.t.Helper()
	got := map[string][2]string{}
	for _, row := range o.ask(w, `
		SELECT formatDateTime(month, '%Y-%m'), toString(dollars_awarded), toString(dollars_redeemed)
		FROM kpi.portfolio_financial_monthly`) {
		got[row[0]] = [2]string{rounded(row[1]), rounded(row[2])}
	}
	want := map[string][2]string{}
	for month, cents := range o.company.sums() {
		want[month] = [2]string{big.NewRat(cents[0], 100).FloatString(2), big.NewRat(cents[1], 100).FloatString(2)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Errorf("dollars awarded and redeemed, as the company adds them up and as the figures are:\n%s", diff)
	}
	p := &pipeline.Pipeline{Config: o.config, Warehouse: w, Log: zap.NewNop()}
	checks, err := p.Validate(o.t.Context(), time.Time{}, "conservation", "reconciliation", "completeness", "duplicates", "rejects")
	must(o.t, err)
	for _, check := range checks {
		if check.Verdict != load.VerdictPass {
			o.t.Errorf("check %s: %s: %s", check.Check, check.Verdict, check.Message)
		}
	}
}

// rounded writes an exact decimal with two places, and as it is where it has more.
func rounded(decimal string) string {
	n, ok := new(big.Rat).SetString(decimal)
	if !ok || new(big.Rat).Mul(n, big.NewRat(100, 1)).Denom().Int64() != 1 {
		return decimal
	}
	return n.FloatString(2)
}

// jobRun is a row of etl.job_runs.
type jobRun struct {
	job, status, reason string
	due                 time.Time
	attempt, missed     int
	byHand              bool
}

func (r jobRun) isGood() bool {
	return slices.Contains([]string{schedules.StatusDone, schedules.StatusRejects, schedules.StatusChecks}, r.status)
}

func (r jobRun) String() string {
	return fmt.Sprintf("%s of %s, attempt %d, for %d more: %s: %s", r.job, r.due, r.attempt, r.missed, r.status, r.reason)
}

func (o *operation) jobRuns(w *load.Warehouse) (runs []jobRun) {
	o.t.Helper()
	for _, row := range o.ask(w, `
		SELECT job, status, reason, formatDateTime(due_at, '%Y-%m-%dT%H:%i:%SZ'), attempt, missed, by_hand
		FROM etl.job_runs FINAL
		ORDER BY due_at, job, attempt`) {
		r := jobRun{job: row[0], status: row[1], reason: row[2], byHand: row[6] == "1"}
		due, err := time.Parse(time.RFC3339, row[3])
		must(o.t, err)
		r.due = due.In(o.zone)
		_, err = fmt.Sscan(row[4]+" "+row[5], &r.attempt, &r.missed)
		must(o.t, err)
		runs = append(runs, r)
	}
	return runs
}

// judgeDueTimes looks that the job was done for each due time once, or that one later run made up for it; or that it failed as often
// as it is tried.
func (o *operation) judgeDueTimes(name string, runs []jobRun, begin, end time.Time) {
	o.t.Helper()
	job := o.job(name)
	due := job.Due(begin, end, o.zone)
	done, madeUp, failed := make([]int, len(due)), make([]int, len(due)), make([]int, len(due))
	for _, r := range runs {
		if r.job != name || r.byHand || !r.due.After(begin) {
			continue
		}
		at := slices.IndexFunc(due, r.due.Equal)
		switch {
		case at < 0:
			o.t.Errorf("it was not due: %s", r)
			continue
		case r.isGood():
			done[at]++
		case r.status == schedules.StatusFailed:
			failed[at]++
		}
		if r.attempt == 1 {
			for missed := max(at-r.missed, 0); missed < at; missed++ {
				madeUp[missed]++
			}
		}
	}
	for i, at := range due {
		if done[i]+madeUp[i] != 1 && (done[i]+madeUp[i] != 0 || failed[i] != 1+job.Retries) {
			o.t.Errorf("%s of %s was done %d times, made up for %d times and failed %d times", name, at, done[i], madeUp[i], failed[i])
		}
	}
}

// judgeMonthEnd looks that the month that ended was done once: its review is open, and its pack written.
func (o *operation) judgeMonthEnd(w *load.Warehouse, runs []jobRun, begin time.Time) {
	o.t.Helper()
	var ended []string
	for _, r := range runs {
		if r.job == "month-end" && r.due.After(begin) {
			ended = append(ended, fmt.Sprint(r.due.Format("2006-01-02 15:04"), " ", r.attempt, " ", r.status))
		}
	}
	if diff := cmp.Diff([]string{"2020-11-01 04:00 1 done"}, ended); diff != "" {
		o.t.Errorf("runs of month-end:\n%s", diff)
	}
	var reviews []string
	for _, row := range o.ask(w, "SELECT formatDateTime(month, '%Y-%m'), count() FROM etl.review_steps GROUP BY month ORDER BY month") {
		reviews = append(reviews, row[0]+" "+row[1])
	}
	if diff := cmp.Diff([]string{"2020-10 1"}, reviews); diff != "" {
		o.t.Errorf("reviews that were opened, and how often:\n%s", diff)
	}
	packs, err := filepath.Glob(filepath.Join(o.config.Reports, "*"))
	must(o.t, err)
	for i, pack := range packs {
		packs[i] = filepath.Base(pack)
	}
	if diff := cmp.Diff([]string{"review-2020-10-csv", "review-2020-10.html", "review-2020-10.xlsx"}, packs); diff != "" {
		o.t.Errorf("packs:\n%s", diff)
	}
}

// judgeMessages looks that each matter was told once, and then once that it is over.
func (o *operation) judgeMessages(days int) {
	o.t.Helper()
	standing, ids := map[string]bool{}, map[string]bool{}
	var told []string
	for _, m := range o.receiver.messages() {
		told = append(told, fmt.Sprint(m.Key, " ", m.Event))
		if ids[m.ID] {
			o.t.Errorf("told twice: %+v", m)
		}
		ids[m.ID] = true
		if isOver := m.Event == notify.EventRecovered; standing[m.Key] != isOver {
			o.t.Errorf("%s is told, though it stands: %t", m.Event, standing[m.Key])
		}
		standing[m.Key] = m.Event != notify.EventRecovered
	}
	for key, stands := range standing {
		if stands {
			o.t.Errorf("it was never told that %s is over", key)
		}
	}
	usual := []string{"failed_job:live opened", "failed_job:nightly opened", "failed_job:nightly recovered", "failed_job:live recovered"}
	if days == len(troubles) && !slices.Equal(told, usual) || len(told) < len(usual) {
		o.t.Errorf("told was %s", strings.Join(told, ", "))
	}
}

// ask gives the rows of an answer as texts.
func (o *operation) ask(w *load.Warehouse, statement string) (rows [][]string) {
	o.t.Helper()
	answer, err := w.Ask(o.t.Context(), "JSONCompactStringsEachRow", statement, false, false)
	must(o.t, err)
	defer func() { must(o.t, answer.Close()) }()
	for decoder := json.NewDecoder(answer); ; {
		var row []string
		if err := decoder.Decode(&row); errors.Is(err, io.EOF) {
			return rows
		} else if err != nil {
			o.t.Fatal(err)
		}
		rows = append(rows, row)
	}
}
