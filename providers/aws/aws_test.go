package aws

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

const org = "o-7kq2m4x9pd"

func management() providers.Scope {
	return providers.Scope{Provider: "aws", ID: "111111111111", Name: "nordwind-management", Labels: map[string]string{
		"organization_id": org, "organization_role": "management", "organization_path": org + "/r-w3fe/111111111111/",
	}}
}

// simulated returns a provider in front of the demonstration estate.
func simulated(f awssim.Faults, c Config) *Provider {
	return in(awssim.Demo(), f, c)
}

func in(e *awssim.Estate, f awssim.Faults, c Config) *Provider {
	c.Base = e.Config("111111111111", "us-east-1", f)
	c.Limits = awstest.Limits()
	c.Clock = awssim.Now
	return New(c)
}

func deny(operations ...string) awssim.Faults {
	return awssim.Faults{Deny: func(op string) bool {
		for _, o := range operations {
			if o == op {
				return true
			}
		}
		return false
	}}
}

// known is a provider whose accounts are found already: the suite denies calls that
// finding them takes as well.
type known struct {
	*Provider
	scopes []providers.Scope
}

func (k known) Scopes(context.Context) ([]providers.Scope, error) { return k.scopes, nil }

func TestTheProviderKeepsTheContract(t *testing.T) {
	scopes, err := simulated(awssim.Faults{}, Config{Organization: &Organization{}}).Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	providertest.Run(t, providertest.Config{
		New: func(_ *testing.T, f providertest.Faults) providers.Provider {
			return known{simulated(awssim.Faults(f), Config{Organization: &Organization{}}), scopes}
		},
		Schemas: os.DirFS("../../policies/schemas"),
		Ambient: []string{"EC2.DescribeRegions", "Organizations.DescribeOrganization", "Organizations.ListAccounts", "STS.AssumeRole", "STS.GetCallerIdentity"},
	})
}

// A service whose line is missing would be missed by every scan, and by no test of
// its own.
func TestEveryServiceIsRead(t *testing.T) {
	list, err := os.ReadFile("collectors.go")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && f.Name() != "internal" && !strings.Contains(string(list), "\t"+f.Name()+".Collectors(),\n") {
			t.Errorf("collectors() has no line for %s", f.Name())
		}
	}
}

func TestCredentialsAloneReachTheirOwnAccount(t *testing.T) {
	got, err := simulated(awssim.Faults{}, Config{}).Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := management()
	want.Name = "nordwind"
	delete(want.Labels, "organization_path")
	if diff := cmp.Diff([]providers.Scope{want}, got); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}

