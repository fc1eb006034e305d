// Package membership tells the place of an account in its AWS organisation, and
// which of the credentials at hand see what only the management account sees. It
// reads no resource.
package membership

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// Call is the call that Of makes.
func Call() providers.Call {
	return awskit.Call("Organizations.DescribeOrganization", "organizations:DescribeOrganization")
}

// Organization is the organisation that an account belongs to.
type Organization struct {
	ID, ARN      string
	ManagementID string // the management account
	FeatureSet   string // ALL or CONSOLIDATED_BILLING
}

// Of returns the organisation of the cell's account, nil when it is in none.
func Of(ctx context.Context, c *awskit.Cell) (*Organization, error) {
	return awskit.OncePerAccount(ctx, c, "organization", func(ctx context.Context) (*Organization, error) {
		out, err := awskit.ClientFor(c, "organizations", "", organizations.NewFromConfig).DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		switch {
		case awskit.Is(err, "AWSOrganizationsNotInUseException"):
			return nil, nil
		case err != nil:
			return nil, err
		case out.Organization == nil || out.Organization.MasterAccountId == nil:
			return nil, &awskit.Unreadable{Call: Call().Operation, Reason: providers.Failed, Why: "the answer names no management account"}
		}
		if aws.ToString(out.Organization.Id) == "" {
			return nil, errors.New("the answer names no organisation")
		}
		return &Organization{
			ID: *out.Organization.Id, ARN: aws.ToString(out.Organization.Arn),
			ManagementID: *out.Organization.MasterAccountId, FeatureSet: string(out.Organization.FeatureSet),
		}, nil
	})
}

// Management returns the SDK configuration with which to ask the management account
// for a service, where the credentials at hand are its own.
func (o *Organization) Management(c *awskit.Cell, service string) (aws.Config, bool) {
	return o.As(c, o.ManagementID, service, "")
}

// As returns the SDK configuration with which to act as an account of the
// organisation, where the credentials at hand are its own; region "" is the home region.
func (o *Organization) As(c *awskit.Cell, account, service, region string) (aws.Config, bool) {
	switch {
	case c.Account.ID == account:
		return c.ConfigFor(service, region), true
	case c.Account.Via != nil && c.Account.Via.ID == account:
		return c.Account.Via.Config(service, region), true
	}
	return aws.Config{}, false
}
