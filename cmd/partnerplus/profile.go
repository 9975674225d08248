package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// envProfile names the environment variable with the folder for profiles of the command's processor time and memory.
const envProfile = "PARTNERPLUS_PPROF"

// profile measures what the command does from now on; what it returns ends that and writes the profiles. Nothing is
// measured where dir is empty, and a profile that cannot be written is only told of: the command's work counts.
func profile(dir string, errOut io.Writer) (end func()) {
	if dir == "" {
		return func() {}
	}
	tell := func(err error) {
		if err != nil {
			_, _ = fmt.Fprintf(errOut, "warning: %s: %v\n", envProfile, err)
		}
	}
	cpu, err := os.Create(filepath.Join(dir, "cpu.pprof"))
	if err == nil {
		err = pprof.StartCPUProfile(cpu)
	}
	if err != nil {
		tell(err)
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		tell(cpu.Close())
		tell(writeHeap(filepath.Join(dir, "heap.pprof")))
	}
}

func writeHeap(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("heap").WriteTo(file, 0), file.Close())
}
