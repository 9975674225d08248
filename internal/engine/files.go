package engine

import (
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Files inside an engine's folder.
const (
	lockFile      = "engine.lock" // held by the engine as long as it has the data open
	startLockFile = "start.lock"  // held by whoever starts an engine
	stateFile     = "engine.json"
	configFile    = "config.xml"
	usersFile     = "users.xml"
	usersFolder   = "users.d" // more users, kept by an operator; the engine merges its files into users.xml
	logFile       = "engine.log"
	dataDir       = "data"
	backupDir     = "backups" // of BACKUP … TO File
	writerUser    = "partnerplus"
	readerUser    = "reader"
	privateFile   = 0o600
)

var (
	//go:embed config.xml
	configTemplate string
	//go:embed users.xml
	usersTemplate string
)

// state is what an engine's folder remembers between starts, and what tells others where it listens.
type state struct {
	Port           int    `json:"port"`
	Password       string `json:"password"`
	ReaderPassword string `json:"reader_password"`
	Owner          int    `json:"owner_pid"`
	Engine         int    `json:"engine_pid"`
}

func readState(dir string) (state, error) {
	var s state
	content, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(content, &s); err != nil {
		return s, fmt.Errorf("%s is damaged: %w; delete it: a new one is written, with another port and new passwords", filepath.Join(dir, stateFile), err)
	}
	return s, nil
}

func (s state) write(dir string) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return writeAtomically(filepath.Join(dir, stateFile), content)
}

// prepare makes a folder that exists ready for an engine: passwords and a port that stay the same over restarts,
// and the engine's own two configuration files, with more settings in the first.
func prepare(dir string, wantPort int, more string) (state, error) {
	s, err := readState(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return s, err
	}
	if s.Password == "" {
		s.Password, s.ReaderPassword = rand.Text(), rand.Text()
	}
	if wantPort != 0 {
		s.Port = wantPort
	}
	if s.Port == 0 || (wantPort == 0 && !portComesFree(s.Port)) {
		if s.Port, err = freePort(); err != nil {
			return s, err
		}
	}
	if wantPort != 0 && !portComesFree(wantPort) {
		return s, fmt.Errorf("port %d is taken by another program; choose another with --port, or leave it out", wantPort)
	}
	var path strings.Builder
	if err := xml.EscapeText(&path, []byte(dir)); err != nil {
		return s, err
	}
	fill := strings.NewReplacer(
		"{{dir}}", path.String(),
		"{{more}}", more,
		"{{writer_sha256}}", sha256Hex(s.Password),
		"{{reader_sha256}}", sha256Hex(s.ReaderPassword),
	)
	for name, template := range map[string]string{configFile: configTemplate, usersFile: usersTemplate} {
		if err := writeAtomically(filepath.Join(dir, name), []byte(fill.Replace(template))); err != nil {
			return s, err
		}
	}
	return s, nil
}

func writeAtomically(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when the rename worked
	if _, err = file.Write(content); err == nil {
		err = file.Chmod(privateFile)
	}
	if err == nil {
		err = file.Sync() // else a machine that loses power may keep the name and lose the content
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// portTries is how often a port is tried, pollEvery apart.
const portTries = 20

// portComesFree gives a port some time: an engine that ends lets go of its lock a moment before its port, and programs that
// used it look for the next one there.
func portComesFree(port int) bool {
	for range portTries {
		if portIsFree(port) {
			return true
		}
		time.Sleep(pollEvery)
	}
	return false
}

func portIsFree(port int) bool {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
