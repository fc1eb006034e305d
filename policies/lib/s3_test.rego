package metsuke.lib.s3_test

import data.metsuke.lib.s3

everyone := "http://acs.amazonaws.com/groups/global/AllUsers"

grants := [
	{"type": "CanonicalUser", "id": "4f1c", "uri": null, "permissions": ["FULL_CONTROL"]},
	{"type": "Group", "id": null, "uri": everyone, "permissions": ["READ"]},
	{"type": "Group", "id": null, "uri": "http://acs.amazonaws.com/groups/s3/LogDelivery", "permissions": ["WRITE"]},
]

off := {
	"block_public_acls": true, "block_public_policy": true,
	"ignore_public_acls": false, "restrict_public_buckets": false,
}

on := object.union(off, {"ignore_public_acls": true, "restrict_public_buckets": true})

# none is null with the type of an attribute that may be something else.
none := json.unmarshal("null")

test_grants_to_everybody_are_public if {
	s3.acl_public(grants, none, null, null)
	s3.acl_public(grants, "ObjectWriter", off, off)
	not s3.acl_public([grants[0], grants[2]], none, null, null)
}

test_grants_without_effect_are_not if {
	not s3.acl_public(grants, "BucketOwnerEnforced", null, null)
	not s3.acl_public(grants, none, on, null)
	not s3.acl_public(grants, none, off, on)
}

document := {"statements": [{
	"sid": null, "effect": "Allow", "principals": [{"type": "AWS", "id": "*"}], "not_principals": null,
	"actions": ["s3:getobject"], "not_actions": null, "resources": ["*"], "not_resources": null, "conditions": [],
}]}

test_s3_has_the_last_word_on_a_policy if {
	s3.policy_public(document, true, [], null, null)
	not s3.policy_public(document, false, [], null, null)
	s3.policy_public(document, null, [], null, null)
	not s3.policy_public(null, null, [], null, null)
}

test_a_restricted_bucket_is_not_public if {
	not s3.policy_public(document, true, [], on, null)
	not s3.policy_public(document, null, [], off, on)
	s3.policy_public(document, true, [], off, off)
}
