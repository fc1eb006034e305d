package iam

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func role() awskit.Collector {
	return awskit.New(awskit.Type[types.RoleDetail]{
		Name:    "aws_iam_role",
		Service: "iam",
		Global:  true,
		Calls:   detailsCall(),
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.RoleDetail) error) error {
			return listDetails(ctx, c, types.EntityTypeRole, func(page *iam.GetAccountAuthorizationDetailsOutput) error {
				for _, r := range page.RoleDetailList {
					if strings.HasPrefix(deref(r.Path), "/aws-service-role/") {
						continue
					}
					if err := yield(r); err != nil {
						return err
					}
				}
				return nil
			})
		},
		Attributes: []string{"assume_role_policy", "inline_policy", "managed_policy_arns", "path", "tags"},
		Describe: func(_ *awskit.Cell, r types.RoleDetail, d *awskit.Draft) {
			d.ID, d.Name = deref(r.Arn), deref(r.RoleName)
			if r.CreateDate != nil {
				d.Created = r.CreateDate.UTC()
			}
			d.Set("path", r.Path)
			setDocument(d, "assume_role_policy", r.AssumeRolePolicyDocument)
			setInline(d, r.RolePolicyList)
			setManaged(d, r.AttachedManagedPolicies)
			setTags(d, r.Tags)
		},
	})
}
