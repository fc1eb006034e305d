package iam

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// passwordPolicy is there once in every account, whether or not it was ever
// configured: so that its absence can be judged.
func passwordPolicy() awskit.Collector {
	return awskit.New(awskit.Type[struct{}]{
		Name:    "aws_iam_account_password_policy",
		Service: "iam",
		Global:  true,
		List: func(_ context.Context, _ *awskit.Cell, yield func(struct{}) error) error {
			return yield(struct{}{})
		},
		Describe: func(c *awskit.Cell, _ struct{}, d *awskit.Draft) {
			d.ID, d.Name = c.GlobalARN("iam", "account-password-policy"), "account-password-policy"
		},
		Details: []awskit.Detail[struct{}]{{
			Attributes: []string{
				"allow_users_to_change_password", "max_password_age", "minimum_password_length", "password_reuse_prevention",
				"require_lowercase_characters", "require_numbers", "require_symbols", "require_uppercase_characters",
			},
			Calls: []providers.Call{awskit.Call("IAM.GetAccountPasswordPolicy", "iam:GetAccountPasswordPolicy")},
			Read:  readPasswordPolicy,
		}},
	})
}

func readPasswordPolicy(ctx context.Context, c *awskit.Cell, _ struct{}, d *awskit.Draft) error {
	out, err := client(c).GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
	none := awskit.Is(err, "NoSuchEntity")
	switch {
	case none:
		out = &iam.GetAccountPasswordPolicyOutput{PasswordPolicy: &types.PasswordPolicy{}}
	case err != nil:
		return err
	case out.PasswordPolicy == nil:
		return errors.New("the answer holds no password policy")
	}
	p := out.PasswordPolicy
	ifAny := func(b bool) any {
		if none {
			return nil
		}
		return b
	}
	d.Set("allow_users_to_change_password", ifAny(p.AllowUsersToChangePassword))
	if p.MaxPasswordAge != nil && *p.MaxPasswordAge == 0 {
		p.MaxPasswordAge = nil // passwords do not expire
	}
	d.Set("max_password_age", p.MaxPasswordAge)
	d.Set("minimum_password_length", p.MinimumPasswordLength)
	d.Set("password_reuse_prevention", p.PasswordReusePrevention)
	d.Set("require_lowercase_characters", ifAny(p.RequireLowercaseCharacters))
	d.Set("require_numbers", ifAny(p.RequireNumbers))
	d.Set("require_symbols", ifAny(p.RequireSymbols))
	d.Set("require_uppercase_characters", ifAny(p.RequireUppercaseCharacters))
	return nil
}
