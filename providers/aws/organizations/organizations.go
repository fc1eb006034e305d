// Package organizations reads an AWS organisation and its accounts. Both are
// resources of the management account: in any other account there are none. It does
// not read what is in the accounts.
package organizations

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/membership"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{account(), organization()} }

func account() awskit.Collector {
	return awskit.New(awskit.Type[types.Account]{
		Name:       "aws_organizations_account",
		Service:    "organizations",
		Global:     true,
		Calls:      []providers.Call{membership.Call(), awskit.Call("Organizations.ListAccounts", "organizations:ListAccounts")},
		List:       listAccounts,
		Attributes: []string{"state"},
		Describe: func(_ *awskit.Cell, a types.Account, d *awskit.Draft) {
			d.ID, d.Name = aws.ToString(a.Arn), aws.ToString(a.Name)
			if a.JoinedTimestamp != nil {
				d.Created = a.JoinedTimestamp.UTC()
			}
			// State replaces Status, which retires in September 2026.
			if a.State != "" {
				d.Set("state", a.State)
			} else {
				d.Set("state", a.Status)
			}
		},
		Details: []awskit.Detail[types.Account]{{
			Attributes: []string{"tags"},
			Calls:      []providers.Call{awskit.Call("Organizations.ListTagsForResource", "organizations:ListTagsForResource")},
			Read:       readTags,
		}},
	})
}

func client(c *awskit.Cell) *organizations.Client {
	return awskit.ClientFor(c, "organizations", "", organizations.NewFromConfig)
}

// managed returns the organisation when the cell's account manages it, otherwise nil.
func managed(ctx context.Context, c *awskit.Cell) (*membership.Organization, error) {
	org, err := membership.Of(ctx, c)
	if err != nil || org == nil || org.ManagementID != c.Account.ID {
		return nil, err
	}
	return org, nil
}

func listAccounts(ctx context.Context, c *awskit.Cell, yield func(types.Account) error) error {
	org, err := managed(ctx, c)
	if err != nil || org == nil {
		return err
	}
	pages := organizations.NewListAccountsPaginator(client(c), &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, a := range page.Accounts {
			if err := yield(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func readTags(ctx context.Context, c *awskit.Cell, a types.Account, d *awskit.Draft) error {
	pages := organizations.NewListTagsForResourcePaginator(client(c), &organizations.ListTagsForResourceInput{ResourceId: a.Id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awskit.Is(err, "TargetNotFoundException") {
			return awskit.ErrGone
		}
		if err != nil {
			return err
		}
		for _, t := range page.Tags {
			d.Tag(aws.ToString(t.Key), aws.ToString(t.Value))
		}
	}
	return nil
}

func organization() awskit.Collector {
	return awskit.New(awskit.Type[*membership.Organization]{
		Name:    "aws_organizations_organization",
		Service: "organizations",
		Global:  true,
		Calls:   []providers.Call{membership.Call()},
		List: func(ctx context.Context, c *awskit.Cell, yield func(*membership.Organization) error) error {
			org, err := managed(ctx, c)
			if err != nil || org == nil {
				return err
			}
			return yield(org)
		},
		Attributes: []string{"feature_set"},
		Describe: func(_ *awskit.Cell, o *membership.Organization, d *awskit.Draft) {
			d.ID, d.Name = o.ARN, o.ID
			d.Set("feature_set", o.FeatureSet)
		},
		Details: []awskit.Detail[*membership.Organization]{{
			Attributes: []string{"iam_features"},
			Calls:      []providers.Call{awskit.Call("IAM.ListOrganizationsFeatures", "iam:ListOrganizationsFeatures")},
			Read:       readFeatures,
		}},
	})
}

func readFeatures(ctx context.Context, c *awskit.Cell, _ *membership.Organization, d *awskit.Draft) error {
	out, err := awskit.ClientFor(c, "iam", "", iam.NewFromConfig).ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{})
	switch {
	// Without trusted access for IAM, or without all features, none can be on.
	case awskit.Is(err, "ServiceAccessNotEnabledException", "OrganizationNotInAllFeaturesModeException"):
		d.Set("iam_features", []any{})
		return nil
	case err != nil:
		return err
	}
	d.Set("iam_features", out.EnabledFeatures)
	return nil
}
