package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"

	"github.com/partnerplus/warehouse/internal/awssecrets"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// app is what all commands share: where they read and write, and the flags that all of them have.
type app struct {
	in     io.Reader
	out    io.Writer // results
	errOut io.Writer // logs and progress

	configPath string
	output     string
	logLevel   string
	logFormat  string

	secrets config.Option  // what the config may refer to besides the environment and files
	config  *config.Config // once loaded
	masked  atomic.Pointer[[]*config.Config]
	patient load.Patience // how long the warehouse is waited for, but for its limit
}

// execute runs a command line and gives the exit code.
func execute(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	a := &app{in: in, out: out, errOut: errOut, secrets: config.WithStore(ctx, awssecrets.New()), patient: load.DefaultPatience}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	ended, err := untilInterrupted(ctx, root.ExecuteContext)
	code := exitCode(ctx, err)
	if !ended {
		_, _ = fmt.Fprintf(errOut, "what was under way has not ended within %s; the next run does it anew\n", grace)
		code = exitInterrupted
	}
	switch {
	case err == nil, errors.Is(err, errWarnings), errors.Is(err, errChecks):
	case code == exitInterrupted:
		_, _ = fmt.Fprintln(errOut, "interrupted")
	default:
		_, _ = fmt.Fprintln(errOut, "error:", a.redact(err.Error()))
	}
	return code
}

// grace is how long a command may take to end after Ctrl-C or SIGTERM. What it leaves behind then is what a crash would.
const grace = 4500 * time.Millisecond

// untilInterrupted runs a command, and no longer waits for it a while after the context has ended.
func untilInterrupted(ctx context.Context, command func(context.Context) error) (ended bool, err error) {
	done := make(chan error, 1)
	go func() { done <- command(ctx) }()
	select {
	case err = <-done:
		return true, err
	case <-ctx.Done():
	}
	select {
	case err = <-done:
		return true, err
	case <-time.After(grace):
		return false, context.Cause(ctx)
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "partnerplus",
		Short: "The KPI warehouse of reward programmes",
		Long: `partnerplus loads awards, redemptions and portal data from files, S3 and HTTP APIs into ClickHouse
and computes the monthly KPIs of every programme.

Exit codes: 0 done, 1 failed, 2 usage or config, 3 done with rejects or warnings, 4 checks failed, 130 interrupted.`,
		Example: `  partnerplus demo                       # a sample company, from its sources to its KPIs
  partnerplus init && partnerplus validate
  partnerplus run                        # load what is new
  partnerplus query "SELECT * FROM kpi.portfolio_financial_monthly ORDER BY month DESC LIMIT 6"`,
		Args: knownCommand,

		SuggestionsMinimumDistance: 2,

		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringVarP(&a.configPath, "config", "c", config.FileName, "config file")
	flags.StringVar(&a.logLevel, "log-level", "warn", "debug, info, warn or error")
	flags.StringVar(&a.logFormat, "log-format", "console", "console or json")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
	})
	root.AddCommand(
		a.demoCommand(),
		a.initCommand(),
		a.validateCommand(),
		a.previewCommand(),
		a.migrateCommand(),
		a.runCommand(),
		a.backfillCommand(),
		a.serveCommand(),
		a.healthcheckCommand(),
		a.scheduleCommand(),
		a.statusCommand(),
		a.notifyCommand(),
		a.rejectsCommand(),
		a.checkCommand(),
		a.repairCommand(),
		a.retentionCommand(),
		a.backupCommand(),
		a.metricsCommand(),
		a.reviewCommand(),
		a.queryCommand(),
		a.engineCommand(),
		a.versionCommand(),
		a.referenceCommand(),
	)
	usageArgs(root)
	a.complete(root)
	return root
}

// knownCommand refuses a command that there is not, and says which one may be meant.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q", args[0])
	if meant := cmd.SuggestionsFor(args[0]); len(meant) > 0 {
		err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(meant, " or "))
	}
	return err
}

// usageArgs makes wrong arguments a usage error, for a command and those below it.
func usageArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return &usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		usageArgs(sub)
	}
}

// outputFlag adds -o to a command that scripts read.
func (a *app) outputFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&a.output, "output", "o", "table", "table or json")
}

// wantsJSON tells whether -o json was given.
func (a *app) wantsJSON() (bool, error) {
	switch a.output {
	case "json":
		return true, nil
	case "table", "":
		return false, nil
	}
	return false, &usageError{fmt.Errorf("-o %s: the output is table or json", a.output)}
}

// load reads the config.
func (a *app) load() (*config.Config, error) {
	c, err := config.Load(a.configPath, a.secrets)
	if err != nil {
		return nil, &usageError{err}
	}
	a.use(c)
	return c, nil
}

// use takes a config: its secrets are masked from now on.
func (a *app) use(c *config.Config) {
	a.config = c
	a.mask(c)
}

// mask has the secrets of these configs masked, and of no others.
func (a *app) mask(configs ...*config.Config) { a.masked.Store(&configs) }

// redact masks the secrets of the configs in use.
func (a *app) redact(text string) string {
	if configs := a.masked.Load(); configs != nil {
		for _, c := range *configs {
			text = c.Redact(text)
		}
	}
	return text
}

// warn says what the config should not have. Commands that only look at figures stay quiet about it.
func (a *app) warn(c *config.Config) {
	for _, warning := range c.Warnings {
		_, _ = fmt.Fprintln(a.errOut, "warning:", warning)
	}
}

func (a *app) logger() (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(a.logLevel)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--log-level: %w", err)}
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.RFC3339TimeEncoder
	var encoder zapcore.Encoder
	switch a.logFormat {
	case "json":
		encoder = zapcore.NewJSONEncoder(encoding)
	case "console":
		encoder = zapcore.NewConsoleEncoder(encoding)
	default:
		return nil, &usageError{fmt.Errorf("--log-format %s: the format is console or json", a.logFormat)}
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(redacted{a})), level)), nil
}

// redacted is standard error without the secrets of the configs in use. A log entry is written at once.
type redacted struct{ a *app }

func (r redacted) Write(entry []byte) (int, error) {
	if _, err := io.WriteString(r.a.errOut, r.a.redact(string(entry))); err != nil {
		return 0, err
	}
	return len(entry), nil
}

// isTerminal reports whether a stream is a terminal that shows colours and moving text.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

func hasColour(stream any) bool { return isTerminal(stream) && os.Getenv("NO_COLOR") == "" }
