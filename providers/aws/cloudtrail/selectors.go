package cloudtrail

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func selectors() awskit.Detail[types.Trail] {
	return awskit.Detail[types.Trail]{
		Attributes: []string{"advanced_event_selector", "event_selector"},
		Calls:      []providers.Call{awskit.Call("CloudTrail.GetEventSelectors", "cloudtrail:GetEventSelectors")},
		Read:       readSelectors,
	}
}

func readSelectors(ctx context.Context, c *awskit.Cell, t types.Trail, d *awskit.Draft) error {
	out, err := client(c, t).GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: t.TrailARN})
	if err != nil {
		return gone(err)
	}
	basic := []any{}
	for _, s := range out.EventSelectors {
		resources := []any{}
		for _, r := range s.DataResources {
			resources = append(resources, map[string]any{"type": aws.ToString(r.Type), "values": r.Values})
		}
		basic = append(basic, map[string]any{
			"read_write_type": s.ReadWriteType, "include_management_events": aws.ToBool(s.IncludeManagementEvents),
			"exclude_management_event_sources": s.ExcludeManagementEventSources, "data_resource": resources,
		})
	}
	d.Set("event_selector", basic)
	advanced := []any{}
	for _, s := range out.AdvancedEventSelectors {
		fields := []any{}
		for _, f := range s.FieldSelectors {
			fields = append(fields, map[string]any{
				"field": aws.ToString(f.Field), "equals": f.Equals, "not_equals": f.NotEquals,
				"starts_with": f.StartsWith, "not_starts_with": f.NotStartsWith,
				"ends_with": f.EndsWith, "not_ends_with": f.NotEndsWith,
			})
		}
		advanced = append(advanced, map[string]any{"name": orNull(s.Name), "field_selector": fields})
	}
	d.Set("advanced_event_selector", advanced)
	return nil
}
