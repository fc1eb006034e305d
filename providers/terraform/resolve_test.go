package terraform

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// policiesOf says which policies each queue of the plan was given, by the
// statements' ids; "?" is a policy that could not be told.
func policiesOf(t *testing.T, s *sink) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, r := range s.resources {
		switch {
		case r.Unknown["policy"] != "":
			out[r.ID] = "?"
		case r.Attributes["policy"] == nil:
			out[r.ID] = nil
		default:
			out[r.ID] = at(r.Attributes["policy"], "statements", 0, "sid")
		}
	}
	return out
}

// The plan was made by Terraform 1.11 from the sources beside it, with
// terraform_data resources in the place of queues and policies.
func referencesPlan(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/references/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func wantReferences() map[string]any {
	return map[string]any{
		"aws_sqs_queue.single":                         "aws_sqs_queue_policy.single",
		`aws_sqs_queue.keyed["a"]`:                     `aws_sqs_queue_policy.keyed["a"]`,
		`aws_sqs_queue.keyed["b"]`:                     `aws_sqs_queue_policy.keyed["b"]`,
		`aws_sqs_queue.keyed["c.d\"e"]`:                "aws_sqs_queue_policy.literal",
		`aws_sqs_queue.value["a"]`:                     `aws_sqs_queue_policy.value["a"]`,
		`aws_sqs_queue.value["b"]`:                     `aws_sqs_queue_policy.value["b"]`,
		"aws_sqs_queue.counted[0]":                     "aws_sqs_queue_policy.counted[0]",
		"aws_sqs_queue.counted[1]":                     "aws_sqs_queue_policy.counted[1]",
		"aws_sqs_queue.shifted[0]":                     "?",
		"aws_sqs_queue.shifted[1]":                     "?",
		"aws_sqs_queue.shifted[2]":                     "?",
		"aws_sqs_queue.one[0]":                         "aws_sqs_queue_policy.one",
		"aws_sqs_queue.either":                         "?",
		"aws_sqs_queue.or":                             "?",
		`module.queue["a"].aws_sqs_queue.this[0]`:      `aws_sqs_queue_policy.output["a"]`,
		`module.queue["b"].aws_sqs_queue.this[0]`:      `aws_sqs_queue_policy.output["b"]`,
		"module.single.aws_sqs_queue.this[0]":          "aws_sqs_queue_policy.module",
		`module.each_value["a"].aws_sqs_queue.this[0]`: `aws_sqs_queue_policy.module_value["a"]`,
		`module.each_value["b"].aws_sqs_queue.this[0]`: `aws_sqs_queue_policy.module_value["b"]`,
		`aws_sqs_queue.passed["a"]`:                    `module.policy["a"].module.inner.aws_sqs_queue_policy.this`,
		`aws_sqs_queue.passed["b"]`:                    `module.policy["b"].module.inner.aws_sqs_queue_policy.this`,
		"module.local.aws_sqs_queue.this":              "?",
		"module.local.aws_sqs_queue.other":             "?",
		// Policies of which it is not told for which queue they are, are judged alone.
		"aws_sqs_queue_policy.shifted[0]":        "aws_sqs_queue_policy.shifted[0]",
		"aws_sqs_queue_policy.shifted[1]":        "aws_sqs_queue_policy.shifted[1]",
		"aws_sqs_queue_policy.condition":         "aws_sqs_queue_policy.condition",
		"module.local.aws_sqs_queue_policy.this": "module.local.aws_sqs_queue_policy.this",
		"aws_sqs_queue.alone":                    nil,
	}
}

func TestSatellitesFindTheirResourceBeforeAnythingExists(t *testing.T) {
	got := policiesOf(t, collect(t, open(t, referencesPlan(t), Options{})))
	if diff := cmp.Diff(wantReferences(), got); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

// Terraform refuses such a configuration; a plan that was put together by something else
// may hold one.
func TestReferencesThatGoInACircleEndInUnknown(t *testing.T) {
	passes := func(from string) string {
		return `{"source":"./m","expressions":{"x":{"references":["module.` + from + `.y","module.` + from + `"]}},"module":{"outputs":{"y":{"expression":{"references":["var.x"]}}},"variables":{"x":{}},
			"resources":[{"address":"aws_sqs_queue_policy.p","mode":"managed","type":"aws_sqs_queue_policy","name":"p","provider_config_key":"aws","expressions":{"queue_url":{"references":["var.x"]}}}]}}`
	}
	change := func(address, module, typ, name, after, unknown string) string {
		return `{"address":"` + address + `","module_address":"` + module + `","mode":"managed","type":"` + typ + `","name":"` + name + `","change":{"actions":["create"],"before":null,"after":` + after + `,"after_unknown":` + unknown + `}}`
	}
	p := open(t, `{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[`+
		change("aws_sqs_queue.q", "", "aws_sqs_queue", "q", `{"name":"q"}`, `{"url":true,"id":true,"policy":true}`)+","+
		change("module.a.aws_sqs_queue_policy.p", "module.a", "aws_sqs_queue_policy", "p", `{"policy":"{}"}`, `{"queue_url":true}`)+
		`],"configuration":{"provider_config":{"aws":{"name":"aws"}},"root_module":{"module_calls":{"a":`+passes("b")+`,"b":`+passes("a")+`},
		"resources":[{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q","provider_config_key":"aws","expressions":{}}]}}}`, Options{})
	if why := collect(t, p).byID()["aws_sqs_queue.q"].Unknown["policy"]; why != deferred {
		t.Errorf("the policy of the queue is unknown for %q: the circle may lead to it", why)
	}
}
