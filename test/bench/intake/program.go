package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
)

// program is what is measured: partnerplus as a process of its own, in a folder with its config.
type program struct{ binary, dir string }

// warehouseFolder is where the program finds the engine.
const warehouseFolder = "warehouse"

// newProgram takes a binary, or builds it.
func newProgram(ctx context.Context, binary, dir string) (program, error) {
	if binary != "" {
		absolute, err := filepath.Abs(binary)
		return program{absolute, dir}, err
	}
	p := program{filepath.Join(dir, "partnerplus"), dir}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", p.binary, "github.com/partnerplus/warehouse/cmd/partnerplus")
	if output, err := build.CombinedOutput(); err != nil {
		return p, fmt.Errorf("build partnerplus: %w\n%s", err, output)
	}
	return p, nil
}

// execution is what one run of the program took.
type execution struct {
	report pipeline.Report
	wall   time.Duration // of the whole process
	cpu    time.Duration
	peak   uint64 // bytes: the most memory that it had
}

// source is how long the run's only source took, until its rows were in the facts and the ledger.
func (e execution) source() time.Duration {
	return time.Duration(e.report.Total().Seconds * float64(time.Second))
}

// configure writes the config: one source of awards. The mapping standardises and checks every column.
func (p program) configure(place string) error {
	return os.WriteFile(filepath.Join(p.dir, config.FileName), fmt.Appendf(nil, `
warehouse: {path: %s}
reporting: {currency: %s, timezone: %s}
sources:
  awards:
    %s
    rejects: {max_rows: 0}
    mappings:
      - entity: awards
        columns:
          program_id: {from: program_id, trim: true}
          award_id: {from: award_id, trim: true}
          org_id: {from: org_id, trim: true}
          member_id: {from: member_id, trim: true}
          kind: {value: award}
          amount: {from: amount, min: "0.01"}
          currency: {from: currency, trim: true, case: upper}
          awarded_at: {from: awarded_at, time: {format: iso, zone: UTC}}
`, warehouseFolder, reporting.Currency, reporting.Timezone, place), 0o600)
}

// secrets are where the config finds the S3 server's.
const accessKey, secretKey = "BENCH_ACCESS_KEY_ID", "BENCH_SECRET_ACCESS_KEY" //nolint:gosec // names of variables

// inS3 gives the place of objects in the S3 server.
func inS3(store *extracttest.Server, glob string) string {
	return fmt.Sprintf(`s3: {bucket: %s, glob: %q, endpoint: %q, path_style: true, region: us-east-1, access_key_id: "${%s}", secret_access_key: "${%s}"}`,
		bucket, glob, store.Endpoint, accessKey, secretKey)
}

// run runs the program once, with profiles where they have a folder.
func (p program) run(ctx context.Context, store *extracttest.Server, profiles string) (e execution, err error) {
	if profiles != "" {
		if profiles, err = filepath.Abs(profiles); err == nil {
			err = os.MkdirAll(profiles, 0o755)
		}
		if err != nil {
			return e, err
		}
	}
	command := exec.CommandContext(ctx, p.binary, "run", "--no-refresh", "-o", "json")
	command.Dir = p.dir
	command.Env = append(os.Environ(), accessKey+"="+store.AccessKey, secretKey+"="+store.SecretKey, "PARTNERPLUS_PPROF="+profiles)
	var out, errOut bytes.Buffer
	command.Stdout, command.Stderr = &out, &errOut
	began := time.Now()
	err = command.Run()
	e.wall = time.Since(began)
	if err != nil {
		return e, fmt.Errorf("partnerplus run: %w\n%s%s", err, strings.TrimSpace(errOut.String()), out.String())
	}
	if err := json.Unmarshal(out.Bytes(), &e.report); err != nil {
		return e, fmt.Errorf("read the report of partnerplus run: %w", err)
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return e, errors.New("the kernel does not tell what a process used")
	}
	e.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	e.peak = uint64(usage.Maxrss) << 10
	return e, nil
}

// top writes where the processor time and the memory of a profiled run went beside the profiles.
func (p program) top(ctx context.Context, profiles string) error {
	for profile, arguments := range map[string][]string{"cpu": nil, "heap": {"-sample_index=alloc_space"}} {
		arguments = append([]string{"tool", "pprof", "-top", "-nodecount=40"}, arguments...)
		arguments = append(arguments, p.binary, filepath.Join(profiles, profile+".pprof"))
		output, err := exec.CommandContext(ctx, "go", arguments...).Output()
		if err != nil {
			return fmt.Errorf("go tool pprof: %w", err)
		}
		if err := os.WriteFile(filepath.Join(profiles, profile+".txt"), output, 0o644); err != nil {
			return err
		}
	}
	return nil
}
