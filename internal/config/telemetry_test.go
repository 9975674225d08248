package config

import (
	"strings"
	"testing"
)

func TestTelemetry(t *testing.T) {
	tests := []struct{ name, section, want string }{
		{"nothing", "", ""},
		{"all", "telemetry: {traces: {endpoint: 'https://c.example.com:4318', headers: {Authorization: abc}, share: 0.5}}\n", ""},
		{"no address", "telemetry: {traces: {endpoint: 'u:secret@localhost:4317'}}\n", "telemetry.traces.endpoint: not an address of HTTP"},
		{"a share above all", "telemetry: {traces: {share: 1.5}}\n", "telemetry.traces.share: 1.5 is not between 0 and 1"},
		{"no number", "telemetry: {traces: {share: .nan}}\n", "telemetry.traces.share"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, "reporting: {currency: USD}\n"+tt.section)
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret")):
				t.Errorf("error %v, want %q", err, tt.want)
			case tt.name == "nothing" && c.Telemetry.Traces.Share != 1:
				t.Errorf("the share of traces is %g by default", c.Telemetry.Traces.Share)
			}
		})
	}
}
