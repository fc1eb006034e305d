package aws

import (
	"cmp"
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// tagReaders is how many accounts are asked for their tags at once: Organizations allows
// few calls a second.
const tagReaders = 4

// accountTags makes the scopes say which tags their accounts have in AWS Organizations: a
// call for each account, which the management account and delegated administrators may
// make. An account outside of an organisation has none.
func (d *discovery) accountTags(ctx context.Context, self *identity, scopes []providers.Scope) {
	client := organizations.NewFromConfig(self.account.Config("organizations", ""))
	g := &errgroup.Group{}
	g.SetLimit(tagReaders)
	for i, s := range scopes {
		g.Go(func() error {
			tags := providers.HolderTags{Of: "account " + s.ID + named(s.Name), Tags: map[string]string{}}
			if s.Labels["organization_role"] != roleStandalone {
				if err := readTags(ctx, client, s.ID, tags.Tags); err != nil {
					tags.Tags, tags.Unknown, tags.Err = nil, awskit.ReasonOf(err), self.said(s, err)
				}
			}
			scopes[i] = s.WithTags(providers.Account, tags)
			return nil
		})
	}
	_ = g.Wait() // what fails is unknown
}

func named(name string) string {
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}

// readTags adds the tags of an account.
func readTags(ctx context.Context, client *organizations.Client, account string, into map[string]string) error {
	pages := organizations.NewListTagsForResourcePaginator(client, &organizations.ListTagsForResourceInput{ResourceId: &account})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awskit.Is(err, "AWSOrganizationsNotInUseException") {
			return nil
		}
		if err != nil {
			return err
		}
		for _, t := range page.Tags {
			into[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
		}
	}
	return nil
}

// HolderTagsCall is the call by which the scopes say which tags their accounts have.
func HolderTagsCall() providers.Call {
	return awskit.Call("Organizations.ListTagsForResource", "organizations:ListTagsForResource")
}

// tagGaps returns why the account's tags are not known. The scope tells, so that a scan
// which goes on with accounts that were listed before knows it too.
func tagGaps(s providers.Scope) []providers.Gap {
	tags := s.TagsOf(providers.Account)
	if tags.Unknown == "" || tags.Unknown == providers.Uncollected { // nobody asked
		return nil
	}
	g := providers.Gap{Scope: s, Path: "inherited_tags", Call: HolderTagsCall().Operation, Reason: tags.Unknown, Err: cmp.Or(tags.Err, "the tags of the account could not be read")}
	if g.Reason == providers.Denied {
		g.Permission = HolderTagsCall().Permissions[0]
	}
	return []providers.Gap{g}
}

// gapsOf returns what of the account itself could not be read.
func gapsOf(s providers.Scope) []providers.Gap { return append(unitGaps(s), tagGaps(s)...) }
