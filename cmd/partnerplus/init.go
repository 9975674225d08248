package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
)

func (a *app) initCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a commented config to start from",
		Example: `  partnerplus init            # partnerplus.yaml in this folder
  partnerplus init ~/rewards`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("make the folder: %w", err)
			}
			path := filepath.Join(dir, config.FileName)
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) && !force {
				return &usageError{fmt.Errorf("%s exists already; choose another folder, or overwrite it with --force", path)}
			}
			for name, content := range map[string][]byte{config.FileName: config.Template(), config.SchemaName: config.Schema()} {
				if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
					return fmt.Errorf("write the config: %w", err)
				}
			}
			_, err := fmt.Fprintf(a.out, "wrote %s, and %s for editors that complete it\nnext: put your sources into it, then partnerplus validate --connect\n", path, config.SchemaName)
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite an existing config")
	return cmd
}
