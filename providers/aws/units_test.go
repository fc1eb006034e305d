package aws

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
)

// unitsOf returns the labels about organisational units, by account.
func unitsOf(t *testing.T, f awssim.Faults, c Config) map[string][2]string {
	t.Helper()
	p := simulated(f, c)
	p.ReadHierarchy()
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2]string{}
	for _, s := range scopes {
		out[s.ID] = [2]string{s.Labels[labelUnit], s.Labels[labelUnitUnknown]}
	}
	return out
}

func TestAccountsSayInWhichOrganisationalUnitTheyAreWhereSomebodyAsks(t *testing.T) {
	calls := map[string]int{}
	observe := func(operation string) { calls[operation]++ }
	got := unitsOf(t, awssim.Faults{Observe: observe}, Config{Organization: &Organization{}})
	want := map[string][2]string{"111111111111": {"/", ""}, "222222222222": {"/Workloads", ""}, "333333333333": {"/Sandbox", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if calls["Organizations.DescribeOrganizationalUnit"] != 2 || calls["Organizations.ListParents"] != 0 {
		t.Errorf("calls: %v", calls)
	}
}

func TestAUnitThatMayNotBeReadIsUnknown(t *testing.T) {
	deny := func(operation string) bool { return operation == "Organizations.DescribeOrganizationalUnit" }
	got := unitsOf(t, awssim.Faults{Deny: deny}, Config{Organization: &Organization{}})
	denied := [2]string{"", string(providers.Denied)}
	want := map[string][2]string{"111111111111": {"/", ""}, "222222222222": denied, "333333333333": denied}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnAccountThatIsReadByItselfAsksForItsParents(t *testing.T) {
	got := unitsOf(t, awssim.Faults{}, Config{})
	if diff := cmp.Diff(map[string][2]string{"111111111111": {"/", ""}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	deny := func(operation string) bool { return operation == "Organizations.ListParents" }
	got = unitsOf(t, awssim.Faults{Deny: deny}, Config{})
	if diff := cmp.Diff(map[string][2]string{"111111111111": {"", "denied"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// gapSink keeps gaps.
type gapSink struct {
	mu   sync.Mutex
	gaps []providers.Gap
}

func (*gapSink) Plan(...providers.Cell)      {}
func (*gapSink) Resource(providers.Resource) {}
func (*gapSink) Done(providers.Cell)         {}

func (k *gapSink) Gap(g providers.Gap) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gaps = append(k.gaps, g)
}

func TestWhatCouldNotBeReadOfAnAccountSaysWhatAWSSaidAndToWhom(t *testing.T) {
	deny := func(operation string) bool {
		return operation == "Organizations.DescribeOrganizationalUnit" || operation == "Organizations.ListTagsForResource"
	}
	p := simulated(awssim.Faults{Deny: deny}, Config{Organization: &Organization{}, Accounts: []string{"!333333333333"}})
	p.ReadHierarchy()
	p.ReadHolderTags()
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range scopes {
		for _, g := range gapsOf(s) {
			got[g.Scope.ID+" "+g.Path] = g.Err
		}
	}
	const refused = "AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/metsuke/scan is not authorized to perform: Organizations."
	want := map[string]string{
		"111111111111 inherited_tags":      refused + "ListTagsForResource",
		"222222222222 inherited_tags":      refused + "ListTagsForResource (asked with credentials of account 111111111111)",
		"222222222222 organizational_unit": refused + "DescribeOrganizationalUnit (asked with credentials of account 111111111111)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnOrganisationThatCouldNotBeReadForAnotherReasonIsNotCalledDenied(t *testing.T) {
	d := &discovery{config: Config{Base: awssim.Demo().Config("111111111111", "us-east-1", awssim.Faults{})}}
	self, err := d.whoami(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := scope("111111111111", "", roleUnknown, nil)
	d.units(t.Context(), self, []providers.Scope{s}, errors.New("connection reset by peer"))
	want := []providers.Gap{{Scope: s, Path: "organizational_unit", Call: "Organizations.DescribeOrganization", Reason: providers.Failed, Err: "connection reset by peer"}}
	if diff := cmp.Diff(want, gapsOf(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatWouldTellTheUnitsIsNamed(t *testing.T) {
	type lack struct{ Account, Path, Call, Permission, Reason string }
	for _, c := range []struct {
		denied string
		config Config
		want   []lack
	}{
		{"", Config{}, nil},
		{"Organizations.DescribeOrganizationalUnit", Config{Organization: &Organization{}}, []lack{
			{"222222222222", "organizational_unit", "Organizations.DescribeOrganizationalUnit", "organizations:DescribeOrganizationalUnit", "denied"},
			{"333333333333", "organizational_unit", "Organizations.DescribeOrganizationalUnit", "organizations:DescribeOrganizationalUnit", "denied"},
		}},
		{"Organizations.ListParents", Config{}, []lack{{"111111111111", "organizational_unit", "Organizations.ListParents", "organizations:ListParents", "denied"}}},
		{"Organizations.DescribeOrganization", Config{}, []lack{{"111111111111", "organizational_unit", "Organizations.DescribeOrganization", "organizations:DescribeOrganization", "denied"}}},
	} {
		p := simulated(awssim.Faults{Deny: func(operation string) bool { return operation == c.denied }}, c.config)
		p.ReadHierarchy()
		scopes, err := p.Scopes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out := &gapSink{}
		for _, s := range scopes {
			if err := p.Collect(t.Context(), s, []providers.Want{{Type: "aws_sqs_queue", Attributes: []string{"policy"}}}, out); err != nil {
				t.Fatal(err)
			}
		}
		var got []lack
		for _, g := range out.gaps {
			got = append(got, lack{g.Scope.ID, g.Path, g.Call, g.Permission, string(g.Reason)})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.denied, diff)
		}
	}
}
