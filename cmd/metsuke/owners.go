package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

func newOwners(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "owners",
		Short: "Say whose resources are, and check the rules that say so",
		Long: `How a resource finds its owner stands in owners.yaml: rules by tag, account,
organisational unit, folder, project, GitHub team, Terraform path, CODEOWNERS file or
resource, of which the first that matches decides. Without the file, the tags of owner_tags do.`,
		Example: "  metsuke owners explain arn:aws:s3:::logs --from estate.ndjson.gz\n  metsuke owners check",
		Args:    subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	exits(cmd, "0  done", "2  usage error")
	cmd.AddCommand(newOwnersExplain(p), newOwnersCheck(p))
	return cmd
}

func newOwnersCheck(p *process) *cobra.Command {
	var s setup
	var format string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "List rules that can never say whose a resource is",
		Long: `Check the file of owners. Mistakes such as a key that does not exist, an owner who is
not listed or circular aliases are errors. A rule that can never match is listed: an
earlier one takes everything that it would, or what it asks for cannot be.`,
		Example: "  metsuke owners check\n  metsuke owners check --owners teams.yaml --format json",
		Args:    arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "table", "json"); err != nil {
				return err
			}
			if _, err := s.load(cmd); err != nil {
				return err
			}
			if s.owners.file == "" {
				return errors.New("there is no owners.yaml beside the configuration; name a file with --owners")
			}
			issues := s.owners.owners.Check()
			if err := writeOwnersCheck(p, format, s.owners, issues); err != nil {
				return err
			}
			if len(issues) > 0 {
				return exitCode(exitFindings)
			}
			return nil
		},
	}
	exits(cmd, "0  nothing is wrong", "1  a rule can never match", "2  the file cannot be read or has a mistake, or a usage error")
	addFormatFlag(cmd, &format, "table", "json")
	s.owners.addFlag(cmd)
	s.addLoadFlags(cmd)
	return cmd
}

func writeOwnersCheck(p *process, format string, x ownerFile, issues []govern.OwnerIssue) error {
	if format == "json" {
		return writeJSON(p.stdout, struct {
			File   string              `json:"file"`
			Owners int                 `json:"owners"`
			Rules  int                 `json:"rules"`
			Issues []govern.OwnerIssue `json:"issues"`
		}{x.file, len(x.owners.All()) - 1, x.owners.Len(), append([]govern.OwnerIssue{}, issues...)})
	}
	sum := fmt.Sprintf("%s, %s", counted(len(x.owners.All())-1, "owner"), counted(x.owners.Len(), "rule"))
	if len(issues) == 0 {
		_, err := fmt.Fprintf(p.stdout, "%s, and nothing is wrong with them.\n", sum)
		return err
	}
	l := report.Listing{Head: []string{"WHERE", "RULE", "WHY"}, Least: []int{12, 20, 24}}
	for _, i := range issues {
		l.Rows = append(l.Rows, []string{i.Rule.Place(), i.Rule.Text, i.Message})
	}
	if err := report.WriteListing(p.stdout, p.page(), l); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "\n%s; %s.\n", sum, counted(len(issues), "thing")+" to look at")
	return err
}

// ownersExplain is what `owners explain` is told.
type ownersExplain struct {
	setup
	code   codeOptions
	from   string   // a saved inventory
	run    string   // a saved run, whose inventory it is; "" is the latest that has one
	plans  []string // instead
	dir    string   // of their Terraform sources
	demo   bool     // the simulated estate instead
	format string
}

