package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func policy() awskit.Collector {
	return awskit.New(awskit.Type[types.ManagedPolicyDetail]{
		Name:    "aws_iam_policy",
		Service: "iam",
		Global:  true,
		Calls:   detailsCall(),
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.ManagedPolicyDetail) error) error {
			return listDetails(ctx, c, types.EntityTypeLocalManagedPolicy, func(page *iam.GetAccountAuthorizationDetailsOutput) error {
				for _, p := range page.Policies {
					if err := yield(p); err != nil {
						return err
					}
				}
				return nil
			})
		},
		Attributes: []string{"attachment_count", "path", "policy"},
		Describe: func(_ *awskit.Cell, p types.ManagedPolicyDetail, d *awskit.Draft) {
			d.ID, d.Name = deref(p.Arn), deref(p.PolicyName)
			if p.CreateDate != nil {
				d.Created = p.CreateDate.UTC()
			}
			d.Set("path", p.Path)
			if p.AttachmentCount != nil {
				d.Set("attachment_count", p.AttachmentCount)
			}
			for _, v := range p.PolicyVersionList {
				if v.IsDefaultVersion {
					setDocument(d, "policy", v.Document)
				}
			}
		},
		Details: []awskit.Detail[types.ManagedPolicyDetail]{{
			Attributes: []string{"tags"},
			Calls:      []providers.Call{awskit.Call("IAM.ListPolicyTags", "iam:ListPolicyTags")},
			Read: func(ctx context.Context, c *awskit.Cell, p types.ManagedPolicyDetail, d *awskit.Draft) error {
				pages := iam.NewListPolicyTagsPaginator(client(c), &iam.ListPolicyTagsInput{PolicyArn: p.Arn})
				for pages.HasMorePages() {
					page, err := pages.NextPage(ctx)
					if err != nil {
						return gone(err)
					}
					setTags(d, page.Tags)
				}
				return nil
			},
		}},
	})
}
