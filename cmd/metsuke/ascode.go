package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/iac"
	"github.com/metsuke-dev/metsuke/internal/scan"
)

// codeOptions are the flags that say where infrastructure as code keeps its states.
type codeOptions struct{ states []string }

func (o *codeOptions) addFlags(cmd *cobra.Command) {
	flags(cmd, "Infrastructure as code", func(f *pflag.FlagSet) {
		f.StringArrayVar(&o.states, "state", nil, "Terraform `STATE`: a file, a directory of states, s3://bucket/key or gs://bucket/object; repeatable. Resources are then marked by what keeps them")
	})
}

// asCode is what a run needs to tell what infrastructure as code keeps. A nil one tells
// nothing.
type asCode struct {
	index    *iac.Index
	states   []finding.State
	coverage *iac.Coverage
}

// open reads the states; nil without any.
func (o *codeOptions) open(ctx context.Context, p *process) (*asCode, error) {
	if len(o.states) == 0 {
		return nil, nil //nolint:nilnil // without states there is nothing to tell
	}
	read, given, err := readStates(ctx, p, o.states)
	if err != nil {
		return nil, err
	}
	out := &asCode{states: given, index: iac.NewIndex(read, len(read) < len(given))}
	for _, s := range given {
		if s.Error != "" {
			p.say("state %s cannot be read: %s", s.Name, s.Error)
		}
	}
	return out, nil
}

// into makes the run tell what keeps each resource.
func (c *asCode) into(in *scan.Input) {
	if c == nil {
		return
	}
	owners := in.OwnerTags
	c.coverage = iac.NewCoverage(c.index, func(tags map[string]string) string { return scan.OwnerOf(tags, owners) })
	in.ManagedBy, in.Tags = c.index.ManagedBy, true
	in.Watcher = scan.Watchers(in.Watcher, c.coverage)
}

// apply puts the result into the run.
func (c *asCode) apply(run *finding.Run) {
	if c == nil {
		return
	}
	run.IaC = c.coverage.Result(c.states)
	for _, s := range c.states {
		if s.Error != "" {
			run.Notes = append(run.Notes, fmt.Sprintf("the state %s could not be read, so that what no other state has may be in it: %s", s.Name, s.Error))
		}
	}
}
