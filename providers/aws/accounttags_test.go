package aws

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
)

// accountTagsOf returns what the scopes say of their accounts' tags, and the gaps of reading
// the accounts.
func accountTagsOf(t *testing.T, f awssim.Faults, c Config) (map[string]providers.HolderTags, []providers.Gap) {
	t.Helper()
	p := simulated(f, c)
	p.ReadHolderTags()
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]providers.HolderTags{}
	var seen gaps
	for _, s := range scopes {
		out[s.ID] = s.TagsOf(providers.Account)
		if err := p.Collect(t.Context(), s, []providers.Want{{Type: "aws_sqs_queue"}}, &seen); err != nil {
			t.Fatal(err)
		}
	}
	for i := range seen.all {
		seen.all[i].Scope = providers.Scope{ID: seen.all[i].Scope.ID}
	}
	return out, seen.all
}

// gaps is a Sink that keeps gaps.
type gaps struct{ all []providers.Gap }

func (*gaps) Plan(...providers.Cell)      {}
func (*gaps) Resource(providers.Resource) {}
func (*gaps) Done(providers.Cell)         {}
func (g *gaps) Gap(gap providers.Gap)     { g.all = append(g.all, gap) }

func TestAccountsSayWhichTagsTheyHaveWhereSomebodyAsks(t *testing.T) {
	got, missed := accountTagsOf(t, awssim.Faults{}, Config{Organization: &Organization{}, Accounts: []string{"!333333333333"}})
	want := map[string]providers.HolderTags{
		"111111111111": {Of: "account 111111111111 (nordwind-management)", Tags: map[string]string{"Owner": "platform", "Environment": "prod", "CostCenter": "1001"}},
		"222222222222": {Of: "account 222222222222 (payments-prod)", Tags: map[string]string{"Owner": "payments", "Environment": "prod", "CostCenter": "2100"}},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(missed) > 0 {
		t.Errorf("%v (-want +got):\n%s", missed, diff)
	}
}

func TestNobodyAsksAccountsForTheirTagsUnbidden(t *testing.T) {
	asked := false
	p := simulated(awssim.Faults{Observe: func(op string) { asked = asked || op == "Organizations.ListTagsForResource" }}, Config{Organization: &Organization{}})
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scopes {
		if tags := s.TagsOf(providers.Account); tags.Unknown != providers.Uncollected {
			t.Errorf("%s has the tags %v", s.ID, tags)
		}
	}
	if asked {
		t.Error("accounts were asked for their tags")
	}
}

func TestTagsOfAccountsThatMayNotBeReadAreUnknownAndAGap(t *testing.T) {
	deny := func(operation string) bool { return operation == "Organizations.ListTagsForResource" }
	got, missed := accountTagsOf(t, awssim.Faults{Deny: deny}, Config{})
	const said = "AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/metsuke/scan is not authorized to perform: Organizations.ListTagsForResource"
	want := map[string]providers.HolderTags{"111111111111": {Of: "account 111111111111 (nordwind)", Unknown: providers.Denied, Err: said}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	gap := []providers.Gap{{
		Scope: providers.Scope{ID: "111111111111"}, Path: "inherited_tags", Call: "Organizations.ListTagsForResource", Permission: "organizations:ListTagsForResource", Reason: providers.Denied, Err: said,
	}}
	if diff := cmp.Diff(gap, missed); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

// A scan that goes on has the list of accounts from before.
func TestAProviderThatDidNotListTheAccountsKnowsWhoseTagsCouldNotBeRead(t *testing.T) {
	p := simulated(awssim.Faults{Deny: func(operation string) bool { return operation == "Organizations.ListTagsForResource" }}, Config{})
	p.ReadHolderTags()
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got [2][]providers.Gap
	for i, p := range []providers.Provider{p, simulated(awssim.Faults{}, Config{})} {
		var seen gaps
		if err := p.Collect(t.Context(), scopes[0], []providers.Want{{Type: "aws_sqs_queue"}}, &seen); err != nil {
			t.Fatal(err)
		}
		got[i] = seen.all
	}
	if diff := cmp.Diff(got[0], got[1]); diff != "" || len(got[0]) != 1 {
		t.Errorf("gaps of the one that listed them and of another one (-one +other):\n%s", diff)
	}
}

func TestAnAccountThatMayNotDescribeItsOrganisationAsksForItsTagsAllTheSame(t *testing.T) {
	deny := func(operation string) bool { return operation == "Organizations.DescribeOrganization" }
	got, _ := accountTagsOf(t, awssim.Faults{Deny: deny}, Config{})
	if diff := cmp.Diff(map[string]string{"Owner": "platform", "Environment": "prod", "CostCenter": "1001"}, got["111111111111"].Tags); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
