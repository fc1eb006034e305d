package govern

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestATagOfTheAccountNamesTheOwnerWhereTheResourceHasNone(t *testing.T) {
	o := ownersOf(t, "owners: [{name: payments, aliases: pay}, {name: platform}]\nrules:\n  - tag: owner\n  - account_tag: [owner, cost-center]\n    values: {pay: payments, \"4*\": platform}\n  - {type: aws_*, region: eu-*, owner: platform}\n")
	account := func(tags map[string]string) providers.HolderTags {
		return providers.HolderTags{Of: "account 111111111111", Tags: tags}
	}
	for name, c := range map[string]struct {
		own     map[string]string
		account *providers.HolderTags
		want    finding.Ownership
	}{
		"a tag of its own comes first":     {map[string]string{"Owner": "bi"}, &providers.HolderTags{Of: "a", Unknown: providers.Denied}, finding.Ownership{Owner: "bi"}},
		"a tag of the account":             {nil, ptr(account(map[string]string{"OWNER": "pay", "CostCenter": "4711"})), finding.Ownership{Owner: "payments"}},
		"the next key of the account":      {nil, ptr(account(map[string]string{"owner": "tbd", "CostCenter": "4711"})), finding.Ownership{Owner: "platform"}},
		"an account without one":           {nil, ptr(account(nil)), finding.Ownership{}},
		"tags that cannot be read":         {nil, &providers.HolderTags{Of: "a", Unknown: providers.Denied}, finding.Ownership{Unknown: "denied"}},
		"tags that nobody asked for":       {nil, nil, finding.Ownership{Unknown: "uncollected"}},
		"the account's value names nobody": {nil, ptr(account(map[string]string{"owner": "x"})), finding.Ownership{}},
	} {
		r := providers.Resource{Scope: providers.Scope{Provider: "aws", ID: "111111111111"}, Type: "aws_s3_bucket", ID: "b", Region: "us-east-1", Tags: c.own}
		if c.account != nil {
			r.Scope = r.Scope.WithTags(providers.Account, *c.account)
		}
		if diff := cmp.Diff(c.want, o.Of(r, nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if !o.NeedsAccountTags() || o.NeedsHierarchy() {
		t.Error("the rules need the tags of accounts, and nothing of the hierarchy")
	}
	planned := providers.Resource{Scope: providers.Scope{Provider: "terraform", ID: "plan"}, Type: "aws_s3_bucket", ID: "b"}
	if diff := cmp.Diff(finding.Ownership{}, o.Of(planned, nil)); diff != "" {
		t.Errorf("a plan passes the rule by (-want +got):\n%s", diff)
	}
}

func ptr[T any](v T) *T { return &v }

func TestARuleByTagsOfAccountsIsOfAWS(t *testing.T) {
	issues := ownersOf(t, "rules:\n  - {account_tag: owner, project: x}\n  - {account_tag: owner, type: google_*}\n  - {account_tag: owner}\n  - {account_tag: owner, region: eu-*}\n").Check()
	var got []string
	for _, i := range issues {
		got = append(got, i.Message)
	}
	want := []string{
		"it can never match: account_tag is of AWS, project is of Google Cloud",
		"it can never match: nothing of the type google_* has a account_tag",
		"it can never match: the rule at owners.yaml:4 takes everything that it would",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
