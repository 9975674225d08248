package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// referenceCommand writes what the help of all commands says. It is for those who make releases, and hidden from others.
func (a *app) referenceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:    "reference FOLDER",
		Short:  "Write the reference of all commands: a page in Markdown, and man pages",
		Hidden: true,
		Example: `  partnerplus reference build/reference     # commands.md, man/partnerplus.1, man/partnerplus-run.1 …
  partnerplus reference --markdown > cmd/partnerplus/README.md`,
		Args: cobra.MaximumNArgs(1),
	}
	markdown := cmd.Flags().Bool("markdown", false, "print the page in Markdown instead")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		page, err := reference(a.plainRoot())
		switch {
		case err != nil:
			return err
		case *markdown:
			_, err = fmt.Fprint(a.out, page)
			return err
		case len(args) != 1:
			return &usageError{fmt.Errorf("reference needs a folder, or --markdown; see %s --help", cmd.CommandPath())}
		}
		manuals := filepath.Join(args[0], "man")
		if err := os.MkdirAll(manuals, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(args[0], "commands.md"), []byte(page), 0o644); err != nil {
			return err
		}
		return doc.GenManTree(a.plainRoot(), &doc.GenManHeader{Title: "PARTNERPLUS", Section: "1", Source: "Partner Plus " + built().Version}, manuals)
	}
	return cmd
}

// plainRoot is the command line without a line that says by which program and when its reference was written.
func (a *app) plainRoot() *cobra.Command {
	root := a.root()
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpFlag()
	return root
}

// reference is the help of a command and all below it as one page.
func reference(root *cobra.Command) (string, error) {
	var page strings.Builder
	page.WriteString("# The command line\n\nWhat `--help` of each command says. `make generate` writes this page.\n\n")
	var write func(cmd *cobra.Command) error
	write = func(cmd *cobra.Command) error {
		if !cmd.IsAvailableCommand() || cmd.IsAdditionalHelpTopicCommand() {
			return nil
		}
		err := doc.GenMarkdownCustom(cmd, &page, func(file string) string {
			return "#" + strings.ReplaceAll(strings.TrimSuffix(file, ".md"), "_", "-")
		})
		if err != nil {
			return fmt.Errorf("the reference of %s: %w", cmd.CommandPath(), err)
		}
		for _, below := range cmd.Commands() {
			if err := write(below); err != nil {
				return err
			}
		}
		return nil
	}
	err := write(root)
	return strings.ReplaceAll(page.String(), "\t", "    "), err
}
