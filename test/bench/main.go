// Command bench measures what the project promises of its speed: `make bench` and `make bench-refresh`. README.md says how
// and gives results.
//
//	go run ./test/bench load       ClickHouse's own loader and ours, from S3, in one run
//	go run ./test/bench units      many small objects
//	go run ./test/bench http       an API with a limit on requests at once
//	go run ./test/bench refresh    a night's load on a history and on one ten times as long
//
// The exit code is 0 however slow all was, and 1 where a figure was wrong or something failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/test/bench/intake"
	"github.com/partnerplus/warehouse/test/bench/refresh"
)

func main() {
	engine.ChildMain()
	os.Exit(execute(os.Args[1:]))
}

var benchmarks = map[string]func(context.Context, []string, io.Writer) error{
	"load": intake.Load, "units": intake.Units, "http": intake.HTTP, "refresh": refresh.Run,
}

// execute gives the exit code.
func execute(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) == 0 || benchmarks[args[0]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench load|units|http|refresh [flags]; each tells its flags with -help")
		return 2
	}
	if err := benchmarks[args[0]](ctx, args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "bench %s: %v\n", args[0], err)
		return 1
	}
	return 0
}
