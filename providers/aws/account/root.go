package account

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/credreport"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/membership"
)

func iamClient(c *awskit.Cell) *iam.Client { return awskit.ClientFor(c, "iam", "", iam.NewFromConfig) }

func readSummary(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	out, err := iamClient(c).GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if err != nil {
		return err
	}
	for attribute, key := range map[string]types.SummaryKeyType{
		"root_mfa_enabled":         types.SummaryKeyTypeAccountMFAEnabled,
		"root_access_keys_present": types.SummaryKeyTypeAccountAccessKeysPresent,
	} {
		n, ok := out.SummaryMap[string(key)]
		if !ok {
			return &awskit.Unreadable{Call: "IAM.GetAccountSummary", Reason: providers.Failed, Why: "the summary has no " + string(key)}
		}
		d.Set(attribute, n > 0)
	}
	return nil
}

func readRootCredentials(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	report, err := credreport.Read(ctx, c)
	if err != nil {
		return err
	}
	row, ok := report.Rows[credreport.Root]
	if !ok {
		return &awskit.Unreadable{Call: "IAM.GetCredentialReport", Reason: providers.Failed, Why: "the credential report has no row for the root user"}
	}
	d.Set("root_credentials", map[string]any{
		"password_enabled":       row.PasswordEnabled,
		"password_last_used":     row.PasswordLastUsed,
		"access_key_1_last_used": row.Keys[0].LastUsed,
		"access_key_2_last_used": row.Keys[1].LastUsed,
		"reported":               report.Generated,
	})
	return nil
}

// readConsoleUsers counts the users who can sign in with a password.
func readConsoleUsers(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	report, err := credreport.Read(ctx, c)
	if err != nil {
		return err
	}
	n := 0
	for name, row := range report.Rows {
		if name != credreport.Root && row.PasswordEnabled != nil && *row.PasswordEnabled {
			n++
		}
	}
	d.Set("console_users", n)
	return nil
}

// readRootDevices looks for a virtual MFA device of the root user. One that was
// set up in the console has a serial number of its own; passkeys and hardware
// tokens are not in the list.
func readRootDevices(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	pages := iam.NewListVirtualMFADevicesPaginator(iamClient(c), &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned})
	found := false
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, device := range page.VirtualMFADevices {
			found = found || strings.HasSuffix(deref(device.SerialNumber), ":mfa/root-account-mfa-device") ||
				device.User != nil && strings.HasSuffix(deref(device.User.Arn), ":root")
		}
	}
	d.Set("root_virtual_mfa", found)
	return nil
}

// readRootManagement asks whether the organisation manages the root credentials of
// its members. Only the management account can be asked.
func readRootManagement(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	org, err := membership.Of(ctx, c)
	switch {
	case err != nil:
		return err
	case org == nil, org.ManagementID == c.Account.ID:
		d.Set("root_credentials_managed", false)
		return nil
	}
	cfg, ok := org.Management(c, "iam")
	if !ok {
		return onlyManagement("IAM.ListOrganizationsFeatures", org)
	}
	out, err := iam.NewFromConfig(cfg).ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{})
	if err != nil && !awskit.Is(err, "ServiceAccessNotEnabledException", "OrganizationNotInAllFeaturesModeException") {
		return err
	}
	managed := false
	if out != nil {
		for _, f := range out.EnabledFeatures {
			managed = managed || f == types.FeatureTypeRootCredentialsManagement
		}
	}
	d.Set("root_credentials_managed", managed)
	return nil
}

// onlyManagement says that an answer takes the credentials of the management account.
func onlyManagement(call string, org *membership.Organization) error {
	return &awskit.Unreadable{
		Call: call, Reason: providers.Unsupported,
		Why: "only the management account " + org.ManagementID + " can tell; scan through it (accounts of the organisation) to know",
	}
}

func readSAMLProviders(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	out, err := iamClient(c).ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	if err != nil {
		return err
	}
	arns := make([]*string, len(out.SAMLProviderList))
	for i, p := range out.SAMLProviderList {
		arns[i] = p.Arn
	}
	d.Set("saml_providers", arns)
	return nil
}

// readSupportAccess lists who may open support cases: AWSSupportAccess is the
// managed policy that CIS names for it.
func readSupportAccess(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	policy := "arn:" + c.Account.Partition + ":iam::aws:policy/AWSSupportAccess"
	pages := iam.NewListEntitiesForPolicyPaginator(iamClient(c), &iam.ListEntitiesForPolicyInput{PolicyArn: &policy})
	list := []any{}
	add := func(kind string, name *string) {
		list = append(list, map[string]any{"type": kind, "name": deref(name)})
	}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, r := range page.PolicyRoles {
			add("Role", r.RoleName)
		}
		for _, g := range page.PolicyGroups {
			add("Group", g.GroupName)
		}
		for _, u := range page.PolicyUsers {
			add("User", u.UserName)
		}
	}
	d.Set("support_access", list)
	return nil
}
