package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

func newPoliciesList(p *process) *cobra.Command {
	var s setup
	var format string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the policies",
		Long:  "List the policies that the selection leaves, by id.",
		Example: `  metsuke policies list
  metsuke policies list --category cost --provider aws
  metsuke policies list --framework cis-aws-5.0 --format json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "table", "json"); err != nil {
				return err
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			ds, err := described(p, s.sel)
			if err != nil {
				return err
			}
			ids, err := s.choose(e, ds)
			if err != nil {
				return err
			}
			var cards []policyCard
			l := report.Listing{Head: []string{"ID", "SEVERITY", "CATEGORY", "TYPES", "TITLE"}, Least: []int{24, 0, 0, 20, 24}}
			narrow := p.width > 0 && p.width < 140
			if narrow { // an id that is broken cannot be copied
				l = report.Listing{Head: []string{"ID AND TITLE", "SEVERITY", "CATEGORY"}, Least: []int{40, 0, 0}}
			}
			for _, id := range ids {
				pol, _ := e.Policy(id)
				cards = append(cards, card(pol))
				if narrow {
					l.Rows = append(l.Rows, []string{pol.ID + "\n" + pol.Title, string(pol.Severity), string(pol.Category)})
					continue
				}
				l.Rows = append(l.Rows, []string{pol.ID, string(pol.Severity), string(pol.Category), typeList(pol.Types), pol.Title})
			}
			if format == "json" {
				return writeJSON(p.stdout, cards)
			}
			return report.WriteListing(p.stdout, p.page(), l)
		},
	}
	exits(cmd, "0  the policies were listed", "2  the selection leaves none, a policy does not load, or a usage error")
	s.sel.addPolicyFlags(cmd)
	s.sel.addProviderFlag(cmd, demoNames())
	addFormatFlag(cmd, &format, "table", "json")
	s.addLoadFlags(cmd)
	return cmd
}

// typeList names types, the first ones when there are many.
func typeList(ts []providers.Type) string {
	var names []string
	for _, t := range ts {
		names = append(names, string(t))
	}
	if len(names) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:2], ", "), len(names)-2)
	}
	return strings.Join(names, ", ")
}

// policyCard is what JSON says of a policy.
type policyCard struct {
	ID          string                      `json:"id"`
	Title       string                      `json:"title"`
	Severity    finding.Severity            `json:"severity"`
	Category    finding.Category            `json:"category"`
	Types       []providers.Type            `json:"types"`
	Description string                      `json:"description,omitempty"`
	Remediation string                      `json:"remediation,omitempty"`
	Terraform   string                      `json:"terraform,omitempty"`
	Frameworks  map[string][]string         `json:"frameworks,omitempty"`
	Params      map[string]engine.Param     `json:"params,omitempty"`
	Uses        map[providers.Type][]string `json:"uses,omitempty"`
	Aliases     []string                    `json:"aliases,omitempty"`
	Deprecated  bool                        `json:"deprecated,omitempty"`
	Builtin     bool                        `json:"builtin"`
	File        string                      `json:"file"`
	Package     string                      `json:"package"`
}

func card(p *engine.Policy) policyCard {
	return policyCard{
		ID: p.ID, Title: p.Title, Severity: p.Severity, Category: p.Category, Types: p.Types, Description: p.Description,
		Remediation: p.Remediation, Terraform: p.Terraform, Frameworks: p.Frameworks, Params: p.Params, Uses: p.Uses, Aliases: p.Aliases,
		Deprecated: p.Deprecated, Builtin: p.Builtin, File: p.File, Package: p.Package,
	}
}

// addFormatFlag adds --format to a command that prints something else than a run.
func addFormatFlag(cmd *cobra.Command, format *string, names ...string) {
	cmd.Flags().StringVarP(format, "format", "f", names[0], "`FORMAT` on standard output: "+strings.Join(names, ", "))
	complete(cmd, "format", names...)
}

// oneOf refuses the value of a flag that is none of the names.
func oneOf(flag, value string, names ...string) error {
	if slices.Contains(names, value) {
		return nil
	}
	return fmt.Errorf("--%s %s: it is one of %s%s", flag, value, strings.Join(names, ", "), nearest.Hint(value, names))
}

// writeJSON writes v for people and programs.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
