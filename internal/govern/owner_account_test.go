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

func TestAPlanDoesNotSayWhereAResourceWillBe(t *testing.T) {
	planned := func(change func(*providers.Resource)) providers.Resource {
		r := providers.Resource{
			Scope: providers.Scope{Provider: "terraform", ID: "plan.json", Name: "plan.json"}, Type: "aws_s3_bucket", ID: "aws_s3_bucket.b", Name: "logs",
			Source: &providers.Source{Address: "aws_s3_bucket.b", File: "main.tf"}, Tags: map[string]string{"owner": "web"},
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	bucket := func(r *providers.Resource) { r.Type = "google_storage_bucket" }
	repository := func(r *providers.Resource) { r.Type = "github_repository" }
	unsourced := func(r *providers.Resource) { r.Source = &providers.Source{Address: r.ID} }
	holder := func(h providers.Holder, t providers.HolderTags) func(r *providers.Resource) {
		return func(r *providers.Resource) { r.Scope = r.Scope.WithTags(h, t) }
	}
	outside, unread, web := finding.Ownership{Unknown: "outside"}, finding.Ownership{Unknown: "uncollected"}, finding.Ownership{Owner: "web"}
	for name, c := range map[string]struct {
		rule   string
		change func(*providers.Resource)
		want   finding.Ownership
	}{
		"an account":                      {"{account: '111111111111', owner: x}", nil, outside},
		"the name of the plan":            {"{account: plan*, owner: x}", nil, finding.Ownership{Owner: "x"}},
		"an organisation of GitHub":       {"{account: acme, owner: x}", repository, outside},
		"a unit":                          {"{organizational_unit: /A, owner: x}", nil, outside},
		"a unit, and it is of Google":     {"{organizational_unit: /A, owner: x}", bucket, web},
		"a folder":                        {"{folder: /A, owner: x}", bucket, outside},
		"a project":                       {"{project: p, owner: x}", bucket, outside},
		"a project, and it is of AWS":     {"{project: p, owner: x}", nil, web},
		"tags of the account":             {"{account_tag: owner}", nil, outside},
		"tags of the account of the plan": {"{account_tag: owner}", holder(providers.Account, providers.HolderTags{Of: "a", Tags: map[string]string{"owner": "pay"}}), finding.Ownership{Owner: "pay"}},
		"tags of an account outside":      {"{account_tag: owner}", holder(providers.Account, providers.HolderTags{Of: "a", Unknown: "outside"}), outside},
		"tags of an account, of Google":   {"{account_tag: owner}", bucket, web},
		"labels of the project":           {"{project_label: owner}", bucket, outside},
		"an account, of something else":   {"{account: shop, type: aws_sqs_queue, owner: x}", nil, web},
		"an account, with another tag":    {"{account: shop, tag: cost}", nil, web},
		"an account, with its tag":        {"{account: shop, tag: owner}", nil, outside},
		"a file that nobody looked for":   {"{path: infra/*, owner: x}", unsourced, unread},
		"CODEOWNERS without the file":     {"{codeowners: CODEOWNERS}", unsourced, unread},
		"a Region of the environment":     {"{region: eu-*, owner: x}", func(r *providers.Resource) { r.Unknown = map[string]providers.Reason{"region": "deferred"} }, finding.Ownership{Unknown: "deferred"}},
		"another Region":                  {"{region: eu-*, owner: x}", func(r *providers.Resource) { r.Region = "us-east-1" }, web},
		"a global one":                    {"{region: eu-*, owner: x}", nil, web},
		"another file":                    {"{path: infra/*, owner: x}", nil, web},
	} {
		o := ownersOf(t, "rules:\n  - "+c.rule+"\n  - tag: owner\n")
		if diff := cmp.Diff(c.want, o.Of(planned(c.change), nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnAccountWhoseNameCouldNotBeReadMayBeMeantByIt(t *testing.T) {
	nameless := ownedBucket(func(r *providers.Resource) {
		r.Scope.Name, r.Scope.Labels["account_name.unknown"] = "", "denied"
	})
	for accounts, want := range map[string]finding.Ownership{
		"'*-prod'":                         {Unknown: "denied"},
		"['222222222222', shop]":           {Unknown: "denied"},
		"['111111111111', shop]":           {Owner: "a"},
		"['222222222222', '333333333333']": {Owner: "b"},
	} {
		o := ownersOf(t, "rules:\n  - {account: "+accounts+", owner: a}\n  - {type: '*', owner: b}\n")
		if diff := cmp.Diff(want, o.Of(nameless, nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", accounts, diff)
		}
	}
}
