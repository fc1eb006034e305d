package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// declared is a statement block of aws_iam_policy_document.
func declared(changes obj) obj {
	return joined(obj{
		"sid": "", "effect": "Allow", "actions": []any{"s3:GetObject"}, "not_actions": nil, "resources": []any{"*"}, "not_resources": nil,
		"principals": []any{}, "not_principals": []any{}, "condition": []any{},
	}, changes)
}

// documentPlan is a policy with the document of a data source that is read during the
// apply: its statements and what is unknown of them.
func documentPlan(more obj, unknown []any, statements ...obj) []res {
	l := []any{}
	for _, s := range statements {
		l = append(l, s)
	}
	masks := obj{"id": true, "json": true}
	if unknown != nil {
		masks["statement"] = unknown
	}
	return []res{
		{
			address: "aws_iam_policy.p", after: obj{"name": "p", "path": "/"}, unknown: obj{"id": true, "arn": true, "policy": true},
			config: obj{"name": "p", "policy": "=data.aws_iam_policy_document.d.json"},
		},
		{
			address: "data.aws_iam_policy_document.d", action: "read", unknown: masks,
			after: joined(obj{"override_policy_documents": nil, "source_policy_documents": nil, "statement": l}, more),
		},
	}
}

// normal is a statement as policies see it.
func normal(changes obj) obj {
	return joined(obj{
		"sid": nil, "effect": "Allow", "actions": []any{"s3:getobject"}, "not_actions": nil, "resources": []any{"*"}, "not_resources": nil,
		"principals": nil, "not_principals": nil, "conditions": []any{},
	}, changes)
}

func TestADocumentThatTheApplyWritesIsWhatIsKnownOfItsStatements(t *testing.T) {
	other := `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	for _, tt := range []struct {
		name string
		plan []res
		want obj
	}{
		{
			"a list with an unknown element", documentPlan(nil, []any{obj{"resources": []any{false, true}}}, declared(obj{"resources": []any{"*", nil}})),
			obj{"policy": obj{"statements": []any{normal(obj{"resources": []any{"*", nil}})}}, "? policy.statements.0.resources.1": "deferred"},
		},
		{
			"a statement beside one of which nothing is known",
			documentPlan(nil, []any{obj{}, true}, declared(obj{"actions": []any{"*"}}), obj{}),
			obj{"policy": obj{"statements": []any{normal(obj{"actions": []any{"*"}}), nil}}, "? policy.statements.1": "deferred"},
		},
		{
			"actions in any case, and principals and conditions",
			documentPlan(nil, nil, declared(obj{
				"sid": "A", "effect": "Deny", "actions": []any{"S3:Get*"}, "resources": []any{"arn:aws:s3:::b/&{aws:username}/*"},
				"principals": []any{obj{"type": "*", "identifiers": []any{"*"}}},
				"condition":  []any{obj{"test": "Bool", "variable": "aws:SecureTransport", "values": []any{"false"}}},
			})),
			obj{"policy": obj{"statements": []any{normal(obj{
				"sid": "A", "effect": "Deny", "actions": []any{"s3:get*"}, "resources": []any{"arn:aws:s3:::b/${aws:username}/*"},
				"principals": []any{obj{"type": "AWS", "id": "*"}},
				"conditions": []any{obj{"operator": "bool", "key": "aws:securetransport", "values": []any{"false"}}},
			})}}},
		},
		{
			"all but some actions and resources",
			documentPlan(nil, nil, declared(obj{"actions": []any{}, "not_actions": []any{"iam:*"}, "resources": nil, "not_resources": []any{"arn:aws:s3:::b"}})),
			obj{"policy": obj{"statements": []any{normal(obj{"actions": nil, "not_actions": []any{"iam:*"}, "resources": nil, "not_resources": []any{"arn:aws:s3:::b"}})}}},
		},
		{
			"others merged into it: what has no id stays, and there may be more",
			documentPlan(obj{"source_policy_documents": []any{other}}, nil, declared(obj{"actions": []any{"*"}}), declared(obj{"sid": "Replaced"})),
			obj{"policy": obj{"statements": []any{normal(obj{"actions": []any{"*"}}), nil}}, "? policy.statements.1": "deferred"},
		},
		{
			"others that only the apply tells",
			func() []res {
				p := documentPlan(nil, nil, declared(nil))
				delete(p[1].after, "override_policy_documents")
				p[1].unknown["override_policy_documents"] = true
				return p
			}(),
			obj{"policy": obj{"statements": []any{normal(nil), nil}}, "? policy.statements.1": "deferred"},
		},
		{
			"no statements that are known", documentPlan(obj{"statement": nil}, nil),
			obj{"policy": obj{"statements": []any{}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := attributes(t, "aws_iam_policy.p", tt.plan...)
			delete(got, "? attachment_count")
			if diff := cmp.Diff(joined(obj{"path": "/"}, tt.want), got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

// The document before the apply says nothing that the one after it does not say.
func TestADocumentBeforeTheApplyAgreesWithTheOneAfterIt(t *testing.T) {
	before := documentPlan(nil, []any{obj{"resources": []any{true, true}}, obj{"principals": []any{obj{"identifiers": []any{true}}}}},
		declared(obj{"sid": "Bucket", "actions": []any{"s3:*", "s3:PutObject"}, "resources": []any{nil, nil}}),
		declared(obj{"principals": []any{obj{"type": "AWS", "identifiers": []any{nil}}}, "condition": []any{obj{"test": "StringLike", "variable": "aws:PrincipalOrgID", "values": []any{"o-1"}}}}))
	after := []res{{
		address: "aws_iam_policy.p", action: "no-op", config: before[0].config,
		after: obj{"name": "p", "path": "/", "id": "arn:aws:iam::1:policy/p", "policy": `{"Version":"2012-10-17","Statement":[` +
			`{"Sid":"Bucket","Effect":"Allow","Action":["s3:*","s3:PutObject"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]},` +
			`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":{"AWS":"arn:aws:iam::2:role/r"},"Condition":{"StringLike":{"aws:PrincipalOrgID":"o-1"}}}]}`},
	}}
	early := collect(t, open(t, fixture(t, before...), Options{})).byID()["aws_iam_policy.p"]
	late := collect(t, open(t, fixture(t, after...), Options{})).byID()["aws_iam_policy.p"]
	if len(early.Unknown) < 3 || !same(late.Attributes["policy"], early.Attributes["policy"], "policy", early.Unknown) {
		t.Errorf("after the apply\n%v\nbefore it\n%v\nwithout %v", late.Attributes["policy"], early.Attributes["policy"], early.Unknown)
	}
}