func newOwnersExplain(p *process) *cobra.Command {
	var x ownersExplain
	cmd := &cobra.Command{
		Use:   "explain RESOURCE",
		Short: "Say which rule makes a resource somebody's, and why",
		Long: `Say whose a resource is, by which rule, what the rules before it said, and how the
owner is reached. RESOURCE is an id, a name or a Terraform address. It is looked for in
what the latest saved run read, or in another run, a saved inventory (metsuke scan
--save-inventory), a plan, or the simulated estate.`,
		Example: `  metsuke owners explain arn:aws:s3:::logs
  metsuke owners explain arn:aws:s3:::logs --from estate.ndjson.gz
  metsuke owners explain logs --from estate.ndjson.gz --state network.tfstate
  metsuke owners explain aws_s3_bucket.logs --plan tfplan.json --plan-dir .
  metsuke owners explain nordwind-billing-exports --demo --format json`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return x.explain(cmd, p, args[0]) },
	}
	exits(cmd, "0  it was explained, whether or not the resource has an owner", "2  there is no such resource, or a usage or configuration error")
	flags(cmd, "Where the resource is", func(f *pflag.FlagSet) {
		f.StringVar(&x.run, "run", "", "in what this saved `RUN` read; default: the latest one that kept what it read")
		f.StringVar(&x.from, "from", "", "in a saved inventory: a `FILE`, also .gz, or - for standard input")
		f.StringArrayVar(&x.plans, "plan", nil, "in a Terraform `PLAN`: the output of terraform show -json, - for standard input; repeatable")
		f.StringVar(&x.dir, "plan-dir", "", "`DIRECTORY` of the configuration that was planned: rules by path and CODEOWNERS need it")
		f.BoolVar(&x.demo, "demo", false, "in the simulated estate")
	})
	x.code.addFlags(cmd)
	addFormatFlag(cmd, &x.format, "table", "json")
	x.owners.addFlag(cmd)
	x.store.addStoreFlag(cmd)
	x.addLoadFlags(cmd)
	return cmd
}

