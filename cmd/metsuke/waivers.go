package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/providers/terraform"
	"github.com/metsuke-dev/metsuke/report"
)

func newWaivers(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "waivers",
		Short: "Check the exceptions that were granted",
		Long: `A waiver is an exception from a policy, with a reason, an approver, a ticket and a last
day. Waivers stand in waivers.yaml, and as comments in Terraform sources.`,
		Example: "  metsuke waivers check --run report.json",
		Args:    subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	exits(cmd, "0  done", "2  usage error")
	cmd.AddCommand(newWaiversCheck(p))
	return cmd
}

// check is what `waivers check` is told.
type waiversCheck struct {
	setup
	dir    string // of Terraform sources
	run    string // a saved one
	format string
}

func newWaiversCheck(p *process) *cobra.Command {
	var c waiversCheck
	cmd := &cobra.Command{
		Use:   "check",
		Short: "List waivers with mistakes, and those that are expired, unused or over-broad",
		Long: `Check the waivers of waivers.yaml and, with --terraform-dir, those in comments. With
--run, a saved report, it also says which waivers match nothing that fails or is
unknown there, and which match too much.

  error       it waives nothing: a day that is none or too far away, a policy
              that does not exist, a comment without a reason
  expired     its last day is over: it waives nothing any more
  unused      its policies judged resources in the run, and it matches nothing
  over-broad  it is for every policy and every resource, or matches more than
              100 findings, or more than half of 20 or more
  expiring    it ends within 30 days; this alone does not change the exit code`,
		Example: `  metsuke waivers check
  metsuke waivers check --run report.json --format json
  metsuke waivers check --waivers exceptions.yaml --terraform-dir infra`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.check(cmd, p) },
	}
	exits(cmd, "0  nothing is wrong; what expires soon is listed", "1  a waiver has a mistake, or is expired, unused or over-broad",
		"2  a file cannot be read or is no file of waivers, or a usage error")
	flags(cmd, "What is checked", func(f *pflag.FlagSet) {
		c.excuses.addWaiverFlag(f)
		f.StringVar(&c.dir, "terraform-dir", "", "`DIRECTORY` of a root module, whose comments are checked too")
		f.StringVar(&c.run, "run", "", "`REPORT` of a run, as JSON, to hold the waivers against; - is standard input")
	})
	addFormatFlag(cmd, &c.format, "table", "json")
	c.addLoadFlags(cmd)
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.StringVar(&c.now, "now", "", "check as of this `TIME` (RFC 3339) instead of the present")
	})
	return cmd
}

// check reads everything before it writes anything.
func (c *waiversCheck) check(cmd *cobra.Command, p *process) error {
	if err := oneOf("format", c.format, "table", "json"); err != nil {
		return err
	}
	now, err := c.time(p)
	if err != nil {
		return err
	}
	c.excuses.wanted = true
	e, err := c.load(cmd)
	if err != nil {
		return err
	}
	list := c.excuses.granted
	if c.excuses.file == "" && c.dir == "" {
		return errors.New("there is no waivers.yaml beside the configuration; name a file with --waivers, or sources with --terraform-dir")
	}
	if c.dir != "" {
		comments, err := commentsIn(c.dir)
		if err != nil {
			return err
		}
		list = append(slices.Clone(list), fromComments(comments, c.config)...)
	}
	waivers := govern.NewWaivers(list, terms(e, c.config, now))
	issues := waivers.Review()
	if c.run != "" {
		run, err := readRun(p, c.run)
		if err != nil {
			return err
		}
		_, uses := waivers.Waive(withoutWaivers(run.Findings))
		issues = waivers.ReviewRun(run, uses)
	}
	if err := c.write(p, waivers.Len(), issues); err != nil {
		return err
	}
	if slices.ContainsFunc(issues, func(i govern.Issue) bool { return i.Problem != govern.Expiring }) {
		return exitCode(exitFindings)
	}
	return nil
}

// withoutWaivers are the findings as they were before those of the run were applied.
func withoutWaivers(findings []finding.Finding) []finding.Finding {
	out := slices.Clone(findings)
	for i := range out {
		out[i].Waiver = nil
	}
	return out
}

// commentsIn returns the comments of a configuration, with files as the gate has them.
func commentsIn(dir string) ([]terraform.Comment, error) {
	root, below, err := sourceTree(dir)
	if err != nil {
		return nil, err
	}
	comments, err := terraform.SourceComments(os.DirFS(root), below, govern.CommentPrefix)
	if err != nil {
		return nil, fmt.Errorf("--terraform-dir %s: %w", dir, err)
	}
	for i := range comments {
		comments[i].File = path.Join(below, comments[i].File)
	}
	return comments, nil
}

// write lists the issues.
func (c *waiversCheck) write(p *process, n int, issues []govern.Issue) error {
	if c.format == "json" {
		if issues == nil {
			issues = []govern.Issue{}
		}
		return writeJSON(p.stdout, struct {
			Waivers int            `json:"waivers"`
			Issues  []govern.Issue `json:"issues"`
		}{n, issues})
	}
	if len(issues) == 0 {
		_, err := fmt.Fprintf(p.stdout, "%s, and nothing is wrong with them.\n", counted(n, "waiver"))
		return err
	}
	l := report.Listing{Head: []string{"PROBLEM", "WHERE", "POLICY", "RESOURCE", "WHY"}, Least: []int{0, 12, 16, 16, 24}}
	if c.run != "" {
		l.Head, l.Least, l.Right = append(l.Head, "MATCHES"), append(l.Least, 0), []int{len(l.Head)}
	}
	for _, i := range issues {
		row := []string{string(i.Problem), i.Waiver.Place(), i.Waiver.Policy, i.Waiver.On(), i.Message}
		if c.run != "" {
			row = append(row, strconv.Itoa(i.Matches))
		}
		l.Rows = append(l.Rows, row)
	}
	if err := report.WriteListing(p.stdout, p.page(), l); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "\n%s, %s.\n", counted(n, "waiver"), counted(len(issues), "thing")+" to look at")
	return err
}

// counted is a number of things.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
