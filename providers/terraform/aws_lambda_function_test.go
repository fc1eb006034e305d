package terraform

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func lambdaFunction(more obj) res {
	after := obj{"function_name": "f", "memory_size": 128, "package_type": "Zip", "role": "arn:r", "runtime": "python3.13", "timeout": 3, "kms_key_arn": "", "environment": []any{}}
	for k, v := range more {
		after[k] = v
	}
	return res{address: "aws_lambda_function.f", after: after, unknown: obj{"id": true, "arn": true, "architectures": true}, config: obj{"function_name": "f"}}
}

func TestANewFunctionHasTheDefaultsThatAreCertain(t *testing.T) {
	f := lambdaFunction(nil)
	want := obj{
		"architectures": []any{"x86_64"}, "environment": nil, "kms_key_arn": nil, "memory_size": int64(128), "package_type": "Zip",
		"policy": nil, "role": "arn:r", "runtime": "python3.13", "timeout": int64(3),
	}
	if diff := cmp.Diff(want, attributes(t, f.address, f)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestOfSensitiveVariablesTheNamesAreKnown(t *testing.T) {
	const canary = "cAnAry-7Qx2mLp9"
	f := lambdaFunction(obj{"environment": []any{obj{"variables": obj{"DB_PASSWORD": canary, "API_KEY": canary, "STAGE": "prod"}}}})
	f.unknown["environment"] = []any{obj{"variables": obj{"BUCKET": true}}}
	f.sensitive = obj{"environment": []any{obj{"variables": obj{"API_KEY": true}}}}
	got := attributes(t, f.address, f)
	want := obj{"variables": []any{
		obj{"name": "API_KEY", "form": nil, "secret": nil},
		obj{"name": "BUCKET", "form": nil, "secret": nil},
		obj{"name": "DB_PASSWORD", "form": "literal", "secret": "password"},
		obj{"name": "STAGE", "form": "literal", "secret": nil},
	}}
	if diff := cmp.Diff(any(want), got["environment"]); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	unknown := obj{}
	for k, v := range got {
		if strings.HasPrefix(k, "? ") {
			unknown[k] = v
		}
	}
	want = obj{
		"? environment.variables.0.form": "sensitive", "? environment.variables.0.secret": "sensitive",
		"? environment.variables.1.form": "deferred", "? environment.variables.1.secret": "deferred",
	}
	if diff := cmp.Diff(want, unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	// Where all of them are sensitive, not even the names are known.
	f.sensitive = obj{"environment": []any{obj{"variables": true}}}
	if got := attributes(t, f.address, f); got["? environment"] != "sensitive" {
		t.Errorf("environment is %v, want unknown", got["environment"])
	}
}

func TestVariablesBesideOneThatOnlyTheApplyTellsAreKnownFromTheSources(t *testing.T) {
	f := lambdaFunction(obj{"environment": []any{obj{}}})
	f.unknown["environment"] = []any{obj{"variables": true}}
	f.config["environment"] = []any{obj{"variables": "=aws_sqs_queue.q.url,var.secret"}}
	sources := fstest.MapFS{"main.tf": {Data: []byte(`resource "aws_sqs_queue" "q" { name = "q" }
resource "aws_lambda_function" "f" {
  function_name = "f"
  environment {
    variables = {
      DB_PASSWORD = "cAnAry-7Qx2mLp9"
      DEBUG     = true
      QUEUE     = aws_sqs_queue.q.url
      SECRET    = var.secret
    }
  }
}
`)}}
	queue := res{address: "aws_sqs_queue.q", after: obj{"name": "q"}, unknown: obj{"url": true}, config: obj{"name": "q"}}
	for _, r := range collect(t, open(t, fixture(t, f, queue), Options{Sources: sources})).resources {
		if r.Type != "aws_lambda_function" {
			continue
		}
		want := obj{"variables": []any{
			obj{"name": "DB_PASSWORD", "form": "literal", "secret": "password"},
			obj{"name": "DEBUG", "form": "switch", "secret": nil},
			obj{"name": "QUEUE", "form": nil, "secret": nil},
			obj{"name": "SECRET", "form": nil, "secret": nil},
		}}
		if diff := cmp.Diff(any(want), r.Attributes["environment"]); diff != "" {
			t.Errorf("environment (-want +got):\n%s", diff)
		}
		for _, path := range []string{"environment.variables.2.form", "environment.variables.2.secret", "environment.variables.3.form", "environment.variables.3.secret"} {
			if r.Unknown[path] != deferred {
				t.Errorf("%s is %q, want deferred", path, r.Unknown[path])
			}
		}
	}
}

func permission(name string, after obj, config obj) res {
	for _, k := range []string{"event_source_token", "function_url_auth_type", "invoked_via_function_url", "principal_org_id", "qualifier", "source_account", "source_arn"} {
		if _, set := after[k]; !set && config[k] == nil {
			after[k] = nil
		}
	}
	unknown := obj{"id": true, "statement_id_prefix": true}
	for k := range config {
		if _, set := after[k]; !set {
			unknown[k] = true
		}
	}
	if after["statement_id"] == nil {
		unknown["statement_id"] = true
	}
	return res{address: "aws_lambda_permission." + name, after: after, unknown: unknown, config: config}
}

func TestPermissionsAreTheFunctionsPolicy(t *testing.T) {
	byName := "=aws_lambda_function.f.function_name,aws_lambda_function.f"
	got := attributes(t, "aws_lambda_function.f", lambdaFunction(nil),
		permission("a", obj{"statement_id": "a", "action": "lambda:InvokeFunction", "function_name": "f", "principal": "s3.amazonaws.com", "source_account": "111111111111"}, obj{"function_name": byName, "source_arn": "=aws_s3_bucket.b.arn"}),
		permission("b", obj{"action": "lambda:InvokeFunctionUrl", "principal": "*", "function_url_auth_type": "NONE"}, obj{"function_name": "=aws_lambda_function.f.arn,aws_lambda_function.f"}),
		permission("c", obj{"statement_id": "c", "action": "lambda:*", "function_name": "f", "principal": "111111111111", "invoked_via_function_url": true}, obj{"function_name": byName}),
		permission("alias", obj{"statement_id": "d", "action": "lambda:InvokeFunction", "function_name": "f", "principal": "*", "qualifier": "live"}, obj{"function_name": byName, "qualifier": "live"}),
	)
	statement := func(sid, kind, id, action, resource string, conditions ...any) obj {
		if conditions == nil {
			conditions = []any{}
		}
		return obj{
			"sid": sid, "effect": "Allow", "principals": []any{obj{"type": kind, "id": id}}, "not_principals": nil, "actions": []any{action}, "not_actions": nil,
			"resources": []any{resource}, "not_resources": nil, "conditions": conditions,
		}
	}
	is := func(operator, key string, value any) obj {
		return obj{"operator": operator, "key": key, "values": []any{value}}
	}
	want := obj{"statements": []any{
		statement("a", "Service", "s3.amazonaws.com", "lambda:invokefunction", "f", is("arnlike", "aws:sourcearn", nil), is("stringequals", "aws:sourceaccount", "111111111111")),
		statement("(known after apply)", "AWS", "*", "lambda:invokefunctionurl", "(known after apply)", is("stringequals", "lambda:functionurlauthtype", "NONE")),
		statement("c", "AWS", "arn:aws:iam::111111111111:root", "lambda:*", "f", is("bool", "lambda:invokedviafunctionurl", "true")),
	}}
	if diff := cmp.Diff(any(want), got["policy"]); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	if got["? policy.statements.0.conditions.0.values.0"] != "deferred" {
		t.Errorf("the ARN of the source is not unknown: %v", got)
	}
}

// Of a function that is not in the plan only a permission for everybody is certain.
func TestAPermissionForAFunctionElsewhere(t *testing.T) {
	for _, c := range []struct {
		about  string
		after  obj
		config obj
		why    any // the policy is unknown
	}{
		{"for everybody", obj{"principal": "*"}, nil, nil},
		{"for a function URL without sign-in", obj{"principal": "*", "function_url_auth_type": "NONE"}, nil, nil},
		{"for the organisation", obj{"principal": "*", "principal_org_id": "o-7kq2m4x9pd"}, nil, "outside"},
		{"for a service", obj{"principal": "events.amazonaws.com"}, nil, "outside"},
		{"for a service on behalf of a new rule", obj{"principal": "events.amazonaws.com"}, obj{"source_arn": "=aws_cloudwatch_event_rule.r.arn"}, "outside"},
		{"for everybody from a source that only the apply tells", obj{"principal": "*"}, obj{"source_arn": "=var.source"}, "deferred"},
		{"for whom only the apply tells", obj{}, obj{"principal": "=var.who"}, "deferred"},
	} {
		c.after["statement_id"], c.after["action"], c.after["function_name"] = "s", "lambda:InvokeFunction", "elsewhere"
		p := permission("p", c.after, joined(obj{"function_name": "elsewhere"}, c.config))
		got := attributes(t, p.address, p)
		if (got["policy"] == nil) != (c.why != nil) || got["? policy"] != c.why {
			t.Errorf("%s: policy is %v, unknown: %v, want %v", c.about, got["policy"], got["? policy"], c.why)
		}
	}
}

func TestAPermissionOfAProviderThatDoesNotKnowOrganisationsMayBeLimitedToOne(t *testing.T) {
	f := lambdaFunction(nil)
	p := permission("p", obj{"function_name": "f", "principal": "*", "action": "lambda:InvokeFunction", "statement_id": "p"}, obj{"function_name": "f"})
	p.action = "no-op"
	delete(p.after, "principal_org_id")
	got := attributes(t, f.address, f, p)
	if diff := cmp.Diff("deferred", got["? policy.statements.0.conditions.0"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p.action = "create"
	if _, open := attributes(t, f.address, f, p)["? policy.statements.0.conditions.0"]; open {
		t.Error("a new one has what is configured")
	}
}
