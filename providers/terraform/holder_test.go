package terraform

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

// scopes keeps the scopes of resources by their ids.
type scopes map[string]providers.Scope

func (scopes) Plan(...providers.Cell)          {}
func (scopes) Gap(providers.Gap)               {}
func (scopes) Done(providers.Cell)             {}
func (s scopes) Resource(r providers.Resource) { s[r.ID] = r.Scope }

// held returns what resources of a plan say of their account's or project's tags.
func held(t *testing.T, p providers.Provider, plan providers.Scope) map[string]providers.HolderTags {
	t.Helper()
	got := scopes{}
	var want []providers.Want
	for _, ti := range p.Describe().Types {
		want = append(want, providers.Want{Type: ti.Type, Attributes: []string{"tags"}})
	}
	if err := p.Collect(context.Background(), plan, want, got); err != nil {
		t.Fatal(err)
	}
	out := map[string]providers.HolderTags{}
	for id, s := range got {
		for _, h := range []providers.Holder{providers.Account, providers.Project} {
			if tags := s.TagsOf(h); tags.Of != "" {
				out[id] = tags
			}
		}
	}
	return out
}

func TestAPlanTellsTheTagsOfAccountsAndProjectsThatAreInIt(t *testing.T) {
	text := fixture(t,
		res{address: "google_project.shop", after: obj{"project_id": "shop", "labels": obj{"owner": "pay"}, "effective_labels": obj{"owner": "pay", "goog-terraform-provisioned": "true"}}, unknown: obj{"number": true}},
		res{address: "google_project.later", after: obj{"project_id": "later"}, unknown: obj{"labels": true, "effective_labels": true}},
		res{address: "google_project.random", after: obj{"labels": obj{"owner": "x"}}, unknown: obj{"project_id": true}},
		res{address: "google_storage_bucket.in_shop", after: obj{"name": "a", "project": "shop"}},
		res{address: "google_storage_bucket.in_later", after: obj{"name": "b", "project": "later"}},
		res{address: "google_storage_bucket.elsewhere", after: obj{"name": "c", "project": "other"}},
		res{address: "google_storage_bucket.in_random", after: obj{"name": "d"}, unknown: obj{"project": true}, config: obj{"name": "d", "project": "=google_project.random.project_id"}},
		res{address: "google_kms_crypto_key.in_shop", after: obj{"name": "k", "key_ring": "projects/shop/locations/europe/keyRings/r"}},
		res{address: "aws_organizations_account.pay", action: "no-op", after: obj{"id": "222222222222", "name": "pay", "tags": obj{"Owner": "pay"}, "tags_all": obj{"Owner": "pay"}}},
		res{address: "aws_sqs_queue.in_pay", action: "no-op", after: obj{"id": "u", "arn": "arn:aws:sqs:eu-west-1:222222222222:q", "name": "q"}},
		res{address: "aws_sqs_queue.elsewhere", after: obj{"name": "n"}, unknown: obj{"arn": true}},
	)
	p := open(t, text, Options{})
	if got := held(t, p, p.scope()); len(got) > 0 {
		t.Errorf("nobody asked: %v", got)
	}
	p = open(t, text, Options{})
	p.ReadHolderTags()
	shop := providers.HolderTags{Of: "project shop", Tags: map[string]string{"owner": "pay", "goog-terraform-provisioned": "true"}}
	project := providers.HolderTags{Of: "its project", Unknown: providers.Outside}
	want := map[string]providers.HolderTags{
		"google_storage_bucket.in_shop":   shop,
		"google_kms_crypto_key.in_shop":   shop,
		"google_storage_bucket.in_later":  {Of: "project later", Unknown: providers.Deferred},
		"google_storage_bucket.elsewhere": {Of: "project other", Unknown: providers.Outside},
		"google_storage_bucket.in_random": project,
		"aws_sqs_queue.in_pay":            {Of: "account 222222222222", Tags: map[string]string{"Owner": "pay"}},
		"aws_sqs_queue.elsewhere":         {Of: "its account", Unknown: providers.Outside},
	}
	if diff := cmp.Diff(want, held(t, p, p.scope())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAProjectWhoseLabelsChangeTouchesWhatIsInIt(t *testing.T) {
	bucket := obj{"id": "a", "name": "a", "project": "shop"}
	p := open(t, fixture(t,
		res{address: "google_project.shop", action: "update", before: obj{"id": "projects/shop", "project_id": "shop", "labels": obj{}, "effective_labels": obj{}}, after: obj{"id": "projects/shop", "project_id": "shop", "labels": obj{"owner": "pay"}, "effective_labels": obj{"owner": "pay"}}},
		res{address: "google_storage_bucket.b", action: "no-op", after: bucket},
	), Options{})
	p.ReadHolderTags()
	after := held(t, p, p.scope())
	if !p.Touches("google_storage_bucket", "google_storage_bucket.b") {
		t.Error("the change of the project's labels does not touch the bucket")
	}
	before := held(t, p.Before(every), p.scope())
	got := [2]providers.HolderTags{before["google_storage_bucket.b"], after["google_storage_bucket.b"]}
	want := [2]providers.HolderTags{{Of: "project shop", Tags: map[string]string{}}, {Of: "project shop", Tags: map[string]string{"owner": "pay"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("before and after (-want +got):\n%s", diff)
	}
}
