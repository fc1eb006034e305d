package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/policies"
)

func newPolicies(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policies",
		Short: "List, show, test and write policies",
		Long: `A policy is one Rego file that judges resources of one or more types. Those that
metsuke ships and those of your own directories are the same thing.`,
		Example: `  metsuke policies list --category cost
  metsuke policies show aws-s3-public-access-block
  metsuke policies new acme-s3-versioned --type aws_s3_bucket`,
		Args: subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	exits(cmd, "0  done", "2  usage error")
	cmd.AddCommand(newPoliciesList(p), newPoliciesBacktest(p), newPoliciesNew(p), newPoliciesShow(p), newPoliciesTest(p))
	return cmd
}

// builtin is the source of the shipped policies.
func builtin() engine.Source {
	return engine.Source{FS: policies.Files, Builtin: true, Index: policies.Index, Plans: policies.Plans}
}

// sources returns the shipped policies and those in the directories.
func sources(dirs []string) ([]engine.Source, error) {
	out := []engine.Source{builtin()}
	for _, d := range dirs {
		info, err := os.Stat(d)
		if err != nil {
			return nil, fmt.Errorf("read policies: %w", err)
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("read policies: %s is a file; name the directory it is in", d)
		}
		out = append(out, engine.Source{Name: d, FS: os.DirFS(d)})
	}
	return out, nil
}