func TestTheRoleIsUnknownWhereTheOrganisationMayNotBeDescribed(t *testing.T) {
	got, err := simulated(deny("Organizations.DescribeOrganization", "IAM.ListAccountAliases"), Config{}).Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []providers.Scope{{Provider: "aws", ID: "111111111111", Labels: map[string]string{"organization_role": "unknown", "account_name.unknown": "denied"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}

func TestAnAccountInNoOrganisationIsStandalone(t *testing.T) {
	e := awssim.Demo()
	e.Handle("Organizations.DescribeOrganization", func(string, string, any) (any, error) {
		return nil, &smithy.GenericAPIError{Code: "AWSOrganizationsNotInUseException", Message: "Your account is not a member of an organization."}
	})
	got, err := in(e, awssim.Faults{}, Config{}).Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []providers.Scope{{Provider: "aws", ID: "111111111111", Name: "nordwind", Labels: map[string]string{"organization_role": "standalone"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	if _, err := in(e, awssim.Faults{}, Config{Organization: &Organization{}}).Scopes(t.Context()); err == nil {
		t.Error("an organisation is configured and there is none, yet no error")
	}
}

func TestAnOrganisationGivesItsActiveAccounts(t *testing.T) {
	p := simulated(awssim.Faults{PageSize: 1}, Config{Organization: &Organization{}})
	got, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	member := func(id, name, ou string) providers.Scope {
		return providers.Scope{Provider: "aws", ID: id, Name: name, Labels: map[string]string{
			"organization_id": org, "organization_role": "member", "organization_path": org + "/r-w3fe/" + ou + "/" + id + "/",
		}}
	}
	want := []providers.Scope{
		management(),
		member("222222222222", "payments-prod", "ou-w3fe-8h2kq0tz"),
		member("333333333333", "sandbox", "ou-w3fe-5m7xv1ra"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	for _, s := range got {
		a, err := p.Dial(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(awssim.Regions(), a.Regions); diff != "" || a.RegionsErr != nil {
			t.Errorf("regions of %s (-want +got):\n%s%v", s.ID, diff, a.RegionsErr)
		}
	}
}

func TestMembersThatMayNotBeListedAreAnErrorBesideTheOwnAccount(t *testing.T) {
	got, err := simulated(deny("Organizations.ListAccounts"), Config{Organization: &Organization{}}).Scopes(t.Context())
	if err == nil || !strings.Contains(err.Error(), "organizations:ListAccounts") {
		t.Errorf("the error does not name the permission: %v", err)
	}
	want := management()
	want.Name, want.Labels["account_name.unknown"] = "", "denied"
	delete(want.Labels, "organization_path")
	if diff := cmp.Diff([]providers.Scope{want}, got); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}

func TestAccountsAreSelectedByIDOrName(t *testing.T) {
	for name, tc := range map[string]struct {
		accounts []string
		want     string
	}{
		"nothing selects all":           {nil, "111111111111 222222222222 333333333333"},
		"by id":                         {[]string{"222222222222"}, "222222222222"},
		"by name":                       {[]string{"payments-*"}, "222222222222"},
		"all but one":                   {[]string{"!sandbox"}, "111111111111 222222222222"},
		"what is taken away stays away": {[]string{"!333*", "*"}, "111111111111 222222222222"},
		"several":                       {[]string{"sand*", "*management"}, "111111111111 333333333333"},
	} {
		t.Run(name, func(t *testing.T) {
			scopes, err := simulated(awssim.Faults{}, Config{Organization: &Organization{}, Accounts: tc.accounts}).Scopes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, s := range scopes {
				ids = append(ids, s.ID)
			}
			if got := strings.Join(ids, " "); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	if _, err := simulated(awssim.Faults{}, Config{Accounts: []string{"999999999999"}}).Scopes(t.Context()); err == nil {
		t.Error("nothing is selected, yet no error")
	}
}

func TestRegionsAreSelectedAmongTheEnabledOnes(t *testing.T) {
	for name, tc := range map[string]struct {
		regions []string
		faults  awssim.Faults
		want    string
		err     string
	}{
		"all enabled ones":                     {want: "eu-central-1 us-east-1"},
		"by pattern":                           {regions: []string{"eu-*"}, want: "eu-central-1"},
		"all but some":                         {regions: []string{"!eu-*"}, want: "us-east-1"},
		"one that is not enabled":              {regions: []string{"us-east-1", "af-south-1"}, want: "us-east-1"},
		"one that does not exist":              {regions: []string{"eu-cental-1"}, err: `there is no region "eu-cental-1"`},
		"not listable":                         {faults: deny("EC2.DescribeRegions"), err: "UnauthorizedOperation"},
		"not listable, patterns":               {regions: []string{"eu-*"}, faults: deny("EC2.DescribeRegions"), err: "UnauthorizedOperation"},
		"not listable, but all given by name":  {regions: []string{"us-east-1", "eu-west-1", "us-east-1"}, faults: deny("EC2.DescribeRegions"), want: "eu-west-1 us-east-1"},
		"not listable, by name, one taken off": {regions: []string{"us-east-1", "eu-west-1", "!eu-*"}, faults: deny("EC2.DescribeRegions"), want: "us-east-1"},
	} {
		t.Run(name, func(t *testing.T) {
			p := simulated(tc.faults, Config{Regions: tc.regions})
			a, err := p.Dial(t.Context(), management())
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(a.Regions, " "); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if tc.err == "" && a.RegionsErr != nil || tc.err != "" && (a.RegionsErr == nil || !strings.Contains(a.RegionsErr.Error(), tc.err)) {
				t.Errorf("the error is %v, want %q in it", a.RegionsErr, tc.err)
			}
		})
	}
}

func TestRegionsThatCannotBeListedAreAGapOfEveryRegionalType(t *testing.T) {
	p := simulated(deny("EC2.DescribeRegions"), Config{})
	resources, gaps := providertest.Collect(t, p, []providers.Want{{Type: "aws_sqs_queue"}})
	scope := management()
	scope.Name = "nordwind"
	delete(scope.Labels, "organization_path")
	want := []providers.Gap{{
		Scope: scope, Type: "aws_sqs_queue", Call: "EC2.DescribeRegions", Permission: "ec2:DescribeRegions", Reason: providers.Denied,
		Err: "UnauthorizedOperation: User: arn:aws:sts::111111111111:assumed-role/metsuke/scan is not authorized to perform: EC2.DescribeRegions",
	}}
	if diff := cmp.Diff(want, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if len(resources) > 0 {
		t.Errorf("resources: %+v", resources)
	}
}

func TestARoleThatMayNotBeAssumedIsAGapOfTheAccount(t *testing.T) {
	p := simulated(deny("STS.AssumeRole"), Config{Organization: &Organization{RoleName: "metsuke-audit"}})
	s := providers.Scope{Provider: "aws", ID: "222222222222"}
	err := p.Collect(t.Context(), s, []providers.Want{{Type: "aws_sqs_queue"}}, nothing{})
	if err == nil || !strings.Contains(err.Error(), "reach AWS account 222222222222: assume arn:aws:iam::222222222222:role/metsuke-audit") {
		t.Errorf("the error is %v", err)
	}
	var classified interface{ Gap() providers.Gap }
	if !errors.As(err, &classified) {
		t.Fatalf("the error does not describe a gap: %v", err)
	}
	want := providers.Gap{
		Scope: s, Call: "STS.AssumeRole", Permission: "sts:AssumeRole", Reason: providers.Denied,
		Err: "reach AWS account 222222222222: AccessDenied: User: arn:aws:sts::111111111111:assumed-role/metsuke/scan is not authorized to perform: STS.AssumeRole",
	}
	if diff := cmp.Diff(want, classified.Gap()); diff != "" {
		t.Errorf("gap (-want +got):\n%s", diff)
	}
}

func TestAnotherAccountIsOutOfReachWithoutAnOrganisation(t *testing.T) {
	_, err := simulated(awssim.Faults{}, Config{}).Dial(t.Context(), providers.Scope{Provider: "aws", ID: "222222222222"})
	if err == nil || !strings.Contains(err.Error(), "the credentials belong to account 111111111111") {
		t.Errorf("the error is %v", err)
	}
}

func TestExpiredCredentialsSayWhatToDo(t *testing.T) {
	e := awssim.Demo()
	e.Handle("STS.GetCallerIdentity", func(string, string, any) (any, error) {
		return nil, &smithy.GenericAPIError{Code: "ExpiredToken", Message: "The security token included in the request is expired"}
	})
	p := in(e, awssim.Faults{}, Config{})
	if _, err := p.Scopes(t.Context()); err == nil || !strings.Contains(err.Error(), "the credentials have expired: sign in again") {
		t.Errorf("the error is %v", err)
	}
	err := p.Collect(t.Context(), management(), []providers.Want{{Type: "aws_sqs_queue"}}, nothing{})
	if err == nil || !strings.Contains(err.Error(), "reach AWS account 111111111111: ") || !strings.Contains(err.Error(), "sign in again") {
		t.Errorf("the error is %v", err)
	}
}

// nothing keeps nothing.
type nothing struct{}

func (nothing) Plan(...providers.Cell)      {}
func (nothing) Resource(providers.Resource) {}
func (nothing) Gap(providers.Gap)           {}
func (nothing) Done(providers.Cell)         {}

func TestWhatOnlyBilledCallsTellIsUnknownWithoutThem(t *testing.T) {
	var mu sync.Mutex
	var made []string
	p := New(Config{
		Base: awssim.Demo().Config("111111111111", "us-east-1", awssim.Faults{Observe: func(op string) {
			mu.Lock()
			defer mu.Unlock()
			made = append(made, op)
		}}),
		Limits: Limits{Unbilled: true}, Clock: awssim.Now,
	})
	resources, gaps := providertest.Collect(t, p, []providers.Want{{Type: "aws_account", Attributes: []string{"anomaly_monitors", "cost_allocation_tags", "spend"}}})
	if len(resources) != 1 {
		t.Fatalf("%d accounts were read: %v", len(resources), gaps)
	}
	want := map[string]providers.Reason{"anomaly_monitors": providers.Disabled, "cost_allocation_tags": providers.Disabled, "spend": providers.Disabled}
	if d := cmp.Diff(want, resources[0].Unknown); d != "" {
		t.Error(d)
	}
	for _, g := range gaps {
		if !strings.HasPrefix(g.Call, "CostExplorer.") || !strings.Contains(g.Err, "providers.aws.billed_calls") {
			t.Errorf("the gap does not say what was left out and by what: %+v", g)
		}
	}
	if len(gaps) != 3 {
		t.Errorf("%d gaps, want 3: %v", len(gaps), gaps)
	}
	for _, op := range made {
		if strings.HasPrefix(op, "CostExplorer.") || strings.HasPrefix(op, "CloudWatch.") {
			t.Errorf("%s was called", op)
		}
	}
}

func TestTheBillIsReadWhereItIsPaidUnlessThatAccountIsLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		accounts []string
		asked    []string // for a bill
	}{
		"everything":                   {nil, []string{"111111111111"}},
		"without the management":       {[]string{"!111111111111"}, []string{"222222222222", "333333333333"}},
		"the management and one other": {[]string{"111111111111", "sandbox"}, []string{"111111111111"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := New(Config{Base: awssim.Demo().Config("111111111111", "us-east-1", awssim.Faults{}), Organization: &Organization{}, Accounts: c.accounts, Clock: awssim.Now})
			resources, _ := providertest.Collect(t, p, []providers.Want{{Type: "aws_account", Attributes: []string{"spend"}}})
			var asked []string
			for _, r := range resources {
				if r.Attributes["spend"] != nil {
					asked = append(asked, r.Scope.ID)
				}
			}
			slices.Sort(asked)
			if d := cmp.Diff(c.asked, asked); d != "" {
				t.Errorf("asked (-want +got):\n%s", d)
			}
		})
	}
}
