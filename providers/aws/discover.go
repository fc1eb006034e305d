package aws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// The values of the scope label organization_role.
const (
	roleManagement = "management"
	roleMember     = "member"
	roleStandalone = "standalone"
	roleUnknown    = "unknown" // DescribeOrganization did not answer
)

// discovery finds the accounts and makes them ready to be read. What it found once
// it keeps.
type discovery struct {
	config  Config
	where   bool // the organisational unit of each account is read too
	mu      sync.Mutex
	self    *identity
	dialled map[string]*dial
	tagged  bool              // the tags of each account are read too
	listed  []providers.Scope // those that are selected; nil until they were listed
}

// identity is whom the credentials belong to.
type identity struct {
	account   *awskit.Account // without regions: for the calls of the discovery itself
	id        string
	partition string
}

// whoami asks STS for the credentials' account.
func (d *discovery) whoami(ctx context.Context) (*identity, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.self != nil {
		return d.self, nil
	}
	bare := awskit.NewAccount(providers.Scope{Provider: "aws"}, "", d.config.Base.Region, nil, d.config.Base, d.config.Limits)
	out, err := sts.NewFromConfig(bare.Config("sts", "")).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("ask AWS whose credentials these are: %w", withCure(err))
	}
	if out.Account == nil || out.Arn == nil {
		return nil, errors.New("ask AWS whose credentials these are: the answer names no account")
	}
	who, err := arn.Parse(*out.Arn)
	if err != nil {
		return nil, fmt.Errorf("ask AWS whose credentials these are: %w", err)
	}
	own := awskit.NewAccount(providers.Scope{Provider: "aws", ID: *out.Account}, who.Partition, d.config.Base.Region, nil, d.config.Base, d.config.Limits)
	d.self = &identity{account: own, id: *out.Account, partition: who.Partition}
	return d.self, nil
}

// scopes lists the selected accounts, the credentials' own first.
func (d *discovery) scopes(ctx context.Context) ([]providers.Scope, error) {
	self, err := d.whoami(ctx)
	if err != nil {
		return nil, err
	}
	org, role, orgErr := d.organization(ctx, self)
	own := scope(self.id, "", role, org)
	found := []providers.Scope{own}
	var problem error
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case d.config.Organization == nil:
		found[0].Name, err = d.alias(ctx, self)
		nameless(own, err)
	case orgErr != nil:
		nameless(own, orgErr)
		problem = fmt.Errorf("describe the organisation of account %s: %w", self.id, orgErr)
	case role == roleStandalone:
		problem = fmt.Errorf("account %s is in no organisation", self.id)
	default:
		found, problem = d.members(ctx, self, org)
		if !slices.ContainsFunc(found, func(s providers.Scope) bool { return s.ID == self.id }) {
			nameless(own, problem)
			found = append(found, own)
		}
		slices.SortFunc(found, func(a, b providers.Scope) int {
			return cmp.Or(cmp.Compare(b2i(b.ID == self.id), b2i(a.ID == self.id)), strings.Compare(a.ID, b.ID))
		})
	}
	if d.where {
		d.units(ctx, self, found, orgErr)
	}
	selected := slices.DeleteFunc(found, func(s providers.Scope) bool { return !patterns(d.config.Accounts).match(s.ID, s.Name) })
	if problem == nil && len(selected) == 0 {
		problem = fmt.Errorf("no account that the credentials of %s reach is selected by %s", self.id, strings.Join(d.config.Accounts, ", "))
	}
	if d.tagged {
		d.accountTags(ctx, self, selected)
	}
	d.mu.Lock()
	d.listed = selected
	d.mu.Unlock()
	return selected, problem
}

// reads reports whether an account is selected. Where the accounts were not listed, as in
// a scan that goes on with another, its name is not known.
func (d *discovery) reads(account string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listed != nil {
		return slices.ContainsFunc(d.listed, func(s providers.Scope) bool { return s.ID == account })
	}
	if d.config.Organization == nil {
		return d.self != nil && d.self.id == account
	}
	return patterns(d.config.Accounts).match(account, "")
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// organization reads the credentials' organisation. Where that is not allowed the
// role is unknown, which is not an error in an account that is read by itself.
func (d *discovery) organization(ctx context.Context, self *identity) (*orgtypes.Organization, string, error) {
	out, err := organizations.NewFromConfig(self.account.Config("organizations", "")).DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	switch {
	case awskit.Is(err, "AWSOrganizationsNotInUseException"):
		return nil, roleStandalone, nil
	case err != nil:
		return nil, roleUnknown, withCure(err)
	case out.Organization == nil || out.Organization.MasterAccountId == nil:
		return nil, roleUnknown, errors.New("the answer names no management account")
	}
	return out.Organization, roleIn(out.Organization, self.id), nil
}

func roleIn(org *orgtypes.Organization, account string) string {
	if org.MasterAccountId != nil && *org.MasterAccountId == account {
		return roleManagement
	}
	return roleMember
}

// members lists the organisation's active accounts. The others (suspended, being
// closed) cannot be signed in to; they show as resources of the type
// aws_organizations_account.
func (d *discovery) members(ctx context.Context, self *identity, org *orgtypes.Organization) ([]providers.Scope, error) {
	var out []providers.Scope
	pages := organizations.NewListAccountsPaginator(organizations.NewFromConfig(self.account.Config("organizations", "")), &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return out, fmt.Errorf("list the accounts of the organisation (needs organizations:ListAccounts in the management account or for a delegated administrator): %w", withCure(err))
		}
		for _, a := range page.Accounts {
			if a.Id == nil || !active(a) {
				continue
			}
			s := scope(*a.Id, deref(a.Name), roleIn(org, *a.Id), org)
			if len(a.Paths) > 0 {
				s.Labels["organization_path"] = a.Paths[0]
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// active tells accounts that can be signed in to. State replaces Status, which
// retires in September 2026; partitions get it at their own time.
func active(a orgtypes.Account) bool {
	if a.State != "" {
		return a.State == orgtypes.AccountStateActive
	}
	return a.Status == orgtypes.AccountStatusActive
}

// alias is what people call an account that is read by itself. It is a name and no
// more, so that not being allowed to read it costs nothing but the name.
func (d *discovery) alias(ctx context.Context, self *identity) (string, error) {
	out, err := iam.NewFromConfig(self.account.Config("iam", "")).ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
	if err != nil || len(out.AccountAliases) == 0 {
		return "", err
	}
	return out.AccountAliases[0], nil
}

// labelNameUnknown says why the name of an account could not be read. Without it an account
// that has no name has none.
const labelNameUnknown = "account_name.unknown"

// nameless notes in the labels of an account why it has no name; nil is that it has none.
func nameless(s providers.Scope, err error) {
	if err != nil {
		s.Labels[labelNameUnknown] = string(awskit.ReasonOf(err))
	}
}

func scope(id, name, role string, org *orgtypes.Organization) providers.Scope {
	s := providers.Scope{Provider: "aws", ID: id, Name: name, Labels: map[string]string{"organization_role": role}}
	if org != nil && org.Id != nil {
		s.Labels["organization_id"] = *org.Id
	}
	return s
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
