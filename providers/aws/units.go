package aws

import (
	"cmp"
	"context"
	"errors"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// The scope label organizational_unit is the path of the account's organisational unit by
// names, "/Workloads/Prod", and "/" directly below the root. Where it could not be read
// others say why, which call could not be made, and what AWS said.
const (
	labelUnit        = "organizational_unit"
	labelUnitUnknown = "organizational_unit.unknown"
	labelUnitCall    = "organizational_unit.call"
	labelUnitError   = "organizational_unit.error"
)

const describeOrganization = "Organizations.DescribeOrganization"

// HierarchyCalls are the calls by which the scopes say in which unit they are: the second
// one where an account is read by itself, or the list of accounts does not tell.
func HierarchyCalls() []providers.Call {
	return []providers.Call{
		awskit.Call("Organizations.DescribeOrganizationalUnit", "organizations:DescribeOrganizationalUnit"),
		awskit.Call("Organizations.ListParents", "organizations:ListParents"),
	}
}

// units says of every account in an organisation in which unit it is: a call for each
// unit, which the management account and delegated administrators may make. orgErr is why
// it is not known in which organisation an account is, where that is so.
func (d *discovery) units(ctx context.Context, self *identity, scopes []providers.Scope, orgErr error) {
	u := unitReader{client: organizations.NewFromConfig(self.account.Config("organizations", "")), names: map[string]string{}, errs: map[string]error{}}
	for _, s := range scopes {
		switch s.Labels["organization_role"] {
		case roleStandalone:
			continue
		case roleUnknown:
			self.withoutUnit(s, describeOrganization, orgErr)
			continue
		}
		path, err := u.path(ctx, s)
		if err != nil {
			self.withoutUnit(s, awskit.ScopeGap(s, err).Call, err)
			continue
		}
		s.Labels[labelUnit] = path
	}
}

// withoutUnit notes why it is not known in which unit an account is.
func (x *identity) withoutUnit(s providers.Scope, call string, err error) {
	s.Labels[labelUnitUnknown], s.Labels[labelUnitCall], s.Labels[labelUnitError] = string(awskit.ReasonOf(err)), call, x.said(s, err)
}

// said is what AWS said when it was asked about an account, and as whom it was asked: the
// account that the answer is about is not the one that lacks a permission.
func (x *identity) said(about providers.Scope, err error) string {
	if about.ID == x.id {
		return awskit.Text(err)
	}
	return awskit.Text(err) + " (asked with credentials of account " + x.id + ")"
}

// unitGaps returns why it is not known in which unit the account is. The labels tell, so
// that a scan which goes on with accounts that were listed before knows it too.
func unitGaps(s providers.Scope) []providers.Gap {
	why := providers.Reason(s.Labels[labelUnitUnknown])
	if why == "" {
		return nil
	}
	g := providers.Gap{Scope: s, Path: labelUnit, Call: s.Labels[labelUnitCall], Reason: why, Err: cmp.Or(s.Labels[labelUnitError], "it is not known in which organisational unit the account is")}
	for _, c := range append(HierarchyCalls(), awskit.Call(describeOrganization, "organizations:DescribeOrganization")) {
		if c.Operation == g.Call && why == providers.Denied {
			g.Permission = c.Permissions[0]
		}
	}
	return []providers.Gap{g}
}

// unitReader reads the names of units, each once.
type unitReader struct {
	client *organizations.Client
	names  map[string]string
	errs   map[string]error
}

// path returns the path of the unit that holds the account.
func (u *unitReader) path(ctx context.Context, s providers.Scope) (string, error) {
	ids, err := u.chain(ctx, s)
	if err != nil {
		return "", err
	}
	var path strings.Builder
	for _, id := range ids {
		name, err := u.name(ctx, id)
		if err != nil {
			return "", err
		}
		path.WriteString("/" + name)
	}
	if path.Len() == 0 {
		return "/", nil
	}
	return path.String(), nil
}

// chain returns the ids of the units from below the root to the account. The list of the
// organisation's accounts has them; an account that is read by itself has to ask.
func (u *unitReader) chain(ctx context.Context, s providers.Scope) ([]string, error) {
	var out []string
	if known := s.Labels["organization_path"]; known != "" {
		for _, id := range strings.Split(known, "/") {
			if strings.HasPrefix(id, "ou-") {
				out = append(out, id)
			}
		}
		return out, nil
	}
	const deepest = 10 // units can be nested five deep
	for child := s.ID; len(out) < deepest; {
		parent, err := u.parent(ctx, child)
		if err != nil {
			return nil, err
		}
		if parent.Type == orgtypes.ParentTypeRoot {
			return out, nil
		}
		child = awssdk.ToString(parent.Id)
		out = append([]string{child}, out...)
	}
	return nil, errors.New("the units of the organisation are nested without end")
}

// parent returns what holds an account or a unit. Pages can be empty.
func (u *unitReader) parent(ctx context.Context, child string) (orgtypes.Parent, error) {
	pages := organizations.NewListParentsPaginator(u.client, &organizations.ListParentsInput{ChildId: &child})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return orgtypes.Parent{}, err
		}
		if len(page.Parents) > 0 && page.Parents[0].Id != nil {
			return page.Parents[0], nil
		}
	}
	return orgtypes.Parent{}, errors.New("the answer names no parent of " + child)
}

func (u *unitReader) name(ctx context.Context, id string) (string, error) {
	if name, known := u.names[id]; known || u.errs[id] != nil {
		return name, u.errs[id]
	}
	out, err := u.client.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &id})
	if err == nil && (out.OrganizationalUnit == nil || out.OrganizationalUnit.Name == nil) {
		err = errors.New("the answer names no unit " + id)
	}
	if err != nil {
		u.errs[id] = err
		return "", err
	}
	u.names[id] = *out.OrganizationalUnit.Name
	return u.names[id], nil
}
