package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/config/presets"
	"github.com/partnerplus/warehouse/internal/propose"
	"github.com/partnerplus/warehouse/schedules"
)

func (a *app) initCommand() *cobra.Command {
	var request propose.Request
	var preset string
	var force bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a commented config to start from; with --from, one that fits a sample",
		Long: `Write partnerplus.yaml, and the schemas of it and of job files for editors, into a folder.

With --from, look at a sample of a place and propose a config for it: how the units are named and read, which entity
the rows are, and what each column is made of. Each guess is written out with a comment that says what it rests on.
Nothing but these files is written. Look at the result with partnerplus preview.

With --preset, write the config of a source that many portals have: ` + strings.Join(presets.Names(), ", ") + `.`,
		Example: `  partnerplus init                                   # a template in this folder
  partnerplus init acme --from ./deliveries          # a folder: a source for each kind of file
  partnerplus init acme --from sales-2024-03.csv --entity awards
  partnerplus init acme --from s3://acme-exports/awards/ --region eu-central-1
  partnerplus init acme --from s3://exports/awards/ --endpoint https://minio.example.com:9000 --path-style
  partnerplus init acme --from 'https://api.example.com/v1/awards' --bearer-token '${ACME_TOKEN}'
  partnerplus init acme --preset matomo`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Dir = "."
			if len(args) == 1 {
				request.Dir = args[0]
			}
			if err := checkInit(cmd, request, preset); err != nil {
				return err
			}
			path := filepath.Join(request.Dir, config.FileName)
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) && !force {
				return &usageError{fmt.Errorf("%s exists already; choose another folder, or overwrite it with --force", path)}
			}
			text, told, err := a.draft(cmd.Context(), request, preset)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(request.Dir, 0o755); err != nil {
				return fmt.Errorf("make the folder: %w", err)
			}
			for name, content := range map[string][]byte{
				config.FileName: text, config.SchemaName: config.Schema(), schedules.SchemaName: schedules.Schema(),
			} {
				if err := os.WriteFile(filepath.Join(request.Dir, name), content, 0o644); err != nil {
					return fmt.Errorf("write the config: %w", err)
				}
			}
			_, err = fmt.Fprintf(a.out, "wrote %s, and for editors that complete it and job files %s and %s\n%s", path, config.SchemaName, schedules.SchemaName, told(path))
			return err
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&force, "force", false, "overwrite an existing config")
	flags.StringVar(&request.From, "from", "", "look at this file, folder, s3:// or https:// address and propose a config for it")
	flags.StringVar(&preset, "preset", "", "write the config of "+strings.Join(presets.Names(), ", "))
	flags.StringVar(&request.Name, "source", "", "what to call the source (default: after its place)")
	flags.StringVar(&request.Entity, "entity", "", "what the rows become, such as awards (default: what fits best)")
	flags.StringVar(&request.Endpoint, "endpoint", "", "address of an S3 server other than AWS")
	flags.StringVar(&request.Region, "region", "", "region of the bucket")
	flags.BoolVar(&request.PathStyle, "path-style", false, "put the bucket into the path, as most servers other than AWS need")
	flags.StringVar(&request.BearerToken, "bearer-token", "", "token for an https address, as '${NAME}'")
	return cmd
}

// checkInit refuses flags that would be of no use.
func checkInit(cmd *cobra.Command, request propose.Request, preset string) error {
	if preset != "" && request.From != "" {
		return &usageError{errors.New("--preset and --from exclude each other; give one")}
	}
	for _, name := range []string{"source", "entity", "endpoint", "region", "path-style", "bearer-token"} {
		if cmd.Flags().Changed(name) && request.From == "" {
			return &usageError{fmt.Errorf("--%s is of no use without --from", name)}
		}
	}
	for _, name := range []string{"endpoint", "region", "path-style"} {
		if cmd.Flags().Changed(name) && !strings.HasPrefix(request.From, "s3://") {
			return &usageError{fmt.Errorf("--%s is for s3:// only", name)}
		}
	}
	if cmd.Flags().Changed("bearer-token") && !strings.HasPrefix(request.From, "http") {
		return &usageError{errors.New("--bearer-token is for https:// only")}
	}
	return nil
}

// draft gives the config to write, and what is to be told once it is written.
func (a *app) draft(ctx context.Context, request propose.Request, preset string) (text []byte, told func(path string) string, err error) {
	if preset != "" {
		if text, err = presets.Get(preset); err != nil {
			return nil, nil, &usageError{err}
		}
		return text, func(string) string {
			return "next: read its comments and set what they ask for, then partnerplus validate --connect\n"
		}, nil
	}
	if request.From == "" {
		return config.Template(), func(string) string { return "next: put your sources into it, then partnerplus validate --connect\n" }, nil
	}
	proposal, err := propose.Propose(ctx, request)
	if err != nil {
		return nil, nil, err
	}
	return proposal.Config, func(path string) string { return describeProposal(proposal, path) }, nil
}

func describeProposal(p propose.Proposal, path string) string {
	var out strings.Builder
	flag := ""
	if path != config.FileName {
		flag = " -c " + path
	}
	for _, s := range p.Sources {
		fmt.Fprintf(&out, "  %s: %s from %d units; %s rows looked at, %s rejected\n",
			s.Name, strings.Join(s.Entities, " and "), s.Units, thousands(uint64(s.Rows)), thousands(uint64(s.Rejected)))
	}
	fmt.Fprintf(&out, "%d guesses are marked TODO; go through the comments\nnext: partnerplus preview %s%s\n", strings.Count(string(p.Config), "TODO:"), p.Sources[0].Name, flag)
	return out.String()
}
