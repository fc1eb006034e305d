package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

func newProviders(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "providers",
		Short: "List the providers, what they read and the permissions they need",
		Long:  "A provider inventories a cloud, a SaaS product or a Terraform plan.",
		Example: `  metsuke providers list
  metsuke providers show aws
  metsuke providers permissions aws --category security`,
		Args: subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	exits(cmd, "0  done", "2  usage error")
	cmd.AddCommand(newProvidersList(p), newProvidersPermissions(p), newProvidersShow(p))
	return cmd
}

func newProvidersList(p *process) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the providers",
		Long:    "List the providers and how many types of resources each of them reads.",
		Example: "  metsuke providers list",
		Args:    arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if err := oneOf("format", format, "table", "json"); err != nil {
				return err
			}
			ds, err := described(p, selection{})
			if err != nil {
				return err
			}
			if format == "json" {
				return writeJSON(p.stdout, ds)
			}
			l := report.Listing{Head: []string{"PROVIDER", "READS", "TYPES", "CREDENTIALS"}, Least: []int{0, 16, 0, 24}, Right: []int{2}}
			for _, d := range ds {
				l.Rows = append(l.Rows, []string{d.Name, d.Title, strconv.Itoa(len(d.Types)), p.credentials(d.Name)})
			}
			return report.WriteListing(p.stdout, p.page(), l)
		},
	}
	exits(cmd, "0  the providers were listed", "2  usage error")
	addFormatFlag(cmd, &format, "table", "json")
	return cmd
}

// credentials says in words where a provider's credentials come from.
func (p *process) credentials(name string) string {
	for _, l := range p.live {
		if l.name == name {
			return l.credentials
		}
	}
	return "none: a plan file, see `metsuke gate`"
}

// one returns the provider that an argument names.
func one(p *process, name string) (providers.Description, error) {
	ds, err := described(p, selection{})
	if err != nil {
		return providers.Description{}, err
	}
	var names []string
	for _, d := range ds {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return providers.Description{}, fmt.Errorf("there is no provider %s%s; there are %s", name, nearest.Hint(name, names), strings.Join(names, ", "))
}

// providerNames completes the name of a provider.
func providerNames(p *process) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return append(liveNames(p), planProvider), cobra.ShellCompDirectiveNoFileComp
	}
}

func newProvidersShow(p *process) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show PROVIDER",
		Short: "Show what a provider reads, by which calls",
		Long: `Show the types of resources that a provider reads, and by which calls. A call that
gives only some attributes is made only when a selected policy reads one of them.`,
		Example: `  metsuke providers show aws
  metsuke providers show github --format json`,
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: providerNames(p),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, "table", "json"); err != nil {
				return err
			}
			d, err := one(p, args[0])
			if err != nil {
				return err
			}
			if format == "json" {
				return writeJSON(p.stdout, d)
			}
			l := report.Listing{Head: []string{"TYPE", "ATTRIBUTES", "CALLS", "PERMISSIONS"}, Least: []int{16, 20, 16, 16}}
			for _, t := range d.Types {
				l.Rows = append(l.Rows, callRow(string(t.Type), t.Attributes, t.Calls))
				for _, detail := range t.Details {
					l.Rows = append(l.Rows, callRow("", detail.Attributes, detail.Calls))
				}
			}
			return report.WriteListing(p.stdout, p.page(), l)
		},
	}
	exits(cmd, "0  the provider was shown", "2  there is no such provider, or a usage error")
	addFormatFlag(cmd, &format, "table", "json")
	return cmd
}

func callRow(typ string, attributes []string, calls []providers.Call) []string {
	var ops, permissions []string
	for _, c := range calls {
		ops = append(ops, c.Operation)
		permissions = append(permissions, c.Permissions...)
	}
	return []string{typ, strings.Join(attributes, ", "), strings.Join(ops, ", "), strings.Join(permissions, ", ")}
}
