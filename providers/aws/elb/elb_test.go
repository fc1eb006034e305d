package elb

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

func collect(t *testing.T, text string, f awssim.Faults) ([]providers.Resource, []providers.Gap) {
	t.Helper()
	docs := fstest.MapFS{"111111111111/us-east-1/elasticloadbalancingv2.json": {Data: []byte(text)}}
	return awstest.Collect(t, docs, f, Collectors()...)
}

func TestALoadBalancerWithListenersRulesAndTargets(t *testing.T) {
	got, gaps := collect(t, `{
		"DescribeLoadBalancers": {"LoadBalancers": [
			{"LoadBalancerArn": "arn:lb/web", "LoadBalancerName": "web", "Type": "application", "Scheme": "internet-facing", "State": {"Code": "active"}, "VpcId": "vpc-1",
			 "CreatedTime": "2026-01-02T03:04:05Z", "SecurityGroups": ["sg-2", "sg-1"], "AvailabilityZones": [{"SubnetId": "subnet-b"}, {"SubnetId": "subnet-a"}]}]},
		"DescribeTags": {"TagDescriptions": [{"ResourceArn": "arn:lb/web", "Tags": [{"Key": "Owner", "Value": "web"}]}]},
		"DescribeListeners": {"Listeners": [
			{"ListenerArn": "arn:l/443", "Port": 443, "Protocol": "HTTPS", "DefaultActions": [{"Type": "forward", "Order": 2, "TargetGroupArn": "arn:tg/blue"}, {"Type": "authenticate-oidc", "Order": 1}]},
			{"ListenerArn": "arn:l/80", "Port": 80, "Protocol": "HTTP", "DefaultActions": [{"Type": "fixed-response"}]}
		]},
		"DescribeRules/arn:l/80": {"Rules": [
			{"RuleArn": "arn:r/default", "Priority": "default", "IsDefault": true, "Actions": [{"Type": "fixed-response"}]},
			{"RuleArn": "arn:r/20", "Priority": "20", "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": ["*"]}}], "Actions": [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}]},
			{"RuleArn": "arn:r/3", "Priority": "3", "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}, {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x", "Values": ["*"]}}], "Actions": [{"Type": "forward"}]}
		]},
		"DescribeTargetGroups": {"TargetGroups": [
			{"TargetGroupArn": "arn:tg/blue", "TargetGroupName": "blue", "TargetType": "ip", "LoadBalancerArns": ["arn:lb/web"]},
			{"TargetGroupArn": "arn:tg/other", "TargetGroupName": "other", "TargetType": "ip", "LoadBalancerArns": []}
		]},
		"DescribeTargetHealth/arn:tg/blue": {"TargetHealthDescriptions": [
			{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": "unhealthy"}}, {"Target": {"Id": "10.0.0.2"}, "TargetHealth": {"State": "draining"}}
		]}
	}`, awssim.Faults{})
	action := func(typ string) map[string]any { return map[string]any{"redirect": nil, "type": typ} }
	want := []providers.Resource{{
		Scope: providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}},
		Type:  "aws_lb", ID: "arn:lb/web", Name: "web", Region: "us-east-1", Tags: map[string]string{"Owner": "web"}, Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Attributes: map[string]any{
			"internal": false, "load_balancer_type": "application", "security_groups": []any{"sg-1", "sg-2"}, "state": "active",
			"subnets": []any{"subnet-a", "subnet-b"}, "vpc_id": "vpc-1",
			"listeners": []any{
				map[string]any{"default_actions": []any{action("fixed-response")}, "id": "arn:l/80", "port": int64(80), "protocol": "HTTP"},
				map[string]any{"default_actions": []any{action("authenticate-oidc"), action("forward")}, "id": "arn:l/443", "port": int64(443), "protocol": "HTTPS"},
			},
			"listener_rules": []any{
				map[string]any{
					"actions": []any{action("forward")}, "listener": "arn:l/80", "priority": int64(3),
					"conditions": []any{map[string]any{"field": "path-pattern", "values": []any{"/a"}}, map[string]any{"field": "http-header", "values": []any{}}},
				},
				map[string]any{
					"actions":    []any{map[string]any{"redirect": map[string]any{"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}, "type": "redirect"}},
					"conditions": []any{map[string]any{"field": "host-header", "values": []any{"*"}}}, "listener": "arn:l/80", "priority": int64(20),
				},
			},
			"target_groups": []any{map[string]any{"id": "arn:tg/blue", "name": "blue", "target_type": "ip", "targets": int64(1)}},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("load balancers (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestALoadBalancerThatIsDeletedMeanwhileDoesNotTakeTheTagsOfOthersWithIt(t *testing.T) {
	got, gaps := collect(t, `{
		"DescribeLoadBalancers": {"LoadBalancers": [
			{"LoadBalancerArn": "arn:lb/a", "LoadBalancerName": "a", "Type": "network"}, {"LoadBalancerArn": "arn:lb/gone", "LoadBalancerName": "gone", "Type": "network"}]},
		"DescribeTags": {"__error__": "LoadBalancerNotFound", "message": "not found"},
		"DescribeTags/arn:lb/a": {"TagDescriptions": [{"ResourceArn": "arn:lb/a", "Tags": [{"Key": "Owner", "Value": "web"}]}]},
		"DescribeTags/arn:lb/gone": {"__error__": "LoadBalancerNotFound", "message": "not found"}
	}`, awssim.Faults{})
	if len(got) != 1 || got[0].ID != "arn:lb/a" || got[0].Tags["Owner"] != "web" || len(got[0].Unknown) > 0 || len(gaps) > 0 {
		t.Errorf("got %+v, gaps %+v", got, gaps)
	}
}
