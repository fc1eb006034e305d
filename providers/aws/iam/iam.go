// Package iam reads users, groups, roles, policies, server certificates and the
// password policy of AWS Identity and Access Management. Whom a policy lets do
// what is judged elsewhere: documents are handed over in normal form.
package iam

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector {
	return []awskit.Collector{passwordPolicy(), group(), policy(), role(), serverCertificate(), user()}
}

// details is the call that gives identities together with their policies and tags:
// one page of it stands for hundreds of calls of one identity each.
const details = "IAM.GetAccountAuthorizationDetails"

func detailsCall() []providers.Call {
	return []providers.Call{awskit.Call(details, "iam:GetAccountAuthorizationDetails")}
}

// listDetails sends the account's entities of one kind to yield.
func listDetails(ctx context.Context, c *awskit.Cell, kind types.EntityType, yield func(*iam.GetAccountAuthorizationDetailsOutput) error) error {
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(client(c), &iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{kind}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := yield(page); err != nil {
			return err
		}
	}
	return nil
}

func client(c *awskit.Cell) *iam.Client { return awskit.Client(c, iam.NewFromConfig) }

// setDocument sets an attribute to a policy document in normal form.
func setDocument(d *awskit.Draft, attribute string, text *string) {
	doc, err := parse(text)
	if err != nil {
		d.Fail(attribute, err)
		return
	}
	d.Set(attribute, doc)
}

func parse(text *string) (any, error) {
	if text == nil {
		return nil, nil
	}
	doc, err := iamdoc.Parse(*text)
	if err != nil {
		return nil, &awskit.Unreadable{Call: details, Reason: providers.Failed, Why: err.Error()}
	}
	return doc, nil
}

// setInline sets inline_policy; a document that cannot be read is unknown alone.
func setInline(d *awskit.Draft, policies []types.PolicyDetail) {
	list := make([]any, len(policies))
	for i, p := range policies {
		doc, err := parse(p.PolicyDocument)
		if err != nil {
			d.Fail(fmt.Sprintf("inline_policy.%d.policy", i), err)
		}
		list[i] = map[string]any{"name": awskit.Plain(p.PolicyName), "policy": doc}
	}
	d.Set("inline_policy", list)
}

func setManaged(d *awskit.Draft, attached []types.AttachedPolicy) {
	arns := make([]*string, len(attached))
	for i, p := range attached {
		arns[i] = p.PolicyArn
	}
	d.Set("managed_policy_arns", arns)
}

func setTags(d *awskit.Draft, tags []types.Tag) {
	for _, t := range tags {
		if t.Key != nil && t.Value != nil {
			d.Tag(*t.Key, *t.Value)
		}
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// gone tells a thing that was deleted since it was listed from a failed call.
func gone(err error) error {
	if awskit.Is(err, "NoSuchEntity") {
		return awskit.ErrGone
	}
	return err
}
