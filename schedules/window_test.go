package schedules

import (
	"testing"
	"time"
)

func TestBlackout(t *testing.T) {
	work := Window{From: "08:00", To: "18:00", Days: []string{"mon-fri"}}
	night := Window{From: "22:30", To: "05:30"}
	tests := []struct {
		name     string
		windows  []Window
		at, want string // in New York's time
	}{
		{"none", nil, "2024-03-06 08:00", "2024-03-06 08:00"},
		{"before it", []Window{work}, "2024-03-06 07:59", "2024-03-06 07:59"},
		{"at its begin", []Window{work}, "2024-03-06 08:00", "2024-03-06 18:00"},
		{"within", []Window{work}, "2024-03-06 17:59", "2024-03-06 18:00"},
		{"at its end", []Window{work}, "2024-03-06 18:00", "2024-03-06 18:00"},
		{"on another day", []Window{work}, "2024-03-09 12:00", "2024-03-09 12:00"},
		{"over midnight", []Window{night}, "2024-03-06 23:00", "2024-03-07 05:30"},
		{"since yesterday", []Window{night}, "2024-03-06 05:29", "2024-03-06 05:30"},
		{"over midnight of its day", []Window{{From: "22:00", To: "02:00", Days: []string{"fri"}}}, "2024-03-09 01:00", "2024-03-09 02:00"},
		{"over midnight of another day", []Window{{From: "22:00", To: "02:00", Days: []string{"fri"}}}, "2024-03-08 01:00", "2024-03-08 01:00"},
		{"a whole day", []Window{{From: "00:00", To: "24:00", Days: []string{"sun"}}}, "2024-03-03 11:00", "2024-03-04 00:00"},
		{"a whole day, said otherwise", []Window{{From: "12:00", To: "12:00", Days: []string{"sun"}}}, "2024-03-04 11:00", "2024-03-04 12:00"},
		{"days around the end of the week", []Window{{From: "00:00", To: "24:00", Days: []string{"sat-mon"}}}, "2024-03-02 11:00", "2024-03-05 00:00"},
		{"one into the next", []Window{work, {From: "17:00", To: "22:30"}, night}, "2024-03-06 09:00", "2024-03-07 05:30"},
		{"it begins in the gap", []Window{{From: "02:30", To: "04:00"}}, "2024-03-10 03:00", "2024-03-10 04:00"},
		{"it ends in the gap", []Window{{From: "01:00", To: "02:30"}}, "2024-03-10 01:30", "2024-03-10 03:00"},
		{"the gap is no part of it", []Window{{From: "02:00", To: "02:30"}}, "2024-03-10 03:00", "2024-03-10 03:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			newYork := zone(t, "America/New_York")
			table := Job{Cron: "@daily", Timezone: "America/New_York", Blackout: tt.windows}.timetable(time.UTC)
			at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, newYork)
			if err != nil {
				t.Fatal(err)
			}
			if got := table.allowed(at).In(newYork).Format("2006-01-02 15:04"); got != tt.want {
				t.Errorf("allowed at %s, want %s", got, tt.want)
			}
		})
	}
}

// A window in the repeated hour is over once the clock has shown its end.
func TestBlackoutInTheRepeatedHour(t *testing.T) {
	table := Job{Cron: "@daily", Timezone: "America/New_York", Blackout: []Window{{From: "01:00", To: "01:30"}}}.timetable(time.UTC)
	first := at(t, "2024-11-03T05:10:00Z") // 01:10, the first time
	if got := table.allowed(first); !got.Equal(first.Add(20 * time.Minute)) {
		t.Errorf("the first time: allowed at %s", got)
	}
	if again := first.Add(time.Hour); !table.allowed(again).Equal(again) {
		t.Error("the second time: not allowed")
	}
}
