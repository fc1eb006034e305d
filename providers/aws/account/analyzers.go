package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/membership"
)

// analyzerService is the service principal under which IAM Access Analyzer is
// delegated.
const analyzerService = "access-analyzer.amazonaws.com"

// readAnalyzers lists the account's own analyzers in every selected region.
func readAnalyzers(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	if c.Account.RegionsErr != nil {
		return c.Account.RegionsErr
	}
	setRegional(d, "access_analyzers", ask(ctx, c.Account.Regions, func(ctx context.Context, region string) (map[string]any, error) {
		own, err := listAnalyzers(ctx, c, c.Account.ID, c.ConfigFor("access-analyzer", region), region)
		if err != nil {
			return nil, err
		}
		list := []any{}
		for _, a := range own {
			list = append(list, map[string]any{"analyzer_name": a.Name, "type": a.Type, "status": a.Status})
		}
		return map[string]any{"analyzers": list}, nil
	}))
	return nil
}

// readOrganizationAnalyzers tells in which of the selected regions an analyzer of the
// organisation covers the account. Such an analyzer shows only in the account that
// owns it, the management account or a delegated administrator: it is looked for
// there, with the credentials at hand. Where these do not reach, and a region is left
// without one, the answer is not known.
func readOrganizationAnalyzers(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	if c.Account.RegionsErr != nil {
		return c.Account.RegionsErr
	}
	org, err := membership.Of(ctx, c)
	if err != nil {
		return err
	}
	covered := []string{}
	if org == nil {
		d.Set("organization_analyzer_regions", covered)
		return nil
	}
	owners, rest := analyzerOwners(ctx, c, org)
	for _, a := range ask(ctx, c.Account.Regions, func(ctx context.Context, region string) (bool, error) {
		for _, o := range owners {
			cfg, _ := org.As(c, o, "access-analyzer", region)
			list, err := listAnalyzers(ctx, c, o, cfg, region)
			if err != nil || active(list) {
				return err == nil, err
			}
		}
		return false, rest
	}) {
		if a.err != nil {
			return a.err
		}
		if a.value {
			covered = append(covered, a.region)
		}
	}
	d.Set("organization_analyzer_regions", covered)
	return nil
}

func active(list []types.AnalyzerSummary) bool {
	for _, a := range list {
		if a.Type == types.TypeOrganization && a.Status == types.AnalyzerStatusActive {
			return true
		}
	}
	return false
}

// analyzerOwners are the accounts that may own an analyzer of the organisation and
// that the credentials at hand can ask. The error says why there may be more.
func analyzerOwners(ctx context.Context, c *awskit.Cell, org *membership.Organization) ([]string, error) {
	cfg, ok := org.Management(c, "organizations")
	if !ok {
		return []string{c.Account.ID}, onlyManagement("Organizations.ListDelegatedAdministrators", org)
	}
	owners := []string{org.ManagementID}
	pages := organizations.NewListDelegatedAdministratorsPaginator(organizations.NewFromConfig(cfg), &organizations.ListDelegatedAdministratorsInput{
		ServicePrincipal: aws.String(analyzerService),
	})
	var rest error
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return owners, err
		}
		for _, a := range page.DelegatedAdministrators {
			id := deref(a.Id)
			if _, ok := org.As(c, id, "access-analyzer", ""); !ok {
				rest = &awskit.Unreadable{
					Call: "AccessAnalyzer.ListAnalyzers", Reason: providers.Unsupported,
					Why: "only account " + id + ", which administers IAM Access Analyzer for the organisation, can tell",
				}
				continue
			}
			owners = append(owners, id)
		}
	}
	return owners, rest
}

// listAnalyzers lists the analyzers of an account in a region, once per collection.
func listAnalyzers(ctx context.Context, c *awskit.Cell, account string, cfg aws.Config, region string) ([]types.AnalyzerSummary, error) {
	return awskit.Once(ctx, c, "analyzers "+account+" "+region, func(ctx context.Context) ([]types.AnalyzerSummary, error) {
		var out []types.AnalyzerSummary
		pages := accessanalyzer.NewListAnalyzersPaginator(accessanalyzer.NewFromConfig(cfg), &accessanalyzer.ListAnalyzersInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			out = append(out, page.Analyzers...)
		}
		return out, nil
	})
}
