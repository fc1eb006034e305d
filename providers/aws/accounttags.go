package aws

import (
	"context"
	"strings"

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
			tags := providers.HolderTags{Of: strings.TrimSpace("account " + s.ID + named(s.Name)), Tags: map[string]string{}}
			if s.Labels["organization_role"] != roleStandalone {
				if err := readTags(ctx, client, s.ID, tags.Tags); err != nil {
					d.missTags(s, awskit.Lacking("organizations:ListTagsForResource", withCure(err)))
					tags.Tags, tags.Unknown = nil, awskit.ReasonOf(err)
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

// missTags notes why an account's tags could not be read, for whoever reads the account.
func (d *discovery) missTags(s providers.Scope, err error) {
	g := awskit.ScopeGap(s, err)
	g.Path = "inherited_tags"
	d.mu.Lock()
	defer d.mu.Unlock()
	d.untold[s.ID] = g
}

// gaps returns what of the account itself could not be read.
func (d *discovery) gaps(s providers.Scope) []providers.Gap {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := unitGaps(s)
	if g, ok := d.untold[s.ID]; ok {
		g.Scope = s
		out = append(out, g)
	}
	return out
}
