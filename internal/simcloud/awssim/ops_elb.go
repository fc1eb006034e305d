package awssim

import elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

func elbOps() []Op {
	return []Op{
		Answer[elb.DescribeListenersOutput]("ElasticLoadBalancingv2.DescribeListeners"),
		Answer[elb.DescribeLoadBalancersOutput]("ElasticLoadBalancingv2.DescribeLoadBalancers"),
		Answer[elb.DescribeRulesOutput]("ElasticLoadBalancingv2.DescribeRules"),
		Answer[elb.DescribeTagsOutput]("ElasticLoadBalancingv2.DescribeTags"),
		Answer[elb.DescribeTargetGroupsOutput]("ElasticLoadBalancingv2.DescribeTargetGroups"),
		Answer[elb.DescribeTargetHealthOutput]("ElasticLoadBalancingv2.DescribeTargetHealth"),
	}
}
