package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/iac"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

// codeOptions are the flags that say where infrastructure as code keeps its states.
type codeOptions struct {
	states []string
	dirs   []string // of the configurations, in the order of the states
}

func (o *codeOptions) addFlags(cmd *cobra.Command) {
	flags(cmd, "Infrastructure as code", func(f *pflag.FlagSet) {
		f.StringArrayVar(&o.states, "state", nil, "Terraform `STATE`: a file, a directory of states, s3://bucket/key or gs://bucket/object; repeatable. Resources are then marked by what keeps them")
		f.StringArrayVar(&o.dirs, "terraform-dir", nil, "`DIRECTORY` of the configuration whose state --state is: what it keeps then has a file and a line, and its comments are waivers; with several states once for each, in their order")
	})
}

// asCode is what a run needs to tell what infrastructure as code keeps. A nil one tells
// nothing.
type asCode struct {
	read     []iac.State
	index    *iac.Index
	states   []finding.State
	coverage *iac.Coverage
	places   map[placed]*providers.Source
	comments []terraform.Comment // of the configurations, their addresses with the state before
	notes    []string
}

// placed is a resource of a state.
type placed struct{ state, address string }

// newAsCode returns what the states tell that could be read, of those given.
func newAsCode(read []iac.State, given []finding.State) *asCode {
	return &asCode{read: read, states: given, index: iac.NewIndex(read, len(read) < len(given)), places: map[placed]*providers.Source{}}
}

// open reads the states; nil without any.
func (o *codeOptions) open(ctx context.Context, p *process) (*asCode, error) {
	if len(o.dirs) > 0 && len(o.states) == 0 {
		return nil, errors.New("--terraform-dir needs --state: the state whose resources the configuration has")
	}
	if len(o.states) == 0 {
		return nil, nil //nolint:nilnil // without states there is nothing to tell
	}
	read, given, err := readStates(ctx, p, o.states)
	if err != nil {
		return nil, err
	}
	out := newAsCode(read, given)
	for _, s := range given {
		if s.Error != "" {
			p.say("state %s cannot be read: %s", s.Name, s.Error)
		}
	}
	for i, dir := range o.dirs {
		// One directory is that of the only state; of several, each is that of the --state
		// in its place.
		name := given[0].Name
		if len(o.dirs) > 1 || len(given) > 1 {
			if name, err = o.stateOf(i, len(given)); err != nil {
				return nil, err
			}
		}
		if err := out.locate(dir, name, read); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stateOf returns the name of the state whose configuration the i-th directory is.
func (o *codeOptions) stateOf(i, given int) (string, error) {
	if len(o.dirs) != len(o.states) || given != len(o.states) {
		return "", fmt.Errorf("each --terraform-dir is the configuration of one state: there are %d, and --state names %s; give one for each state, in the same order", len(o.dirs), counted(given, "state"))
	}
	if isRemote(o.states[i]) {
		return o.states[i], nil
	}
	below, err := statesBelow(o.states[i])
	if err != nil {
		return "", err
	}
	return below[0], nil
}

// locate finds the resources of a state in its configuration, and the comments there.
// Where the configuration lacks one of them it may be another one, and nothing has a place.
func (c *asCode) locate(dir, name string, states []iac.State) error {
	root, below, err := sourceTree(dir)
	if err != nil {
		return err
	}
	conf := terraform.OpenConfiguration(os.DirFS(root), below)
	var addresses []string
	for _, s := range states {
		if s.Name != name {
			continue
		}
		for _, e := range s.Entries {
			addresses = append(addresses, e.Address)
		}
	}
	missing := conf.Missing(addresses)
	c.notes = append(c.notes, conf.Notes()...)
	if len(missing) > 0 {
		c.notes = append(c.notes, fmt.Sprintf("the configuration in %s does not fit the state %s, so its resources have no lines and its comments waive nothing: it lacks %s", dir, name, strings.Join(first(missing, 3), ", ")))
		return nil
	}
	for _, a := range addresses {
		c.places[placed{name, a}] = moved(conf.Locate(a), below)
	}
	comments, err := commentsIn(dir)
	for _, one := range comments {
		if one.Address != "" {
			one.Address = name + ":" + one.Address
		}
		c.comments = append(c.comments, one)
	}
	return err
}

// managedBy says what keeps a resource, and where that is written.
func (c *asCode) managedBy(r providers.Resource) *finding.ManagedBy {
	m := c.index.ManagedBy(r)
	if m != nil && m.Address != "" {
		m.Source = c.places[placed{m.State, m.Address}]
	}
	return m
}

// into makes the run tell what keeps each resource.
func (c *asCode) into(in *scan.Input) {
	if c == nil {
		return
	}
	owner := in.Owner
	c.coverage = iac.NewCoverage(c.index, func(r providers.Resource) finding.Ownership { return owner(r, c.managedBy(r)) })
	in.ManagedBy, in.Tags = c.managedBy, true
	in.Watcher = scan.Watchers(in.Watcher, c.coverage)
}

// apply puts the result into the run.
func (c *asCode) apply(run *finding.Run) {
	if c == nil {
		return
	}
	run.IaC = c.coverage.Result(c.states)
	run.Notes = append(run.Notes, c.notes...)
	for _, s := range c.states {
		if s.Error != "" {
			run.Notes = append(run.Notes, fmt.Sprintf("the state %s could not be read, so that what no other state has may be in it: %s", s.Name, s.Error))
		}
	}
}
