# METADATA
# title: Console users have no access key that was created at setup and never used
# description: >-
#   People who work in the console need no access key; one that was made along with the user and never used is there
#   for nobody but a thief. There is a finding for each active key that was never used, of a user with a console
#   password.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_user
# custom:
#   severity: medium
#   category: security
#   types: [aws_iam_user]
#   plan: "no"
#   params:
#     same_setup_minutes: {type: number, default: 5, description: Minutes after the user within which a key counts as made along with it.}
#   frameworks:
#     cis-aws-3.0: ["1.11"]
#     cis-aws-5.0: ["1.10"]
#   remediation: >-
#     Delete the key. People who need the command line sign in with aws sso login or aws login.
package metsuke.aws.iam.user_initial_access_key

import data.metsuke.lib.time

deny contains {"message": message, "path": "access_keys", "key": sprintf("access-key-%d", [key.slot])} if {
	input.resource.attributes.password_enabled == true
	some key in input.resource.attributes.access_keys
	key.active == true
	key.last_used == null
	message := sprintf("access key %d of a console user was %s and never used", [key.slot, made(key.last_rotated)])
}

made(rotated) := "made along with the user" if along(rotated)

made(rotated) := "made" if not along(rotated)

along(rotated) if {
	rotated != null
	input.resource.created != null
	time.ns(rotated) - time.ns(input.resource.created) <= (input.params.same_setup_minutes * 60) * 1000000000
}
