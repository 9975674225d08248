// Package cluster runs the warehouse over two shards: two embedded engines that name each other in remote_servers, with plain
// tables and the schema sent to each of them. All that readers see has to be what one engine has after the same deliveries.
//
// The engines refuse ON CLUSTER, and keep Replicated tables read-only: of that form, it checks that the engine's parser takes
// each statement.
package cluster

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/contents"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

const clusterName = "two-shards"

// pair is two engines, the shards of a cluster. The warehouse's statements are sent to the first.
type pair [2]*engine.Engine

// startPair starts two engines that reach each other over TCP, on loopback. They know each other by a secret, since a
// password that an engine refuses over TCP ends it.
func startPair(t *testing.T) pair {
	t.Helper()
	ports := [2]int{freePort(t), freePort(t)}
	var p pair
	for i := range p {
		settings := fmt.Sprintf(`<tcp_port>%d</tcp_port>
    <macros><shard>%d</shard><replica>only</replica></macros>
    <remote_servers><%s>
        <secret>between-two-shards</secret>
        <shard><replica><host>127.0.0.1</host><port>%d</port></replica></shard>
        <shard><replica><host>127.0.0.1</host><port>%d</port></replica></shard>
    </%s></remote_servers>`, ports[i], i+1, clusterName, ports[0], ports[1], clusterName)
		e, err := engine.Open(t.Context(), engine.Options{Dir: warehousetest.Dir(t), Settings: settings})
		if err != nil {
			t.Fatalf("start a shard: %v", err)
		}
		t.Cleanup(func() {
			if err := e.Close(); err != nil {
				t.Errorf("end a shard: %v", err)
			}
		})
		p[i] = e
		p.ask(t, i, "SYSTEM START LISTEN TCP")
	}
	return p
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// cluster is the pair as a config has it.
func (p pair) cluster() load.Cluster {
	return load.Cluster{Name: clusterName, Hosts: []string{p[1].DSN()}}
}

// ask asks one of the engines itself.
func (p pair) ask(t *testing.T, i int, statement string) []string {
	t.Helper()
	rows, err := contents.Ask(p[i].Address(), statement)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// open opens a warehouse for the length of the test.
func open(t *testing.T, dsn string, options ...load.Option) *load.Warehouse {
	t.Helper()
	w, err := load.Open(dsn, append(options, load.PublishAtOnce())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close the warehouse: %v", err)
		}
	})
	return w
}

// parses tells whether the engine's parser takes a statement.
func parses(ctx context.Context, w *load.Warehouse, statement string) error {
	answer, err := w.Ask(ctx, "TSV", "EXPLAIN AST "+strings.TrimSpace(withoutComments(statement)), false, false)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer)
	_ = answer.Close()
	return err
}

// withoutComments leaves out the lines before the statement.
func withoutComments(statement string) string {
	for strings.HasPrefix(statement, "--") {
		_, statement, _ = strings.Cut(statement, "\n")
	}
	return statement
}
