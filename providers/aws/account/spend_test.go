package account

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
)

// costs returns documents of an account in no organisation, with cost allocation tags and
// the charges of June 2026.
func costs(tags, charges string) *awssim.Estate {
	return awssim.New(standalone(map[string]string{"global/costexplorer.json": `{
		"ListCostAllocationTags": {"CostAllocationTags": [` + tags + `]},
		"GetCostAndUsage/2026-06-01": {"Accounts": {"111111111111": "main"}, "Charges": [` + charges + `]}
	}`}), awssim.Ops()...)
}

func costTag(key, status, updated, used string) string {
	return fmt.Sprintf(`{"TagKey": %q, "Type": "UserDefined", "Status": %q, "LastUpdatedDate": %q, "LastUsedDate": %q}`, key, status, updated, used)
}

const (
	longAgo = "2022-03-01T00:00:00Z"
	inJune  = "2026-06-11T08:00:00Z"
)

// told writes the lines of a bill: account, amount, tags and what is not told.
func told(t *testing.T, r providers.Resource) []string {
	t.Helper()
	bill, ok := r.Attributes["spend"].(map[string]any)
	if !ok {
		t.Fatalf("spend is %v, unknown %v", r.Attributes["spend"], r.Unknown)
	}
	var out []string
	for _, l := range bill["lines"].([]any) {
		l := l.(map[string]any)
		text := fmt.Sprintf("%s %s %s", l["account"], l["amount"], l["currency"])
		for _, tag := range l["tags"].([]any) {
			text += fmt.Sprintf(" %s=%s", tag.(map[string]any)["key"], tag.(map[string]any)["value"])
		}
		for _, u := range l["untold"].([]any) {
			text += fmt.Sprintf(" %s:%s", u.(map[string]any)["key"], u.(map[string]any)["reason"])
		}
		out = append(out, text)
	}
	return out
}

