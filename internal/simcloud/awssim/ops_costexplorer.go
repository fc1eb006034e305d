package awssim

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
)

// costexplorerOps are the operations of Cost Explorer.
func costexplorerOps() []Op {
	return []Op{
		Answer[costexplorer.GetAnomalyMonitorsOutput]("CostExplorer.GetAnomalyMonitors"),
		{name: "CostExplorer.GetCostAndUsage", compute: costAndUsage},
		Answer[costexplorer.ListCostAllocationTagsOutput]("CostExplorer.ListCostAllocationTags"),
	}
}

// month is the document of a bill: "GetCostAndUsage/<first day>". A month without one
// has no charges.
type month struct {
	Estimated bool
	Accounts  map[string]string // names by id
	Charges   []charge
}

// charge is a line of it. Its tags are those that are active for cost allocation.
type charge struct {
	Account, Amount string
	Tags            map[string]string
	Type            string // RECORD_TYPE; default Usage
}

// costAndUsage groups and filters the charges of the month as Cost Explorer does.
func costAndUsage(docs map[string]json.RawMessage, input any) (any, error) {
	in, ok := input.(*costexplorer.GetCostAndUsageInput)
	if !ok || in.TimePeriod == nil || len(in.Metrics) != 1 {
		return nil, fmt.Errorf("awssim: GetCostAndUsage of a %T", input)
	}
	var m month
	if doc, ok := docs["GetCostAndUsage/"+aws.ToString(in.TimePeriod.Start)]; ok {
		if err := refusal(doc); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(doc, &m); err != nil {
			return nil, fmt.Errorf("awssim: GetCostAndUsage: %w", err)
		}
	}
	sums := map[string]*big.Rat{}
	for _, c := range m.Charges {
		holds, err := c.matches(in.Filter)
		if err != nil {
			return nil, err
		}
		amount, ok := new(big.Rat).SetString(c.Amount)
		if !ok {
			return nil, fmt.Errorf("awssim: GetCostAndUsage: the amount %q", c.Amount)
		}
		if !holds {
			continue
		}
		var keys []string
		for _, g := range in.GroupBy {
			switch {
			case g.Type == types.GroupDefinitionTypeTag:
				keys = append(keys, *g.Key+"$"+c.Tags[*g.Key])
			case aws.ToString(g.Key) == string(types.DimensionLinkedAccount):
				keys = append(keys, c.Account)
			default:
				return nil, fmt.Errorf("awssim: GetCostAndUsage: cannot group by %s", aws.ToString(g.Key))
			}
		}
		k := strings.Join(keys, "\x00")
		if sums[k] == nil {
			sums[k] = new(big.Rat)
		}
		sums[k].Add(sums[k], amount)
	}
	out := types.ResultByTime{Estimated: m.Estimated, TimePeriod: in.TimePeriod, Groups: []types.Group{}}
	for _, k := range slices.Sorted(maps.Keys(sums)) {
		out.Groups = append(out.Groups, types.Group{
			Keys:    strings.Split(k, "\x00"),
			Metrics: map[string]types.MetricValue{in.Metrics[0]: {Amount: aws.String(sums[k].FloatString(10)), Unit: aws.String("USD")}},
		})
	}
	answer := &costexplorer.GetCostAndUsageOutput{GroupDefinitions: in.GroupBy, ResultsByTime: []types.ResultByTime{out}}
	for _, id := range slices.Sorted(maps.Keys(m.Accounts)) {
		answer.DimensionValueAttributes = append(answer.DimensionValueAttributes, types.DimensionValuesWithAttributes{
			Value: aws.String(id), Attributes: map[string]string{"description": m.Accounts[id]},
		})
	}
	return answer, nil
}

// matches reports whether a filter lets the charge through.
func (c charge) matches(e *types.Expression) (bool, error) {
	switch {
	case e == nil:
		return true, nil
	case e.Not != nil:
		holds, err := c.matches(e.Not)
		return !holds, err
	case len(e.And) > 0:
		for _, one := range e.And {
			if holds, err := c.matches(&one); !holds || err != nil {
				return false, err
			}
		}
		return true, nil
	case e.Dimensions != nil && e.Dimensions.Key == types.DimensionRecordType:
		kind := c.Type
		if kind == "" {
			kind = "Usage"
		}
		return slices.Contains(e.Dimensions.Values, kind), nil
	case e.Tags != nil && slices.Contains(e.Tags.MatchOptions, types.MatchOptionAbsent):
		return c.Tags[aws.ToString(e.Tags.Key)] == "", nil
	}
	return false, fmt.Errorf("awssim: GetCostAndUsage: a filter that is not simulated: %+v", e)
}
