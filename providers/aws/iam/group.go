package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func group() awskit.Collector {
	return awskit.New(awskit.Type[types.GroupDetail]{
		Name:    "aws_iam_group",
		Service: "iam",
		Global:  true,
		Calls:   detailsCall(),
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.GroupDetail) error) error {
			return listDetails(ctx, c, types.EntityTypeGroup, func(page *iam.GetAccountAuthorizationDetailsOutput) error {
				for _, g := range page.GroupDetailList {
					if err := yield(g); err != nil {
						return err
					}
				}
				return nil
			})
		},
		Attributes: []string{"inline_policy", "managed_policy_arns", "path"},
		Describe: func(_ *awskit.Cell, g types.GroupDetail, d *awskit.Draft) {
			d.ID, d.Name = deref(g.Arn), deref(g.GroupName)
			if g.CreateDate != nil {
				d.Created = g.CreateDate.UTC()
			}
			d.Set("path", g.Path)
			setInline(d, g.GroupPolicyList)
			setManaged(d, g.AttachedManagedPolicies)
		},
	})
}
