package account

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/membership"
)

func accountClient(c *awskit.Cell) *account.Client { return awskit.Client(c, account.NewFromConfig) }

func readContact(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	out, err := accountClient(c).GetContactInformation(ctx, &account.GetContactInformationInput{})
	switch {
	case awskit.Is(err, "ResourceNotFoundException"):
		d.Set("contact_information", nil)
		return nil
	case err != nil:
		return err
	case out.ContactInformation == nil:
		return errors.New("the answer holds no contact information")
	}
	i := out.ContactInformation
	d.Set("contact_information", map[string]any{
		"address_line_1": i.AddressLine1, "city": i.City, "country_code": i.CountryCode, "full_name": i.FullName,
		"phone_number": i.PhoneNumber, "postal_code": i.PostalCode,
	})
	return nil
}

func readSecurityContact(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	out, err := accountClient(c).GetAlternateContact(ctx, &account.GetAlternateContactInput{AlternateContactType: types.AlternateContactTypeSecurity})
	switch {
	case awskit.Is(err, "ResourceNotFoundException"):
		d.Set("security_contact", nil)
		return nil
	case err != nil:
		return err
	case out.AlternateContact == nil:
		return errors.New("the answer holds no contact")
	}
	a := out.AlternateContact
	d.Set("security_contact", map[string]any{
		"email_address": a.EmailAddress, "name": a.Name, "phone_number": a.PhoneNumber, "title": a.Title,
	})
	return nil
}

func readOrganization(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	org, err := membership.Of(ctx, c)
	if err != nil {
		return err
	}
	if org == nil {
		d.Set("organization", nil)
		return nil
	}
	role := "member"
	if org.ManagementID == c.Account.ID {
		role = "management"
	}
	d.Set("organization", map[string]any{
		"id": org.ID, "feature_set": org.FeatureSet, "management_account_id": org.ManagementID, "role": role,
	})
	return nil
}
