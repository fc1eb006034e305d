package iam

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/credreport"
)

func user() awskit.Collector {
	return awskit.New(awskit.Type[types.UserDetail]{
		Name:    "aws_iam_user",
		Service: "iam",
		Global:  true,
		Calls:   detailsCall(),
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.UserDetail) error) error {
			return listDetails(ctx, c, types.EntityTypeUser, func(page *iam.GetAccountAuthorizationDetailsOutput) error {
				for _, u := range page.UserDetailList {
					if err := yield(u); err != nil {
						return err
					}
				}
				return nil
			})
		},
		Attributes: []string{"inline_policy", "managed_policy_arns", "path", "tags"},
		Describe: func(_ *awskit.Cell, u types.UserDetail, d *awskit.Draft) {
			d.ID, d.Name = deref(u.Arn), deref(u.UserName)
			if u.CreateDate != nil {
				d.Created = u.CreateDate.UTC()
			}
			d.Set("path", u.Path)
			setInline(d, u.UserPolicyList)
			setManaged(d, u.AttachedManagedPolicies)
			setTags(d, u.Tags)
		},
		Details: []awskit.Detail[types.UserDetail]{{
			Attributes: []string{"access_keys", "mfa_active", "password_enabled", "password_last_changed", "password_last_used"},
			Calls:      credreport.Calls(),
			Shared:     true,
			Read:       readCredentials,
		}},
	})
}

func readCredentials(ctx context.Context, c *awskit.Cell, u types.UserDetail, d *awskit.Draft) error {
	report, err := credreport.Read(ctx, c)
	if err != nil {
		return err
	}
	row, ok := report.Rows[deref(u.UserName)]
	// A name can be given anew: the row has to be that of this user.
	if !ok || row.ARN != deref(u.Arn) || row.PasswordEnabled == nil || u.CreateDate != nil && row.Created != nil && !row.Created.Equal(u.CreateDate.Truncate(time.Second)) {
		return &awskit.Unreadable{
			Call: "IAM.GetCredentialReport", Reason: providers.Failed,
			Why: "the credential report of " + report.Generated.UTC().Format(time.RFC3339) + " does not know the user; AWS makes a new one every four hours",
		}
	}
	keys := []any{}
	for i, k := range row.Keys {
		if k.Active || k.LastRotated != nil {
			keys = append(keys, map[string]any{
				"slot": int64(i + 1), "active": k.Active, "last_rotated": awskit.Plain(k.LastRotated), "last_used": awskit.Plain(k.LastUsed),
			})
		}
	}
	d.Set("access_keys", keys)
	d.Set("mfa_active", row.MFAActive)
	d.Set("password_enabled", row.PasswordEnabled)
	d.Set("password_last_changed", row.PasswordLastChanged)
	d.Set("password_last_used", row.PasswordLastUsed)
	return nil
}
