package extracttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Postgres is a real PostgreSQL server on loopback, for the tests of one package.
type Postgres struct {
	Port     string
	User     string // who may do everything
	Password string

	schemas atomic.Int64
	folder  string
	process *exec.Cmd
	ended   chan error
}

// noPostgres is what a test says that is skipped for want of a server. `make test` says so too.
const noPostgres = "PostgreSQL is not installed here: apt-get install postgresql, or put its programs initdb and postgres on PATH"

var postgres *Postgres

// RunWithPostgres runs a package's tests, and with them a server where one is installed. TestMain exits with its result.
func RunWithPostgres(m *testing.M) int {
	programs, found := postgresPrograms()
	if found {
		var err error
		if postgres, err = startPostgres(programs); err != nil {
			fmt.Fprintln(os.Stderr, "the PostgreSQL server for tests:", err)
			return 1
		}
		defer postgres.stop()
	}
	return m.Run()
}

// PostgresServer gives the package's server. A test is skipped where none is installed.
func PostgresServer(t testing.TB) *Postgres {
	t.Helper()
	if postgres == nil {
		t.Skip(noPostgres)
	}
	return postgres
}

// Schema makes an empty schema, in which whoever connects with the DSN finds tables first.
func (p *Postgres) Schema(t testing.TB) (dsn string) {
	t.Helper()
	name := "test_" + strconv.FormatInt(p.schemas.Add(1), 10)
	p.Exec(t, p.DSN(p.User, p.Password, nil), "CREATE SCHEMA "+name)
	return p.DSN(p.User, p.Password, url.Values{"search_path": {name}})
}

// DSN is the server's address for a user.
func (p *Postgres) DSN(user, password string, settings url.Values) string {
	if settings == nil {
		settings = url.Values{}
	}
	settings.Set("sslmode", "disable")
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: "127.0.0.1:" + p.Port, Path: "/postgres", RawQuery: settings.Encode()}
	return u.String()
}

// Exec runs statements.
func (p *Postgres) Exec(t testing.TB, dsn, statements string) {
	t.Helper()
	p.Ask(t, dsn, statements)
}

// Ask runs statements, and gives the first value of the last one that has any.
func (p *Postgres) Ask(t testing.TB, dsn, statements string) (value string) {
	t.Helper()
	connection, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	results, err := connection.Exec(t.Context(), statements).ReadAll()
	if err := errors.Join(err, connection.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if len(result.Rows) > 0 {
			value = string(result.Rows[0][0])
		}
	}
	return value
}

// postgresPrograms finds the newest server's programs.
func postgresPrograms() (folder string, found bool) {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is right
	slices.SortFunc(folders, func(a, b string) int {
		version := func(folder string) int {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
			return n
		}
		return version(b) - version(a)
	})
	if path, err := exec.LookPath("initdb"); err == nil {
		folders = append([]string{filepath.Dir(path)}, folders...)
	}
	for _, folder := range folders {
		_, errInit := os.Stat(filepath.Join(folder, "initdb"))
		_, errServer := os.Stat(filepath.Join(folder, "postgres"))
		if errInit == nil && errServer == nil {
			return folder, true
		}
	}
	return "", false
}

// startPostgres makes a database in a folder of its own, and starts a server on it. As root it does so as somebody else:
// the server refuses to run as root.
func startPostgres(programs string) (*Postgres, error) {
	folder, err := os.MkdirTemp("", "partnerplus-postgres-")
	if err != nil {
		return nil, err
	}
	p := &Postgres{User: "owner", Password: "test-owner-53c4e7", folder: folder, ended: make(chan error, 1)}
	fail := func(err error) (*Postgres, error) { return nil, errors.Join(err, os.RemoveAll(folder)) }
	attributes, err := p.unprivileged()
	if err != nil {
		return fail(err)
	}
	passwordFile, data := filepath.Join(folder, "password"), filepath.Join(folder, "data")
	if err := os.WriteFile(passwordFile, []byte(p.Password), 0o644); err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	initdb := exec.CommandContext(ctx, filepath.Join(programs, "initdb"), "--pgdata="+data, "--username="+p.User, "--pwfile="+passwordFile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = folder, attributes
	if output, err := initdb.CombinedOutput(); err != nil {
		return fail(fmt.Errorf("initdb: %w\n%s", err, output))
	}
	address, err := freeAddress()
	if err != nil {
		return fail(err)
	}
	if _, p.Port, err = net.SplitHostPort(address); err != nil {
		return fail(err)
	}
	var output bytes.Buffer
	p.process = exec.Command(filepath.Join(programs, "postgres"), "-D", data, "-p", p.Port, "-h", "127.0.0.1", "-k", "", //nolint:noctx // ends with the tests
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "autovacuum=off", "-c", "max_wal_senders=0",
		"-c", "wal_level=minimal", "-c", "shared_buffers=16MB", "-c", "timezone=Asia/Tokyo", "-c", "lc_monetary=C")
	p.process.Dir, p.process.SysProcAttr = folder, attributes
	p.process.Stdout, p.process.Stderr = &output, &output
	if err := p.process.Start(); err != nil {
		return fail(err)
	}
	go func() { p.ended <- p.process.Wait() }()
	if err := p.await(); err != nil {
		p.stop()
		return nil, fmt.Errorf("%w\n%s", err, output.String())
	}
	return p, nil
}

// unprivileged gives the folder to a user who is not root.
func (p *Postgres) unprivileged() (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{}
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUser := strconv.ParseUint(account.Uid, 10, 32)
		gid, errGroup := strconv.ParseUint(account.Gid, 10, 32)
		attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return attributes, errors.Join(errUser, errGroup, os.Chown(p.folder, int(uid), int(gid)))
	}
	return nil, errors.New("it does not run as root, and there is neither a user postgres nor nobody")
}

// await waits until the server answers.
func (p *Postgres) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		connection, err := pgconn.Connect(ctx, p.DSN(p.User, p.Password, nil))
		if err == nil {
			return connection.Close(ctx)
		}
		if text := err.Error(); strings.Contains(text, "28P01") {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case e := <-p.ended:
			p.ended <- e
			return errors.Join(e, err)
		case <-poll.C:
		}
	}
}

// stop ends the server at once, and removes what it wrote.
func (p *Postgres) stop() {
	_ = p.process.Process.Signal(syscall.SIGQUIT) // it may have ended
	<-p.ended
	_ = os.RemoveAll(p.folder) // in the folder for what is temporary
}
