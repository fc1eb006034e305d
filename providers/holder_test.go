package providers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func TestAScopeSaysWhichTagsItsAccountHas(t *testing.T) {
	bare := providers.Scope{Provider: "aws", ID: "111111111111", Labels: map[string]string{"organization_role": "member"}}
	// A tag may have any name, those of the labels included.
	tags := providers.HolderTags{Of: "account 111111111111", Tags: map[string]string{"Owner": "payments", "unknown": "x", "s": "", "s.unknown": "y", "a.b": "c"}}
	denied := providers.HolderTags{Of: "account 111111111111", Unknown: providers.Denied, Err: "AccessDenied: no"}
	none := providers.HolderTags{Of: "account 111111111111", Tags: map[string]string{}}
	full := bare.WithTags(providers.Account, tags)
	got := []providers.HolderTags{
		bare.TagsOf(providers.Account), full.TagsOf(providers.Account), full.TagsOf(providers.Project), bare.WithTags(providers.Account, none).TagsOf(providers.Account),
		full.WithTags(providers.Account, denied).TagsOf(providers.Account),
		full.WithTags(providers.Account, denied).WithTags(providers.Account, tags).TagsOf(providers.Account),
	}
	uncollected := providers.HolderTags{Unknown: providers.Uncollected}
	want := []providers.HolderTags{uncollected, tags, uncollected, none, denied, tags}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"organization_role": "member"}, bare.Labels); diff != "" {
		t.Errorf("the scope that it was made from changed (-want +got):\n%s", diff)
	}
}

func TestWhatIsPartOfAnOrganisationIsHeldByNoAccount(t *testing.T) {
	got := map[providers.Type]providers.Holder{}
	for _, typ := range []providers.Type{"aws_instance", "aws_organizations_account", "google_storage_bucket", "google_project", "google_folder", "github_repository"} {
		got[typ] = providers.HolderOf(typ)
	}
	want := map[providers.Type]providers.Holder{
		"aws_instance": providers.Account, "aws_organizations_account": "", "google_storage_bucket": providers.Project, "google_project": "", "google_folder": "", "github_repository": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
