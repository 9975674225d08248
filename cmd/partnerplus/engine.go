package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/engine"
)

func (a *app) engineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "engine",
		Short: "The embedded warehouse on its own, for Grafana, Metabase or a client",
		Example: `  partnerplus engine start
  eval "$(partnerplus engine env)"
  curl "$CLICKHOUSE_URL" --data "SELECT * FROM kpi.as_of"
  partnerplus engine stop`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("engine start, engine stop or engine env; see partnerplus engine --help")}
		},
	}
	cmd.AddCommand(a.engineStart(), a.engineStop(), a.engineEnv())
	return cmd
}

// loadOrDefault gives the config, or the defaults where there is no config file: for commands that need only the
// warehouse.
func (a *app) loadOrDefault(cmd *cobra.Command) (*config.Config, error) {
	if _, err := os.Stat(a.configPath); errors.Is(err, os.ErrNotExist) && !cmd.Flags().Changed("config") {
		a.use(config.Default())
		return a.config, nil
	}
	return a.load()
}

// engineConfig gives the config of an embedded engine.
func (a *app) engineConfig(cmd *cobra.Command) (*config.Config, error) {
	c, err := a.loadOrDefault(cmd)
	if err == nil && !c.Warehouse.Embedded() {
		return nil, &usageError{errors.New("warehouse.dsn names a ClickHouse server: there is no embedded warehouse to start or stop")}
	}
	return c, err
}

func (a *app) engineStart() *cobra.Command {
	var foreground bool
	var port int
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start the embedded warehouse, in the background unless told otherwise",
		Example: `  partnerplus engine start --port 8123
  partnerplus engine start --foreground   # under systemd or in a container`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.engineConfig(cmd)
			if err != nil {
				return err
			}
			if found, err := engine.Find(cmd.Context(), c.Warehouse.Path); err == nil {
				_, err := fmt.Fprintf(a.out, "already running, started by process %d: %s\n", found.Address().OwnerPID, shown(found))
				return err
			}
			if !foreground {
				return a.engineInBackground(cmd.Context(), c, port)
			}
			e, err := engine.Open(cmd.Context(), engine.Options{Dir: c.Warehouse.Path, Port: port})
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(a.out, "listening: %s\n", shown(e))
			e.Keep(cmd.Context())
			return e.Close()
		},
	}
	cmd.Flags().BoolVar(&foreground, "foreground", false, "stay until interrupted")
	cmd.Flags().IntVar(&port, "port", 0, "HTTP port on 127.0.0.1; the last one, or any free one, by default")
	return cmd
}

// engineInBackground starts this program again, as the engine's owner, and waits until the engine answers.
func (a *app) engineInBackground(ctx context.Context, c *config.Config, port int) error {
	// What can go wrong before the engine starts is told here, not in the background.
	if _, err := engine.Library(); err != nil {
		return err
	}
	if err := engine.CheckUser(c.Warehouse.Path); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if err := os.MkdirAll(c.Warehouse.Path, 0o700); err != nil {
		return fmt.Errorf("engine folder: %w", err)
	}
	logPath := filepath.Join(c.Warehouse.Path, "owner.log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("engine log: %w", err)
	}
	defer func() { _ = log.Close() }() // the other process has its own copy
	args := []string{"engine", "start", "--foreground", "--port", strconv.Itoa(port)}
	if _, err := os.Stat(a.configPath); err == nil {
		args = append(args, "--config", a.configPath)
	}
	owner := exec.Command(self, args...) //nolint:noctx // outlives this command
	owner.Stdout, owner.Stderr = log, log
	owner.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := owner.Start(); err != nil {
		return fmt.Errorf("start the engine's owner: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- owner.Wait() }()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if e, err := engine.Find(ctx, c.Warehouse.Path); err == nil {
			_, err := fmt.Fprintf(a.out, "started, process %d: %s\nend it with: partnerplus engine stop\n", e.Address().OwnerPID, shown(e))
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), owner.Process.Signal(syscall.SIGTERM))
		case <-ended:
			text, _ := os.ReadFile(logPath)
			return fmt.Errorf("the embedded warehouse did not start: %s", text)
		case <-ticker.C:
		}
	}
}

func (a *app) engineStop() *cobra.Command {
	return &cobra.Command{
		Use:     "stop",
		Short:   "Stop the embedded warehouse",
		Example: `  partnerplus engine stop`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.engineConfig(cmd)
			if err != nil {
				return err
			}
			if err := engine.Stop(cmd.Context(), c.Warehouse.Path); err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.out, "stopped")
			return err
		},
	}
}

func (a *app) engineEnv() *cobra.Command {
	var writer bool
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print the running engine's address as shell variables",
		Long: `env prints where the running engine listens and the password of a user who may read kpi.* (with --writer: of the
pipeline's own user). It is meant for eval; whoever sees its output can read the warehouse.`,
		Example: `  partnerplus engine env --writer
  eval "$(partnerplus engine env)"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.engineConfig(cmd)
			if err != nil {
				return err
			}
			e, err := engine.Find(cmd.Context(), c.Warehouse.Path)
			if err != nil {
				return err
			}
			address := e.Address()
			user, password := address.ReaderUser, address.ReaderPassword
			if writer {
				user, password = address.WriterUser, address.WriterPassword
			}
			_, err = fmt.Fprintf(a.out, "export CLICKHOUSE_HOST=%s\nexport CLICKHOUSE_PORT=%d\nexport CLICKHOUSE_USER=%s\nexport CLICKHOUSE_PASSWORD=%s\nexport CLICKHOUSE_URL='http://%s:%s@%s:%d/'\n",
				address.Host, address.Port, user, password, user, password, address.Host, address.Port)
			return err
		},
	}
	cmd.Flags().BoolVar(&writer, "writer", false, "the pipeline's own user, who may change everything")
	return cmd
}

func shown(e *engine.Engine) string {
	address := e.Address()
	return fmt.Sprintf("http://%s:%d", address.Host, address.Port)
}
