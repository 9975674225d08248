package main

import (
	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
)

// complete lets shells complete names that the config has: of sources and of jobs.
func (a *app) complete(root *cobra.Command) {
	sources := a.names(func(c *config.Config) []string { return c.SourceNames() })
	jobs := a.names(func(c *config.Config) (names []string) {
		all, err := a.jobs(c)
		if err != nil {
			return nil
		}
		for _, job := range all {
			names = append(names, cobra.CompletionWithDesc(job.Name, job.Description))
		}
		return names
	})
	for _, cmd := range allCommands(root) {
		if cmd.Flags().Lookup("source") != nil && cmd.Name() != "init" { // which makes a name up
			_ = cmd.RegisterFlagCompletionFunc("source", sources) // fails only for a flag that there is not
		}
		if cmd.Flags().Lookup("output") != nil && cmd.Name() != "query" {
			_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
		}
		switch cmd.Name() {
		case "preview", "backfill":
			cmd.ValidArgsFunction = first(sources)
		case "run":
			cmd.ValidArgsFunction = first(jobs)
		}
	}
}

// names gives what the config names, and nothing where it cannot be read: a shell shows no errors.
func (a *app) names(of func(*config.Config) []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		c, err := a.load()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return of(c), cobra.ShellCompDirectiveNoFileComp
	}
}

// first completes the first argument alone.
func first(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, begun)
	}
}

// allCommands are a command and those below it.
func allCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, below := range cmd.Commands() {
		all = append(all, allCommands(below)...)
	}
	return all
}
