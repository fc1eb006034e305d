package metsuke.aws.s3.bucket_secure_transport_test

import data.metsuke.aws.s3.bucket_secure_transport

statement := {
	"sid": null, "effect": "Deny", "principals": [{"type": "AWS", "id": "*"}], "not_principals": null,
	"actions": ["s3:*"], "not_actions": null,
	"resources": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "not_resources": null,
	"conditions": [{"operator": "bool", "key": "aws:securetransport", "values": ["false"]}],
}

with_policy(policy, strict) := {"resource": {"attributes": {"policy": policy}}, "params": {"require_bucket_arn": strict}}

having(set) := with_policy({"statements": [object.union(statement, set)]}, false)

finding := {"message": "no statement of the bucket policy denies plain HTTP to everyone for every action and object", "path": "policy"}

test_fails_without_a_policy if {
	bucket_secure_transport.deny == {{"message": "the bucket has no policy, so nothing denies plain HTTP", "path": "policy"}} with input as with_policy(null, false)
}

test_passes_with_the_usual_statement if {
	bucket_secure_transport.deny == set() with input as having({})
}

test_passes_when_old_tls_is_denied if {
	bucket_secure_transport.deny == set() with input as having({"conditions": [{"operator": "numericlessthan", "key": "s3:tlsversion", "values": ["1.2"]}]})
}

test_passes_when_only_services_are_spared if {
	bucket_secure_transport.deny == set() with input as having({"conditions": [
		{"operator": "bool", "key": "aws:securetransport", "values": ["false"]},
		{"operator": "bool", "key": "aws:principalisawsservice", "values": ["false"]},
	]})
}

test_fails_when_the_statement_leaves_something_open if {
	every set in [
		{"effect": "Allow"},
		{"principals": [{"type": "AWS", "id": "111111111111"}]},
		{"principals": null, "not_principals": [{"type": "AWS", "id": "111111111111"}]},
		{"actions": ["s3:getobject"]},
		{"actions": null, "not_actions": ["s3:putobject"]},
		{"resources": ["arn:aws:s3:::b"]},
		{"resources": ["arn:aws:s3:::b/private/*"]},
		{"conditions": []},
		{"conditions": [{"operator": "bool", "key": "aws:securetransport", "values": ["true"]}]},
		{"conditions": [{"operator": "numericlessthan", "key": "s3:tlsversion", "values": ["1.1"]}]},
		{"conditions": [
			{"operator": "bool", "key": "aws:securetransport", "values": ["false"]},
			{"operator": "stringequals", "key": "aws:principalaccount", "values": ["333333333333"]},
		]},
	] {
		bucket_secure_transport.deny == {finding} with input as having(set)
	}
}

test_asks_for_the_bucket_itself_when_told_to if {
	objects := {"statements": [object.union(statement, {"resources": ["arn:aws:s3:::b/*"]})]}
	bucket_secure_transport.deny == set() with input as with_policy(objects, false)
	bucket_secure_transport.deny == {finding} with input as with_policy(objects, true)
	bucket_secure_transport.deny == set() with input as with_policy({"statements": [statement]}, true)
}
