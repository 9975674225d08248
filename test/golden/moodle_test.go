package golden

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMoodle brings in real page views by configuration alone. Its answers come from another independent program.
func TestMoodle(t *testing.T) {
	shared, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "data", "moodle_portal"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(shared); err != nil {
		t.Skipf("the data of the Moodle portal is not beside this repository: %v", err)
	}
	t.Setenv("MOODLE_DIR", filepath.Join(shared, "raw"))
	w, _ := run(t, "moodle.yaml")

	type figures struct {
		Events   int `json:"page_events"`
		Sessions int `json:"sessions"`
		Users    int `json:"active_users"`
	}
	var want struct {
		Quality struct {
			Rows   int `json:"rows"`
			NoUser int `json:"no_user_id_in_description"`
		} `json:"quality"`
		Local struct {
			Months  map[string]figures `json:"months"`
			Overall figures            `json:"overall"`
			Runs    map[string]figures `json:"by_module_run"`
			NoTime  int                `json:"rows_with_invalid_time"`
		} `json:"month_local_as_written"`
	}
	content, err := os.ReadFile(filepath.Join(shared, "answers.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}

	got := map[string]figures{}
	for _, row := range rows[struct {
		Month    string `json:"month"`
		Events   int    `json:"events"`
		Sessions int    `json:"sessions"`
		Users    int    `json:"users"`
	}](t, w, `
		SELECT substring(toString(e.month), 1, 7) AS month, toInt32(e.sessions) AS sessions, toInt32(e.active_users) AS users, toInt32(v.events) AS events
		FROM kpi.portfolio_engagement_monthly AS e
		LEFT JOIN
		(
			SELECT toStartOfMonth(occurred_at) AS month, count() AS events
			FROM warehouse.portal_events FINAL
			GROUP BY month
		) AS v ON v.month = e.month`) {
		got[row.Month] = figures{row.Events, row.Sessions, row.Users}
	}
	if diff := cmp.Diff(want.Local.Months, got); diff != "" {
		t.Errorf("months (-want +got):\n%s", diff)
	}

	runs := map[string]figures{}
	for _, row := range rows[struct {
		Page   string `json:"page"`
		Events int    `json:"events"`
		Users  int    `json:"users"`
	}](t, w, "SELECT page, toInt32(count()) AS events, toInt32(uniqExact(member_id)) AS users FROM warehouse.portal_events FINAL GROUP BY page") {
		runs[row.Page] = figures{Events: row.Events, Users: row.Users}
	}
	if diff := cmp.Diff(want.Local.Runs, runs); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}

	rejects := map[string]int{}
	for _, row := range rows[struct {
		Rule string `json:"rule"`
		Rows int    `json:"rows"`
	}](t, w, "SELECT column || ' ' || rule AS rule, toInt32(count()) AS rows FROM etl.open_rejects GROUP BY rule") {
		rejects[row.Rule] = row.Rows
	}
	if diff := cmp.Diff(map[string]int{"member_id required": want.Quality.NoUser, "occurred_at type": want.Local.NoTime}, rejects); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	if left := want.Quality.Rows - want.Quality.NoUser - want.Local.NoTime; left != want.Local.Overall.Events {
		t.Errorf("%d rows are left, %d are counted", left, want.Local.Overall.Events)
	}
}
