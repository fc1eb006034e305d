package account

import (
	"context"
	"fmt"

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

// readAnalyzers lists the analyzers in every selected region. An analyzer of the
// organisation shows only in the account that owns it, the management account or a
// delegated administrator: whether this account is covered by one is asked there,
// with the credentials at hand, and unknown where they do not reach.
func readAnalyzers(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	if c.Account.RegionsErr != nil {
		return c.Account.RegionsErr
	}
	owners, rest := analyzerOwners(ctx, c)
	answers := ask(ctx, c.Account.Regions, func(ctx context.Context, region string) (map[string]any, error) {
		own, err := listAnalyzers(ctx, c.ConfigFor("access-analyzer", region))
		if err != nil {
			return nil, err
		}
		list := []any{}
		for _, a := range own {
			list = append(list, map[string]any{"analyzer_name": a.Name, "type": a.Type, "status": a.Status})
		}
		covered, err := coveredByOrganization(ctx, c, owners, rest, own, region)
		out := map[string]any{"analyzers": list, "organization_covered": covered}
		if err != nil {
			out["organization_covered"] = err
		}
		return out, nil
	})
	for i, a := range answers {
		if err, ok := a.value["organization_covered"].(error); ok {
			a.value["organization_covered"] = nil
			d.Fail(fmt.Sprintf("access_analyzers.%d.organization_covered", i), err)
		}
	}
	setRegional(d, "access_analyzers", answers)
	return nil
}

// coveredByOrganization tells whether an analyzer of the organisation is active in
// the region. Rest says why other accounts may own one that cannot be seen.
func coveredByOrganization(ctx context.Context, c *awskit.Cell, owners []owner, rest error, own []types.AnalyzerSummary, region string) (bool, error) {
	if active(own) {
		return true, nil
	}
	for _, o := range owners {
		if o.account == c.Account.ID {
			continue // asked already
		}
		cfg, _ := o.org.As(c, o.account, "access-analyzer", region)
		theirs, err := listAnalyzers(ctx, cfg)
		if err != nil {
			return false, err
		}
		if active(theirs) {
			return true, nil
		}
	}
	return false, rest
}

func active(list []types.AnalyzerSummary) bool {
	for _, a := range list {
		if a.Type == types.TypeOrganization && a.Status == types.AnalyzerStatusActive {
			return true
		}
	}
	return false
}

// owner is an account that may own analyzers of the organisation.
type owner struct {
	org     *membership.Organization
	account string
}

// analyzerOwners are the accounts that may own an analyzer of the organisation and
// that the credentials at hand can ask. The error says why there may be more.
func analyzerOwners(ctx context.Context, c *awskit.Cell) ([]owner, error) {
	org, err := membership.Of(ctx, c)
	if err != nil || org == nil {
		return nil, err
	}
	cfg, ok := org.Management(c, "organizations")
	if !ok {
		return nil, onlyManagement("Organizations.ListDelegatedAdministrators", org)
	}
	owners := []owner{{org, org.ManagementID}}
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
			owners = append(owners, owner{org, id})
		}
	}
	return owners, rest
}

func listAnalyzers(ctx context.Context, cfg aws.Config) ([]types.AnalyzerSummary, error) {
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
}
