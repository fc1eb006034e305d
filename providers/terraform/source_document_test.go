package terraform

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// writtenPlan is a bucket with a policy of which the plan says nothing but what it
// refers to.
func writtenPlan(t *testing.T, refs string) string {
	t.Helper()
	plan := fixture(
		t, newBucket(),
		res{address: s3Policy + ".b", unknown: obj{"id": true, "bucket": true, "policy": true}, config: obj{"bucket": "=aws_s3_bucket.b.id", "policy": refs}},
		res{address: "aws_iam_role.r", after: obj{"name": "r"}, unknown: obj{"arn": true, "id": true}, config: obj{"name": "r"}},
	)
	return strings.Replace(plan, `"configuration":{`, `"configuration":{"provider_config":{"aws":{"name":"aws","expressions":{"region":{"constant_value":"eu-west-1"}}}},`, 1)
}

const writtenBlocks = `
resource "aws_s3_bucket" "b" { bucket = "logs" }
resource "aws_iam_role" "r" { name = "r" }
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = `

func TestADocumentThatTheSourcesEncodeIsKnownWhereItRefersToNothingNew(t *testing.T) {
	tls := obj{"operator": "bool", "key": "aws:securetransport", "values": []any{"false"}}
	for _, tt := range []struct {
		name, policy, refs string
		want               obj
	}{
		{
			"a deny on a bucket whose name is known, and a role that is new",
			`jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Tls", Effect = "Deny", Principal = "*", Action = "S3:*", Resource = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"], Condition = { Bool = { "aws:SecureTransport" = false } } },
      { Effect = "Allow", Principal = { AWS = [aws_iam_role.r.arn] }, Action = ["s3:GetObject"], Resource = "${aws_s3_bucket.b.arn}/$${aws:username}/*" },
    ]
  })`,
			"=aws_s3_bucket.b.arn,aws_iam_role.r.arn",
			obj{"policy": obj{"statements": []any{
				normal(obj{"sid": "Tls", "effect": "Deny", "actions": []any{"s3:*"}, "principals": []any{obj{"type": "AWS", "id": "*"}}, "resources": []any{"arn:aws:s3:::logs", "arn:aws:s3:::logs/*"}, "conditions": []any{tls}}),
				normal(obj{"principals": []any{obj{"type": "AWS", "id": nil}}, "resources": []any{"arn:aws:s3:::logs/${aws:username}/*"}}),
			}}, "? policy.statements.1.principals.0.id": "deferred"},
		},
		{
			"one statement, through a local value",
			`local.doc
}
locals {
  doc = jsonencode({ statement = { effect = "Allow", principal = "*", action = "s3:GetObject", resource = "*", condition = { StringEquals = { "aws:PrincipalArn" = aws_iam_role.r.arn } } } })`,
			"=local.doc",
			obj{
				"policy": obj{"statements": []any{normal(obj{"principals": []any{obj{"type": "AWS", "id": "*"}}, "conditions": []any{obj{"operator": "stringequals", "key": "aws:principalarn", "values": nil}}})}},
				"? policy.statements.0.conditions.0.values": "deferred",
			},
		},
		{
			"a principal that may be one or many, and an effect",
			`jsonencode({ Statement = [{ Effect = var.effect, Principal = { AWS = aws_iam_role.r.arn }, Action = local.actions, Resource = "*" }] })`,
			"=aws_iam_role.r.arn,var.effect,local.actions",
			obj{
				"policy":                           obj{"statements": []any{normal(obj{"effect": nil, "actions": nil, "principals": nil})}},
				"? policy.statements.0.effect":     "deferred",
				"? policy.statements.0.actions":    "deferred",
				"? policy.statements.0.principals": "deferred",
			},
		},
		{
			"statements that are computed", `jsonencode({ Statement = concat([{ Effect = "Allow" }], local.more, [aws_iam_role.r.arn]) })`, "=aws_iam_role.r.arn,local.more",
			obj{"? policy": "deferred"},
		},
		{
			"another statement is computed",
			`jsonencode({ Statement = [local.first, { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = [aws_iam_role.r.arn] }] })`, "=aws_iam_role.r.arn,local.first",
			obj{
				"policy":                            obj{"statements": []any{nil, normal(obj{"principals": []any{obj{"type": "AWS", "id": "*"}}, "resources": []any{nil}})}},
				"? policy.statements.0":             "deferred",
				"? policy.statements.1.resources.0": "deferred",
			},
		},
		{"other sources than those of the plan", `jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "*", Resource = aws_iam_role.r.arn }] })`, "=aws_s3_bucket.b.arn", obj{"? policy": "deferred"}},
		{"a function that is not known", `templatefile("p.json", { role = aws_iam_role.r.arn })`, "=aws_iam_role.r.arn", obj{"? policy": "deferred"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sources := fstest.MapFS{"main.tf": {Data: []byte(writtenBlocks + tt.policy + "\n}\n")}}
			p := open(t, writtenPlan(t, tt.refs), Options{Sources: sources})
			r := collect(t, p).byID()["aws_s3_bucket.b"]
			got := obj{}
			if v, ok := r.Attributes["policy"]; ok {
				got["policy"] = v
			}
			for path, why := range r.Unknown {
				if strings.HasPrefix(path, "policy") {
					got["? "+path] = string(why)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("policy (-want +got):\n%s\nnotes: %q", diff, p.Notes())
			}
		})
	}
}

func TestStatementsThatNameTheBucketAreKnownBeforeTheBucketIsThere(t *testing.T) {
	stmt := declared(obj{"sid": "Tls", "effect": "Deny", "actions": []any{"s3:*"}, "resources": []any{nil, nil, nil}, "principals": []any{obj{"type": "*", "identifiers": []any{"*"}}}})
	data := res{
		address: "data.aws_iam_policy_document.d", action: "read",
		after:   obj{"override_policy_documents": nil, "source_policy_documents": nil, "statement": []any{stmt}},
		unknown: obj{"id": true, "json": true, "statement": []any{obj{"resources": []any{true, true, true}}}},
		config:  obj{"statement": []any{obj{"resources": "=aws_s3_bucket.b.arn,aws_iam_role.r.arn"}}},
	}
	plan := fixture(
		t, newBucket(), data,
		res{address: s3Policy + ".b", unknown: obj{"id": true, "bucket": true, "policy": true}, config: obj{"bucket": "=aws_s3_bucket.b.id", "policy": "=data.aws_iam_policy_document.d.json"}},
		res{address: "aws_iam_role.r", after: obj{"name": "r"}, unknown: obj{"arn": true, "id": true}, config: obj{"name": "r"}},
	)
	plan = strings.Replace(plan, `"configuration":{`, `"configuration":{"provider_config":{"aws":{"name":"aws","expressions":{"region":{"constant_value":"us-gov-west-1"}}}},`, 1)
	sources := fstest.MapFS{"main.tf": {Data: []byte(writtenBlocks + `data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "Tls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*", aws_iam_role.r.arn]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
`)}}
	r := collect(t, open(t, plan, Options{Sources: sources})).byID()["aws_s3_bucket.b"]
	want := obj{"statements": []any{normal(obj{
		"sid": "Tls", "effect": "Deny", "actions": []any{"s3:*"}, "principals": []any{obj{"type": "AWS", "id": "*"}},
		"resources": []any{"arn:aws-us-gov:s3:::logs", "arn:aws-us-gov:s3:::logs/*", nil},
	})}}
	if diff := cmp.Diff(any(want), r.Attributes["policy"]); diff != "" || r.Unknown["policy.statements.0.resources.2"] != deferred {
		t.Errorf("unknown %v, policy (-want +got):\n%s", r.Unknown, diff)
	}
}
