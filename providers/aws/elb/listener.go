package elb

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// listeners returns the listeners of a load balancer by port; both details read
// them once.
func listeners(ctx context.Context, c *awskit.Cell, b types.LoadBalancer) ([]types.Listener, error) {
	return awskit.Once(ctx, c, "DescribeListeners "+aws.ToString(b.LoadBalancerArn), func(ctx context.Context) ([]types.Listener, error) {
		var out []types.Listener
		pages := elb.NewDescribeListenersPaginator(client(c), &elb.DescribeListenersInput{
			LoadBalancerArn: b.LoadBalancerArn, PageSize: aws.Int32(pageSize),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if awskit.Is(err, notFoundCode) {
				return nil, awskit.ErrGone
			}
			if err != nil {
				return nil, err
			}
			out = append(out, page.Listeners...)
		}
		slices.SortFunc(out, func(a, b types.Listener) int {
			return cmp.Or(cmp.Compare(aws.ToInt32(a.Port), aws.ToInt32(b.Port)), cmp.Compare(aws.ToString(a.ListenerArn), aws.ToString(b.ListenerArn)))
		})
		return out, nil
	})
}

func readListeners(ctx context.Context, c *awskit.Cell, b types.LoadBalancer, d *awskit.Draft) error {
	all, err := listeners(ctx, c, b)
	if err != nil {
		return err
	}
	out := make([]any, len(all))
	for i, l := range all {
		out[i] = map[string]any{
			"default_actions": actions(l.DefaultActions), "id": aws.ToString(l.ListenerArn), "port": l.Port,
			"protocol": text(l.Protocol),
		}
	}
	d.Set("listeners", out)
	return nil
}

func readRules(ctx context.Context, c *awskit.Cell, b types.LoadBalancer, d *awskit.Draft) error {
	out := []any{}
	if b.Type != types.LoadBalancerTypeEnumApplication {
		d.Set("listener_rules", out) // the other kinds have default actions only
		return nil
	}
	all, err := listeners(ctx, c, b)
	if err != nil {
		return err
	}
	for _, l := range all {
		if l.Protocol != types.ProtocolEnumHttp {
			continue
		}
		rules, err := rulesOf(ctx, c, l)
		if err != nil {
			return err
		}
		for _, r := range rules {
			conditions := []any{}
			for _, k := range r.Conditions {
				conditions = append(conditions, map[string]any{"field": text(aws.ToString(k.Field)), "values": values(k)})
			}
			out = append(out, map[string]any{
				"actions": actions(r.Actions), "conditions": conditions, "listener": aws.ToString(l.ListenerArn), "priority": priority(r),
			})
		}
	}
	d.Set("listener_rules", out)
	return nil
}

// rulesOf returns the rules of a listener by priority, without the default one.
func rulesOf(ctx context.Context, c *awskit.Cell, l types.Listener) ([]types.Rule, error) {
	var out []types.Rule
	pages := elb.NewDescribeRulesPaginator(client(c), &elb.DescribeRulesInput{ListenerArn: l.ListenerArn, PageSize: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rules {
			if !aws.ToBool(r.IsDefault) {
				out = append(out, r)
			}
		}
	}
	slices.SortFunc(out, func(a, b types.Rule) int {
		return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(aws.ToString(a.RuleArn), aws.ToString(b.RuleArn)))
	})
	return out, nil
}

func number(r types.Rule) int64 {
	n, _ := strconv.ParseInt(aws.ToString(r.Priority), 10, 64)
	return n
}

func priority(r types.Rule) any {
	if n := number(r); n > 0 {
		return n
	}
	return nil
}

func actions(in []types.Action) []any {
	in = slices.Clone(in)
	slices.SortStableFunc(in, func(a, b types.Action) int { return cmp.Compare(aws.ToInt32(a.Order), aws.ToInt32(b.Order)) })
	out := make([]any, len(in))
	for i, a := range in {
		plain := map[string]any{"redirect": nil, "type": text(a.Type)}
		if r := a.RedirectConfig; r != nil {
			plain["redirect"] = map[string]any{"port": r.Port, "protocol": r.Protocol, "status_code": text(r.StatusCode)}
		}
		out[i] = plain
	}
	return out
}

// values returns the patterns of a condition. The API gives them in a member of
// the condition's own kind, and in Values for the two oldest kinds as well.
func values(k types.RuleCondition) []string {
	var own []string
	switch {
	case k.HostHeaderConfig != nil:
		own = k.HostHeaderConfig.Values
	case k.HttpRequestMethodConfig != nil:
		own = k.HttpRequestMethodConfig.Values
	case k.PathPatternConfig != nil:
		own = k.PathPatternConfig.Values
	case k.SourceIpConfig != nil:
		own = k.SourceIpConfig.Values
	}
	if len(own) == 0 {
		own = k.Values
	}
	return append([]string{}, own...)
}
