# What is public about an S3 bucket, shared by the policies on buckets and on what
# writes to them. Block is a bucket's public access block and account_block its
# account's, either null; S3 applies the stricter of the two.
package metsuke.lib.s3

import data.metsuke.lib.iam

# public_groups are the groups of an ACL to which everybody belongs.
public_groups := {
	"http://acs.amazonaws.com/groups/global/AllUsers": "everyone",
	"http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "everyone with an AWS account",
}

# acls_off says that a bucket's object ownership, which may be null, takes the effect
# from its ACL.
acls_off(ownership) if ownership == "BucketOwnerEnforced"

# acl_public says that an ACL grants something to everybody, and nothing stops it.
acl_public(grants, ownership, block, account_block) if {
	some grant in grants
	public_groups[grant.uri]
	not acls_off(ownership)
	not in_effect("ignore_public_acls", block, account_block)
}

# policy_public says that a bucket policy lets everybody in, and nothing stops it.
# Verdict is what S3 says of the policy, null where it was not asked: then the
# statements tell, with the condition keys that tie a request to somebody.
policy_public(policy, verdict, keys, block, account_block) if {
	lets_everybody_in(policy, verdict, keys)
	not in_effect("restrict_public_buckets", block, account_block)
}

lets_everybody_in(_, true, _)

lets_everybody_in(policy, null, keys) if {
	some statement in policy.statements
	iam.open(statement, policy.statements, keys)
}

# in_effect says that a setting is on for the bucket or for its account.
in_effect(setting, block, _) if block[setting] == true

in_effect(setting, _, account_block) if account_block[setting] == true
