// Command partnerplus is the KPI warehouse of Partner Plus: it loads awards, redemptions and portal data from their
// sources into ClickHouse and computes the monthly KPIs.
//
// Each subcommand has a file of its own here; exit codes are mapped in exit.go. It must not know any SQL, S3 or HTTP
// detail.
//
// For its developers: where PARTNERPLUS_PPROF names a folder, the command writes cpu.pprof and heap.pprof there.
package main

//go:generate sh -c "go run . reference --markdown > README.md"

import (
	"os"

	"github.com/partnerplus/warehouse/internal/engine"
)

func main() {
	engine.ChildMain()
	written := profile(os.Getenv(envProfile), os.Stderr)
	code := execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	written()
	os.Exit(code)
}
