package schedules

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// A daily job is due exactly once on each local day of a year with both changes of the clock, and at its own
// time but in the gap.
func TestDailyJobIsDueOncePerDay(t *testing.T) {
	tests := []struct {
		zone  string
		year  int
		moved map[string]string // by cron: the due time in the gap
	}{
		{"America/New_York", 2024, map[string]string{"0 2 * * *": "2024-03-10 03:00", "30 2 * * *": "2024-03-10 03:00", "30 1 * * *": ""}},
		{"Europe/Berlin", 2024, map[string]string{"0 2 * * *": "2024-03-31 03:00", "30 2 * * *": "2024-03-31 03:00", "0 4 * * *": ""}},
		{"Australia/Lord_Howe", 2024, map[string]string{"15 2 * * *": "2024-10-06 02:30", "45 1 * * *": ""}}, // half an hour
		{"America/Sao_Paulo", 2018, map[string]string{"0 0 * * *": "2018-11-04 01:00", "30 23 * * *": ""}},   // at midnight
		{"Africa/Cairo", 2024, map[string]string{"30 0 * * *": "2024-04-26 01:00", "30 23 * * *": ""}},
		{"UTC", 2024, map[string]string{"0 2 * * *": ""}},
	}
	for _, tt := range tests {
		for expression, moved := range tt.moved {
			t.Run(tt.zone+" "+expression, func(t *testing.T) {
				z := zone(t, tt.zone)
				job := Job{Name: "daily", Cron: expression}
				first := time.Date(tt.year, 1, 1, 0, 0, 0, 0, z)
				due := job.Due(first.Add(-1), first.AddDate(1, 0, 0).Add(-1), z)
				usual := due[0].In(z).Format("15:04")
				seen := map[string]bool{}
				for i, d := range due {
					local := d.In(z)
					if i > 0 && !d.After(due[i-1]) {
						t.Errorf("%s comes after %s", local, due[i-1])
					}
					if got := local.Format("2006-01-02 15:04"); local.Format("15:04") != usual && got != moved {
						t.Errorf("due at %s", got)
					}
					if day := local.Format(time.DateOnly); seen[day] {
						t.Errorf("due twice on %s", day)
					} else {
						seen[day] = true
					}
				}
				if moved != "" && !seen[moved[:10]] {
					t.Errorf("not due in the gap of %s", moved)
				}
				if days := first.AddDate(1, 0, 0).Add(-1).In(z).YearDay(); len(due) != days {
					t.Errorf("due %d times in %d days", len(due), days)
				}
			})
		}
	}
}

func TestDueAroundTheChangesOfTheClock(t *testing.T) {
	newYork := zone(t, "America/New_York")
	tests := []struct {
		name, cron   string
		after, until string // UTC
		want         []string
	}{
		{"the gap takes several due times together", "0,30 2 * * *", "2024-03-10T00:00:00Z", "2024-03-11T00:00:00Z", []string{"2024-03-10T07:00:00Z"}},
		{"the first of the repeated hour", "30 1 * * *", "2024-11-03T00:00:00Z", "2024-11-04T00:00:00Z", []string{"2024-11-03T05:30:00Z"}},
		{"asked within the repeated hour", "30 1 * * *", "2024-11-03T06:10:00Z", "2024-11-04T12:00:00Z", []string{"2024-11-04T06:30:00Z"}},
		{"asked at the moved time", "30 2 * * *", "2024-03-10T07:00:00Z", "2024-03-11T12:00:00Z", []string{"2024-03-11T06:30:00Z"}},
		{"every hour goes on through the gap", "0 * * * *", "2024-03-10T05:30:00Z", "2024-03-10T08:00:00Z", []string{"2024-03-10T06:00:00Z", "2024-03-10T07:00:00Z", "2024-03-10T08:00:00Z"}},
		{"every hour goes on through the repeated one", "0 * * * *", "2024-11-03T04:30:00Z", "2024-11-03T07:00:00Z", []string{"2024-11-03T05:00:00Z", "2024-11-03T06:00:00Z", "2024-11-03T07:00:00Z"}},
		{"monthly", "0 4 1 * *", "2024-01-01T08:59:59Z", "2024-03-01T09:00:00Z", []string{"2024-01-01T09:00:00Z", "2024-02-01T09:00:00Z", "2024-03-01T09:00:00Z"}},
		{"after is left out, until is not", "0 4 1 * *", "2024-01-01T09:00:00Z", "2024-02-01T09:00:00Z", []string{"2024-02-01T09:00:00Z"}},
		{"not valid", "nonsense", "2024-01-01T09:00:00Z", "2025-02-01T09:00:00Z", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			due := Job{Cron: tt.cron}.Due(at(t, tt.after), at(t, tt.until), newYork)
			var got []string
			for _, d := range due {
				got = append(got, d.UTC().Format(time.RFC3339))
			}
			if len(got) != len(tt.want) {
				t.Fatalf("due at %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("due at %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func TestLatest(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	now := at(t, "2024-06-15T12:03:00Z")
	tests := []struct{ cron, after, want string }{
		{"*/5 * * * *", "0001-01-01T00:00:00Z", "2024-06-15T12:00:00Z"},
		{"0 2 * * *", "0001-01-01T00:00:00Z", "2024-06-15T00:00:00Z"},
		{"0 4 1 * *", "0001-01-01T00:00:00Z", "2024-06-01T02:00:00Z"},
		{"0 0 1 7 *", "0001-01-01T00:00:00Z", "2023-06-30T22:00:00Z"},
		{"0 0 29 2 *", "0001-01-01T00:00:00Z", "2024-02-28T23:00:00Z"},
		{"0 4 1 * *", "2024-06-01T01:59:00Z", "2024-06-01T02:00:00Z"},
		{"0 4 1 * *", "2024-06-01T02:00:00Z", ""},
		{"0 4 1 * *", "2024-07-01T02:00:00Z", ""}, // a ledger from the future
	}
	for _, tt := range tests {
		got := Job{Cron: tt.cron}.timetable(berlin).latest(at(t, tt.after), now)
		if want := tt.want; want == "" && !got.IsZero() || want != "" && !got.Equal(at(t, want)) {
			t.Errorf("%s after %s: %s, want %q", tt.cron, tt.after, got, want)
		}
	}
}