func (x *ownersExplain) explain(cmd *cobra.Command, p *process, name string) (err error) {
	if err := oneOf("format", x.format, "table", "json"); err != nil {
		return err
	}
	if _, err := x.load(cmd); err != nil {
		return err
	}
	kept, err := x.code.open(cmd.Context(), p)
	if err != nil {
		return err
	}
	ps, where, done, err := x.open(cmd, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	x.owners.prepare(ps)
	found := &sought{name: name, by: func(providers.Resource) *finding.ManagedBy { return nil }}
	if kept != nil {
		found.by = kept.managedBy
	}
	if err := found.in(cmd.Context(), ps, x.owners.wants()); err != nil {
		return err
	}
	r, err := found.one(where)
	if err != nil {
		return err
	}
	by := found.by(r)
	about := finding.Resource{
		Provider: r.Scope.Provider, Scope: r.Scope.ID, ScopeName: r.Scope.Name, Type: r.Type, ID: r.ID, Name: r.Name, Region: r.Region, Source: r.Source, ManagedBy: by,
	}
	why := explained{about, x.owners.owners.Explain(r, by), nil}
	if why.Unknown == providers.Denied {
		why.Permissions = found.cures(r, x.owners.needs)
	}
	return x.write(p, why)
}

// open opens what the flags say that the resource is in, and how that is called.
func (x *ownersExplain) open(cmd *cobra.Command, p *process) (ps []providers.Provider, where string, done func() error, err error) {
	ctx := cmd.Context()
	n := 0
	for _, given := range []bool{x.run != "", x.from != "", len(x.plans) > 0, x.demo} {
		if given {
			n++
		}
	}
	if n > 1 {
		return nil, "", nil, errors.New("say where the resource is with one of --run, --from, --plan and --demo")
	}
	if x.dir != "" && len(x.plans) == 0 {
		return nil, "", nil, errors.New("--plan-dir goes with --plan")
	}
	done = func() error { return nil }
	switch {
	case n == 0 || x.run != "":
		return x.openRun(cmd, p)
	case x.demo:
		sim, err := openDemo(p, x.sel)
		return sim.providers, "the simulated estate", func() error { sim.close(); return nil }, err
	case x.from != "":
		inv, err := openSaved(p, x.from)
		if err != nil {
			return nil, "", nil, err
		}
		return inv.Providers(), inv.name, done, nil
	}
	plans, err := openPlans(ctx, p, x.plans, planOptions{dir: x.dir, incomplete: true})
	if err != nil {
		return nil, "", nil, err
	}
	return []providers.Provider{plans.judged()}, strings.Join(x.plans, ", "), done, nil
}

// openRun opens what a saved run read.
func (x *ownersExplain) openRun(cmd *cobra.Command, p *process) (ps []providers.Provider, where string, done func() error, err error) {
	st, _, err := x.openStore(cmd.Context(), p, cmd, mustExist)
	if err != nil {
		return nil, "", nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	info := store.RunInfo{}
	if x.run != "" {
		if info, err = st.Resolve(cmd.Context(), x.run); err != nil {
			return nil, "", nil, err
		}
	} else {
		runs, err := st.Runs(cmd.Context(), store.Filter{})
		if err != nil {
			return nil, "", nil, err
		}
		i := slices.IndexFunc(runs, func(r store.RunInfo) bool { return r.HasInventory })
		if i < 0 {
			return nil, "", nil, fmt.Errorf("no run in %s kept what it read; say where the resource is with --from, --plan or --demo", st.Place())
		}
		info = runs[i]
	}
	inv, done, err := unpackInventory(cmd.Context(), p, st, info.ID)
	if err != nil {
		return nil, "", nil, err
	}
	return inv.Providers(), "the run " + info.ID, done, nil
}

// explained is whose a resource is, and why.
type explained struct {
	Resource finding.Resource `json:"resource"`
	govern.Explanation
	Permissions []string `json:"permissions,omitempty"` // that would tell, where a call was denied
}

// write says whose the resource is.
func (x *ownersExplain) write(p *process, why explained) error {
	if x.format == "json" {
		return writeJSON(p.stdout, why)
	}
	fmt.Fprintf(p.stdout, "%s %s\n", why.Resource.Type, why.Resource.ID)
	tried := why.Tried
	last := len(tried) - 1
	switch {
	case why.Unknown != "":
		fmt.Fprintf(p.stdout, "It cannot be told whose it is (%s): by %s, %s, and the rules behind it are not asked.\n", why.Unknown, ruleName(tried[last].Rule), tried[last].Why)
		if len(why.Permissions) > 0 {
			fmt.Fprintf(p.stdout, "Granting this would tell: %s\n", strings.Join(why.Permissions, ", "))
		}
	case last >= 0 && tried[last].Outcome == govern.Matched:
		whose := "is " + why.Owner + "'s"
		if why.Owner == "" {
			whose = "is nobody's"
		}
		fmt.Fprintf(p.stdout, "It %s, by %s", whose, ruleName(tried[last].Rule))
		if tried[last].Why != "" {
			fmt.Fprintf(p.stdout, ": %s", tried[last].Why)
		}
		fmt.Fprintln(p.stdout, ".")
	default:
		last++
		fmt.Fprintln(p.stdout, "It is nobody's: no rule matches.")
	}
	for _, c := range channels(why.Contacts) {
		fmt.Fprintf(p.stdout, "  %s\n", c)
	}
	if last <= 0 {
		return nil
	}
	fmt.Fprintln(p.stdout)
	l := report.Listing{Head: []string{"TRIED BEFORE", "RULE", "WHY NOT"}, Least: []int{12, 20, 24}}
	for _, t := range tried[:last] {
		l.Rows = append(l.Rows, []string{rulePlace(t.Rule), t.Rule.Text, t.Why})
	}
	return report.WriteListing(p.stdout, p.page(), l)
}

// ruleName names a rule and its place; those of owner_tags have none.
func ruleName(r govern.OwnerRule) string {
	if r.File == "" {
		return "owner_tags (" + r.Text + ")"
	}
	return r.Place() + " (" + r.Text + ")"
}

func rulePlace(r govern.OwnerRule) string {
	if r.File == "" {
		return "owner_tags"
	}
	return r.Place()
}

// channels are the ways to reach somebody, one line each.
func channels(c govern.Contacts) []string {
	var out []string
	for _, by := range []struct {
		name string
		of   []string
	}{{"email", c.Email}, {"slack", c.Slack}, {"teams", c.Teams}, {"jira", c.Jira}, {"github", c.GitHub}} {
		if len(by.of) > 0 {
			out = append(out, by.name+": "+strings.Join(by.of, ", "))
		}
	}
	return out
}
