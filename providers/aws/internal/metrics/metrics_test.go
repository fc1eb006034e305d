package metrics_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/metrics"
)

// collector lists three queues and reads two metrics of each, two queues at a time.
func collector() awskit.Collector {
	return awskit.New(awskit.Type[string]{
		Name: "aws_thing", Service: "things", Global: true,
		List: func(_ context.Context, _ *awskit.Cell, yield func(string) error) error {
			for _, id := range []string{"busy", "quiet", "broken"} {
				if err := yield(id); err != nil {
					return err
				}
			}
			return nil
		},
		Describe: func(_ *awskit.Cell, item string, d *awskit.Draft) { d.ID, d.Name = item, item },
		Details: []awskit.Detail[string]{{
			Attributes: []string{"used", "errors"},
			Calls:      []providers.Call{metrics.Call()},
			AtOnce:     2,
			ReadAll: func(ctx context.Context, c *awskit.Cell, items []string, drafts []*awskit.Draft) error {
				dims := make([]map[string]string, len(items))
				for i, item := range items {
					dims[i] = map[string]string{"Thing": item}
				}
				rs, err := metrics.Read(ctx, c, dims,
					metrics.Series{Namespace: "AWS/Things", Name: "Used", Statistic: "Maximum", Days: 2},
					metrics.Series{Namespace: "AWS/Things", Name: "Errors", Statistic: "Sum", Days: 1})
				if err != nil {
					return err
				}
				for i, d := range drafts {
					rs[i][0].Set(d, "used")
					rs[i][1].Set(d, "errors")
				}
				return nil
			},
		}},
	})
}

func docs() fstest.MapFS {
	return fstest.MapFS{"111111111111/us-east-1/cloudwatch.json": {Data: []byte(`{
		"GetMetricData/AWS/Things/Used/Maximum/busy": {"Last": "2026-07-01T00:00:00Z", "Values": [7, 6, 5, 4]},
		"GetMetricData/AWS/Things/Errors/Sum/busy": {"Last": "2026-06-30T00:00:00Z", "Values": [1, 1]},
		"GetMetricData/AWS/Things/Errors/Sum/broken": {"Last": "2026-07-01T00:00:00Z", "Values": [1], "Status": "InternalError"}
	}`)}}
}

func TestSeriesCoverTheWindowAndNothingIsMadeUp(t *testing.T) {
	for _, pageSize := range []int{0, 1} {
		resources, gaps := awstest.Collect(t, docs(), awssim.Faults{PageSize: pageSize}, collector())
		got := map[string]map[string]any{}
		for _, r := range resources {
			got[r.ID] = r.Attributes
		}
		point := func(day string, v float64) any {
			return map[string]any{"start": day + "T00:00:00Z", "value": v}
		}
		want := map[string]map[string]any{
			"busy": {
				"used":   []any{point("2026-07-01", 7), point("2026-06-30", 6), point("2026-06-29", 5)},
				"errors": []any{point("2026-06-30", 1)},
			},
			"quiet":  {"used": []any{}, "errors": []any{}},
			"broken": {"used": []any{}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: attributes (-want +got):\n%s", pageSize, diff)
		}
		wantGaps := []providers.Gap{{
			Scope: resources[0].Scope, Type: "aws_thing", ID: "broken", Path: "errors", Call: "CloudWatch.GetMetricData",
			Reason: providers.Failed, Err: "CloudWatch answered for the metric with status InternalError",
		}}
		if diff := cmp.Diff(wantGaps, gaps); diff != "" {
			t.Errorf("pages of %d: gaps (-want +got):\n%s", pageSize, diff)
		}
	}
}

func TestADeniedBatchIsReportedOnceAndUnknownForEachOfItsResources(t *testing.T) {
	denied := awssim.Faults{Deny: func(string) bool { return true }}
	resources, gaps := awstest.Collect(t, docs(), denied, collector())
	if len(resources) != 3 {
		t.Errorf("got %d resources, want 3", len(resources))
	}
	for _, r := range resources {
		want := map[string]providers.Reason{"used": providers.Denied, "errors": providers.Denied}
		if diff := cmp.Diff(want, r.Unknown); diff != "" {
			t.Errorf("%s: unknown (-want +got):\n%s", r.ID, diff)
		}
	}
	if len(gaps) != 1 || gaps[0].Permission != "cloudwatch:GetMetricData" || gaps[0].ID != "" {
		t.Errorf("gaps: %+v", gaps)
	}
}
