package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

func newPoliciesBacktest(p *process) *cobra.Command {
	var s setup
	var files []string
	var format string
	cmd := &cobra.Command{
		Use:   "backtest ID... --runs FILE",
		Short: "Say what policies would have found in saved inventories",
		Long: `Judge saved inventories by policies, shipped ones or your own, and say for each how
many findings each would bring, in which accounts and to whom. Each inventory is
judged as of the time at which it was taken. What an inventory was taken without is
unknown and counted as uncollected, never a pass. ID may be a pattern.`,
		Example: `  metsuke policies backtest 'aws-s3-*' --runs estate.ndjson.gz
  metsuke policies backtest acme-owned --policy-dir policies --runs '*.ndjson'
  metsuke policies backtest aws-rds-backup-retention --runs a.ndjson -f json`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "table", "json"); err != nil {
				return err
			}
			for _, a := range args {
				if _, err := os.Stat(a); err == nil {
					return fmt.Errorf("%s is a file; give --runs for each inventory, or one pattern in quotes: --runs '*.ndjson'", a)
				}
			}
			names, err := expand(files)
			if err != nil {
				return err
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			s.sel.policies = args
			ids, err := s.sel.choose(e)
			if err != nil {
				return err
			}
			replays, err := s.replay(cmd.Context(), p, e, ids, names)
			if err != nil {
				return err
			}
			if format == "json" {
				return writeJSON(p.stdout, backtestDocument(e, ids, replays))
			}
			return backtestTable(p, ids, replays)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return policyIDs(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	exits(cmd, "0  the inventories were judged, whatever was found", "2  an inventory or a policy cannot be read, or a usage error")
	flags(cmd, "What", func(f *pflag.FlagSet) {
		f.StringArrayVar(&files, "runs", nil, "saved inventory, a `FILE` or a pattern in quotes; repeatable")
	})
	s.sel.addScopeFlags(cmd, demoNames())
	addFormatFlag(cmd, &format, "table", "json")
	s.owners.addFlag(cmd)
	s.addFlags(cmd)
	return cmd
}

// expand returns the files of the patterns, each once.
func expand(patterns []string) ([]string, error) {
	if len(patterns) == 0 {
		return nil, errors.New("no inventory is given: --runs FILE; `metsuke scan --save-inventory FILE` writes one")
	}
	var out []string
	for _, pattern := range patterns {
		found := []string{pattern}
		if _, err := os.Stat(pattern); err != nil && pattern != "-" {
			if found, err = filepath.Glob(pattern); err != nil || len(found) == 0 {
				return nil, fmt.Errorf("--runs %s: there is no such file", pattern)
			}
		}
		for _, f := range found {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// replayed is one inventory judged anew.
type replayed struct {
	file string
	time time.Time
	run  finding.Run
}

// replay judges every inventory by the policies, the oldest first.
func (s *setup) replay(ctx context.Context, p *process, e *engine.Engine, ids, files []string) ([]replayed, error) {
	var opened []saved
	for _, f := range files { // all of them before any is judged: that may take a while
		in, err := openSaved(p, f)
		if err != nil {
			return nil, err
		}
		opened = append(opened, in)
	}
	slices.SortStableFunc(opened, func(a, b saved) int { return a.Time().Compare(b.Time()) })
	fixed := s.now
	var out []replayed
	for _, in := range opened {
		t, err := in.target(s.sel)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", in.name, err)
		}
		s.now = cmp.Or(fixed, in.Time().UTC().Format(time.RFC3339))
		session, now, err := s.session(p, e, ids)
		if err != nil {
			return nil, err
		}
		sel := newFound(s.sel)
		if err := sel.checkAccounts(in.Scopes()); err != nil {
			return nil, fmt.Errorf("%s: %w", in.name, err)
		}
		run, err := scan.Run(ctx, scan.Input{
			Mode: t.mode, Version: version(), Now: now, Providers: t.providers, Session: session, Owner: s.owners.of,
			Tags: s.owners.wantTags(), Besides: s.owners.wants(),
			Parallel: int(s.config.Scan.Parallel), Scope: sel.scope, Region: sel.region, Type: sel.typ,
		})
		if err != nil {
			return nil, err
		}
		if run.Interrupted {
			return nil, context.Canceled
		}
		out = append(out, replayed{in.name, in.Time(), run})
	}
	return out, nil
}

// outcome is what one policy found in one inventory.
type outcome struct {
	File        string         `json:"file"`
	Time        time.Time      `json:"time"`
	Findings    int            `json:"findings"`
	Verdicts    finding.Counts `json:"verdicts"`
	Uncollected int            `json:"uncollected"` // unknown verdicts for want of what the inventory was taken without
	NotRead     int            `json:"types_not_read,omitempty"`
	Accounts    []share        `json:"accounts"`
	Owners      []share        `json:"owners"`
}

// share is how many of the findings are in one account or one owner's.
type share struct {
	Provider string `json:"provider,omitempty"`
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Findings int    `json:"findings"`
}

// outcomeOf sums up what a policy found.
func outcomeOf(id string, r replayed) outcome {
	pol, _ := r.run.Policy(id)
	out := outcome{File: r.file, Time: r.time.UTC(), Verdicts: pol.Counts}
	accounts, owners := map[share]int{}, map[share]int{}
	for _, f := range r.run.Findings {
		switch {
		case f.Policy != id:
		case f.Verdict == finding.Fail:
			out.Findings++
			accounts[share{Provider: f.Resource.Provider, ID: f.Resource.Scope, Name: f.Resource.ScopeName}]++
			owner := f.Owner
			if f.OwnerUnknown != "" {
				owner = finding.UnknownOwner
			}
			owners[share{ID: owner}]++
		case f.Verdict == finding.Unknown && f.Reason == providers.Uncollected:
			out.Uncollected++
		}
	}
	for _, t := range pol.Types {
		if slices.ContainsFunc(r.run.Coverage.Gaps, func(g providers.Gap) bool { return g.Type == t && g.ID == "" && g.Path == "" }) {
			out.NotRead++
		}
	}
	out.Accounts, out.Owners = ranked(accounts), ranked(owners)
	return out
}

// ranked lists the shares, the largest first.
func ranked(by map[share]int) []share {
	out := []share{}
	for s, n := range by {
		s.Findings = n
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b share) int {
		return cmp.Or(cmp.Compare(b.Findings, a.Findings), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// backtest is the json form.
type backtest struct {
	Kind     string           `json:"kind"`
	Version  int              `json:"version"`
	Policies []backtestPolicy `json:"policies"`
}

type backtestPolicy struct {
	ID       string           `json:"id"`
	Title    string           `json:"title"`
	Severity finding.Severity `json:"severity"`
	Runs     []outcome        `json:"runs"`
}

func backtestDocument(e *engine.Engine, ids []string, replays []replayed) backtest {
	out := backtest{Kind: "metsuke.backtest", Version: 1}
	for _, id := range ids {
		pol, _ := e.Policy(id)
		b := backtestPolicy{ID: id, Title: pol.Title, Severity: pol.Severity}
		for _, r := range replays {
			b.Runs = append(b.Runs, outcomeOf(id, r))
		}
		out.Policies = append(out.Policies, b)
	}
	return out
}

func backtestTable(p *process, ids []string, replays []replayed) error {
	l := report.Listing{
		Head:  []string{"POLICY", "INVENTORY", "FINDINGS", "UNKNOWN", "UNCOLLECTED", "ACCOUNTS", "OWNERS"},
		Least: []int{24, 16, 0, 0, 0, 16, 16},
	}
	var remarks []string
	for _, id := range ids {
		for _, r := range replays {
			o := outcomeOf(id, r)
			l.Rows = append(l.Rows, []string{
				id, r.time.UTC().Format(time.DateOnly) + " " + filepath.Base(r.file), strconv.Itoa(o.Findings), strconv.Itoa(o.Verdicts.Unknown), strconv.Itoa(o.Uncollected),
				shares(o.Accounts, 3), shares(o.Owners, 3),
			})
			switch {
			case o.NotRead > 0:
				remarks = append(remarks, fmt.Sprintf("%s in %s: %d of its types could not be read in full there: there may be more findings", id, r.file, o.NotRead))
			case o.Verdicts.Total() == 0:
				remarks = append(remarks, fmt.Sprintf("%s in %s: it matched no resource, so it neither passed nor failed", id, r.file))
			}
			if o.Uncollected > 0 {
				remarks = append(remarks, fmt.Sprintf("%s in %s: %d verdicts are unknown because the inventory was taken without what the policy reads", id, r.file, o.Uncollected))
			}
		}
	}
	if err := report.WriteListing(p.stdout, p.page(), l); err != nil {
		return err
	}
	for _, remark := range remarks {
		p.say("%s", remark)
	}
	return nil
}

// shares names the largest ones, and how many there are besides.
func shares(list []share, n int) string {
	var out []string
	for i, s := range list {
		if i == n {
			out = append(out, fmt.Sprintf("and %d more", len(list)-n))
			break
		}
		out = append(out, fmt.Sprintf("%s %d", cmp.Or(s.Name, s.ID, "(nobody)"), s.Findings))
	}
	return strings.Join(out, ", ")
}
