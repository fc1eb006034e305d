package main

import (
	"github.com/spf13/cobra"
)

func newRoot(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "metsuke",
		Short: "Governance for the clouds and SaaS accounts of a company",
		Long: `metsuke inventories AWS, GCP and SaaS accounts, judges them and Terraform plans
with the same policies about tagging, cost and security, and reports the findings.
What could not be read is unknown, never a silent pass.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDemo(p), newGate(p), newPolicies(p), newScan(p), newVersion(p))
	return cmd
}
