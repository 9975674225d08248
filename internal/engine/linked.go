//go:build !noengine

package engine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"github.com/ebitengine/purego"
)

// linked tells whether this program can load a library: it then needs the system's C library itself.
const linked = true

// serve loads the library and runs it with clickhouse-local's arguments until standard input closes.
func serve(library, dir string, port int) error {
	lib, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return fmt.Errorf("load %s: %w", library, err)
	}
	var query func(argc int32, argv **byte) uintptr
	purego.RegisterLibFunc(&query, lib, "chdb_query_cmdline")
	var errorOf func(result uintptr) string
	purego.RegisterLibFunc(&errorOf, lib, "chdb_result_error")

	// The last query never ends: that keeps the engine alive, and needs no right to read files. What ends it is the end
	// of standard input, which comes when the parent closes it or dies. The tables are made for a sudden end.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	args := []string{
		"clickhouse-local",
		"--path=" + filepath.Join(dir, dataDir),
		"--config-file=" + filepath.Join(dir, configFile),
		"--http_port=" + strconv.Itoa(port),
		"--listen_host=127.0.0.1",
		"--query", "SYSTEM START LISTEN HTTP; SELECT sleepEachRow(1) FROM system.numbers SETTINGS max_block_size = 1 FORMAT Null",
	}
	argv := make([]*byte, len(args)+1)
	for i, arg := range args {
		bytes, err := syscall.BytePtrFromString(arg)
		if err != nil {
			return fmt.Errorf("engine argument %q: %w", arg, err)
		}
		argv[i] = bytes
	}
	runtime.LockOSThread() // the library's threads descend from this one, and are as confined as it
	if err := confine(dir); err != nil {
		fmt.Fprintln(os.Stderr, "warning: whoever gets into the engine can read the files of its user:", err)
	}
	result := query(int32(len(args)), &argv[0])
	runtime.KeepAlive(argv)
	if result == 0 {
		return errors.New("the engine ended without a result")
	}
	if message := errorOf(result); message != "" {
		return errors.New(message)
	}
	return nil
}
