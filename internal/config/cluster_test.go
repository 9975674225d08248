package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCluster(t *testing.T) {
	const head = "reporting: {currency: USD}\nwarehouse:\n  dsn: http://one:8123/\n  cluster: "
	t.Setenv("TEST_SHARD", "http://loader:cl0sed@two:8123/")
	tests := []struct {
		name, yaml string
		want       Cluster
	}{
		{"name alone", "partner-plus\n", Cluster{Name: "partner-plus", Replicated: true}},
		{"replicated", "{name: c1, replicated: true}\n", Cluster{Name: "c1", Replicated: true}},
		{"plain", "{name: c1, replicated: false, hosts: ['${TEST_SHARD}']}\n", Cluster{Name: "c1", Hosts: []string{"http://loader:cl0sed@two:8123/"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, head+tt.yaml)
			if err != nil {
				t.Fatal(err)
			}
			if !cmp.Equal(*c.Warehouse.Cluster, tt.want) {
				t.Errorf("cluster is %+v, want %+v", *c.Warehouse.Cluster, tt.want)
			}
			if len(c.Warnings) > 0 {
				t.Errorf("warnings: %q", c.Warnings)
			}
			if shown := c.Redact("cannot reach cl0sed"); tt.want.Hosts != nil && strings.Contains(shown, "cl0sed") {
				t.Errorf("the password of a host shows: %s", shown)
			}
		})
	}
	t.Run("a host's password in plain text is warned of", func(t *testing.T) {
		c, err := load(t, head+"{name: c1, replicated: false, hosts: ['http://two:8123/', 'http://loader:cl0sed@three:8123/']}\n")
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "warehouse.cluster.hosts[1]") || strings.Contains(c.Warnings[0], "cl0sed") {
			t.Errorf("warnings: %q", c.Warnings)
		}
	})
	problems := []struct{ name, yaml, want string }{
		{"no name", "{hosts: []}\n", "cluster.name: missing; name a cluster of the server's remote_servers"},
		{"a name that is none", "\"it's\"\n", `cluster.name: "it's" must consist of letters, digits, _, . and -`},
		{"hosts of a replicated cluster", "{name: c1, hosts: ['http://two:8123/']}\n", "leave hosts out, or set replicated: false"},
		{"a plain cluster without hosts", "{name: c1, replicated: false}\n", "cluster.hosts: missing; name the cluster's other servers, or leave replicated: false out"},
		{"a host over TCP", "{name: c1, replicated: false, hosts: ['clickhouse://u:cl0sed@two:9000']}\n", `cluster.hosts[0]: the scheme "clickhouse" is not http or https; give the server's HTTP port, such as http://two:8123/`},
	}
	for _, tt := range problems {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, head+tt.yaml)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "cl0sed") {
				t.Errorf("error is %v, want %q in it", err, tt.want)
			}
		})
	}
}
