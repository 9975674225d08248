package engine

import (
	"os/signal"
	"syscall"
)

func ignoreTerminalSignals() {
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
}
