package gcp

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	asset "cloud.google.com/go/asset/apiv1"
	"cloud.google.com/go/asset/apiv1/assetpb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/iterator"
)

// list goes through the assets of the types under a scope, page by page.
func (p *Provider) list(ctx context.Context, c *clients, parent string, content assetpb.ContentType, types []string, each func([]*assetpb.Asset)) error {
	slices.Sort(types)
	for token := ""; ; {
		var page []*assetpb.Asset
		var next string
		err := p.config.Retry.do(ctx, func() (err error) {
			it := c.assets.ListAssets(ctx, &assetpb.ListAssetsRequest{
				Parent:      parent,
				ContentType: content,
				AssetTypes:  slices.Compact(types),
			}, gax.WithRetry(func() gax.Retryer { return nil }))
			page, next, err = onePage(it, p.config.PageSize, token)
			return err
		})
		if err != nil {
			return err
		}
		each(page)
		if token = next; token == "" {
			return nil
		}
	}
}

// onePage reads the page at the token. An iterator keeps the error that it met,
// so that each page has its own.
func onePage(it *asset.AssetIterator, size int, token string) (page []*assetpb.Asset, next string, err error) {
	info := it.PageInfo()
	info.MaxSize, info.Token = size, token
	for {
		a, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return page, "", nil
		}
		if err != nil {
			return nil, "", err
		}
		page = append(page, a)
		if info.Remaining() == 0 {
			return page, info.Token, nil
		}
	}
}

// bindings turns an IAM policy into attributes, in an order of our own.
func bindings(policy *iampb.Policy) []any {
	list := slices.Clone(policy.GetBindings())
	slices.SortStableFunc(list, func(a, b *iampb.Binding) int {
		return cmp.Or(strings.Compare(a.GetRole(), b.GetRole()),
			strings.Compare(a.GetCondition().GetExpression(), b.GetCondition().GetExpression()))
	})
	out := make([]any, 0, len(list))
	for _, b := range list {
		members := make([]any, 0, len(b.GetMembers()))
		for _, m := range slices.Sorted(slices.Values(b.GetMembers())) {
			members = append(members, m)
		}
		var condition any
		if c := b.GetCondition(); c != nil {
			var title any
			if c.GetTitle() != "" {
				title = c.GetTitle()
			}
			condition = map[string]any{"title": title, "expression": c.GetExpression()}
		}
		out = append(out, map[string]any{"role": b.GetRole(), "members": members, "condition": condition})
	}
	return out
}

// compareText orders attribute values that are strings.
func compareText(a, b any) int {
	x, _ := a.(string)
	y, _ := b.(string)
	return strings.Compare(x, y)
}
