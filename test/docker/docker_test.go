// Package docker runs the main module's warehouse tests on a ClickHouse server in a container, and its end-to-end tests on that
// server and MinIO, so that what holds on the embedded engine and on versitygw holds on servers that people run. It is a module of its own, so that nobody else downloads what it depends on.
package docker

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// image is the server under test: the release line of the embedded engine, which deploy/engine/package.json pins.
// TestImageIsTheEnginesLine holds the two together.
const image = "clickhouse/clickhouse-server:26.7"

// storeImage is the S3 server of the end-to-end tests.
const storeImage = "minio/minio:RELEASE.2025-04-22T22-12-26Z"

// Variables of the main module's tests: of test/warehousetest and of extract/extracttest.
const (
	envDSN = "PARTNERPLUS_TEST_DSN"
	envS3  = "PARTNERPLUS_TEST_S3"
)

const (
	user     = "partnerplus"
	password = "test-password-7c1d" // of a server that lives as long as the test
	httpPort = "8123/tcp"
	s3Port   = "9000/tcp"
)

// startTimeout is how long the server may take to answer once its image is here.
const startTimeout = 2 * time.Minute

// root is the main module's folder.
var root = filepath.Join("..", "..")

// packages are the main module's packages whose tests touch the warehouse.
var packages = []string{"./load/...", "./internal/pipeline/...", "./test/..."}

func TestOnServer(t *testing.T) {
	needDocker(t)
	runTests(t, []string{envDSN + "=" + startServer(t)}, packages...)
}

func TestEndToEnd(t *testing.T) {
	needDocker(t)
	runTests(t, []string{envDSN + "=" + startServer(t), envS3 + "=" + startStore(t)}, "./test/e2e/...")
}

// runTests runs tests of the main module. The servers' databases and buckets have fixed names, so packages take turns.
func runTests(t *testing.T, env []string, packages ...string) {
	t.Helper()
	args := append([]string{"test", "-p", "1", "-count=1", "-timeout", "30m"}, packages...)
	tests := exec.CommandContext(t.Context(), "go", args...)
	tests.Dir = root
	tests.Env = append(os.Environ(), env...)
	tests.Stdout, tests.Stderr = os.Stdout, os.Stderr
	t.Logf("%s in the main module, on %s and %s", tests, image, storeImage)
	if err := tests.Run(); err != nil {
		t.Fatalf("on %s: %v", image, err)
	}
}

func TestImageIsTheEnginesLine(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "deploy", "engine", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		OptionalDependencies map[string]string `json:"optionalDependencies"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest.OptionalDependencies) == 0 {
		t.Fatal("deploy/engine/package.json names no engine")
	}
	_, tag, _ := strings.Cut(image, ":")
	for name, version := range manifest.OptionalDependencies {
		if line(version) != line(tag) {
			t.Errorf("%s is %s, but the server under test is %s", name, version, image)
		}
	}
}

// line is the release line of a ClickHouse version: 26.7 of 26.7.3-stable.1.
func line(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return version
	}
	return parts[0] + "." + parts[1]
}

// needDocker skips the test where no container engine answers, and says what is tested all the same.
func needDocker(t *testing.T) {
	t.Helper()
	if why := dockerAbsent(t.Context()); why != nil {
		t.Skipf("no docker engine answers (%v), so nothing ran on %s; make test runs the same tests on the embedded engine, "+
			"or on the server that %s names", why, image, envDSN)
	}
}

func dockerAbsent(ctx context.Context) error {
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return err
	}
	return provider.Health(ctx) // which closes the provider
}

// startStore starts an S3 server for the length of the test and gives its address with its keys.
func startStore(t *testing.T) string {
	t.Helper()
	store, err := testcontainers.Run(t.Context(), storeImage,
		testcontainers.WithExposedPorts(s3Port),
		testcontainers.WithEnv(map[string]string{"MINIO_ROOT_USER": user, "MINIO_ROOT_PASSWORD": password}),
		testcontainers.WithCmd("server", "/data"),
		testcontainers.WithWaitStrategyAndDeadline(startTimeout, wait.ForHTTP("/minio/health/ready").WithPort(s3Port)),
	)
	testcontainers.CleanupContainer(t, store)
	if err != nil {
		t.Fatalf("start %s: %v", storeImage, err)
	}
	endpoint, err := store.PortEndpoint(t.Context(), s3Port, "")
	if err != nil {
		t.Fatalf("find the store's address: %v", err)
	}
	return (&url.URL{Scheme: "http", User: url.UserPassword(user, password), Host: endpoint}).String()
}

// startServer starts a server for the length of the test and gives its address.
func startServer(t *testing.T) string {
	t.Helper()
	server, err := testcontainers.Run(t.Context(), image,
		testcontainers.WithExposedPorts(httpPort),
		testcontainers.WithEnv(map[string]string{
			"CLICKHOUSE_USER":                      user,
			"CLICKHOUSE_PASSWORD":                  password,
			"CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT": "1",
		}),
		testcontainers.WithWaitStrategyAndDeadline(startTimeout,
			wait.ForHTTP("/?query=SELECT+1").WithPort(httpPort).WithBasicAuth(user, password)),
	)
	testcontainers.CleanupContainer(t, server)
	if err != nil {
		t.Fatalf("start %s: %v", image, err)
	}
	endpoint, err := server.PortEndpoint(t.Context(), httpPort, "")
	if err != nil {
		t.Fatalf("find the server's address: %v", err)
	}
	return (&url.URL{Scheme: "http", User: url.UserPassword(user, password), Host: endpoint, Path: "/default"}).String()
}