func TestABillIsSplitByAccountAndByTheTagsThatNameOwners(t *testing.T) {
	var asked []string
	e := awssim.Demo()
	p := awstest.Provider(e, awssim.Faults{Observe: func(op string) {
		if strings.HasPrefix(op, "CostExplorer") {
			asked = append(asked, op)
		}
	}}, Collectors()...)
	r, gaps := read(t, p, "spend")
	bill := r.Attributes["spend"].(map[string]any)
	head := map[string]any{"start": bill["start"], "end": bill["end"], "metric": bill["metric"], "estimated": bill["estimated"], "looked_for": bill["looked_for"], "split_by": bill["split_by"]}
	wantHead := map[string]any{"start": "2026-06-01", "end": "2026-07-01", "metric": "NetAmortizedCost", "estimated": false, "looked_for": []any{"owner", "team"}, "split_by": []any{"Owner", "owner"}}
	if diff := cmp.Diff(wantHead, head); diff != "" {
		t.Errorf("the bill (-want +got):\n%s", diff)
	}
	want := []string{
		"111111111111 836.1800128830 USD", // support too, not the credit
		"111111111111 212.0400000000 USD Owner=finops@acme.example",
		"111111111111 1184.2073915526 USD Owner=platform@acme.example",
		"111111111111 96.1820934471 USD Owner=security@acme.example",
		"222222222222 1377.4429005512 USD", // no tax
		"222222222222 913.0766102045 USD Owner=fraud@acme.example",
		"222222222222 405.7711930018 USD Owner=orders@acme.example",
		"222222222222 6120.8812740033 USD Owner=payments@acme.example",
		"222222222222 74.2205518862 USD owner=payments@acme.example",
		"333333333333 731.3350291146 USD",
		"333333333333 163.0915570390 USD Owner=anna",
		"333333333333 58.9034118027 USD owner=tbd",
	}
	if diff := cmp.Diff(want, told(t, r)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
	// Each of them is on the bill: no more than are needed.
	if diff := cmp.Diff([]string{"CostExplorer.ListCostAllocationTags", "CostExplorer.GetCostAndUsage", "CostExplorer.GetCostAndUsage"}, asked); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestATagThatWasNotActiveInAllOfTheMonthLeavesOpenWhatHasNone(t *testing.T) {
	const charges = `{"Account": "111111111111", "Amount": "5", "Tags": {"Owner": "a"}}, {"Account": "111111111111", "Amount": "7"}`
	for name, c := range map[string]struct {
		tags string
		want []string
	}{
		"active before it": {costTag("Owner", "Active", longAgo, longAgo), []string{"111111111111 7.0000000000 USD", "111111111111 5.0000000000 USD Owner=a"}},
		"active since it": {
			costTag("Owner", "Active", inJune, longAgo),
			[]string{"111111111111 7.0000000000 USD owner:disabled", "111111111111 5.0000000000 USD Owner=a"}, // team is in no list: nothing has it
		},
		"inactive":    {costTag("Owner", "Inactive", longAgo, inJune), []string{"111111111111 12.0000000000 USD owner:disabled team:disabled"}},
		"none listed": {costTag("Other", "Active", longAgo, inJune), []string{"111111111111 12.0000000000 USD owner:disabled team:disabled"}},
		"another way to write it is inactive": {
			costTag("Owner", "Active", longAgo, inJune) + "," + costTag("OWNER", "Inactive", longAgo, inJune),
			[]string{"111111111111 7.0000000000 USD owner:disabled", "111111111111 5.0000000000 USD Owner=a owner:disabled"},
		},
		"another way to write it that is looked at later is inactive": {
			costTag("Owner", "Active", longAgo, inJune) + "," + costTag("owner", "Inactive", longAgo, inJune),
			[]string{"111111111111 7.0000000000 USD owner:disabled", "111111111111 5.0000000000 USD Owner=a"},
		},
		"another way to write it was not in use": {
			costTag("Owner", "Active", longAgo, inJune) + "," + costTag("OWNER", "Inactive", longAgo, longAgo),
			[]string{"111111111111 7.0000000000 USD", "111111111111 5.0000000000 USD Owner=a"},
		},
		"a later tag is not asked for where the first one is there": {
			costTag("Owner", "Active", longAgo, inJune) + "," + costTag("Team", "Active", longAgo, inJune),
			[]string{"111111111111 7.0000000000 USD", "111111111111 5.0000000000 USD Owner=a team:uncollected"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := read(t, awstest.Provider(costs(c.tags, charges), awssim.Faults{}, Collectors()...), "spend")
			if diff := cmp.Diff(c.want, told(t, r)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutTheListOfTagsTheBillIsSplitByAccountOnly(t *testing.T) {
	e := costs(costTag("Owner", "Active", longAgo, inJune), `{"Account": "111111111111", "Amount": "5", "Tags": {"Owner": "a"}}`)
	p := awstest.Provider(e, awssim.Faults{Deny: func(op string) bool { return op == "CostExplorer.ListCostAllocationTags" }}, Collectors()...)
	r, gaps := read(t, p, "spend")
	if diff := cmp.Diff([]string{"111111111111 5.0000000000 USD owner:denied team:denied"}, told(t, r)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]providers.Reason{"spend.split_by": providers.Denied}, r.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if len(gaps) != 1 || gaps[0].Permission != "ce:ListCostAllocationTags" {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestABillThatCannotBeReadIsUnknownAndSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		err        error
		reason     providers.Reason
		permission string
		says       string
	}{
		"refused": {
			&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x is not authorized to perform: ce:GetCostAndUsage"},
			providers.Denied, "ce:GetCostAndUsage", "not authorized",
		},
		"never switched on": {
			&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User not enabled for cost explorer access"},
			providers.Disabled, "", "Cost Explorer is not enabled",
		},
		"no data":    {&types.DataUnavailableException{Message: aws.String("Data is not available. Please try to adjust the time period.")}, providers.Failed, "", "DataUnavailableException"},
		"expired":    {&types.BillExpirationException{Message: aws.String("expired")}, providers.Failed, "", "BillExpirationException"},
		"too many":   {&types.LimitExceededException{Message: aws.String("Rate exceeded")}, providers.Throttled, "", "LimitExceededException"},
		"no answer":  {nil, providers.Failed, "", "holds no month"},
		"no amounts": {nil, providers.Failed, "", "lacks NetAmortizedCost"},
	} {
		t.Run(name, func(t *testing.T) {
			e := costs(costTag("Owner", "Active", longAgo, inJune), "")
			e.Handle("CostExplorer.GetCostAndUsage", func(_, _ string, input any) (any, error) {
				out := &costexplorer.GetCostAndUsageOutput{}
				if name == "no amounts" {
					out.ResultsByTime = []types.ResultByTime{{TimePeriod: input.(*costexplorer.GetCostAndUsageInput).TimePeriod, Groups: []types.Group{{Keys: []string{"111111111111", "Owner$"}}}}}
				}
				return out, c.err
			})
			r, gaps := read(t, awstest.Provider(e, awssim.Faults{}, Collectors()...), "spend")
			if diff := cmp.Diff(map[string]providers.Reason{"spend": c.reason}, r.Unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
			if len(gaps) != 1 || gaps[0].Permission != c.permission || !strings.Contains(gaps[0].Err, c.says) {
				t.Errorf("gaps: %+v", gaps)
			}
		})
	}
}

func TestABillInPagesIsWhole(t *testing.T) {
	e := costs(costTag("Owner", "Active", longAgo, inJune), "")
	e.Handle("CostExplorer.GetCostAndUsage", func(_, _ string, input any) (any, error) {
		in := input.(*costexplorer.GetCostAndUsageInput)
		group := func(key, amount string) types.ResultByTime {
			return types.ResultByTime{TimePeriod: in.TimePeriod, Estimated: true, Groups: []types.Group{{
				Keys: []string{"111111111111", key}, Metrics: map[string]types.MetricValue{spendMetric: {Amount: &amount, Unit: aws.String("USD")}},
			}}}
		}
		if aws.ToString(in.NextPageToken) == "" {
			return &costexplorer.GetCostAndUsageOutput{NextPageToken: aws.String("more"), ResultsByTime: []types.ResultByTime{group("Owner$a$b", "1.5E-7")}}, nil
		}
		return &costexplorer.GetCostAndUsageOutput{ResultsByTime: []types.ResultByTime{group("Owner$", "-2")}}, nil
	})
	r, _ := read(t, awstest.Provider(e, awssim.Faults{}, Collectors()...), "spend")
	if diff := cmp.Diff([]string{"111111111111 -2 USD", "111111111111 1.5E-7 USD Owner=a$b"}, told(t, r)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if estimated := r.Attributes["spend"].(map[string]any)["estimated"]; estimated != true {
		t.Errorf("estimated is %v", estimated)
	}
}

func TestABillWhosePagesDoNotEndIsUnknown(t *testing.T) {
	e := costs(costTag("Owner", "Active", longAgo, inJune), "")
	asked := 0
	e.Handle("CostExplorer.GetCostAndUsage", func(_, _ string, input any) (any, error) {
		asked++
		return &costexplorer.GetCostAndUsageOutput{NextPageToken: aws.String("more"), ResultsByTime: []types.ResultByTime{{TimePeriod: input.(*costexplorer.GetCostAndUsageInput).TimePeriod}}}, nil
	})
	r, gaps := read(t, awstest.Provider(e, awssim.Faults{}, Collectors()...), "spend")
	if diff := cmp.Diff(map[string]providers.Reason{"spend": providers.Failed}, r.Unknown); diff != "" || asked != 2 {
		t.Errorf("asked %d times, unknown (-want +got):\n%s", asked, diff)
	}
	if len(gaps) != 1 || gaps[0].Err != "the answer has the same page again and again" {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestPartsThatDoNotAddUpLeaveTheLaterTagsOpen(t *testing.T) {
	e := costs(costTag("Owner", "Active", longAgo, inJune)+","+costTag("Team", "Active", longAgo, inJune), "")
	e.Handle("CostExplorer.GetCostAndUsage", func(_, _ string, input any) (any, error) {
		in := input.(*costexplorer.GetCostAndUsageInput)
		amount := "10"
		if in.Filter.And != nil {
			amount = "10.5"
		}
		return &costexplorer.GetCostAndUsageOutput{ResultsByTime: []types.ResultByTime{{TimePeriod: in.TimePeriod, Groups: []types.Group{{
			Keys: []string{"111111111111", *in.GroupBy[1].Key + "$"}, Metrics: map[string]types.MetricValue{spendMetric: {Amount: &amount, Unit: aws.String("USD")}},
		}}}}}, nil
	})
	r, _ := read(t, awstest.Provider(e, awssim.Faults{}, Collectors()...), "spend")
	if diff := cmp.Diff([]string{"111111111111 10 USD team:failed"}, told(t, r)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestAMemberIsAskedForItsBillOnlyWhereTheAccountThatPaysIsNotRead(t *testing.T) {
	e := awssim.Demo()
	r, gaps := read(t, awstest.Member(e, awssim.Faults{}, "222222222222", true, Collectors()...), "spend")
	if v, ok := r.Attributes["spend"]; !ok || v != nil || len(gaps) > 0 {
		t.Errorf("beside the account that pays: %v, gaps %+v", v, gaps)
	}
	e.Handle("CostExplorer.GetCostAndUsage", func(account, _ string, input any) (any, error) {
		in := input.(*costexplorer.GetCostAndUsageInput)
		return &costexplorer.GetCostAndUsageOutput{ResultsByTime: []types.ResultByTime{{TimePeriod: in.TimePeriod, Groups: []types.Group{{
			Keys: []string{account}, Metrics: map[string]types.MetricValue{spendMetric: {Amount: aws.String("3"), Unit: aws.String("USD")}},
		}}}}}, nil
	})
	r, gaps = read(t, awstest.Member(e, awssim.Faults{}, "222222222222", false, Collectors()...), "spend")
	if diff := cmp.Diff([]string{"222222222222 3 USD owner:unsupported team:unsupported"}, told(t, r)); diff != "" {
		t.Errorf("alone (-want +got):\n%s", diff)
	}
	if len(gaps) != 1 || !strings.Contains(gaps[0].Err, "only the management account 111111111111 can tell") {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestTheLastFullMonthIsAskedFor(t *testing.T) {
	for now, want := range map[string]string{
		"2026-07-01T00:00:00Z": "2026-06-01 2026-07-01", "2026-07-31T23:59:59Z": "2026-06-01 2026-07-01",
		"2026-01-15T12:00:00Z": "2025-12-01 2026-01-01", "2026-03-01T00:30:00+02:00": "2026-01-01 2026-02-01",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if start, end := lastMonth(at); start+" "+end != want {
			t.Errorf("at %s: %s %s, want %s", now, start, end, want)
		}
	}
}
