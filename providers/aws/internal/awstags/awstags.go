// Package awstags reads the tags of many resources at once with the Resource
// Groups Tagging API, for services whose listing gives no tags: one call for a
// hundred tagged resources instead of one for each.
//
// GetResources answers with the resources of one region that have or had tags, and
// with all of their tags; a resource that it leaves out has none (API reference,
// GetResources: "does not return untagged resources"). It needs tag:GetResources
// and no permission of the service.
package awstags

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// Call is what Set calls.
func Call() providers.Call {
	return awskit.Call("ResourceGroupsTaggingAPI.GetResources", "tag:GetResources")
}

// Detail gives the tags of a type whose items have an ARN. The type is the tagging
// API's: a service, or a service and a kind: "lambda:function".
func Detail[I any](resourceType string, arn func(c *awskit.Cell, item I) string) awskit.Detail[I] {
	return awskit.Detail[I]{
		Attributes: []string{"tags"},
		Calls:      []providers.Call{Call()},
		Shared:     true,
		Read: func(ctx context.Context, c *awskit.Cell, item I, d *awskit.Draft) error {
			return Set(ctx, c, c.Region, resourceType, arn(c, item), d)
		},
	}
}

// Set sets the tags of the resource with the ARN in a region. All resources of the
// type there are read with the first call in a cell.
func Set(ctx context.Context, c *awskit.Cell, region, resourceType, arn string, d *awskit.Draft) error {
	all, err := awskit.Once(ctx, c, "tags "+resourceType+" "+region, func(ctx context.Context) (map[string]map[string]string, error) {
		return read(ctx, awskit.ClientFor(c, "tag", region, tagging.NewFromConfig), resourceType)
	})
	if err != nil {
		return err
	}
	for k, v := range all[arn] {
		d.Tag(k, v)
	}
	return nil
}

// read returns the tags of every resource of the type in the client's region.
func read(ctx context.Context, client *tagging.Client, resourceType string) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	pages := tagging.NewGetResourcesPaginator(client, &tagging.GetResourcesInput{
		ResourceTypeFilters: []string{resourceType},
		ResourcesPerPage:    aws.Int32(100), // the most that the API gives
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range page.ResourceTagMappingList {
			arn := aws.ToString(m.ResourceARN)
			if out[arn] == nil {
				out[arn] = map[string]string{}
			}
			for _, t := range m.Tags {
				out[arn][aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
		}
	}
	return out, nil
}
