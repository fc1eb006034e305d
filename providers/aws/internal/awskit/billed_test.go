package awskit

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestCallsThatAWSBillsAreLeftOutAndSayWhy(t *testing.T) {
	var made []string
	cfg := awssim.Demo().Config("111111111111", "us-east-1", awssim.Faults{Observe: func(op string) { made = append(made, op) }})
	call := func(l Limits) (ce, metrics error) {
		c := cellOf(NewAccount(providers.Scope{Provider: "aws", ID: "111111111111"}, "aws", "us-east-1", nil, cfg, l), "")
		_, ce = ClientFor(c, "ce", "", costexplorer.NewFromConfig).GetAnomalyMonitors(t.Context(), &costexplorer.GetAnomalyMonitorsInput{})
		_, metrics = ClientFor(c, "cloudwatch", "", cloudwatch.NewFromConfig).ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
		return ce, metrics
	}
	ce, metrics := call(Limits{Unbilled: true})
	why := "AWS bills this call, and the configuration leaves such calls out (providers.aws.billed_calls)"
	want := []providers.Gap{
		{Call: "CostExplorer.GetAnomalyMonitors", Reason: providers.Disabled},
		{Call: "CloudWatch.ListMetrics", Reason: providers.Disabled},
	}
	var got []providers.Gap
	for _, err := range []error{ce, metrics} {
		if err == nil {
			t.Fatal("a call that is left out gave no error")
		}
		g := ScopeGap(providers.Scope{}, err)
		if !strings.HasSuffix(g.Err, why) {
			t.Errorf("the gap says %q", g.Err)
		}
		g.Err = ""
		got = append(got, g)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(made) > 0 {
		t.Errorf("these calls were made: %v", made)
	}
	if ce, _ := call(Limits{}); ce != nil || made[0] != "CostExplorer.GetAnomalyMonitors" {
		t.Errorf("by default the call gave %v, and these were made: %v", ce, made)
	}
}
