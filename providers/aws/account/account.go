// Package account reads what AWS keeps per account and not per resource: the root
// user, contacts, the place in the organisation, budgets and cost settings, and the
// services that are on or off for an account or region. Each of these is a detail of
// the one resource aws_account, so that only what a policy reads is asked for. It
// judges nothing.
package account

import (
	"context"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/credreport"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/membership"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{theAccount()} }

// item is the account: there is one in every cell.
type item = struct{}

func theAccount() awskit.Collector {
	call := awskit.Call
	return awskit.New(awskit.Type[item]{
		Name:    "aws_account",
		Service: "account",
		Global:  true,
		List:    func(_ context.Context, _ *awskit.Cell, yield func(item) error) error { return yield(item{}) },
		Describe: func(c *awskit.Cell, _ item, d *awskit.Draft) {
			d.ID, d.Name = c.GlobalARN("account", "account"), c.Account.Scope.Name
			if d.Name == "" {
				d.Name = c.Account.ID
			}
		},
		Details: []awskit.Detail[item]{
			{
				Attributes: []string{"access_analyzers"},
				Calls:      []providers.Call{call("AccessAnalyzer.ListAnalyzers", "access-analyzer:ListAnalyzers")},
				Read:       readAnalyzers,
			},
			{
				Attributes: []string{"anomaly_monitors"},
				Calls:      []providers.Call{call("CostExplorer.GetAnomalyMonitors", "ce:GetAnomalyMonitors"), membership.Call()},
				Read:       readAnomalyMonitors,
			},
			{
				Attributes: []string{"budgets"},
				Calls:      []providers.Call{call("Budgets.DescribeBudgets", "budgets:ViewBudget")},
				Read:       readBudgets,
			},
			{
				Attributes: []string{"console_users"},
				Calls:      credreport.Calls(),
				Read:       readConsoleUsers,
			},
			{
				Attributes: []string{"contact_information"},
				Calls:      []providers.Call{call("Account.GetContactInformation", "account:GetContactInformation")},
				Read:       readContact,
			},
			{
				Attributes: []string{"cost_allocation_tags"},
				Calls:      []providers.Call{call("CostExplorer.ListCostAllocationTags", "ce:ListCostAllocationTags"), membership.Call()},
				Read:       readCostAllocationTags,
			},
			{
				Attributes: []string{"identity_center_instances"},
				Calls:      []providers.Call{call("SSOAdmin.ListInstances", "sso:ListInstances")},
				Read:       readIdentityCenter,
			},
			{
				Attributes: []string{"macie"},
				Calls: []providers.Call{
					call("S3.ListBuckets", "s3:ListAllMyBuckets"),
					call("Macie2.GetMacieSession", "macie2:GetMacieSession"),
					call("Macie2.GetAutomatedDiscoveryConfiguration", "macie2:GetAutomatedDiscoveryConfiguration"),
					call("Macie2.ListClassificationJobs", "macie2:ListClassificationJobs"),
				},
				Read: readMacie,
			},
			{
				Attributes: []string{"organization"},
				Calls:      []providers.Call{membership.Call()},
				Read:       readOrganization,
			},
			{
				Attributes: []string{"organization_analyzer_regions"},
				Calls: []providers.Call{
					membership.Call(),
					call("Organizations.ListDelegatedAdministrators", "organizations:ListDelegatedAdministrators"),
					call("AccessAnalyzer.ListAnalyzers", "access-analyzer:ListAnalyzers"),
				},
				Read: readOrganizationAnalyzers,
			},
			{
				Attributes: []string{"payer_budgets"},
				Calls:      []providers.Call{membership.Call(), call("Budgets.DescribeBudgets", "budgets:ViewBudget")},
				Read:       readPayerBudgets,
			},
			{
				Attributes: []string{"root_access_keys_present", "root_mfa_enabled"},
				Calls:      []providers.Call{call("IAM.GetAccountSummary", "iam:GetAccountSummary")},
				Read:       readSummary,
			},
			{
				Attributes: []string{"root_credentials"},
				Calls:      credreport.Calls(),
				Read:       readRootCredentials,
			},
			{
				Attributes: []string{"root_credentials_managed"},
				Calls:      []providers.Call{membership.Call(), call("IAM.ListOrganizationsFeatures", "iam:ListOrganizationsFeatures")},
				Read:       readRootManagement,
			},
			{
				Attributes: []string{"root_virtual_mfa"},
				Calls:      []providers.Call{call("IAM.ListVirtualMFADevices", "iam:ListVirtualMFADevices")},
				Read:       readRootDevices,
			},
			{
				Attributes: []string{"saml_providers"},
				Calls:      []providers.Call{call("IAM.ListSAMLProviders", "iam:ListSAMLProviders")},
				Read:       readSAMLProviders,
			},
			{
				Attributes: []string{"security_contact"},
				Calls:      []providers.Call{call("Account.GetAlternateContact", "account:GetAlternateContact")},
				Read:       readSecurityContact,
			},
			{
				Attributes: []string{"spend"},
				Calls: []providers.Call{
					membership.Call(),
					call("CostExplorer.ListCostAllocationTags", "ce:ListCostAllocationTags"),
					call(getCostAndUsage, "ce:GetCostAndUsage"),
				},
				Read: readSpend,
			},
			{
				Attributes: []string{"support_access"},
				Calls:      []providers.Call{call("IAM.ListEntitiesForPolicy", "iam:ListEntitiesForPolicy")},
				Read:       readSupportAccess,
			},
		},
	})
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
