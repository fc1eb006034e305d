package awssim

import (
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/budgets"
	"github.com/aws/aws-sdk-go-v2/service/macie2"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
)

// accountOps are the operations of the services that are read as facts of an account.
func accountOps() []Op {
	return []Op{
		Answer[accessanalyzer.ListAnalyzersOutput]("AccessAnalyzer.ListAnalyzers"),
		Answer[account.GetAlternateContactOutput]("Account.GetAlternateContact"),
		Answer[account.GetContactInformationOutput]("Account.GetContactInformation"),
		Answer[budgets.DescribeBudgetsOutput]("Budgets.DescribeBudgets"),
		Answer[macie2.GetAutomatedDiscoveryConfigurationOutput]("Macie2.GetAutomatedDiscoveryConfiguration"),
		Answer[macie2.GetMacieSessionOutput]("Macie2.GetMacieSession"),
		Answer[macie2.ListClassificationJobsOutput]("Macie2.ListClassificationJobs"),
		Answer[ssoadmin.ListInstancesOutput]("SSOAdmin.ListInstances"),
	}
}
