package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

func newPoliciesShow(p *process) *cobra.Command {
	var s setup
	var format string
	var rego bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show what a policy says, reads and needs",
		Long: `Show a policy: what it judges and why, its parameters, which attributes it reads,
which calls and permissions that takes, and whether it judges Terraform plans.`,
		Example: `  metsuke policies show aws-s3-public-access-block
  metsuke policies show aws-s3-public-access-block --rego`,
		Args: arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return policyIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			pol, ok := e.Policy(args[0])
			if !ok {
				return fmt.Errorf("there is no policy %s%s; `metsuke policies list` shows them all", args[0], nearest.Hint(args[0], policyNames(e)))
			}
			if rego {
				_, err := fmt.Fprint(p.stdout, pol.Text())
				return err
			}
			shown, err := s.look(p, e, pol)
			if err != nil {
				return err
			}
			if format == "json" {
				return writeJSON(p.stdout, shown)
			}
			return shown.write(p)
		},
	}
	exits(cmd, "0  the policy was shown", "2  there is no such policy, a policy does not load, or a usage error")
	addFormatFlag(cmd, &format, "text", "json")
	cmd.Flags().BoolVar(&rego, "rego", false, "print the policy's file instead")
	s.addLoadFlags(cmd)
	return cmd
}

// shown is all there is to know about a policy.
type shown struct {
	policyCard
	Reads []string `json:"reads"` // paths below input
	Plan  string   `json:"plan"`  // yes, or why a Terraform plan is not judged or not in full
	Needs []need   `json:"needs"`
}

// need is a call that judging by a policy takes.
type need struct {
	Provider    string         `json:"provider"`
	Type        providers.Type `json:"type"`
	Call        string         `json:"call"`
	Permissions []string       `json:"permissions"`
}

func (s *setup) look(p *process, e *engine.Engine, pol *engine.Policy) (shown, error) {
	out := shown{policyCard: card(pol), Needs: []need{}}
	session, _, err := s.session(p, e, []string{pol.ID})
	if err != nil {
		return out, err
	}
	if out.Reads, err = session.Reads(pol.ID); err != nil {
		return out, err
	}
	out.Reads = slices.DeleteFunc(out.Reads, func(path string) bool { return strings.HasPrefix(path, "params.") }) // they are listed as such
	ds, err := described(p, selection{})
	if err != nil {
		return out, err
	}
	for _, d := range ds {
		if d.Name == planProvider {
			out.Plan = planSupport(d, pol)
			continue
		}
		want, err := wants(session, d, func(providers.Type) bool { return true })
		if err != nil {
			return out, err
		}
		for _, w := range want {
			ti, _ := d.Type(w.Type)
			for _, c := range ti.CallsFor(w.Attributes) {
				n := need{d.Name, w.Type, c.Operation, append([]string{}, c.Permissions...)}
				if !slices.ContainsFunc(out.Needs, func(o need) bool { return o.Provider == n.Provider && o.Type == n.Type && o.Call == n.Call }) {
					out.Needs = append(out.Needs, n)
				}
			}
		}
	}
	slices.SortStableFunc(out.Needs, func(a, b need) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Type, b.Type))
	})
	return out, nil
}

// planSupport says whether Terraform plans are judged. A shipped policy that is proven
// to judge a plan as it judges the account has a parity test beside it.
func planSupport(d providers.Description, pol *engine.Policy) string {
	var can []string
	for _, t := range pol.Types {
		if _, ok := d.Type(t); ok {
			can = append(can, string(t))
		}
	}
	_, err := fs.Stat(policies.Files, strings.TrimSuffix(pol.File, ".rego")+"_parity.yaml")
	switch {
	case len(can) == 0:
		return "no: only the live account tells"
	case pol.Builtin && err == nil:
		return "yes, with the verdict that the account gets"
	case len(can) < len(pol.Types):
		return fmt.Sprintf("those of %d of its %d types; what a plan does not tell is unknown", len(can), len(pol.Types))
	}
	return "yes; what a plan does not tell is unknown"
}

// write shows the policy to a person.
func (s shown) write(p *process) error {
	width := cmp.Or(p.width, 80)
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", s.ID)
	hanging(&b, "  ", s.Title, width)
	state := fmt.Sprintf("%s, %s", s.Severity, s.Category)
	if s.Deprecated {
		state += ", deprecated"
	}
	hanging(&b, "  ", state, width)
	section := func(title string, lines ...string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n%s\n", title)
		for _, l := range lines {
			hanging(&b, "  ", l, width)
		}
	}
	one := func(text string) []string {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	section("Why", one(s.Description)...)
	section("Judges", typeList(s.Types))
	section("Remediation", one(s.Remediation)...)
	if s.Terraform != "" {
		b.WriteString("\n  " + strings.ReplaceAll(s.Terraform, "\n", "\n  ") + "\n")
	}
	var lines []string
	for _, f := range sortedKeys(s.Frameworks) {
		lines = append(lines, f+": "+strings.Join(s.Frameworks[f], ", "))
	}
	section("Frameworks", lines...)
	lines = nil
	for _, name := range sortedKeys(s.Params) {
		value, err := json.Marshal(s.Params[name].Default)
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%s = %s (%s): %s", name, value, s.Params[name].Type, s.Params[name].Description))
	}
	section("Parameters, and their defaults", lines...)
	section("Reads", strings.Join(s.Reads, ", "))
	lines = nil
	for _, t := range sortedKeys(s.Uses) {
		lines = append(lines, fmt.Sprintf("%s: %s", t, strings.Join(s.Uses[t], ", ")))
	}
	section("Joins", lines...)
	section("Judges Terraform plans", s.Plan)
	section("Former ids", s.Aliases...)
	section("File", s.File)
	if len(s.Needs) > 0 {
		fmt.Fprintf(&b, "\nNeeds, of a live account\n")
		l := report.Listing{Head: []string{"PROVIDER", "TYPE", "CALL", "PERMISSIONS"}, Least: []int{0, 16, 20, 20}}
		for _, n := range s.Needs {
			l.Rows = append(l.Rows, []string{n.Provider, string(n.Type), n.Call, strings.Join(n.Permissions, ", ")})
		}
		if err := report.WriteListing(&b, p.page(), l); err != nil {
			return err
		}
	}
	_, err := p.stdout.Write(b.Bytes())
	return err
}
